package lifecycle

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// The cloud is read often at first while an outcome is unknown, and ever
	// less often after: a tenth of the time that has passed, within these.
	settleOften  = 2 * time.Second
	settleSeldom = time.Minute
)

// settle determines the outcome of a launch from evidence. Instances with its
// tag were created by it. If none appears within the settle window, the order
// is sent again: under the same token, so that late instances are not created
// twice; under a new one only if the cloud refuses the old one for good and the
// tag shows that it created nothing. A token past its trust age is not sent
// again.
//
// Without q, as after a restart, the order is not known: the visible instances
// are recorded, and the rest waits for the same request. If the send is not
// ours, another ecsd on the same database may still be waiting for its
// response.
func (l *Lifecycle) settle(ctx context.Context, r ecs.RequestRecord, q *Launch, ours bool) (ecs.RequestRecord, error) {
	for {
		found, err := l.withTag(ctx, r)
		age := time.Since(r.SendTime)
		over := age >= l.config.SettleWindow
		// The visible instances are final, unless a send is still in progress.
		some := over && (ours || age >= l.config.SettleWindow+sendTimeout)
		// If the account may not read, only the token is left.
		blind := !r.Tagged || (err != nil && ecs.AsRefusal(err).Retry == ecs.RetryNever)
		switch {
		case len(found) > 0 && (some || len(found) >= int(r.Wanted)):
			return l.finish(ctx, r, found, "")
		case len(found) > 0:
		case !over || (err != nil && !blind):
		case time.Since(r.TokenTime) >= l.config.TrustAge:
			return l.fail(ctx, r, beyondSettling(r))
		case q == nil:
			return r, errUnsettled
		default:
			next, done, err := l.sendAgain(ctx, r, *q, blind)
			if done {
				return next, err
			}
			r, ours = next, true
		}
		wait := min(max(time.Since(r.TokenTime)/10, settleOften), settleSeldom)
		if err := sleep.For(ctx, wait); err != nil {
			return r, l.ended(err)
		}
	}
}

// withTag finds the instances that have the request's tag; none if the order had
// no space for it.
func (l *Lifecycle) withTag(ctx context.Context, r ecs.RequestRecord) ([]string, error) {
	if !r.Tagged {
		return nil, nil
	}
	query := ecs.Query{Tags: []ecs.Tag{{Key: ecs.RequestTag, Value: r.RequestID}}}
	var ids []string
	for cursor := ""; ; {
		page, err := l.cloud.InstancePage(call.InLane(ctx, call.Write), r.RegionID, query, cursor, 100)
		if err != nil {
			return nil, err
		}
		for _, instance := range page.Instances {
			ids = append(ids, instance.ID)
		}
		if page.Next == "" || page.Next == cursor {
			return ids, nil
		}
		cursor = page.Next
	}
}

// sendAgain sends an order that shows no effect, and reports whether that was the
// end of it.
func (l *Lifecycle) sendAgain(ctx context.Context, r ecs.RequestRecord, q Launch, blind bool) (_ ecs.RequestRecord, done bool, err error) {
	charge, err := l.checkPrice(ctx, q)
	if err != nil {
		return r, true, notAgain(err)
	}
	r.SendTime = time.Now().UTC()
	if r.Failure.Reason == ecs.ReasonClientTokenRejected {
		if blind {
			r, err = l.fail(ctx, r, beyondSettling(r))
			return r, true, err
		}
		r.TokenNumber++
		r.ClientToken, r.TokenTime = launchToken(r.Action, r.RequestID, r.TokenNumber), r.SendTime
	}
	r.Sends, r.Price = true, charge
	was := r
	if r, err = l.transition(ctx, r, ecs.RequestOpen); err != nil {
		if refused := ledger.SpendRefusal(err); refused != nil {
			return was, true, notAgain(refused)
		}
		return r, true, err
	}
	sending, cancel := l.committed(ctx)
	made, err := l.call(sending, r.Action, order(r, q))
	cancel()
	if err == nil {
		r, err = l.finish(ctx, r, made.InstanceIDs, made.OrderID)
		return r, true, err
	}
	refusal := ecs.AsRefusal(err)
	switch {
	case refusal.Effect == ecs.EffectUnknown || refusal.Reason == ecs.ReasonClientTokenRejected:
		r.Failure = refusal.Failure()
		return r, false, nil
	case refusal.Retry != ecs.RetryNever:
		// Deferred; the outcome of the earlier send is as unknown as before.
		return r, false, nil
	}
	// The cloud evaluated the order again, so the token had no effect.
	r, err = l.fail(ctx, r, refusal)
	return r, true, err
}

// notAgain returns the error of an order that may not be sent again. Its record
// stays OPEN: the earlier send may still show an effect.
func notAgain(err error) *ecs.Error {
	e := *ecs.AsRefusal(err)
	e.Message += " now. What came of the order that was sent before is not known yet; retry with the same request_id"
	e.Effect = ecs.EffectUnknown
	return &e
}

// Resume resumes every launch that an earlier process left open, and starts the
// background work: carrying out the intents of changes that a dead process left
// half done and the release jobs, and forgetting old records.
func (l *Lifecycle) Resume(ctx context.Context) error {
	open, err := l.requests.OpenRequests(ctx, actionRun, actionCreate)
	if err != nil {
		return err
	}
	for _, r := range open {
		l.launches.Alone(l.ctx, r.RequestID, r.PayloadHash, func(ctx context.Context, _ func() bool) (ecs.RequestRecord, error) {
			settled, err := l.settle(ctx, r, nil, false)
			if err != nil && settled.State == ecs.RequestOpen && ctx.Err() == nil {
				l.config.Logger.Warn("a launch of an earlier run shows no instances; the same request sends it again",
					"request_id", r.RequestID, "region_id", r.RegionID, "error", err)
			}
			return settled, err
		})
	}
	for name, work := range map[string]func(){
		"removal of old requests": l.forget, "setting intents": l.carryOut, "release jobs": l.workReleaseJobs,
	} {
		l.background.Go(func() { rescue.Loop(l.ctx, l.config.Logger, name, func(context.Context) { work() }) })
	}
	return nil
}
