// Package catalog lists the offers of the cloud: its regions, their zones, the
// instance types, and the current stock.
//
// These lists change seldom and have many readers, so each is read once for all
// waiting callers and cached; each method documents for how long. If the cloud
// does not respond, a cached list is returned for longer, but never the stock.
// The package changes nothing in the cloud.
package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Lifetimes of the cached lists.
const (
	keepRegions = time.Hour
	keepZones   = time.Hour
	keepTypes   = time.Hour
	keepStock   = 30 * time.Second
)

// Cloud is the part of the edge that catalog uses.
type Cloud interface {
	Regions(ctx context.Context) ([]ecs.Region, error)
	Zones(ctx context.Context, regionID string) ([]ecs.Zone, error)
	InstanceTypes(ctx context.Context, regionID string, q ecs.TypeQuery, cursor string, limit int) (ecs.TypePage, error)
	Stock(ctx context.Context, regionID string, q ecs.StockQuery) ([]ecs.Stock, error)
}

// Catalog returns the offers of the cloud. It is safe for concurrent use. Its
// results are shared: callers only read them.
type Catalog struct {
	cloud   Cloud
	regions *kept[[]ecs.Region]
	zones   *kept[[]ecs.Zone]
	types   *kept[ecs.TypePage]
	stock   *kept[[]ecs.Stock]
}

// New returns a Catalog over the cloud.
func New(cloud Cloud) *Catalog {
	return &Catalog{
		cloud:   cloud,
		regions: keep[[]ecs.Region](keepRegions, true),
		zones:   keep[[]ecs.Zone](keepZones, true),
		types:   keep[ecs.TypePage](keepTypes, true),
		stock:   keep[[]ecs.Stock](keepStock, false),
	}
}

// Regions lists the account's regions, at most an hour old; older if the cloud
// does not respond.
func (c *Catalog) Regions(ctx context.Context) ([]ecs.Region, error) {
	return c.regions.get(ctx, "", c.cloud.Regions)
}

// Zones lists the zones of a region, at most an hour old; older if the cloud
// does not respond.
func (c *Catalog) Zones(ctx context.Context, regionID string) ([]ecs.Zone, error) {
	return c.zones.get(ctx, regionID, func(ctx context.Context) ([]ecs.Zone, error) {
		return c.cloud.Zones(ctx, regionID)
	})
}

// InstanceTypes reads a page of the instance types of a region, at most an hour
// old; older if the cloud does not respond. A page may hold fewer than limit.
func (c *Catalog) InstanceTypes(ctx context.Context, regionID string, q ecs.TypeQuery, cursor string, limit int) (ecs.TypePage, error) {
	key := fmt.Sprintf("%s %+v %q %d", regionID, q, cursor, limit)
	return c.types.get(ctx, key, func(ctx context.Context) (ecs.TypePage, error) {
		return c.cloud.InstanceTypes(ctx, regionID, q, cursor, limit)
	})
}

// Stock returns the current stock of a region, at most half a minute old.
func (c *Catalog) Stock(ctx context.Context, regionID string, q ecs.StockQuery) ([]ecs.Stock, error) {
	key := fmt.Sprintf("%s %+v", regionID, q)
	return c.stock.get(ctx, key, func(ctx context.Context) ([]ecs.Stock, error) {
		return c.cloud.Stock(ctx, regionID, q)
	})
}
