package ecs

import (
	"errors"
	"time"
)

// RenewalState is where a renewal stands. The room renewal holds the table of
// moves from one to another.
type RenewalState string

// The states, as renewal ledgers and the API name them.
const (
	RenewalPlanned        RenewalState = "PLANNED"
	RenewalSubmitting     RenewalState = "SUBMITTING"
	RenewalUnknown        RenewalState = "UNKNOWN"
	RenewalVerifying      RenewalState = "VERIFYING"
	RenewalRenewed        RenewalState = "RENEWED"
	RenewalUnverified     RenewalState = "UNVERIFIED"
	RenewalFailed         RenewalState = "FAILED"
	RenewalNeedsAttention RenewalState = "NEEDS_ATTENTION"
	RenewalSkipped        RenewalState = "SKIPPED"
)

// Renewal is one paid order for one instance, from the intent to its outcome:
// a row of the ledger.
type Renewal struct {
	ID string
	// JobID is the job that the renewal is part of, "" where it stands alone.
	JobID string
	// Revision is the job's at the last write of the renewal.
	Revision int64
	// RequestID is that of the job, or of the renewal that stands alone.
	RequestID string
	// PayloadHash binds RequestID to what was asked.
	PayloadHash string
	Caller      string
	RegionID    string
	InstanceID  string
	Period      Period
	State       RenewalState
	// Price is what was quoted just before the order, zero where the cloud
	// names no price for the period.
	Price Money
	// ClientToken is the token that every send uses until it is proved to have
	// had no effect; TokenNumber counts the tokens, from 1.
	ClientToken string
	TokenNumber int32
	// Attempts are the sends of the order, oldest first.
	Attempts []RenewalAttempt
	OrderID  string
	// ExpireBefore is the expiry seen before the order, ExpireExpected the
	// earliest that proves it, ExpireAfter what was read at the end.
	ExpireBefore   time.Time
	ExpireExpected time.Time
	ExpireAfter    time.Time
	// Failure is why the state is FAILED, SKIPPED, NEEDS_ATTENTION or UNVERIFIED.
	Failure    RenewalFailure
	CreateTime time.Time
	UpdateTime time.Time
}

// LastSent is when the order was last sent, zero where it never was.
func (r *Renewal) LastSent() time.Time {
	if len(r.Attempts) == 0 {
		return time.Time{}
	}
	return r.Attempts[len(r.Attempts)-1].SendTime
}

// RenewalAttempt is one send of a paid call.
type RenewalAttempt struct {
	// Number counts the sends of a renewal, from 1.
	Number      int32
	ClientToken string
	SendTime    time.Time
	// FinishTime is when the outcome came, zero where it has not come.
	FinishTime     time.Time
	Outcome        AttemptOutcome
	CloudCode      string
	CloudRequestID string
	OrderID        string
}

// AttemptOutcome is what came of one send.
type AttemptOutcome string

// The outcomes. AttemptOpen is a send whose outcome has not come, or never
// came because the process ended.
const (
	AttemptOpen     AttemptOutcome = ""
	AttemptAccepted AttemptOutcome = "ACCEPTED"
	AttemptRefused  AttemptOutcome = "REFUSED"
	AttemptDeferred AttemptOutcome = "DEFERRED"
	AttemptUnknown  AttemptOutcome = "UNKNOWN"
)

// RenewalFailure is the part of an Error that a ledger keeps.
type RenewalFailure struct {
	Reason         Reason
	Message        string
	CloudCode      string
	CloudRequestID string
}

// What a ledger answers beside success. They are values of this package
// because the room that keeps records and the rooms that ask for them do not
// know each other.
var (
	// ErrNoRecord says that the ledger holds no such row.
	ErrNoRecord = errors.New("no such record")
	// ErrRequestIDTaken says that another row already has this request id.
	ErrRequestIDTaken = errors.New("request id is taken")
	// ErrInstanceBusy says that another live renewal has this instance.
	ErrInstanceBusy = errors.New("another renewal of this instance is live")
	// ErrStateMoved says that the row is no longer in the state it was read in.
	ErrStateMoved = errors.New("the record has moved on")
)
