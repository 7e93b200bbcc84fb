package payment

import (
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Case is one renewal with the data that Next decides by.
type Case struct {
	Renewal ledger.Renewal
	Terms   ledger.Terms
	Limits  Limits
	// Began is when this process first tried to pay for the renewal, or was last
	// throttled at it if the job has more than one. Since is when
	// it took the renewal up or last wrote it. Both are by its own clock: the clock of the
	// process that wrote the stored times may have been off.
	Began, Since time.Time
	// Ahead is how far the cloud's clock is ahead of this process's: 0 except with a simulator.
	Ahead time.Duration
}

// Input is one event in the life of a renewal.
type Input interface{ input() }

// The inputs of Next.
type (
	// Started reports that a runner has claimed the renewal. An earlier runner may
	// have left it anywhere.
	Started struct{}
	// Gated reports the price and the instance that the gate has read, in this
	// order. ReadTime is when the read of the instance started. If PriceErr is
	// set, the instance was not read.
	Gated struct {
		Price ecs.Money
		// PriceTime is when the read of the price started.
		PriceTime time.Time
		PriceErr  *ecs.Error
		Instance  ecs.Instance
		ReadErr   *ecs.Error
		ReadTime  time.Time
		// Orders are those of Observed.
		Orders []ecs.BilledOrder
	}
	// Refused reports that the ledger refused the intent. The error is one of
	// package ledger or wraps ecs.ErrCurrencyMismatch.
	Refused struct{ Err error }
	// Unsent reports that the intent is on disk, and the call provably did not leave.
	Unsent struct{}
	// Sent reports the outcome of a send. Err is nil if the order was accepted.
	Sent struct {
		OrderID string
		Err     *ecs.Error
	}
	// Observed reports a read of the instance, to settle or to verify.
	Observed struct {
		Instance ecs.Instance
		Err      *ecs.Error
		// Orders are the orders of the instance that the bill shows and no other
		// renewal has. They can show that an order of unknown outcome was accepted. No
		// order shows nothing: the bill may be late, not permitted, or wrong.
		Orders []ecs.BilledOrder
	}
	// Decided reports that an operator has decided about a renewal that needs attention.
	Decided struct {
		Resolution Resolution
		OrderID    string
		By, Note   string
		// OnlyOf is the only caller with renewals that may be decided, "" for all.
		OnlyOf string
	}
	// Requested reports that the same request was sent again after a refusal. Plan
	// is the new plan.
	Requested struct{ Plan ledger.Renewal }
)

func (Started) input()   {}
func (Gated) input()     {}
func (Refused) input()   {}
func (Unsent) input()    {}
func (Sent) input()      {}
func (Observed) input()  {}
func (Decided) input()   {}
func (Requested) input() {}

// Resolution is an operator's decision about a renewal that needs attention.
type Resolution int

// String returns the name of the decision, as the store has it.
func (r Resolution) String() string {
	return [...]string{"", "MARK_PAID", "MARK_NOT_PAID", "TRY_AGAIN"}[r]
}

// ParseResolution returns the decision of that name, 0 for none.
func ParseResolution(name string) Resolution {
	for _, r := range []Resolution{MarkPaid, MarkNotPaid, TryAgain} {
		if r.String() == name {
			return r
		}
	}
	return 0
}

// The decisions.
const (
	// MarkPaid: the order is in the cloud's bill. Its expiry is waited for again.
	MarkPaid Resolution = iota + 1
	// MarkNotPaid: the order is not in the bill and must not be sent again.
	MarkNotPaid
	// TryAgain: the order may be sent again with its token, past the gate.
	TryAgain
)

// Step is the next action of a runner after the transition of a decision is on
// disk.
type Step int

// The steps.
const (
	// Rest: nothing; no runner works on the renewal.
	Rest Step = iota
	// Pay: pass the gate at Decision.At, then call Next with Gated.
	Pay
	// Send: send the order now, then call Next with Sent, or with Unsent.
	Send
	// Observe: read the instance at Decision.At, then call Next with Observed.
	Observe
)

// Decision is the result of Next: write Next if it is set, then do Step.
type Decision struct {
	// Next is the renewal in its next state, nil if nothing is written.
	Next *ledger.Renewal
	Step Step
	At   time.Time
}
