package ecs

import (
	"errors"
	"time"
)

// Lease is a role that one process at a time may hold, for a while.
type Lease struct {
	Name string
	// Holder is unique to the life of a process.
	Holder string
	// Epoch rises with each new holder. A write under a lease is refused if the
	// lease has since had another.
	Epoch int64
	// Expires is by the clock of this process, and early rather than late.
	Expires time.Time
	// Note is the holder's message to the other servers.
	Note []byte
}

// Errors of a store of leases.
var (
	// ErrLeaseHeld reports that another holder has the lease.
	ErrLeaseHeld = errors.New("another process holds the lease")
	// ErrLeaseLost reports that the lease was given to another, or given up.
	ErrLeaseLost = errors.New("the lease was lost")
)
