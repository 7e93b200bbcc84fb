// Package simulator is an endpoint of the Alibaba Cloud ECS API, version
// 2014-05-26, that runs in your own process.
//
// It speaks the cloud's wire protocol over HTTP, so that the vendor's SDKs and
// command line work against it unchanged: point them at its host and port with
// the scheme http and the access key testid / testsecret. Behind it are a
// fleet of instances, an account with a balance and a billing ledger, a clock
// that can run, race or stand, rates that throttle, and faults.
//
// Instances live as the cloud's do: launches and starts take their time, new
// instances show late in lists, subscriptions expire, stop, are locked and
// released, what is due is released by itself, the spot market takes back what
// it outbids, and disks live and die with their instance. All of it happens in
// simulated time, so that a test lives through a year in a second.
//
//	sim, err := simulator.New(simulator.Config{Instances: simulator.DemoInstances})
//	...
//	server := httptest.NewServer(sim)
//
// What a test wants to see or do that the cloud's API does not offer is a
// method of [Simulator], and the same as JSON under /_simulator/: see package
// control.
//
// The simulator shares no code with ecsd's server and must not: what one of
// them gets wrong, the other shall notice.
package simulator
