package renewal

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Plan runs every check of Renew and returns the renewal that it would make,
// with its price. It changes nothing and remembers nothing.
func (e *Engine) Plan(ctx context.Context, q Request) (ecs.Renewal, error) {
	instance, err := e.subscription(ctx, q.RegionID, q.InstanceID)
	if err != nil {
		return ecs.Renewal{}, err
	}
	for _, lock := range []ecs.LockReason{ecs.LockSecurity, ecs.LockRefunded} {
		if instance.LockedFor(lock) {
			return ecs.Renewal{}, ecs.Errorf(ecs.ReasonInstanceLocked,
				"instance %s is locked by the cloud and cannot be renewed", q.InstanceID).On(q.RegionID, q.InstanceID)
		}
	}
	price, err := e.acceptablePrice(ctx, q)
	if err != nil {
		return ecs.Renewal{}, err
	}
	now := time.Now().UTC()
	return ecs.Renewal{
		RequestID: q.RequestID, PayloadHash: q.payloadHash(), Caller: q.Caller,
		RegionID: q.RegionID, InstanceID: q.InstanceID, Period: q.Period,
		State: ecs.RenewalPlanned, Price: price,
		ExpireBefore: instance.ExpireTime, ExpireExpected: ecs.ExpectedExpiry(instance.ExpireTime, q.Period, now),
		CreateTime: now, UpdateTime: now,
	}, nil
}

// acceptablePrice asks what the renewal costs and holds it against the limit.
// A period that the cloud does not price is paid blind only where no limit
// was set.
func (e *Engine) acceptablePrice(ctx context.Context, q Request) (ecs.Money, error) {
	quote, err := e.cloud.RenewalPrice(ctx, q.RegionID, q.InstanceID, q.Period)
	if ecs.HasReason(err, ecs.ReasonPriceUnavailable) && q.MaxPrice.IsZero() {
		return ecs.Money{}, nil
	}
	if err != nil {
		return ecs.Money{}, err
	}
	if q.MaxPrice.IsZero() {
		return quote.Price, nil
	}
	over, err := quote.Price.Cmp(q.MaxPrice)
	if err == nil && over <= 0 {
		return quote.Price, nil
	}
	refused := ecs.Errorf(ecs.ReasonPriceExceedsLimit,
		"%s for %s costs %s, over max_price %s; nothing was paid", q.Period, q.InstanceID, quote.Price, q.MaxPrice)
	if errors.Is(err, ecs.ErrCurrencyMismatch) {
		refused = ecs.Errorf(ecs.ReasonCurrencyMismatch,
			"max_price is in %s, the cloud charges %s; nothing was paid", q.MaxPrice.CurrencyCode, quote.Price.CurrencyCode)
	}
	refused.Facts = map[string]string{"price": quote.Price.String(), "max_price": q.MaxPrice.String()}
	return ecs.Money{}, refused.On(q.RegionID, q.InstanceID)
}

// subscription reads the instance as it is now, and refuses what is not a
// subscription.
func (e *Engine) subscription(ctx context.Context, regionID, instanceID string) (ecs.Instance, error) {
	result := e.cloud.Instances(call.InLane(ctx, call.Write), regionID, []string{instanceID})[0]
	if result.Err != nil {
		return ecs.Instance{}, result.Err
	}
	if result.Value.ChargeType != ecs.ChargeSubscription {
		return ecs.Instance{}, notSubscription(regionID, instanceID)
	}
	return result.Value, nil
}

func notSubscription(regionID, instanceID string) *ecs.Error {
	return ecs.Errorf(ecs.ReasonNotSubscription,
		"instance %s is pay-as-you-go; only a subscription is renewed", instanceID).On(regionID, instanceID)
}

// begin answers a request from the ledger where it was asked before, and else
// plans it, stores the intent and carries it on.
func (e *Engine) begin(ctx context.Context, run *run, q Request) (ecs.Renewal, error) {
	stored, err := e.ledger.RenewalByRequest(ctx, q.RequestID)
	switch {
	case err == nil && stored.PayloadHash != q.payloadHash():
		return ecs.Renewal{}, reused(q)
	case err == nil:
		run.commit()
		return e.takeUp(ctx, stored)
	case !errors.Is(err, ecs.ErrNoRecord):
		return ecs.Renewal{}, err
	}
	r, err := e.Plan(ctx, q)
	if err != nil {
		return ecs.Renewal{}, err
	}
	if !run.commit() {
		return ecs.Renewal{}, context.Canceled
	}
	r.ID = uuid.Must(uuid.NewV7()).String()
	r.State = ecs.RenewalSubmitting
	r.TokenNumber, r.ClientToken = 1, clientToken(q.RequestID, 1)
	addAttempt(&r)
	err = e.ledger.CreateRenewal(ctx, r)
	if errors.Is(err, ecs.ErrInstanceBusy) {
		busy := ecs.Errorf(ecs.ReasonRenewalInProgress, "another renewal of instance %s is under way", q.InstanceID)
		busy.Retry = ecs.RetryBackoff
		return ecs.Renewal{}, busy.On(q.RegionID, q.InstanceID)
	}
	if err != nil {
		return ecs.Renewal{}, err
	}
	return e.advance(ctx, r)
}
