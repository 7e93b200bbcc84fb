package lifecycle

import (
	"context"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// admit refuses a new launch that must not be sent. A launch that was sent
// before returns its record, even if it has become too late since.
func (l *Lifecycle) admit(ctx context.Context, q Launch) error {
	if q.IfNew != nil {
		return q.IfNew
	}
	return l.checkCurrency(ctx, q.Order)
}

// checkCurrency holds the currency that a spot limit is meant in against that
// of the cloud's price: the cloud gets a bare number, and takes it in the
// currency of the account.
func (l *Lifecycle) checkCurrency(ctx context.Context, order ecs.LaunchOrder) error {
	spot := order.Spec.Spot
	if spot == nil || spot.PriceCurrency == "" {
		return nil
	}
	if order.Spec.Type == "" {
		return ecs.Errorf(ecs.ReasonPriceUnavailable,
			"what a launch template says has no price to compare the limit's currency %s with; leave it empty for the account's own", spot.PriceCurrency).On(order.RegionID, "")
	}
	quote, err := l.cloud.InstancePrice(ctx, order)
	if err != nil {
		return err
	}
	if charged := quote.Price.CurrencyCode; charged != spot.PriceCurrency {
		e := ecs.Errorf(ecs.ReasonCurrencyMismatch, "the price limit is in %s, and the account pays in %s; nothing was made", spot.PriceCurrency, charged)
		e.Facts = map[string]string{"price": quote.Price.String(), "max_price": spot.PriceCurrency + " " + spot.PriceLimit}
		return e.On(order.RegionID, "")
	}
	return nil
}
