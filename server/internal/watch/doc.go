// Package watch answers what exists now, what changed since, and how fresh that
// is.
//
// What comes in are polls of the cloud, one poller per region whatever the
// number of watchers. What goes out are subscriptions: a snapshot, then every
// difference in order, each with the revision of the poll that found it, and
// checkpoints that say how fresh it all is. The differences are in the log of
// the store before a watcher gets them, so that a watch can resume where it
// stopped, also after a restart and at another replica.
//
// The path of a difference: a lane (lanes.go, quick.go) reads instances and
// sends what it observed to the region (region.go), a single goroutine under the
// region's lease. It compares the observations with the memory (memory.go),
// appends what differs to the log as one revision per poll, and publishes state
// and freshness. The hub (hub.go) finds the subscriptions and marks the change
// there, and the reader of each takes what is marked when it is ready. A replica
// that does not poll follows the log (follow.go) and the notes beside the leases
// (lease.go).
//
// The package must never wait for a slow reader, hold a mutex across I/O, label
// a state with a time at which it was not so any more, or report an instance as
// released that the account may not have been allowed to read. Nothing in it
// grows with what is not watched, except the memory of the instances.
package watch
