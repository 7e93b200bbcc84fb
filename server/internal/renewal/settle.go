package renewal

import (
	"context"
	"errors"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// settlePoll is how often the expiry is read while an outcome is unknown.
const settlePoll = 5 * time.Second

// settle finds out by evidence what came of a send of unknown outcome. An
// expiry that moved is a payment. One that has not moved when the settle window
// is over is none that the cloud shows, and the order is sent again: with the
// same token, so that a payment that is only late is not made twice; with a
// new one only where the cloud refuses the old one for good. A token past its
// trust age is left to a person.
func (c *carrier) settle(ctx context.Context) error {
	for {
		instance, err := c.read(ctx)
		next := c.r
		switch {
		case err == nil && instance.ExpireTime.After(c.r.ExpireBefore):
			next.ExpireAfter = instance.ExpireTime
			if c.mayAskForOrder() {
				addAttempt(&next)
				return c.move(ctx, next, ledger.Submitting)
			}
			return c.move(ctx, next, ledger.Verifying)
		case ecs.HasReason(err, ecs.ReasonInstanceNotFound) && c.settled():
			next.Failure.Message = "the instance is gone, so that nothing shows whether it was paid"
			return c.move(ctx, next, ledger.NeedsAttention)
		case err == nil && c.settled():
			return c.resend(ctx)
		}
		if err := sleepToTick(ctx, settlePoll); err != nil {
			return err
		}
	}
}

// mayAskForOrder says whether an order whose effect is seen is sent once more,
// for the order id alone: the cloud answers a token that it knows with the
// order that it made. A process that died in the middle of a send never learned
// it, and its successor goes on with the tries that the edge would have made,
// for as long as the edge would have. Later, the expiry may as well have been
// moved by a person who saw the server down and renewed by hand; the token,
// which the cloud may never have seen, would then pay a second time, so that
// the renewal stays without its order id.
func (c *carrier) mayAskForOrder() bool {
	return c.inherited && c.r.OrderID == "" && within(firstSent(c.r), sendTimeout)
}

// settled reports whether a payment by the last send would show by now. A send
// may have been under way until its outcome was written. Where another process
// wrote that, whose clock may have been off, this one's own counts for a time
// that was still to come, and before a token is replaced.
func (c *carrier) settled() bool {
	since := c.r.Attempts[len(c.r.Attempts)-1].FinishTime
	if since.After(c.stood) || c.r.Failure.Reason == ecs.ReasonClientTokenRejected {
		since = c.stood
	}
	return time.Since(since) >= c.config.SettleWindow
}

// resend stores the next send of an order that shows no effect.
func (c *carrier) resend(ctx context.Context) error {
	next := c.r
	if time.Since(firstSent(next)) >= c.config.TrustAge && time.Since(next.ResolveTime) >= c.config.TrustAge {
		next.Failure.Reason = ecs.ReasonOutcomeUnknown
		next.Failure.Message = "the outcome could not be settled while the cloud can be trusted to know the order's token; check the order in the cloud's console"
		return c.move(ctx, next, ledger.NeedsAttention)
	}
	if next.Failure.Reason == ecs.ReasonClientTokenRejected {
		next.TokenNumber++
		next.ClientToken = c.spec.token(next)
	}
	if err := c.takeSlot(ctx); err != nil {
		return err
	}
	again := next
	addAttempt(&again)
	err := c.move(ctx, again, ledger.Submitting)
	if errors.Is(err, ledger.ErrJobCancelled) {
		next.Failure.Message = "the job was cancelled before the outcome was known; check the order in the cloud's console"
		return c.move(ctx, next, ledger.NeedsAttention)
	}
	return err
}

// within says that a stored moment is so long ago at most. One ahead of now was
// written by a process whose clock is off, and says nothing.
func within(moment time.Time, d time.Duration) bool {
	age := time.Since(moment)
	return age >= 0 && age < d
}

// firstSent is when the current token was first sent.
func firstSent(r ledger.Renewal) time.Time {
	for _, a := range r.Attempts {
		if a.ClientToken == r.ClientToken {
			return a.SendTime
		}
	}
	return time.Time{}
}
