package ecs

import (
	"errors"
	"time"
)

// RenewalJobState is how far a renewal job is.
type RenewalJobState string

// The states, as ledgers and the API name them. The last four are final.
const (
	RenewalJobPending   RenewalJobState = "PENDING"
	RenewalJobRunning   RenewalJobState = "RUNNING"
	RenewalJobSucceeded RenewalJobState = "SUCCEEDED"
	RenewalJobPartial   RenewalJobState = "PARTIAL"
	RenewalJobFailed    RenewalJobState = "FAILED"
	RenewalJobCancelled RenewalJobState = "CANCELLED"
)

// RenewalJob is renewals that were asked for together, under one budget.
type RenewalJob struct {
	ID        string
	RequestID string
	// PayloadHash binds RequestID to what was asked.
	PayloadHash string
	Caller      string
	// Spec is what was asked, as the room that renews encodes it.
	Spec  []byte
	State RenewalJobState
	// Budget is the most that Reserved and Spent may come to together, zero for
	// a job without one.
	Budget Money
	// Reserved is what orders in progress may cost, Spent what accepted ones
	// did; see RenewalState.Commitment.
	Reserved, Spent Money
	// Revision rises with each write of the job or of its renewals.
	Revision   int64
	CreateTime time.Time
	UpdateTime time.Time
}

// Commitment is what a renewal means for the money of its job.
type Commitment int

// A renewal that is planned, skipped or failed holds no money.
const (
	Uncommitted Commitment = iota
	Reserved
	Spent
)

// commitments hold a state against the money: until it is proved that an order
// had no effect, its price stays reserved.
var commitments = map[RenewalState]Commitment{
	RenewalSubmitting:     Reserved,
	RenewalUnknown:        Reserved,
	RenewalNeedsAttention: Reserved,
	RenewalVerifying:      Spent,
	RenewalRenewed:        Spent,
	RenewalUnverified:     Spent,
}

// Commitment is what a renewal in this state means for the money of its job.
func (s RenewalState) Commitment() Commitment { return commitments[s] }

// RenewalMove writes a renewal that was read in state From.
type RenewalMove struct {
	Renewal Renewal
	From    RenewalState
}

// ErrOverBudget says that a job has no money left for a renewal.
var ErrOverBudget = errors.New("the budget of the job does not allow it")
