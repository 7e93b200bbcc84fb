package renewal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Resolution is what a person decides about a renewal that NEEDS_ATTENTION.
type Resolution int

// The decisions.
const (
	// MarkPaid: the order is in the cloud's bill. Its expiry is looked for once more.
	MarkPaid Resolution = iota + 1
	// MarkNotPaid: it is not, and is not to be sent again.
	MarkNotPaid
	// TryAgain: it is to be sent again, with the token that it had: where the
	// cloud still knows it, it answers with the order that it made.
	TryAgain
)

// Resolve writes a person's decision. orderID is that of the paid order, ""
// where he does not know it.
func (e *Engine) Resolve(ctx context.Context, renewalID string, decision Resolution, orderID, caller string) (ledger.Renewal, error) {
	r, err := e.ledger.Renewal(ctx, renewalID)
	if errors.Is(err, ecs.ErrNoRecord) {
		return ledger.Renewal{}, ecs.Errorf(ecs.ReasonRenewalNotFound, "there is no renewal %q", renewalID)
	}
	if err != nil {
		return ledger.Renewal{}, err
	}
	if r.State != ledger.NeedsAttention {
		return ledger.Renewal{}, settledAlready(r)
	}
	next, to := r, ledger.Unknown
	switch decision {
	case MarkPaid:
		to, next.OrderID = ledger.Verifying, orderID
		next.Failure = ledger.Failure{Message: "marked paid by " + named(caller)}
	case MarkNotPaid:
		to = ledger.Failed
		next.Failure = ledger.Failure{Reason: ecs.ReasonMarkedNotPaid, Message: "marked not paid by " + named(caller)}
	case TryAgain:
		next.ResolveTime = time.Now().UTC()
		next.Failure.Message = "to be sent again, decided " + named(caller)
	default:
		return ledger.Renewal{}, fmt.Errorf("no such decision: %d", decision)
	}
	m, err := moved(next, to)
	if err != nil {
		return ledger.Renewal{}, err
	}
	results, err := e.ledger.AdvanceRenewals(ctx, ecs.Lease{}, r.JobID, []ledger.Transition{m})
	if err == nil {
		err = results[0]
	}
	switch {
	case errors.Is(err, ecs.ErrStateMoved):
		return ledger.Renewal{}, settledAlready(r)
	case errors.Is(err, ledger.ErrInstanceBusy):
		busy := ecs.Errorf(ecs.ReasonRenewalInProgress, "another renewal of instance %s is under way", r.InstanceID)
		busy.Retry = ecs.RetryBackoff
		return ledger.Renewal{}, busy.On(r.RegionID, r.InstanceID)
	case err != nil:
		return ledger.Renewal{}, err
	}
	e.config.Observer.moved(m.Renewal)
	e.followers.changed(r.JobID)
	e.kick()
	return e.ledger.Renewal(ctx, renewalID)
}

func settledAlready(r ledger.Renewal) *ecs.Error {
	settled := ecs.Errorf(ecs.ReasonRenewalSettled, "renewal %s is %s, not NEEDS_ATTENTION: there is nothing to decide", r.ID, r.State)
	settled.Facts = map[string]string{"state": string(r.State)}
	return settled.On(r.RegionID, r.InstanceID)
}
