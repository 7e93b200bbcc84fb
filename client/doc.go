// Package client calls ecsd, the service in front of Alibaba Cloud ECS, as
// another team's program does.
//
// What comes in is an address; what goes out is a Client: the services of the
// contract (package ecsdv1), and over them what a stub cannot do by itself.
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
// Every method of the services is there under Instances, Renewals, Spot, Disks
// and Catalog. A call has the deadline of its context and no other: give it
// one. Without one the server takes its own, a minute where it is not set up
// otherwise.
//
// A call that fails with UNAVAILABLE is made again where that cannot do harm:
// reads, and what carries a request_id, up to four times in all within the
// deadline, after 0.2 s, 0.4 s and 0.8 s, give or take. What has no request_id
// and changes something (StartInstances, StopInstances, RebootInstances,
// AllocatePublicIpAddress and the Set calls) is never made again once it has
// left.
//
// # Errors
//
// An error is a gRPC status with details. Reason tells what went wrong in one
// value to branch on, ErrorOf all that is known of it, ItemError the same of
// one item of a call on many.
//
// # Watches
//
// Watch and WatchReclaims are iterators that go on by themselves for as long as
// their context does: over cut connections, servers that restart, drain or stop
// answering, and history that is gone. Nothing is told twice and nothing is
// missed; Wait is WaitInstances with the same patience. What a watch keeps in
// memory is some 100 bytes for each instance that matches, and the one batch
// that is being told.
//
// The package imports the generated code and gRPC, and nothing of the server.
package client
