// Package lease runs work that one process at a time may do: poll a region,
// pay, check deductions, trim the history.
//
// Run acquires a lease by name, starts the work with a context, and renews the
// lease while the work runs. The context ends before this process must stop
// trusting the lease, however slow the store is, and the epoch of the lease is
// the fencing token: the store refuses a write under an epoch that has had a
// successor. When the work or the caller ends, the lease is released, so that
// the next process need not wait for its end.
//
// The package holds no mutex across I/O, and every call to the store has a
// deadline inside the interval in which the lease can be trusted.
package lease
