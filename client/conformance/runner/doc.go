// Package runner runs the conformance cases against the subjects, one program per language.
//
// Cases in YAML and the command of a subject come in; a result per case goes out. Each case has a server of its own, a
// scripted one or a real ecsd with a simulated cloud, behind a chaos proxy. What a subject must do is in the cases only:
// the runner knows no language.
package runner
