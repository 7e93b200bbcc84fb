// Package lifecycle implements operations on instances, by request and by the clock: launch, start, stop, reboot,
// release, auto-release, and the reclaim of spot instances.
//
// Requests and clock events come in; changes to the fleet go out. A request is accepted or rejected at once, for all of
// its instances or none; the effects follow step by step in simulated time. A step is void if the status changed in
// another way before it. Payments go through package subscription, which also stops and releases expired instances.
//
// Sources of the rules: the cloud's pages "ECS instance lifecycle", "API behavior when an instance is locked for
// security reasons", "API behavior for accounts that have overdue payments", "No fees for stopped instances" and
// "Preemptible instances". The durations are the simulator's own.
package lifecycle
