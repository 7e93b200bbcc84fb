package renewal

import (
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// pricesAtOnce bounds how many prices one request asks side by side: the cloud
// prices one instance a call.
const pricesAtOnce = 16

// Quote is what the renewal of one instance would cost and bring.
type Quote struct {
	ecs.Quote
	ExpireTime      time.Time
	ExpireTimeAfter time.Time
	ObservedTime    time.Time
}

// Quote prices the renewal of instances: one result an id, in the order asked,
// and the sum of the prices of those that have one, an amount a currency.
func (e *Engine) Quote(ctx context.Context, regionID string, ids []string, p ecs.Period) ([]ecs.Result[Quote], []ecs.Money, error) {
	if !ecs.Priced.Includes(p) {
		return nil, nil, ecs.Errorf(ecs.ReasonPriceUnavailable, "the cloud names no price for %s; it prices %s", p, ecs.Priced).On(regionID, "")
	}
	results := make([]ecs.Result[Quote], len(ids))
	var group errgroup.Group
	group.SetLimit(pricesAtOnce)
	for i, read := range e.subscriptions(ctx, regionID, ids) {
		results[i].ID, results[i].Err = read.ID, read.Err
		if read.Err != nil {
			continue
		}
		group.Go(func() error {
			price, err := e.cloud.RenewalPrice(ctx, regionID, read.ID, p)
			if err != nil {
				results[i].Err = err
				return nil
			}
			now := time.Now().UTC()
			results[i].Value = Quote{
				Quote: price, ExpireTime: read.Value.ExpireTime,
				ExpireTimeAfter: p.Forecast(read.Value, now), ObservedTime: now,
			}
			return nil
		})
	}
	_ = group.Wait() // every error is kept beside its id
	totals, err := sum(results)
	return results, totals, err
}

// subscriptions reads instances and turns what is no subscription into an error
// of its id.
func (e *Engine) subscriptions(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance] {
	reads := e.cloud.Instances(ctx, regionID, ids)
	for i, read := range reads {
		if read.Err == nil && read.Value.ChargeType != ecs.ChargeSubscription {
			reads[i].Err = notSubscription(regionID, read.ID)
		}
	}
	return reads
}

// sum adds the prices up, one amount a currency, sorted by it.
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
