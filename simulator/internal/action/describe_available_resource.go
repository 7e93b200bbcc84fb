package action

import (
	"slices"
	"strconv"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// The destinations of DescribeAvailableResource, in the order of its chain.
const (
	toZone         = "Zone"
	toIoOptimized  = "IoOptimized"
	toInstanceType = "InstanceType"
	toNetwork      = "Network"
	toHost         = "ddh"
	toSystemDisk   = "SystemDisk"
	toDataDisk     = "DataDisk"
)

func describeAvailableResource(w *World, c *Call) *wire.Error {
	destination := c.Params.Get("DestinationResource")
	zone := c.Params.Get("ZoneId")
	if c.Denied {
		return errForbidden
	}
	if destination == "" {
		return errOfferMissing
	}
	if refusal := first(
		c.oneOf("DestinationResource", errOfferDestination,
			toZone, toIoOptimized, toInstanceType, toNetwork, toHost, toSystemDisk, toDataDisk),
		c.oneOf("ResourceType", errOfferResourceType, "instance", "disk", "reservedinstance", "ddh"),
		c.oneOf("InstanceChargeType", errOfferChargeType, fleet.PrePaid, fleet.PostPaid),
		c.oneOf("IoOptimized", errOfferIoOptimized, "none", "optimized"),
		c.oneOf("NetworkCategory", errOfferNetworkCategory, "vpc", "classic"),
		c.oneOf("SpotStrategy", errOfferSpotStrategy, spotStrategies...),
		c.oneOf("ZoneId", wire.Invalid("ZoneId"), c.Region.Zones...),
		c.oneOf("Scope", wire.Invalid("Scope"), "Region", "Zone"),
		c.oneOf("SystemDiskCategory", wire.Invalid("SystemDiskCategory"), catalog.DiskCategoryIDs()...),
		c.oneOf("DataDiskCategory", wire.Invalid("DataDiskCategory"), catalog.DiskCategoryIDs()...),
	); refusal != nil {
		return refusal
	}
	wanted, refusal := availableTypes(c, destination)
	if refusal != nil {
		return refusal
	}
	out := c.open("DescribeAvailableResource")
	out.List("AvailableZones", "AvailableZone")
	for _, z := range c.Region.Zones {
		if zone != "" && z != zone {
			continue
		}
		best := catalog.NotSold
		var types []*catalog.InstanceType
		for _, t := range wanted {
			if stock := stockOf(w, c.Region, z, t); stock != catalog.NotSold {
				types, best = append(types, t), max(best, stock)
			}
		}
		writeOffers(w, c, z, best, destination, types)
	}
	out.End()
	out.Close()
	return nil
}

// availableTypes returns the types that a request selects.
func availableTypes(c *Call, destination string) ([]*catalog.InstanceType, *wire.Error) {
	hours, refusal := c.number("SpotDuration", 1, 0, 6)
	if refusal != nil {
		return nil, refusal
	}
	if c.spot() && hours > 1 || c.Params.Get("DedicatedHostId") != "" {
		return nil, nil // neither longer protection of spot instances nor hosts are simulated
	}
	id := c.Params.Get("InstanceType")
	cores, refusal := c.number("Cores", 0, 1, 1<<16)
	if refusal != nil {
		return nil, refusal
	}
	memory, refusal := c.gibibytes("Memory")
	switch {
	case refusal != nil:
		return nil, refusal
	case id != "" && (cores != 0 || memory != 0):
		return nil, errOfferConflict
	case cores != 0 && destination != toInstanceType:
		return nil, errOfferCores
	case memory != 0 && destination != toInstanceType:
		return nil, errOfferMemory
	case id == "" && (destination == toSystemDisk || destination == toDataDisk && c.Params.Get("ResourceType") != "disk"):
		return nil, wire.Refuse(400, errOfferMissing.Code,
			"The input parameter InstanceType that is mandatory for processing this request is not supplied.")
	}
	if id != "" {
		t := catalog.FindInstanceType(id)
		if t == nil {
			return nil, nil // an unknown type is available in no zone
		}
		return []*catalog.InstanceType{t}, nil
	}
	return slices.DeleteFunc(slices.Clone(catalog.InstanceTypes), func(t *catalog.InstanceType) bool {
		return cores != 0 && t.CPU != cores || memory != 0 && t.MemoryMiB != memory
	}), nil
}

// gibibytes parses a size in GiB, which may have a fraction, as MiB.
func (c *Call) gibibytes(name string) (int, *wire.Error) {
	text := c.Params.Get(name)
	if text == "" {
		return 0, nil
	}
	gib, err := strconv.ParseFloat(text, 64)
	if err != nil || !(0 < gib && gib < 1<<20) {
		return 0, wire.Invalid(name)
	}
	return int(gib * 1024), nil
}

// writeOffers writes what a zone offers, with its best stock.
func writeOffers(w *World, c *Call, zone string, best catalog.Stock, destination string, types []*catalog.InstanceType) {
	out := c.Out
	out.Item()
	out.Str("RegionId", c.Region.ID)
	out.Str("ZoneId", zone)
	out.Str("Status", best.Status())
	out.Str("StatusCategory", best.Category())
	out.List("AvailableResources", "AvailableResource")
	out.Item()
	out.Str("Type", destination)
	writeSupported(w, c, zone, destination, types)
	out.End()
	out.End()
	out.End()
}

func writeSupported(w *World, c *Call, zone, destination string, types []*catalog.InstanceType) {
	out := c.Out
	out.List("SupportedResources", "SupportedResource")
	plain := func(value string) { writeResource(out, value, catalog.WithStock, catalog.DiskSizes{}) }
	switch {
	case destination == toInstanceType:
		for _, t := range types {
			writeResource(out, t.ID, stockOf(w, c.Region, zone, t), catalog.DiskSizes{})
		}
	case len(types) == 0 || destination == toHost:
	case destination == toZone:
		plain(zone)
	case destination == toIoOptimized:
		plain("optimized")
	case destination == toNetwork:
		plain("vpc")
	default:
		for _, d := range offeredDisks(c, destination) {
			writeResource(out, d.ID, catalog.WithStock, sizes(d, destination))
		}
	}
	out.End()
	// A size that depends on the performance level is returned per level.
	out.List("ConditionSupportedResources", "ConditionSupportedResource")
	if len(types) > 0 && (destination == toSystemDisk || destination == toDataDisk) {
		for _, d := range offeredDisks(c, destination) {
			for _, l := range d.Levels {
				out.Item()
				writeStock(out, d.ID, catalog.WithStock, catalog.DiskSizes{Min: l.Min, Max: sizes(d, destination).Max})
				out.List("Conditions", "Condition")
				out.Item()
				out.Str("Key", "performanceLevel")
				out.Str("Value", l.ID)
				out.End()
				out.End()
				out.End()
			}
		}
	}
	out.End()
}

// offeredDisks returns the disk categories of a destination that the request selects.
func offeredDisks(c *Call, destination string) []*catalog.DiskCategory {
	name := "DataDiskCategory"
	if destination == toSystemDisk {
		name = "SystemDiskCategory"
	}
	wanted := c.Params.Get(name)
	return slices.DeleteFunc(slices.Clone(catalog.DiskCategories), func(d *catalog.DiskCategory) bool { return !is(wanted, d.ID) })
}

func sizes(d *catalog.DiskCategory, destination string) catalog.DiskSizes {
	if destination == toSystemDisk {
		return d.System
	}
	return d.Data
}

func writeResource(out *wire.Writer, value string, stock catalog.Stock, limits catalog.DiskSizes) {
	out.Item()
	writeStock(out, value, stock, limits)
	out.End()
}

func writeStock(out *wire.Writer, value string, stock catalog.Stock, limits catalog.DiskSizes) {
	out.Str("Value", value)
	out.Str("Status", stock.Status())
	out.Str("StatusCategory", stock.Category())
	if limits.Max > 0 {
		out.Int("Min", int64(limits.Min))
		out.Int("Max", int64(limits.Max))
		out.Str("Unit", "GiB")
	}
}
