package renewal

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// pricesAtOnce limits how many prices one request reads concurrently: the cloud
// prices one instance per call.
const pricesAtOnce = 16

// Quote is the price of a renewal and the expiry that it brings.
type Quote struct {
	ecs.Quote
	ExpireTime      time.Time
	ExpireTimeAfter time.Time
	ObservedTime    time.Time
}

// Quote prices the renewal of instances: one result per ID, in request order, and
// the sum of the prices, one amount per currency.
func (e *Engine) Quote(ctx context.Context, regionID string, ids []string, p ecs.Period) ([]ecs.Result[Quote], []ecs.Money, error) {
	return e.planner.quote(ctx, regionID, ids, p)
}

func (pl *planner) quote(ctx context.Context, regionID string, ids []string, p ecs.Period) ([]ecs.Result[Quote], []ecs.Money, error) {
	if !ecs.Priced.Includes(p) {
		return nil, nil, ecs.Errorf(ecs.ReasonPriceUnavailable, "the cloud names no price for %s; it prices %s", p, ecs.Priced).On(regionID, "")
	}
	results := make([]ecs.Result[Quote], len(ids))
	var group rescue.Group
	group.SetLimit(pricesAtOnce)
	for i, read := range pl.subscriptions(ctx, regionID, ids) {
		results[i].ID, results[i].Err = read.ID, read.Err
		if read.Err != nil {
			continue
		}
		group.Go(func() error {
			price, err := pl.cloud.RenewalPrice(ctx, regionID, read.ID, p)
			if err != nil {
				results[i].Err = ecs.Lagging(read.Value, err)
				return nil
			}
			now := time.Now().UTC()
			results[i].Value = Quote{
				Quote: price, ExpireTime: read.Value.ExpireTime,
				ExpireTimeAfter: p.Forecast(read.Value, pl.clock.Now().UTC()), ObservedTime: now,
			}
			return nil
		})
	}
	_ = group.Wait() // each error is in its result
	totals, err := sum(results)
	return results, totals, err
}

// subscriptions reads instances. One that is no subscription has an error.
func (pl *planner) subscriptions(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance] {
	reads := pl.cloud.Instances(ctx, regionID, ids)
	for i, read := range reads {
		if read.Err == nil && read.Value.ChargeType != ecs.ChargeSubscription {
			reads[i].Err = notSubscription(regionID, read.ID)
		}
	}
	return reads
}

// sum returns the sum of the prices, one amount per currency, sorted by it.
func sum(results []ecs.Result[Quote]) ([]ecs.Money, error) {
	totals := map[string]ecs.Money{}
	for _, r := range results {
		if r.Err != nil {
			continue
		}
		price := r.Value.Price
		after, err := totals[price.CurrencyCode].Plus(price)
		if err != nil {
			return nil, err
		}
		totals[price.CurrencyCode] = after
	}
	sorted := make([]ecs.Money, 0, len(totals))
	for _, total := range totals {
		sorted = append(sorted, total)
	}
	slices.SortFunc(sorted, func(a, b ecs.Money) int { return strings.Compare(a.CurrencyCode, b.CurrencyCode) })
	return sorted, nil
}
