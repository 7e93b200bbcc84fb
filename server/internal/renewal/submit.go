package renewal

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
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
func (e *Engine) submit(ctx context.Context, r ecs.Renewal) (ecs.Renewal, error) {
	if err := ctx.Err(); err != nil {
		return r, err
	}
	ctx, cancel := e.paying(ctx)
	defer cancel()
	orderID, err := e.cloud.Renew(call.InLane(ctx, call.Write), ecs.RenewOrder{
		RegionID: r.RegionID, InstanceID: r.InstanceID, Period: r.Period, ClientToken: r.ClientToken,
	})
	e.config.Touched(r.RegionID, []string{r.InstanceID})
	if err == nil {
		r.OrderID, r.Failure = orderID, ecs.RenewalFailure{}
		closeAttempt(&r, ecs.AttemptAccepted, nil)
		return e.move(ctx, r, ecs.RenewalVerifying)
	}
	refusal := asRefusal(err)
	r.Failure = failure(refusal)
	switch {
	case refusal.Effect == ecs.EffectUnknown || refusal.Reason == ecs.ReasonClientTokenRejected:
		closeAttempt(&r, ecs.AttemptUnknown, refusal)
		return e.move(ctx, r, ecs.RenewalUnknown)
	case refusal.Retry != ecs.RetryNever && time.Since(r.CreateTime) < e.config.Patience:
		closeAttempt(&r, ecs.AttemptDeferred, refusal)
		r, err = e.move(ctx, r, ecs.RenewalSubmitting)
		if err != nil {
			return r, err
		}
		return e.sendAgain(ctx, r, refusal.RetryAfter)
	default:
		closeAttempt(&r, ecs.AttemptRefused, refusal)
		return e.move(ctx, r, ecs.RenewalFailed)
	}
}

// paying is the context of a paid call. What is being paid for is not hung up
// on: neither a caller nor a closing engine ends it at once, but it is bounded.
func (e *Engine) paying(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	stop := context.AfterFunc(e.ctx, func() { time.AfterFunc(closeGrace, cancel) })
	return ctx, func() { stop(); cancel() }
}

// takeUp prepares a renewal that this process read from the ledger. One that
// was being sent may or may not have been paid.
func (e *Engine) takeUp(ctx context.Context, r ecs.Renewal) (ecs.Renewal, error) {
	if r.State != ecs.RenewalSubmitting {
		return e.advance(ctx, r)
	}
	var err error
	if last := r.Attempts[len(r.Attempts)-1]; last.Outcome == ecs.AttemptOpen {
		closeAttempt(&r, ecs.AttemptUnknown, nil)
		r.Failure = ecs.RenewalFailure{Reason: ecs.ReasonOutcomeUnknown, Message: "the server stopped while the order was being sent"}
		r, err = e.move(ctx, r, ecs.RenewalUnknown)
	} else {
		r, err = e.sendAgain(ctx, r, 0)
	}
	if err != nil {
		return r, err
	}
	return e.advance(ctx, r)
}

// sendAgain waits as long as the cloud asked for, or a few seconds, and stores
// the next attempt with the same token.
func (e *Engine) sendAgain(ctx context.Context, r ecs.Renewal, wait time.Duration) (ecs.Renewal, error) {
	if wait <= 0 {
		wait = time.Second + rand.N(4*time.Second)
	}
	if err := sleep(ctx, wait); err != nil {
		return r, err
	}
	addAttempt(&r)
	return e.move(ctx, r, ecs.RenewalSubmitting)
}

// addAttempt opens the next send.
func addAttempt(r *ecs.Renewal) {
	// A new slice, so that a value handed out before keeps its own.
	r.Attempts = append(r.Attempts[:len(r.Attempts):len(r.Attempts)], ecs.RenewalAttempt{
		Number: int32(len(r.Attempts) + 1), ClientToken: r.ClientToken, SendTime: time.Now().UTC(),
	})
}

// closeAttempt writes what came of the last send.
func closeAttempt(r *ecs.Renewal, outcome ecs.AttemptOutcome, refusal *ecs.Error) {
	attempts := append([]ecs.RenewalAttempt(nil), r.Attempts...)
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

func failure(e *ecs.Error) ecs.RenewalFailure {
	return ecs.RenewalFailure{Reason: e.Reason, Message: e.Message, CloudCode: e.Cloud.Code, CloudRequestID: e.Cloud.RequestID}
}
