package renewal

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// settlePoll is how often the expiry is read while an outcome is unknown.
const settlePoll = 5 * time.Second

// settle finds out by evidence what came of a send of unknown outcome. An
// expiry that moved is a payment. One that has not moved when the settle window
// is over is none that the cloud shows, and the order is sent again: with the
// same token, so that a payment that is only late is not made twice; with a
// new one only where the cloud refuses the old one for good. A token past its
// trust age is left to a person.
func (e *Engine) settle(ctx context.Context, r ecs.Renewal) (ecs.Renewal, error) {
	for {
		expiry, err := e.expiry(ctx, r)
		switch {
		case err == nil && expiry.After(r.ExpireBefore):
			r.ExpireAfter = expiry
			return e.move(ctx, r, ecs.RenewalVerifying)
		case ecs.HasReason(err, ecs.ReasonInstanceNotFound) && e.settled(r):
			r.Failure.Message = "the instance is gone, so that nothing shows whether it was paid"
			return e.move(ctx, r, ecs.RenewalNeedsAttention)
		case err == nil && e.settled(r):
			return e.resend(ctx, r)
		}
		if err := sleep(ctx, settlePoll); err != nil {
			return r, err
		}
	}
}

// settled reports whether a payment by the last send would show by now.
func (e *Engine) settled(r ecs.Renewal) bool {
	return time.Since(r.LastSent()) >= e.config.SettleWindow
}

// resend stores the next send of an order that shows no effect.
func (e *Engine) resend(ctx context.Context, r ecs.Renewal) (ecs.Renewal, error) {
	if time.Since(firstSent(r)) >= e.config.TrustAge {
		r.Failure.Reason = ecs.ReasonOutcomeUnknown
		r.Failure.Message = "the outcome could not be settled while the cloud can be trusted to know the order's token; check the order in the cloud's console"
		return e.move(ctx, r, ecs.RenewalNeedsAttention)
	}
	if r.Failure.Reason == ecs.ReasonClientTokenRejected {
		r.TokenNumber++
		r.ClientToken = clientToken(r.RequestID, r.TokenNumber)
	}
	addAttempt(&r)
	return e.move(ctx, r, ecs.RenewalSubmitting)
}

// firstSent is when the current token was first sent.
func firstSent(r ecs.Renewal) time.Time {
	for _, a := range r.Attempts {
		if a.ClientToken == r.ClientToken {
			return a.SendTime
		}
	}
	return time.Time{}
}

// expiry reads when the instance's subscription ends now.
func (e *Engine) expiry(ctx context.Context, r ecs.Renewal) (time.Time, error) {
	result := e.cloud.Instances(call.InLane(ctx, call.Write), r.RegionID, []string{r.InstanceID})[0]
	return result.Value.ExpireTime, result.Err
}
