package cloud

import (
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/cloud/budget"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Observer is notified of every HTTP call to the cloud. Its functions are
// called from many goroutines, must not block, and may be nil.
type Observer struct {
	Started func(CallStart)
	Ended   func(CallEnd)
}

// CallStart is a call that is about to leave.
type CallStart struct {
	Account string
	Region  string
	Action  string
	Lane    call.Lane
}

// CallEnd describes a finished call, with or without a response.
type CallEnd struct {
	CallStart
	// Code is the cloud's error code, "" if the call succeeded or no response
	// came. It is one of a closed set, fit for a metric's label: the code itself
	// if a row of docs/cloud-errors.md names it, its family with a *, or "unknown".
	Code string
	// Reason is "" if the call succeeded.
	Reason ecs.Reason
	// Throttled is true if the cloud refused because of the rate of calls.
	Throttled bool
	// Duration is the HTTP exchange with the reading of its body; Waited is the
	// time in the rate budget before.
	Duration time.Duration
	Waited   time.Duration
}

func (o Observer) started(s CallStart) {
	if o.Started != nil {
		o.Started(s)
	}
}

func (o Observer) ended(e CallEnd) {
	if o.Ended != nil {
		o.Ended(e)
	}
}

// RateUse is how much of the account's rate limit of an action is used.
type RateUse = budget.Use

// RateUse reads it for every region and action that was called lately.
func (e *Edge) RateUse() []RateUse { return e.budget.Use() }
