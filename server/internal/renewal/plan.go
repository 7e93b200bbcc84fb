package renewal

import (
	"context"
	"errors"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

// looksFor is how long the look at an instance, with its price, is good for.
const looksFor = 10 * time.Second

// unrenewable are the locks under which the cloud renews nothing.
var unrenewable = []ecs.LockReason{ecs.LockSecurity, ecs.LockRefunded}

// plan looks at the instance once more, prices the renewal and stores the
// intent to pay: from here on it may be paid.
func (c *carrier) plan(ctx context.Context) error {
	if err := c.takeSlot(ctx); err != nil {
		return err
	}
	next := c.r
	fresh := within(c.r.CreateTime, looksFor)
	if !fresh {
		instance, err := c.look(ctx)
		if err != nil {
			return c.lookAgain(ctx, err)
		}
		if state, reason, message := c.spec.judge(instance, c.r.ExpireBefore); reason != "" {
			return c.end(ctx, state, reason, message)
		}
		next.ExpireBefore = instance.ExpireTime
		next.ExpireExpected = c.r.Period.Forecast(instance, time.Now().UTC())
	}
	if !c.spec.Single || !fresh {
		price, err := priceWithin(ctx, c.cloud, c.r, c.spec.MaxPrice)
		if err != nil {
			return c.lookAgain(ctx, err)
		}
		if !c.r.Price.IsZero() {
			// It was priced when it was asked for: more is not what was agreed.
			if over, err := price.Cmp(c.r.Price); err == nil && over > 0 {
				return c.end(ctx, ledger.Failed, ecs.ReasonPriceExceedsLimit, "it now costs "+price.String()+", quoted was "+c.r.Price.String())
			}
		}
		next.Price = price
	}
	next.TokenNumber = 1
	next.ClientToken = c.spec.token(next)
	addAttempt(&next)
	err := c.move(ctx, next, ledger.Submitting)
	switch {
	case errors.Is(err, ledger.ErrInstanceBusy):
		return c.end(ctx, ledger.Skipped, ecs.ReasonRenewalInProgress, "another renewal of the instance is under way")
	case errors.Is(err, ledger.ErrObligationPaid):
		return c.end(ctx, ledger.Skipped, ecs.ReasonAlreadyRenewed, "another renewal has paid for this expiry")
	case errors.Is(err, ledger.ErrOverBudget):
		return c.end(ctx, ledger.Skipped, ecs.ReasonBudgetExceeded, "it costs "+next.Price.String()+", more than is left of the budget")
	case errors.Is(err, ecs.ErrCurrencyMismatch):
		return c.end(ctx, ledger.Failed, ecs.ReasonCurrencyMismatch, "it is charged in "+next.Price.CurrencyCode+", which is not the currency of the job")
	}
	return err
}

// takeSlot waits for its turn. What was asked for alone does not queue behind a
// job; the rate budget is fair to callers by itself.
func (c *carrier) takeSlot(ctx context.Context) (err error) {
	if c.spec.Single || c.slot != nil && c.slot.pool != nil {
		return nil
	}
	c.slot, err = c.pools.of(c.r.RegionID).take(ctx, c.r.InstanceID)
	return err
}

// lookAgain ends a renewal that cannot be, or waits before it is planned again.
func (c *carrier) lookAgain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	refusal := ecs.AsError(err)
	if refusal != nil && refusal.Retry == ecs.RetryNever || c.spec.Single && time.Since(c.began) >= c.config.Patience {
		refusal = asRefusal(err)
		next := c.r
		next.Failure = failure(refusal)
		return c.move(ctx, next, ledger.Failed)
	}
	c.slot.sent(true)
	return sleep.For(ctx, pause(refusal))
}

// judge says why an instance is not renewed, with reason "" where it is.
// before is its expiry when the renewal was planned.
func (s spec) judge(instance ecs.Instance, before time.Time) (state ledger.State, reason ecs.Reason, message string) {
	if instance.ChargeType != ecs.ChargeSubscription {
		return ledger.Skipped, ecs.ReasonNotSubscription, "the instance is pay-as-you-go"
	}
	for _, lock := range unrenewable {
		if instance.LockedFor(lock) {
			return ledger.Skipped, ecs.ReasonLocked, "the instance is locked by the cloud"
		}
	}
	if !before.IsZero() && instance.ExpireTime.After(before) {
		return ledger.Skipped, ecs.ReasonAlreadyRenewed, "the expiry moved from " + stamp(before) + " to " + stamp(instance.ExpireTime)
	}
	if s.Period.Unit == ecs.RenewDay && !instance.ExpireTime.After(time.Now()) {
		return ledger.Failed, ecs.ReasonInstanceExpired, "it has expired: the cloud renews up to a day of the month only what has not"
	}
	if !s.OnlyBefore.IsZero() && !instance.ExpireTime.Before(s.OnlyBefore) {
		return ledger.Skipped, ecs.ReasonOutsideWindow, "it expires at " + stamp(instance.ExpireTime) + ", not before " + stamp(s.OnlyBefore)
	}
	return "", "", ""
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// priceWithin asks what a renewal costs and holds it against a limit. A period
// that the cloud does not price is paid blind only where no limit was set.
func priceWithin(ctx context.Context, cloud Cloud, r ledger.Renewal, limit ecs.Money) (ecs.Money, error) {
	quote, err := cloud.RenewalPrice(ctx, r.RegionID, r.InstanceID, r.Period)
	if ecs.HasReason(err, ecs.ReasonPriceUnavailable) && limit.IsZero() {
		return ecs.Money{}, nil
	}
	if err != nil {
		return ecs.Money{}, err
	}
	if limit.IsZero() {
		return quote.Price, nil
	}
	over, err := quote.Price.Cmp(limit)
	if err == nil && over <= 0 {
		return quote.Price, nil
	}
	refused := ecs.Errorf(ecs.ReasonPriceExceedsLimit,
		"%s for %s costs %s, over max_price %s; nothing was paid", r.Period, r.InstanceID, quote.Price, limit)
	if errors.Is(err, ecs.ErrCurrencyMismatch) {
		refused = ecs.Errorf(ecs.ReasonCurrencyMismatch,
			"max_price is in %s, the cloud charges %s; nothing was paid", limit.CurrencyCode, quote.Price.CurrencyCode)
	}
	refused.Facts = map[string]string{"price": quote.Price.String(), "max_price": limit.String()}
	return ecs.Money{}, refused.On(r.RegionID, r.InstanceID)
}

func notSubscription(regionID, instanceID string) *ecs.Error {
	return ecs.Errorf(ecs.ReasonNotSubscription,
		"instance %s is pay-as-you-go; only a subscription is renewed", instanceID).On(regionID, instanceID)
}
