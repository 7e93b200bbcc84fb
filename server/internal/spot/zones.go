package spot

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// Zone is a zone that sells spot.
type Zone struct {
	ZoneID    string
	LocalName string
	// InstanceTypes are those that can be bought as spot now, sorted.
	InstanceTypes []string
}

// Zones lists the zones of a region that sell spot now, with the types that
// they sell, sorted by ID. Types limits the search; empty means all.
func (m *Market) Zones(ctx context.Context, regionID string, types ...string) ([]Zone, error) {
	group, ctx := rescue.WithContext(ctx)
	group.SetLimit(maxReads)
	var names []ecs.Zone
	group.Go(func() (err error) {
		names, err = m.cloud.Zones(ctx, regionID)
		return err
	})
	asked := types
	if len(asked) == 0 {
		asked = []string{""}
	}
	stocks := make([][]ecs.Stock, len(asked))
	for i, instanceType := range asked {
		group.Go(func() (err error) {
			stocks[i], err = m.cloud.Stock(ctx, regionID, spotStock(instanceType))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	zones := sold(slices.Concat(stocks...))
	for i := range zones {
		for _, named := range names {
			if named.ID == zones[i].ZoneID {
				zones[i].LocalName = named.LocalName
			}
		}
	}
	return zones, nil
}

// spotStock returns the query for the zones that sell a type, or "" for any, as
// spot.
func spotStock(instanceType string) ecs.StockQuery {
	return ecs.StockQuery{InstanceType: instanceType, ChargeType: ecs.ChargePayAsYouGo, SpotStrategy: asPriceGo}
}

// sold groups the available stock by zone.
func sold(stocks []ecs.Stock) []Zone {
	byZone := map[string]map[string]bool{}
	for _, s := range stocks {
		if !strings.EqualFold(s.RawStatus, "Available") {
			continue
		}
		if byZone[s.ZoneID] == nil {
			byZone[s.ZoneID] = map[string]bool{}
		}
		byZone[s.ZoneID][s.InstanceType] = true
	}
	zones := make([]Zone, 0, len(byZone))
	for id, types := range byZone {
		zone := Zone{ZoneID: id}
		for instanceType := range types {
			zone.InstanceTypes = append(zone.InstanceTypes, instanceType)
		}
		slices.Sort(zone.InstanceTypes)
		zones = append(zones, zone)
	}
	slices.SortFunc(zones, func(a, b Zone) int { return cmp.Compare(a.ZoneID, b.ZoneID) })
	return zones
}
