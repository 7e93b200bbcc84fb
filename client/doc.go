// Package client calls ecsd, the service in front of Alibaba Cloud ECS, from another team's program.
//
// An address comes in; a Client goes out: the services of the contract (package ecsdv1), and what a generated stub does
// not offer: retries, resumed watches, decoded errors.
//
//	c, err := client.Dial("ecsd.example.com:443", client.WithCaller("billing"))
//	if err != nil {
//		return err
//	}
//	defer c.Close()
//	answer, err := c.Instances().GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: id})
//
// # Calls
//
// Instances, Renewals, Spot, Disks and Catalog offer every method of the services. A call uses the deadline of its
// context, or one minute.
//
// The client retries a call that fails with UNAVAILABLE, or whose error asks for a retry, if that is safe, which holds for
// reads and for requests with a request_id: up to four attempts within the deadline, after the delay that the server asks
// for, or after random delays from 0.1 s. A request that takes a request_id and has none gets one. Calls that take none and
// change something, the Set calls, are never retried.
//
// ListInstances and the other List methods of Client iterate over all pages. Renew and RenewJob return when a renewal or a
// job has ended, and report progress.
//
// # Errors
//
// An error is a gRPC status with details. Reason returns the cause as one value to branch on. ErrorOf returns all the
// details, and the request_id of the call. ItemError returns the same for one item of a batch call.
//
// # Watches
//
// Watch and WatchReclaims are iterators that continue as long as their context: they survive cut connections, servers
// that restart, drain or hang, and expired history. No event is reported twice and none is missed. Wait is
// WaitInstances with the same resilience. A watch retains about 100 bytes per matching instance, and the one batch that
// it is reporting.
//
// The package imports the generated code and gRPC, and nothing from the server.
package client
