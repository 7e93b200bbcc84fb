package ledger

import (
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// State is the state of one renewal.
//
//	PLANNED -> SUBMITTING -> VERIFYING -> RENEWED
//	   |        |  |   ^         +------> UNVERIFIED     paid, never paid again
//	   |        |  |   +- UNKNOWN -> VERIFYING
//	   |        |  +------^   +----> NEEDS_ATTENTION     until an operator decides
//	   +--------+-> SKIPPED, FAILED                      nothing was paid
type State string

// The states, as the store and the API name them.
const (
	Planned        State = "PLANNED"
	Submitting     State = "SUBMITTING"
	Unknown        State = "UNKNOWN"
	Verifying      State = "VERIFYING"
	Renewed        State = "RENEWED"
	Unverified     State = "UNVERIFIED"
	Failed         State = "FAILED"
	NeedsAttention State = "NEEDS_ATTENTION"
	Skipped        State = "SKIPPED"
)

// States lists all states.
var States = []State{Planned, Submitting, Unknown, Verifying, Renewed, Unverified, Failed, NeedsAttention, Skipped}

// transitions lists, for each state, the states that may follow it.
var transitions = map[State][]State{
	Planned:    {Submitting, Skipped, Failed},
	Submitting: {Submitting, Verifying, Unknown, Failed, Skipped},
	Unknown:    {Submitting, Verifying, NeedsAttention},
	Verifying:  {Renewed, Unverified},
	// By an operator only.
	NeedsAttention: {Unknown, Verifying, Failed},
	// By the same request of a single renewal, sent again: nothing was paid.
	Failed:  {Planned},
	Skipped: {Planned},
}

// MayFollow reports whether a renewal in state s may be written in state next.
func (s State) MayFollow(next State) bool { return slices.Contains(transitions[s], next) }

// Open reports whether a runner still has work to do on a renewal in this state.
func (s State) Open() bool {
	return s == Planned || s == Submitting || s == Unknown || s == Verifying
}

// Live reports whether a payment may be in flight. An instance has at most one
// live renewal.
func (s State) Live() bool { return s == Submitting || s == Unknown || s == Verifying }

// Paid reports whether an order was accepted.
func (s State) Paid() bool { return s == Verifying || s == Renewed || s == Unverified }

// Renewal is one paid order for one instance, from the intent to its outcome.
type Renewal struct {
	ID    string
	JobID string
	// Revision is the revision of the job at the last write of the renewal.
	Revision int64
	// RequestID is the request_id of the job.
	RequestID string
	// PayloadHash binds RequestID to its parameters.
	PayloadHash string
	Caller      string
	// Note is the note of the request for auditors, AccountID the cloud account.
	Note       string
	AccountID  string
	RegionID   string
	InstanceID string
	// InstanceName is the name of the instance when the renewal was planned.
	InstanceName string
	Period       ecs.Period
	State        State
	// Price is the price of the plan while the renewal is PLANNED, and the price
	// read just before the last send afterwards. It is zero if the cloud has no
	// price for the period, or if the plan was not priced.
	Price ecs.Money
	// ClientToken is used by every send until it is proved to have had no effect.
	// TokenNumber counts the tokens, from 1.
	ClientToken string
	TokenNumber int32
	// Attempts are the sends of the order, oldest first.
	Attempts []Attempt
	OrderID  string
	// Decisions are those of operators, oldest first. They are never changed.
	Decisions []Decision
	// ExpireBefore is the expiry read before the order, ExpireExpected the
	// expiry that the order brings, ExpireAfter the expiry read at the end.
	ExpireBefore   time.Time
	ExpireExpected time.Time
	ExpireAfter    time.Time
	// Failure is the reason of FAILED, SKIPPED, NEEDS_ATTENTION and UNVERIFIED.
	Failure Failure
	// PlanTime is when the renewal was planned, last if the same request was sent
	// again. PaidTime is when the order was known to be accepted, ResolveTime when
	// an operator last decided to try again. Each is zero if it did not happen.
	PlanTime    time.Time
	PaidTime    time.Time
	ResolveTime time.Time
	CreateTime  time.Time
	UpdateTime  time.Time
}

// Attempt is one send of a paid call. It is written before the send and closed
// once.
type Attempt struct {
	// Number counts the sends of a renewal, from 1.
	Number      int32
	ClientToken string
	SendTime    time.Time
	// FinishTime is when the outcome arrived, zero while it is open.
	FinishTime     time.Time
	Outcome        Outcome
	CloudCode      string
	CloudRequestID string
	OrderID        string
}

// CloseLast returns a copy of the attempts with the last one closed; refusal is
// nil if it was accepted.
func CloseLast(attempts []Attempt, outcome Outcome, at time.Time, refusal *ecs.Error, orderID string) []Attempt {
	closed := slices.Clone(attempts)
	last := &closed[len(closed)-1]
	last.Outcome, last.FinishTime, last.OrderID = outcome, at, orderID
	if refusal != nil {
		last.CloudCode, last.CloudRequestID = refusal.Cloud.Code, refusal.Cloud.RequestID
	}
	return closed
}

// Decision is an operator's decision about a renewal that needed attention.
type Decision struct {
	// Resolution is the name of the decision in package payment.
	Resolution string    `json:"resolution"`
	Time       time.Time `json:"time"`
	By         string    `json:"by,omitempty"`
	Note       string    `json:"note,omitempty"`
	OrderID    string    `json:"order_id,omitempty"`
}

// Outcome is the outcome of one send.
type Outcome string

// The outcomes. OutcomeOpen is a send without an outcome yet, or one that a
// crash interrupted; OutcomeDeferred is one that provably paid nothing and may
// be sent again.
const (
	OutcomeOpen     Outcome = ""
	OutcomeAccepted Outcome = "ACCEPTED"
	OutcomeRefused  Outcome = "REFUSED"
	OutcomeDeferred Outcome = "DEFERRED"
	OutcomeUnknown  Outcome = "UNKNOWN"
)

// Failure is the part of an error that the ledger keeps.
type Failure = ecs.Failure

// Transition writes a renewal that was read in state From.
type Transition struct {
	Renewal Renewal
	From    State
	// Kept is the number of attempts, from the first, that are as they were read.
	// The ledger does not write them again: a renewal that is deferred for hours
	// has hundreds.
	Kept int
	// Expected is the expiry that the caller named to buy a second period on
	// purpose, zero if it named none. See Permit.
	Expected time.Time
	// Billed marks an order ID that comes from the bill and not from a response.
	Billed bool
	// PriceTime is when the price of a send was read, zero if it was not.
	PriceTime time.Time
}

// NewTransition returns the transition from a renewal as it was read to the next.
func NewTransition(was, next Renewal, expected time.Time) Transition {
	kept := 0
	for kept < min(len(was.Attempts), len(next.Attempts)) && was.Attempts[kept] == next.Attempts[kept] {
		kept++
	}
	return Transition{Renewal: next, From: was.State, Kept: kept, Expected: expected}
}

// Changed returns the attempts that are new or were closed.
func (t Transition) Changed() []Attempt {
	return t.Renewal.Attempts[min(t.Kept, len(t.Renewal.Attempts)):]
}

// LastAttempt returns the last attempt, the zero value if there is none.
func (r *Renewal) LastAttempt() Attempt {
	if len(r.Attempts) == 0 {
		return Attempt{}
	}
	return r.Attempts[len(r.Attempts)-1]
}

// LastSent returns when the order was last sent, zero if it never was.
func (r *Renewal) LastSent() time.Time { return r.LastAttempt().SendTime }

// InDoubt reports whether some attempt may have paid: one that is open or of
// unknown outcome.
func (r *Renewal) InDoubt() bool {
	return slices.ContainsFunc(r.Attempts, func(a Attempt) bool {
		return a.Outcome == OutcomeOpen || a.Outcome == OutcomeUnknown
	})
}
