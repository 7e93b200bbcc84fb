// Package watch answers what is there now, what changed since, and how fresh
// that is.
//
// What comes in are polls of the cloud, one poller a region whatever the number
// of watchers; what goes out are subscriptions: a snapshot, then every
// difference in order, each with the revision of the poll that found it, and
// checkpoints that say how fresh it all is. The differences are in the log of
// the store before anybody hears of them, so that a watcher can go on where it
// stopped, also after a restart and at another replica.
//
// The package never waits for a slow reader, and nothing in it grows with what
// nobody watches but the memory of the instances themselves.
//
// How a difference travels: a lane of the poller (poller.go) reads instances,
// the region (region.go) compares them with the memory and writes what differs
// to the log, the hub (hub.go) finds who watches it and marks it there, and the
// reader of each subscription takes what is marked whenever it is ready.
package watch
