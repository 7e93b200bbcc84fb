package spot

import (
	"context"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// asPriceGo is the cloud's strategy name for spot without a limit, used in
// queries for spot of any strategy.
const asPriceGo = "SpotAsPriceGo"

// maxReads is how many reads of one request run concurrently.
const maxReads = 8

// Cloud is the part of the edge that spot uses.
type Cloud interface {
	Zones(ctx context.Context, regionID string) ([]ecs.Zone, error)
	Stock(ctx context.Context, regionID string, q ecs.StockQuery) ([]ecs.Stock, error)
	SpotPrices(ctx context.Context, regionID string, q ecs.SpotPriceQuery, offset int32) (ecs.SpotPricePage, error)
	SpotAdvice(ctx context.Context, regionID string, q ecs.SpotAdviceQuery) ([]ecs.SpotAdvice, error)
}

// Market reads spot prices. It is safe for concurrent use.
type Market struct {
	cloud Cloud
}

// New returns a Market over the cloud.
func New(cloud Cloud) *Market { return &Market{cloud: cloud} }

// Advice returns the cloud's advice on spot types over the last 30 days.
func (m *Market) Advice(ctx context.Context, regionID string, q ecs.SpotAdviceQuery) ([]ecs.SpotAdvice, error) {
	return m.cloud.SpotAdvice(ctx, regionID, q)
}
