package cloud

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/cloud/budget"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// grantKept is how long a grant may be kept before its call leaves. A read
// that permits a payment is good for as long (payments, rule 3).
const grantKept = 5 * time.Second

// RenewGrant is permission to send one RenewInstance call to one region without
// a wait: the rate budget has counted the call and the credentials are there.
// Take it before the read that permits the payment, then Send or Release it. A
// grant that is kept for longer than 5 s expires. It is safe for concurrent
// use.
type RenewGrant struct{ grant }

// RenewGrant waits until the rate budget lets a RenewInstance call leave to the
// region, for as long as ctx allows, or two minutes if it has no deadline. A
// wait that cannot end in time is refused at once, with RetryAfter. Callers take
// turns, and a region has at most 256 grants that are kept or in flight.
func (e *Edge) RenewGrant(ctx context.Context, regionID string) (*RenewGrant, error) {
	g := &RenewGrant{grant{edge: e, region: regionID, action: "RenewInstance"}}
	if err := g.take(ctx); err != nil {
		return nil, err
	}
	return g, nil
}

// grant is permission to send one call of a paid action.
type grant struct {
	edge           *Edge
	region, action string
	rate           *budget.Grant
	signer         *signer

	mu   sync.Mutex
	used bool
}

// take waits for the grant.
func (g *grant) take(ctx context.Context) error {
	e := g.edge
	if !e.served[g.region] {
		return unknownRegion(g.region)
	}
	ctx = call.InLane(ctx, call.Write)
	op := operation{action: g.action, region: g.region, changes: true}
	until, bounded := ctx.Deadline()
	if !bounded {
		until = time.Now().Add(maxHeld)
	}
	rate, err := e.budget.Take(ctx, budget.Key{Region: g.region, Action: g.action}, budget.Ask{
		Lane: call.Write, Caller: call.Caller(ctx), Until: until, Keep: grantKept,
	})
	if err != nil {
		return e.untaken(ctx, &tries{op: op}, err).failure
	}
	signer, err := e.keys.get(ctx)
	if err != nil {
		rate.Unused()
		return e.unsignable(ctx, op, err).failure
	}
	g.rate, g.signer = rate, signer
	return nil
}

// Send pays for an order by exactly one HTTP request and returns the cloud's
// order ID. It never retries, so that each request passes the caller's gate.
//
// An error with EffectNone means that nothing was paid: nothing was sent (the
// grant was used, released or expired, the cloud throttled a call since it was given,
// or the deadline of ctx leaves less time than the cloud takes), or the cloud
// refused. An error with EffectUnknown means that this
// request may have been paid; only the instance's expiry, or the same order
// again, settles it.
func (g *RenewGrant) Send(ctx context.Context, o ecs.RenewOrder) (orderID string, err error) {
	if err := g.send(ctx, renewOperation(o, &orderID), checkOrder(o)); err != nil {
		return "", err
	}
	return orderID, nil
}

// send sends a call once, unless it is invalid.
func (g *grant) send(ctx context.Context, op operation, invalid error) error {
	if invalid != nil {
		g.Release()
		return invalid
	}
	if op.region != g.region || op.action != g.action {
		g.Release()
		return ecs.Errorf(ecs.ReasonInternal, "the grant is for %s in %s and the order for %s in %s; nothing was sent",
			g.action, g.region, op.action, op.region).On(op.region, op.instance)
	}
	if err := ctx.Err(); err != nil {
		g.Release()
		return g.edge.untaken(ctx, &tries{op: op}, err).failure
	}
	need := g.edge.latencies.median(budget.Key{Region: op.region, Action: op.action})
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < need {
		g.Release()
		return g.edge.tooLate(ctx, &tries{op: op}, &budget.ExhaustedError{RetryAfter: need}).failure
	}
	if err := g.edge.keys.rejection(g.signer); err != nil {
		g.Release()
		return g.edge.unsignable(ctx, op, err).failure
	}
	if failure := g.leave(ctx, op); failure != nil {
		return failure
	}
	ctx, span := g.edge.startSpan(call.InLane(ctx, call.Write), op)
	t := tries{op: op}
	t.last = g.edge.send(ctx, op, g.signer, g.rate.Waited)
	report(g.rate, t.last)
	if t.last.sent {
		t.sent++
	}
	var failure *ecs.Error
	if t.last.failure != nil {
		t.note()
		failure = t.verdict()
	}
	g.edge.endSpan(span, &t, failure)
	if failure != nil {
		return failure
	}
	return nil
}

// leave marks the grant as used; it returns an error if the call must not
// leave.
func (g *grant) leave(ctx context.Context, op operation) *ecs.Error {
	g.mu.Lock()
	used := g.used
	g.used = true
	g.mu.Unlock()
	err := budget.ErrExpired
	if !used {
		err = g.rate.Leave()
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, budget.ErrExpired):
		return &ecs.Error{
			Reason: ecs.ReasonRateBudgetExhausted, Retry: ecs.RetryBackoff, RegionID: op.region, InstanceID: op.instance,
			Message: op.action + " was not sent: its grant was used before or kept for longer than " + grantKept.String() + "; take another",
		}
	}
	return g.edge.untaken(ctx, &tries{op: op}, err).failure
}

// Release returns the grant if it was not used.
func (g *grant) Release() {
	g.mu.Lock()
	used := g.used
	g.used = true
	g.mu.Unlock()
	if !used {
		g.rate.Unused()
	}
}
