package renewal

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// sendTimeout bounds one send of a paid call with the edge's retries and
	// its wait for the rate budget.
	sendTimeout = time.Minute
	// closeGrace is how long a closing engine waits for the answer to a paid
	// call; past it the outcome is UNKNOWN and settled at the next start.
	closeGrace = 10 * time.Second
)

// submit sends the paid call. The renewal is SUBMITTING, and its last attempt,
// with its token, is on disk.
func (c *carrier) submit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	paying, cancel := c.paying(ctx)
	defer cancel()
	next, began := c.r, time.Now()
	orderID, err := c.cloud.Renew(paying, ecs.RenewOrder{
		RegionID: next.RegionID, InstanceID: next.InstanceID, Period: next.Period, ClientToken: next.ClientToken,
	})
	if c.spec.Single {
		c.config.Touched(next.RegionID, []string{next.InstanceID})
	}
	if err == nil {
		c.slot.sent(time.Since(began) > looksFor/2)
		next.OrderID, next.Failure = orderID, ledger.Failure{}
		closeAttempt(&next, ledger.OutcomeAccepted, nil)
		return c.move(ctx, next, ledger.Verifying)
	}
	refusal := asRefusal(err)
	next.Failure = failure(refusal)
	switch outcome := outcomeOf(refusal); {
	case !next.ExpireAfter.IsZero():
		// It is paid, as the expiry shows: only the order id was asked for.
		closeAttempt(&next, outcome, refusal)
		return c.move(ctx, next, ledger.Verifying)
	case outcome == ledger.OutcomeUnknown:
		closeAttempt(&next, outcome, refusal)
		return c.move(ctx, next, ledger.Unknown)
	case outcome == ledger.OutcomeDeferred && c.patient(refusal):
		c.slot.sent(true)
		closeAttempt(&next, outcome, refusal)
		if err := c.move(ctx, next, ledger.Submitting); err != nil {
			return err
		}
		return c.sendAgain(ctx, refusal.RetryAfter)
	default:
		closeAttempt(&next, ledger.OutcomeRefused, refusal)
		return c.move(ctx, next, ledger.Failed)
	}
}

// outcomeOf is what a send came to that was not accepted.
func outcomeOf(refusal *ecs.Error) ledger.Outcome {
	switch {
	case refusal.Effect == ecs.EffectUnknown || refusal.Reason == ecs.ReasonClientTokenRejected:
		return ledger.OutcomeUnknown
	case refusal.Retry != ecs.RetryNever:
		return ledger.OutcomeDeferred
	}
	return ledger.OutcomeRefused
}

// patient says whether a call that was put off is sent again. Throttling never
// ends a renewal of a larger job: it says nothing of the instance.
func (c *carrier) patient(refusal *ecs.Error) bool {
	if !c.spec.Single && (refusal.Reason == ecs.ReasonThrottled || refusal.Reason == ecs.ReasonRateBudgetExhausted) {
		return true
	}
	return time.Since(c.began) < c.config.Patience
}

// paying is the context of a paid call. What is being paid for is not hung up
// on: neither a caller nor a closing engine ends it at once, but it is bounded.
func (c *carrier) paying(ctx context.Context) (context.Context, context.CancelFunc) {
	paying, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	stop := context.AfterFunc(c.ctx, func() { time.AfterFunc(closeGrace, cancel) })
	return paying, func() { stop(); cancel() }
}

// sendAgain waits as long as the cloud asked for, or a few seconds, looks
// whether the instance was renewed meanwhile, and stores the next attempt with
// the same token. No attempt is under way.
func (c *carrier) sendAgain(ctx context.Context, wait time.Duration) error {
	if wait <= 0 {
		wait = pause(nil)
	}
	if err := sleep.For(ctx, wait); err != nil {
		return err
	}
	for {
		instance, err := c.read(ctx)
		if err == nil && instance.ExpireTime.After(c.r.ExpireBefore) {
			return c.movedMeanwhile(ctx, instance)
		}
		if err == nil || ecs.HasReason(err, ecs.ReasonInstanceNotFound) {
			break // what is gone, the cloud refuses itself
		}
		if err := sleep.For(ctx, pause(ecs.AsError(err))); err != nil {
			return err
		}
	}
	next := c.r
	addAttempt(&next)
	err := c.move(ctx, next, ledger.Submitting)
	if errors.Is(err, ledger.ErrJobCancelled) {
		return c.end(ctx, ledger.Skipped, ecs.ReasonCancelled, "the job was cancelled")
	}
	return err
}

// movedMeanwhile ends the sending of a renewal whose instance has a new expiry:
// by an attempt of ours, where one may have had an effect, or by somebody else.
func (c *carrier) movedMeanwhile(ctx context.Context, instance ecs.Instance) error {
	for _, a := range c.r.Attempts {
		if a.Outcome == ledger.OutcomeUnknown {
			next := c.r
			next.ExpireAfter = instance.ExpireTime
			return c.move(ctx, next, ledger.Verifying)
		}
	}
	_, reason, message := c.spec.judge(instance, c.r.ExpireBefore)
	return c.end(ctx, ledger.Skipped, reason, message)
}

// pause is how long to wait before a call is made again: what the cloud asked
// for, or a few seconds.
func pause(refusal *ecs.Error) time.Duration {
	if refusal != nil && refusal.RetryAfter > 0 {
		return refusal.RetryAfter
	}
	return time.Second + rand.N(4*time.Second)
}

// addAttempt opens the next send.
func addAttempt(r *ledger.Renewal) {
	// A new slice, so that a value handed out before keeps its own.
	r.Attempts = append(r.Attempts[:len(r.Attempts):len(r.Attempts)], ledger.Attempt{
		Number: int32(len(r.Attempts) + 1), ClientToken: r.ClientToken, SendTime: time.Now().UTC(),
	})
}

// closeAttempt writes what came of the last send.
func closeAttempt(r *ledger.Renewal, outcome ledger.Outcome, refusal *ecs.Error) {
	attempts := append([]ledger.Attempt(nil), r.Attempts...)
	last := &attempts[len(attempts)-1]
	last.Outcome, last.FinishTime, last.OrderID = outcome, time.Now().UTC(), r.OrderID
	if refusal != nil {
		last.CloudCode, last.CloudRequestID = refusal.Cloud.Code, refusal.Cloud.RequestID
	}
	r.Attempts = attempts
}

// asRefusal reads an error of the edge. One that is not the domain's own says
// nothing of the effect, so the effect is unknown.
func asRefusal(err error) *ecs.Error {
	if refusal := ecs.AsError(err); refusal != nil {
		return refusal
	}
	return &ecs.Error{Reason: ecs.ReasonOutcomeUnknown, Message: "the call ended without an answer", Effect: ecs.EffectUnknown, Cause: err}
}

func failure(e *ecs.Error) ledger.Failure {
	return ledger.Failure{Reason: e.Reason, Message: e.Message, CloudCode: e.Cloud.Code, CloudRequestID: e.Cloud.RequestID}
}
