package api

import (
	"context"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/spot"
)

const (
	maxTypes    = 10 // the limit of DescribeSpotAdvice and DescribeInstanceTypes
	maxZones    = 50
	spotHistory = 30 * day // as far as the cloud shows spot prices at a time
)

// spotService implements ecsd.v1.SpotService.
type spotService struct {
	ecsdv1.UnimplementedSpotServiceServer
	watches
	spot    Spot
	regions regions
	clock   ecs.Clock
}

func (s *spotService) ListSpotZones(ctx context.Context, req *ecsdv1.ListSpotZonesRequest) (*ecsdv1.ListSpotZonesResponse, error) {
	var c check
	region := s.regions.one(&c, req.GetRegionId())
	types := c.instanceTypes("instance_types", req.GetInstanceTypes(), maxTypes)
	if err := c.err(); err != nil {
		return nil, err
	}
	zones, err := s.spot.Zones(ctx, region, types...)
	if err != nil {
		return nil, err
	}
	return &ecsdv1.ListSpotZonesResponse{Zones: spotZonesProto(zones)}, nil
}

func (s *spotService) ListSpotPrices(ctx context.Context, req *ecsdv1.ListSpotPricesRequest) (*ecsdv1.ListSpotPricesResponse, error) {
	var c check
	q := spot.PriceRequest{
		RegionID: s.regions.one(&c, req.GetRegionId()),
		Types:    []string{req.GetInstanceType()},
		Zones: c.list("zone_ids", req.GetZoneIds(), maxZones, func(at, id string) {
			if c.zoneID(at, id); id == "" {
				c.fail(at, "must not be empty")
			}
		}),
		Window:       c.history(req, s.clock.Now()),
		NetworkType:  networkTypes.from(req.GetNetworkType()),
		OSType:       osTypes.from(req.GetOsType()),
		ProtectedFor: -1,
		SummaryOnly:  req.GetSummaryOnly(),
	}
	c.instanceType("instance_type", req.GetInstanceType())
	if t := req.GetNetworkType(); t != 0 && !networkTypes.knows(t) {
		c.fail("network_type", "must be a named value of NetworkType; got %d", t)
	}
	if t := req.GetOsType(); t != 0 && !osTypes.knows(t) {
		c.fail("os_type", "must be a named value of OsType; got %d", t)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	history, err := s.spot.Prices(ctx, q)
	if err != nil {
		return nil, err
	}
	resp := &ecsdv1.ListSpotPricesResponse{Zones: make([]*ecsdv1.SpotPrices, len(history.Series))}
	for i := range history.Series {
		resp.Zones[i] = spotPricesProto(&history.Series[i])
	}
	if len(history.Cheapest) > 0 {
		resp.CheapestZoneId = history.Cheapest[0].ZoneID
	}
	return resp, nil
}

// history checks a window of spot prices: at most 30 days, none of it ahead.
func (c *check) history(req *ecsdv1.ListSpotPricesRequest, now time.Time) ecs.Window {
	now = now.UTC().Truncate(time.Second) // as the cloud takes times
	w := ecs.Window{After: c.time("start_time", req.GetStartTime()), Before: c.time("end_time", req.GetEndTime())}
	if w.Before.IsZero() {
		w.Before = now
	}
	if w.After.IsZero() {
		w.After = w.Before.Add(-spotHistory)
	}
	switch {
	case w.Before.After(now):
		c.fail("end_time", "must not lie ahead: there is a history up to now (%s); got %s", now.Format(time.RFC3339), w.Before.Format(time.RFC3339))
	case !w.After.Before(w.Before):
		c.fail("start_time", "must be before end_time (%s); got %s", w.Before.Format(time.RFC3339), w.After.Format(time.RFC3339))
	case w.Before.Sub(w.After) > spotHistory:
		c.fail("start_time", "must be at most 30 days before end_time: %s or later; got %s",
			w.Before.Add(-spotHistory).Format(time.RFC3339), w.After.Format(time.RFC3339))
	}
	return w
}

func (s *spotService) ListSpotAdvice(ctx context.Context, req *ecsdv1.ListSpotAdviceRequest) (*ecsdv1.ListSpotAdviceResponse, error) {
	var c check
	region := s.regions.one(&c, req.GetRegionId())
	q := c.adviceQuery(req)
	if err := c.err(); err != nil {
		return nil, err
	}
	advice, err := s.spot.Advice(ctx, region, q)
	if err != nil {
		return nil, err
	}
	return &ecsdv1.ListSpotAdviceResponse{Advice: spotAdviceProto(advice)}, nil
}

// adviceQuery reads the selection of types.
func (c *check) adviceQuery(req *ecsdv1.ListSpotAdviceRequest) ecs.SpotAdviceQuery {
	q := ecs.SpotAdviceQuery{
		TypeFamily: c.word("instance_type_family", req.GetInstanceTypeFamily()),
		ZoneID:     c.zoneID("zone_id", req.GetZoneId()),
	}
	switch selection := req.GetSelection().(type) {
	case *ecsdv1.ListSpotAdviceRequest_Types:
		q.InstanceTypes = c.instanceTypes("types.instance_types", selection.Types.GetInstanceTypes(), maxTypes)
		if len(q.InstanceTypes) == 0 {
			c.fail("types.instance_types", "must hold 1 to %d types; got 0", maxTypes)
		}
		if q.TypeFamily != "" {
			c.fail("instance_type_family", "must be unset beside types")
		}
	case *ecsdv1.ListSpotAdviceRequest_Size:
		q.CPU, q.MemoryGiB = c.size("size", selection.Size)
	case *ecsdv1.ListSpotAdviceRequest_MinSize:
		q.MinCPU, q.MinMemoryGiB = c.size("min_size", selection.MinSize)
	default:
		c.fail("selection", "is required: set types, size or min_size")
	}
	return q
}

// size reads vCPUs and GiB.
func (c *check) size(field string, s *ecsdv1.InstanceSize) (cpu int32, gib float64) {
	if s.GetCpu() < 1 {
		c.fail(field+".cpu", "must be 1 or more; got %d", s.GetCpu())
	}
	if s.GetMemoryMib() < 1 {
		c.fail(field+".memory_mib", "must be 1 or more; got %d", s.GetMemoryMib())
	}
	return s.GetCpu(), float64(s.GetMemoryMib()) / mibPerGiB
}
