package action

import (
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// maxTypes is the maximum of types in a request.
const maxTypes = 10

func describeSpotAdvice(w *World, c *Call) *wire.Error {
	if c.Denied {
		return errForbidden
	}
	types, refusal := advisedTypes(c)
	if refusal != nil {
		return refusal
	}
	out := c.open("DescribeSpotAdvice")
	out.Str("RegionId", c.Region.ID)
	out.List("AvailableSpotZones", "AvailableSpotZone")
	for _, zone := range c.Region.Zones {
		if wanted := c.Params.Get("ZoneId"); wanted != "" && zone != wanted {
			continue
		}
		out.Item()
		out.Str("ZoneId", zone)
		out.List("AvailableSpotResources", "AvailableSpotResource")
		for _, t := range types {
			if !stockOf(w, c.Region, zone, t).Buyable() {
				continue
			}
			advice := w.Market.Advise(zone, t, c.Now)
			out.Item()
			out.Str("InstanceType", t.ID)
			out.Int("AverageSpotDiscount", int64(advice.Discount))
			out.Decimal("InterruptionRate", advice.Interruption, 2)
			out.Str("InterruptRateDesc", advice.Band())
			out.End()
		}
		out.End()
		out.End()
	}
	out.End()
	out.Close()
	return nil
}

// advisedTypes returns the types that a request selects.
func advisedTypes(c *Call) ([]*catalog.InstanceType, *wire.Error) {
	named := c.Params.List("InstanceTypes")
	if refusal := first(
		c.oneOf("ZoneId", wire.Invalid("ZoneId"), c.Region.Zones...),
		c.oneOf("NetworkType", errOfferNetworkType, "vpc"),
		c.oneOf("IoOptimized", errOfferIoOptimized, "optimized"),
		c.oneOf("InstanceFamilyLevel", wire.Invalid("InstanceFamilyLevel"), catalog.Entry, catalog.Enterprise, catalog.CreditEntry),
	); refusal != nil {
		return nil, refusal
	}
	if len(named) > maxTypes {
		return nil, wire.Invalid("InstanceTypes")
	}
	sizes := map[string]int{}
	for _, name := range []string{"Cores", "MinCores", "GpuAmount"} {
		n, refusal := c.number(name, 0, 1, 1<<16)
		if refusal != nil {
			return nil, refusal
		}
		sizes[name] = n
	}
	for _, name := range []string{"Memory", "MinMemory"} {
		n, refusal := c.gibibytes(name)
		if refusal != nil {
			return nil, refusal
		}
		sizes[name] = n
	}
	if len(named) > 0 && (sizes["Cores"] != 0 || sizes["Memory"] != 0) {
		return nil, errOfferConflict
	}
	family, level, gpu := c.Params.Get("InstanceTypeFamily"), c.Params.Get("InstanceFamilyLevel"), c.Params.Get("GpuSpec")
	exactly := func(want, have int) bool { return want == 0 || want == have }
	wanted := func(t *catalog.InstanceType) bool {
		return exactly(sizes["Cores"], t.CPU) && exactly(sizes["Memory"], t.MemoryMiB) &&
			t.CPU >= sizes["MinCores"] && t.MemoryMiB >= sizes["MinMemory"] &&
			exactly(sizes["GpuAmount"], t.GPU) && strings.Contains(t.GPUSpec, gpu) &&
			(len(named) == 0 || slices.Contains(named, t.ID)) &&
			(family == "" || family == t.Family) && (level == "" || level == catalog.FamilyOf(t).Level)
	}
	return slices.DeleteFunc(slices.Clone(catalog.InstanceTypes), func(t *catalog.InstanceType) bool { return !wanted(t) }), nil
}
