// Package simulator is an endpoint of the Alibaba Cloud ECS API, version 2014-05-26, that runs in your own process.
//
// It serves the cloud's wire protocol over HTTP, so that the vendor's SDKs and command line work with it unchanged:
// point them at its host and port with the scheme http and the access key testid / testsecret. It simulates a fleet of
// instances, an account with a balance and a billing ledger, a clock that can run, run fast or stop, rate limits, and
// faults.
//
// Instances behave as in the cloud: launches and starts take time, new instances appear late in lists, subscriptions
// expire, stop, are locked and released, auto-release releases instances, the spot market reclaims instances that it
// outbids, and disks are created and deleted with their instance. All of it happens in simulated time, so that a test
// covers a year in a second.
//
//	sim, err := simulator.New(simulator.Config{Instances: simulator.DemoInstances})
//	...
//	server := httptest.NewServer(sim)
//
// The methods of [Simulator] offer what tests need beyond the cloud's API. The same is available as JSON under
// /_simulator/: see package control.
//
// The simulator must not share code with ecsd's server, so that an error in one of them is detected by the other.
package simulator
