package api

import (
	"context"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// catalogService implements ecsd.v1.CatalogService.
type catalogService struct {
	ecsdv1.UnimplementedCatalogServiceServer
	catalog Catalog
	regions regions
	tokens  sealer
}

func (s *catalogService) ListRegions(ctx context.Context, _ *ecsdv1.ListRegionsRequest) (*ecsdv1.ListRegionsResponse, error) {
	known, err := s.catalog.Regions(ctx)
	if err != nil {
		return nil, err
	}
	resp := &ecsdv1.ListRegionsResponse{Regions: make([]*ecsdv1.Region, len(known))}
	for i, r := range known {
		resp.Regions[i] = &ecsdv1.Region{
			RegionId: r.ID, LocalName: r.LocalName,
			Status: regionStatuses.to(r.RawStatus), ProviderStatus: r.RawStatus,
			Served: s.regions.serves(r.ID), IsDefault: s.regions.isDefault(r.ID),
		}
	}
	return resp, nil
}

func (s *catalogService) ListZones(ctx context.Context, req *ecsdv1.ListZonesRequest) (*ecsdv1.ListZonesResponse, error) {
	var c check
	region := s.regions.one(&c, req.GetRegionId())
	if err := c.err(); err != nil {
		return nil, err
	}
	zones, err := s.catalog.Zones(ctx, region)
	if err != nil {
		return nil, err
	}
	return &ecsdv1.ListZonesResponse{Zones: zonesProto(zones)}, nil
}

func (s *catalogService) ListInstanceTypes(ctx context.Context, req *ecsdv1.ListInstanceTypesRequest) (*ecsdv1.ListInstanceTypesResponse, error) {
	var c check
	region := s.regions.one(&c, req.GetRegionId())
	q := c.typeQuery(req)
	walk := c.walk(s.tokens.of("ListInstanceTypes", req), []string{region}, req)
	if err := c.err(); err != nil {
		return nil, err
	}
	page, err := readPage(ctx, walk, func(ctx context.Context, regionID, token string, limit int) ([]*ecsdv1.InstanceType, string, error) {
		page, err := s.catalog.InstanceTypes(ctx, regionID, q, token, limit)
		return instanceTypesProto(page.Types), page.Next, err
	})
	if err != nil {
		return nil, err
	}
	return &ecsdv1.ListInstanceTypesResponse{InstanceTypes: page.items, NextPageToken: page.next}, nil
}

// typeQuery checks a query for instance types.
func (c *check) typeQuery(req *ecsdv1.ListInstanceTypesRequest) ecs.TypeQuery {
	q := ecs.TypeQuery{
		IDs:          c.instanceTypes("instance_types", req.GetInstanceTypes(), maxTypes),
		Family:       c.word("instance_type_family", req.GetInstanceTypeFamily()),
		MinCPU:       c.atLeast("min_cpu", req.GetMinCpu()),
		MaxCPU:       c.atLeast("max_cpu", req.GetMaxCpu()),
		MinMemoryGiB: c.memory("min_memory_mib", req.GetMinMemoryMib()),
		MaxMemoryGiB: c.memory("max_memory_mib", req.GetMaxMemoryMib()),
	}
	if q.MaxCPU > 0 && q.MaxCPU < q.MinCPU {
		c.fail("max_cpu", "must be 0 (no bound) or at least min_cpu (%d); got %d", q.MinCPU, q.MaxCPU)
	}
	if q.MaxMemoryGiB > 0 && q.MaxMemoryGiB < q.MinMemoryGiB {
		c.fail("max_memory_mib", "must be 0 (no bound) or at least min_memory_mib (%d); got %d", req.GetMinMemoryMib(), req.GetMaxMemoryMib())
	}
	return q
}

func (s *catalogService) ListStock(ctx context.Context, req *ecsdv1.ListStockRequest) (*ecsdv1.ListStockResponse, error) {
	var c check
	region := s.regions.one(&c, req.GetRegionId())
	q := c.stockQuery(req)
	if err := c.err(); err != nil {
		return nil, err
	}
	stock, err := s.catalog.Stock(ctx, region, q)
	if err != nil {
		return nil, err
	}
	return &ecsdv1.ListStockResponse{Stock: stockProto(stock)}, nil
}

// stockQuery checks a stock query.
func (c *check) stockQuery(req *ecsdv1.ListStockRequest) ecs.StockQuery {
	q := ecs.StockQuery{
		ZoneID:       c.zoneID("zone_id", req.GetZoneId()),
		InstanceType: req.GetInstanceType(),
		ChargeType:   chargeTypes.from(req.GetChargeType()),
		SpotStrategy: spotStrategies.from(req.GetSpotStrategy()),
		CPU:          c.atLeast("cpu", req.GetCpu()),
		MemoryGiB:    c.memory("memory_mib", req.GetMemoryMib()),
	}
	if q.InstanceType != "" {
		c.instanceType("instance_type", q.InstanceType)
		c.unset("must be unset beside instance_type", []given{{"cpu", q.CPU != 0}, {"memory_mib", q.MemoryGiB != 0}})
	}
	switch {
	case req.GetChargeType() == 0:
		q.ChargeType = ecs.ChargePayAsYouGo
	case !chargeTypes.knows(req.GetChargeType()):
		c.fail("charge_type", "must be a named value of ChargeType; got %d", req.GetChargeType())
	}
	switch {
	case req.GetSpotStrategy() == 0:
	case !spotStrategies.knows(req.GetSpotStrategy()):
		c.fail("spot_strategy", "must be a named value of SpotStrategy; got %d", req.GetSpotStrategy())
	case q.ChargeType == ecs.ChargeSubscription:
		c.fail("spot_strategy", "must be unset for a subscription: only pay-as-you-go instances can be spot instances")
	}
	return q
}
