package lifecycle

import (
	"context"
	"errors"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// SpendingLimits are the spending limits of callers.
type SpendingLimits interface {
	// PermitSpending returns the error by which an order of a caller would be refused
	// now, as ledger.SpendRefusal takes it. price is nil if the order charges nothing
	// once, and zero if its price is not known.
	PermitSpending(ctx context.Context, caller string, price *ecs.Money) error
}

// admit refuses a new launch that must not be sent. A launch that was sent
// before returns its record, even if it has become too late since. It returns
// what the order charges once, as checkPrice does.
func (l *Lifecycle) admit(ctx context.Context, q Launch) (*ecs.Money, error) {
	if q.IfNew != nil {
		return nil, q.IfNew
	}
	charge, err := l.checkPrice(ctx, q)
	if err == nil {
		err = l.limits.PermitSpending(ctx, q.Caller, charge)
	}
	return charge, err
}

// checkPrice reads the price of an order with a limit, and refuses the order if
// the price is higher or cannot be compared. A spot limit is compared by its
// currency only: the cloud gets a bare number, and takes it in the currency of
// the account.
//
// It returns what the order charges once: the price of subscriptions, zero if
// the cloud returns none, and nil for instances that are charged by the hour. A
// launch template may order subscriptions if the request does not name the
// charge type.
func (l *Lifecycle) checkPrice(ctx context.Context, q Launch) (*ecs.Money, error) {
	spot := q.Order.Spec.Spot
	named := spot != nil && spot.PriceCurrency != ""
	chargeType := q.Order.Spec.ChargeType
	buys := chargeType == ecs.ChargeSubscription || chargeType == ecs.ChargeUnknown
	anyPrice := !named && q.MaxPrice.IsZero()
	switch {
	case anyPrice && !buys:
		return nil, nil
	case anyPrice && (q.Order.Spec.Type == "" || chargeType == ecs.ChargeUnknown):
		return &ecs.Money{}, nil
	case q.Order.Spec.Type == "":
		return nil, ecs.Errorf(ecs.ReasonPriceUnavailable,
			"a launch template has no price to compare a limit with; leave the currency of the spot limit empty for that of the account").On(q.Order.RegionID, "")
	}
	quote, err := l.cloud.InstancePrice(ctx, q.Order)
	switch {
	case ecs.HasReason(err, ecs.ReasonPriceUnavailable) && !q.MaxPrice.IsZero():
		e := *ecs.AsError(err)
		e.Message += "; nothing was made. Set any_price to true to buy it without a limit"
		return nil, &e
	case ecs.HasReason(err, ecs.ReasonPriceUnavailable) && anyPrice:
		return &ecs.Money{}, nil
	case err != nil:
		return nil, err
	}
	if charged := quote.Price.CurrencyCode; named && charged != spot.PriceCurrency {
		e := ecs.Errorf(ecs.ReasonCurrencyMismatch, "the price limit is in %s, and the account pays in %s; nothing was made", spot.PriceCurrency, charged)
		e.Facts = map[string]string{"price": quote.Price.String(), "max_price": spot.PriceCurrency + " " + spot.PriceLimit}
		return nil, e.On(q.Order.RegionID, "")
	}
	var charge *ecs.Money
	if buys {
		charge = &quote.Price
	}
	if q.MaxPrice.IsZero() {
		return charge, nil
	}
	over, err := quote.Price.Cmp(q.MaxPrice)
	if err == nil && over <= 0 {
		return charge, nil
	}
	e := ecs.Errorf(ecs.ReasonPriceExceedsLimit, "%d of %s cost %s, over max_price %s; nothing was made", q.Order.Count, q.Order.Spec.Type, quote.Price, q.MaxPrice)
	if errors.Is(err, ecs.ErrCurrencyMismatch) {
		e = ecs.Errorf(ecs.ReasonCurrencyMismatch, "max_price is in %s, and the account pays in %s; nothing was made", q.MaxPrice.CurrencyCode, quote.Price.CurrencyCode)
	}
	e.Facts = map[string]string{"price": quote.Price.String(), "max_price": q.MaxPrice.String()}
	return nil, e.On(q.Order.RegionID, "")
}
