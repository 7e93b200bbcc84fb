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

// Cloud is what spot needs of the edge.
type Cloud interface {
	Zones(ctx context.Context, regionID string) ([]ecs.Zone, error)
	Stock(ctx context.Context, regionID string, q ecs.StockQuery) ([]ecs.Stock, error)
	SpotPrices(ctx context.Context, regionID string, q ecs.SpotPriceQuery, offset int32) (ecs.SpotPricePage, error)
	SpotAdvice(ctx context.Context, regionID string, q ecs.SpotAdviceQuery) ([]ecs.SpotAdvice, error)
}

// Market answers what spot costs. It is safe for concurrent use.
type Market struct {
	cloud Cloud
}

// New returns a Market over the cloud.
func New(cloud Cloud) *Market { return &Market{cloud: cloud} }

// Advice is what the cloud says of types as spot over the last 30 days.
func (m *Market) Advice(ctx context.Context, regionID string, q ecs.SpotAdviceQuery) ([]ecs.SpotAdvice, error) {
	return m.cloud.SpotAdvice(ctx, regionID, q)
}
