package ledger

import (
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// JobState is the state of a renewal job.
type JobState string

// The states, as the store and the API name them. NEEDS_ATTENTION ends when an
// operator has decided about each renewal that needs it; the other four after
// RUNNING are final.
const (
	JobPending        JobState = "PENDING"
	JobRunning        JobState = "RUNNING"
	JobNeedsAttention JobState = "NEEDS_ATTENTION"
	JobSucceeded      JobState = "SUCCEEDED"
	JobPartial        JobState = "PARTIAL"
	JobFailed         JobState = "FAILED"
	JobCancelled      JobState = "CANCELLED"
)

// Ended reports whether no runner works on the job any more.
func (s JobState) Ended() bool { return s != JobPending && s != JobRunning }

// Job is a set of renewals requested together, under one budget.
type Job struct {
	ID        string
	RequestID string
	// PayloadHash binds RequestID to its parameters.
	PayloadHash string
	Caller      string
	// Terms are the encoded Terms of the request.
	Terms []byte
	State JobState
	Funds
	// CancelTime and CancelledBy are set by the first cancel.
	CancelTime  time.Time
	CancelledBy string
	// Revision rises with each write of the job or of one of its renewals.
	Revision   int64
	CreateTime time.Time
	UpdateTime time.Time
	// EndTime is when the last renewal left its open states, zero before.
	EndTime time.Time
}

// Count is the number of renewals in one state for one reason.
type Count struct {
	State  State
	Reason ecs.Reason
	Count  int64
}

// satisfied are the reasons of skipped renewals that leave nothing to do.
var satisfied = []ecs.Reason{ecs.ReasonAlreadyRenewed, ecs.ReasonOutsideWindow}

// StateOf returns the state of a job by the states of its renewals. A job of
// which nothing was started yet is PENDING; it keeps that state until the first
// renewal leaves PLANNED.
func StateOf(counts []Count, cancelled bool) JobState {
	var planned, open, attention, paid, missed bool
	for _, c := range counts {
		switch {
		case c.Count == 0:
		case c.State == Planned:
			planned = true
		case c.State.Open():
			open = true
		case c.State == NeedsAttention:
			attention = true
		case c.State.Paid():
			paid = true
		case c.State == Skipped && slices.Contains(satisfied, c.Reason):
		default:
			missed = true
		}
	}
	started := open || attention || paid || missed
	switch {
	case planned && !started:
		return JobPending
	case planned || open:
		return JobRunning
	case attention:
		return JobNeedsAttention
	case cancelled:
		return JobCancelled
	case missed && paid:
		return JobPartial
	case missed:
		return JobFailed
	}
	return JobSucceeded
}

// Load is the part of the ledger that has not ended.
type Load struct {
	// Counts are the renewals that are open or need attention.
	Counts []Count
	// Reserved is the cost of orders of open or unknown outcome, one amount per
	// currency.
	Reserved []ecs.Money
	// Oldest is when the oldest of those orders was first sent, zero if there is
	// none.
	Oldest time.Time
}
