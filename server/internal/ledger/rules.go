package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Errors of the ledger. Each renewal of a batch gets its own.
var (
	// ErrInstanceBusy reports another renewal of the instance that is live or
	// needs attention, or a modification of it that is live or newer than the price.
	ErrInstanceBusy = errors.New("another order for this instance is in progress")
	// ErrObligationPaid reports that the expiry was already paid for.
	ErrObligationPaid = errors.New("another renewal has paid for this expiry")
	// ErrOverBudget reports a price that the budget of the job does not cover.
	ErrOverBudget = errors.New("the budget of the job does not cover it")
	// ErrOrderTaken reports an order of the bill that another renewal of the instance has.
	ErrOrderTaken = errors.New("another renewal has this order")
	// ErrJobCancelled reports a send for a job that was cancelled.
	ErrJobCancelled = errors.New("the job was cancelled")
	// ErrJobEnded reports a cancel of a job that has succeeded or failed.
	ErrJobEnded = errors.New("the job has ended")
	// ErrNoTransition reports a state that may not follow, or that this writer may
	// not write.
	ErrNoTransition = errors.New("the state may not follow")
)

// Prior is another renewal of the same instance, or a modification, as the
// ledger has it.
type Prior struct {
	ID        string
	RequestID string
	// Modification marks a modification. It has the words of State, no
	// ExpireBefore, and as PaidTime when it was last written.
	Modification bool
	State        State
	ExpireBefore time.Time
	PaidTime     time.Time
	OrderID      string
}

// String names the order for messages.
func (p Prior) String() string {
	kind := "renewal"
	if p.Modification {
		kind = "modification"
	}
	return kind + " " + p.ID + " of request " + p.RequestID
}

// ConflictError is an error of Permit with the order that caused it.
type ConflictError struct {
	Err   error
	Prior Prior
}

func (c *ConflictError) Error() string { return fmt.Sprintf("%v: %s", c.Err, c.Prior) }

// Unwrap returns ErrInstanceBusy, ErrObligationPaid or ErrOrderTaken.
func (c *ConflictError) Unwrap() error { return c.Err }

// Permit returns an error if a renewal may not be sent because of another
// renewal of the same instance, nil if it may. The rule guards the obligation,
// which is (account, instance, expiry before), whatever the cloud shows:
//
//   - at most one renewal or modification of an instance is live;
//   - a renewal that needs attention may have been paid: it blocks others
//     until the cloud shows a later expiry or an operator decides;
//   - a paid renewal blocks others while the cloud still shows the expiry that it
//     was paid for, or an earlier one, however late the new one appears;
//   - a paid renewal blocks those that were planned before it was paid: their
//     plan was made from an older state. A caller who wants a second period names the
//     expiry after the first payment (expected).
func Permit(r Renewal, expected time.Time, priors []Prior) error {
	for _, p := range priors {
		if p.ID == r.ID {
			continue
		}
		shown := r.ExpireBefore.After(p.ExpireBefore)
		switch {
		case p.Modification && !p.State.Live():
		case p.State.Live(), p.State == NeedsAttention && !shown:
			return &ConflictError{ErrInstanceBusy, p}
		case !p.State.Paid():
		case !shown:
			return &ConflictError{ErrObligationPaid, p}
		case !p.PaidTime.Before(r.PlanTime) && !expected.After(p.ExpireBefore):
			return &ConflictError{ErrObligationPaid, p}
		}
	}
	return nil
}

// Permit returns an error if a transition of a renewal of the job may not be
// written: ErrNoTransition, ErrJobCancelled or a *ConflictError. A worker
// advances open renewals; anything else is an operator's decision, or the
// same request of a single renewal, sent again after nothing was paid. The
// outcome of an attempt may always be written.
func (j Job) Permit(t Transition, byWorker bool, priors []Prior) error {
	r := t.Renewal
	replanned := r.State == Planned
	if t.Billed {
		for _, p := range priors {
			if p.ID != r.ID && p.OrderID == r.OrderID {
				return &ConflictError{ErrOrderTaken, p}
			}
		}
	}
	switch {
	case t.completes() && !byWorker:
		return nil
	case !t.From.MayFollow(r.State), byWorker != t.From.Open(), replanned && j.size() != 1:
		return fmt.Errorf("%w: %s after %s", ErrNoTransition, r.State, t.From)
	case (t.Sends() || replanned) && !j.CancelTime.IsZero():
		return ErrJobCancelled
	case t.Sends():
		for _, p := range priors {
			if p.Modification && !t.PriceTime.IsZero() && !p.PaidTime.Before(t.PriceTime) {
				return &ConflictError{ErrInstanceBusy, p} // the price may be of another type
			}
		}
		return Permit(r, t.Expected, priors)
	case r.State.Live() && !t.From.Live():
		for _, p := range priors {
			if p.ID != r.ID && p.State.Live() {
				return &ConflictError{ErrInstanceBusy, p}
			}
		}
	}
	return nil
}

// completes reports whether a transition only adds what the bill names to a paid
// renewal that has ended: its order ID, or its cost.
func (t Transition) completes() bool {
	return t.Billed && t.From == t.Renewal.State && (t.From == Renewed || t.From == Unverified)
}

// Sends reports whether the order is sent once the transition is written. It is
// not if the transition only closes an attempt.
func (t Transition) Sends() bool {
	return t.Renewal.State == Submitting && (t.From != Submitting || t.Renewal.LastAttempt().Outcome == OutcomeOpen)
}

// Compare orders renewals by the order of service: earliest expiry first,
// across regions.
func Compare(a, b Renewal) int {
	return cmp.Or(
		a.ExpireBefore.Compare(b.ExpireBefore),
		strings.Compare(a.RegionID, b.RegionID),
		strings.Compare(a.InstanceID, b.InstanceID),
	)
}

// Cancels reports whether a cancel of the job ends the renewal: it is planned, or all
// its attempts provably paid nothing.
func Cancels(r Renewal) bool {
	return r.State == Planned || r.State == Submitting && !r.InDoubt()
}
