// Package watch reports the current state of instances, the changes since, and
// how fresh both are.
//
// One poller per region polls the cloud, whatever the number of watchers. A
// subscription gets a snapshot, then every difference in order, each with the
// revision of the poll that found it, and checkpoints that report the
// freshness. The differences are in the log of the store before a watcher gets
// them, so that a watch can resume from its position, also after a restart and
// at another replica.
//
// The path of a difference: a lane (lanes.go, quick.go) reads instances and
// sends its observations to the region (region.go), a single goroutine under
// the region's lease. It compares the observations with the memory (memory.go),
// appends the differences to the log as one revision per poll, encodes those
// with watchers meanwhile, and publishes state and freshness. The hub (hub.go)
// finds the subscriptions and marks the change there, and the reader of each
// takes the marked changes when it is ready. A replica that does not poll follows
// the log (follow.go) and the notes beside the leases (lease.go).
//
// The package must never wait for a slow reader, hold a mutex across I/O, label
// a state with a time at which it was no longer true, or report an instance as
// released if the account may not have been allowed to read it. Its memory does
// not grow with unwatched data, except for the memory of the instances.
package watch
