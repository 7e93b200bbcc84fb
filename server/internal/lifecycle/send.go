package lifecycle

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	// sendTimeout bounds one send of a call that makes or destroys, with the
	// edge's retries and its wait for the rate budget.
	sendTimeout = 2 * time.Minute
	// closeGrace is how long Close waits for the reply to such a
	// call; past it the outcome is open and settled at the next start.
	closeGrace = 10 * time.Second
)

// launchToken derives the token of a launch.
func launchToken(action, requestID string, number int32) string {
	return ecs.ClientToken("launch", action, requestID, strconv.Itoa(int(number)))
}

// taggable reports whether the order has space for the tag by which a launch is
// found again. If the caller uses all the tags that the cloud takes, only its
// token identifies it.
func taggable(tags []ecs.Tag) bool { return len(tags) < maxTags }

// order is the order of a record as the cloud gets it.
func order(r ecs.RequestRecord, q Launch) ecs.LaunchOrder {
	o := q.Order
	o.ClientToken = r.ClientToken
	if r.Tagged {
		o.Spec.Tags = append(slices.Clip(slices.Clone(o.Spec.Tags)), ecs.Tag{Key: ecs.RequestTag, Value: r.RequestID})
	}
	return o
}

// committed is the context of a call that creates or destroys. Such a call is
// not interrupted: neither a caller nor Close ends it at once, but it is
// bounded.
func (l *Lifecycle) committed(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	stop := context.AfterFunc(l.ctx, func() { time.AfterFunc(closeGrace, cancel) })
	return ctx, func() { stop(); cancel() }
}

// sendFirst sends an order under a token that has had no effect so far. The
// record is OPEN and on disk.
func (l *Lifecycle) sendFirst(ctx context.Context, r ecs.RequestRecord, q Launch) (ecs.RequestRecord, error) {
	if err := ctx.Err(); err != nil {
		return l.putOff(ctx, r, ecs.AsRefusal(err), errDraining)
	}
	if time.Since(r.SendTime) > ledger.MaxPermitAge {
		// A freeze may have come after a commit that was reported late.
		if err := l.limits.PermitSpending(ctx, r.Caller, nil); err != nil {
			return l.putOff(ctx, r, ecs.AsRefusal(l.toCaller(err, r.RegionID, r.RequestID)), err)
		}
	}
	sending, cancel := l.committed(ctx)
	made, err := l.call(sending, r.Action, order(r, q))
	cancel()
	if err == nil {
		return l.finish(ctx, r, made.InstanceIDs, made.OrderID)
	}
	refusal := ecs.AsRefusal(err)
	switch {
	case refusal.Effect == ecs.EffectUnknown || refusal.Reason == ecs.ReasonOperationInProgress:
		// In progress is the same order, sent by another ecsd.
		r.Failure = refusal.Failure()
		return l.settle(ctx, r, &q, true)
	case refusal.Reason == ecs.ReasonClientTokenRejected && !r.SendTime.Equal(r.CreateTime):
		// Another ecsd on the same database sent it meanwhile and was refused.
		r.Failure = refusal.Failure()
		return l.settle(ctx, r, &q, true)
	case refusal.Reason == ecs.ReasonClientTokenRejected:
		// The cloud knows the token with another order, although no record here
		// does: the request id was used with a database that is lost, or elsewhere.
		return l.fail(ctx, r, reused(r.RegionID, r.RequestID))
	case refusal.Retry != ecs.RetryNever:
		return l.putOff(ctx, r, refusal, refusal)
	}
	r.Uncertain = false // its one send that reached the cloud was refused
	return l.fail(ctx, r, refusal)
}

// finish records the instances that were made.
func (l *Lifecycle) finish(ctx context.Context, r ecs.RequestRecord, ids []string, orderID string) (ecs.RequestRecord, error) {
	l.touch(r.RegionID, ids)
	r.OrderID, r.Failure, r.Items = orderID, ecs.Failure{}, nil
	for _, id := range ids {
		r.Items = append(r.Items, ecs.RequestItem{InstanceID: id, State: ecs.ItemMade})
	}
	return l.transition(ctx, r, ecs.RequestDone)
}

// fail records a refusal for good, and is it.
func (l *Lifecycle) fail(ctx context.Context, r ecs.RequestRecord, refusal *ecs.Error) (ecs.RequestRecord, error) {
	r.Failure = refusal.Failure()
	r, err := l.transition(ctx, r, ecs.RequestFailed)
	if err != nil {
		return r, err
	}
	return r, refusal
}

// putOff records that nothing was done so far, and returns err.
func (l *Lifecycle) putOff(ctx context.Context, r ecs.RequestRecord, refusal *ecs.Error, err error) (ecs.RequestRecord, error) {
	r.Failure = refusal.Failure()
	r, transitionErr := l.transition(ctx, r, ecs.RequestDeferred)
	if transitionErr != nil {
		return r, transitionErr
	}
	return r, err
}
