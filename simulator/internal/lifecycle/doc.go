// Package lifecycle is what is done to instances, by request and by the
// clock: launch, start, stop, reboot, release, auto-release, and the reclaim
// of spot instances.
//
// In come requests and the clock's events; out go changes to the fleet. A
// request is accepted or refused at once, for all of its instances or none;
// what follows happens step by step in simulated time. Each step is void when
// the status was changed by anything else before. What is paid for goes
// through package subscription, which also stops and releases what expired.
//
// Sources of the rules: the cloud's pages "ECS instance lifecycle", "API
// behavior when an instance is locked for security reasons", "API behavior for
// accounts that have overdue payments", "No fees for stopped instances" and
// "Preemptible instances". The durations are the simulator's own.
package lifecycle
