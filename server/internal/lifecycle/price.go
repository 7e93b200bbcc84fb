package lifecycle

import (
	"context"
	"errors"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// admit refuses a new launch that must not be sent. A launch that was sent
// before returns its record, even if it has become too late since.
func (l *Lifecycle) admit(ctx context.Context, q Launch) error {
	if q.IfNew != nil {
		return q.IfNew
	}
	return l.checkPrice(ctx, q)
}

// checkPrice reads the price of an order with a limit, and refuses the order if
// the price is higher or cannot be compared. A spot limit is compared by its
// currency only: the cloud gets a bare number, and takes it in the currency of
// the account.
func (l *Lifecycle) checkPrice(ctx context.Context, q Launch) error {
	spot := q.Order.Spec.Spot
	named := spot != nil && spot.PriceCurrency != ""
	if !named && q.MaxPrice.IsZero() {
		return nil
	}
	if q.Order.Spec.Type == "" {
		return ecs.Errorf(ecs.ReasonPriceUnavailable,
			"a launch template has no price to compare a limit with; leave the currency of the spot limit empty for that of the account").On(q.Order.RegionID, "")
	}
	quote, err := l.cloud.InstancePrice(ctx, q.Order)
	switch {
	case ecs.HasReason(err, ecs.ReasonPriceUnavailable) && !q.MaxPrice.IsZero():
		e := *ecs.AsError(err)
		e.Message += "; nothing was made. Set any_price to true to buy it without a limit"
		return &e
	case err != nil:
		return err
	}
	if charged := quote.Price.CurrencyCode; named && charged != spot.PriceCurrency {
		e := ecs.Errorf(ecs.ReasonCurrencyMismatch, "the price limit is in %s, and the account pays in %s; nothing was made", spot.PriceCurrency, charged)
		e.Facts = map[string]string{"price": quote.Price.String(), "max_price": spot.PriceCurrency + " " + spot.PriceLimit}
		return e.On(q.Order.RegionID, "")
	}
	if q.MaxPrice.IsZero() {
		return nil
	}
	over, err := quote.Price.Cmp(q.MaxPrice)
	if err == nil && over <= 0 {
		return nil
	}
	e := ecs.Errorf(ecs.ReasonPriceExceedsLimit, "%d of %s cost %s, over max_price %s; nothing was made", q.Order.Count, q.Order.Spec.Type, quote.Price, q.MaxPrice)
	if errors.Is(err, ecs.ErrCurrencyMismatch) {
		e = ecs.Errorf(ecs.ReasonCurrencyMismatch, "max_price is in %s, and the account pays in %s; nothing was made", q.MaxPrice.CurrencyCode, quote.Price.CurrencyCode)
	}
	e.Facts = map[string]string{"price": quote.Price.String(), "max_price": q.MaxPrice.String()}
	return e.On(q.Order.RegionID, "")
}
