package action

import (
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

func describeZones(w *World, c *Call) *wire.Error {
	language := c.Params.Get("AcceptLanguage")
	// The documents of this action write Prepaid.
	charge := c.Params.Get("InstanceChargeType")
	prepaid := strings.EqualFold(charge, fleet.PrePaid)
	switch {
	case c.Denied:
		return errForbidden
	case !slices.Contains(languages, language):
		return errLanguage
	case charge != "" && charge != fleet.PostPaid && !prepaid:
		return errZonesChargeType
	case prepaid && c.spot():
		return errSpotStrategy
	}
	if refusal := c.oneOf("SpotStrategy", errSpotStrategy, spotStrategies...); refusal != nil {
		return refusal
	}
	verbose, sent, refusal := c.boolean("Verbose")
	if refusal != nil {
		return refusal
	}
	out := c.open("DescribeZones")
	out.List("Zones", "Zone")
	for _, zone := range c.Region.Zones {
		out.Item()
		out.Str("ZoneId", zone)
		out.Str("ZoneNo", strings.ToUpper(zone[len(zone)-1:]))
		out.Str("LocalName", c.Region.ZoneName(zone, language))
		out.Str("ZoneType", "AvailabilityZone")
		if verbose || !sent {
			writeZone(out, zoneTypes(w, c, zone))
		}
		out.End()
	}
	out.End()
	out.Close()
	return nil
}

// zoneTypes returns the types of a zone; for spot, those that can be bought.
func zoneTypes(w *World, c *Call, zone string) []*catalog.InstanceType {
	types := catalog.Sold(c.Region, zone)
	if c.spot() {
		types = slices.DeleteFunc(types, func(t *catalog.InstanceType) bool {
			return !stockOf(w, c.Region, zone, t).Buyable()
		})
	}
	return types
}

func writeZone(out *wire.Writer, types []*catalog.InstanceType) {
	var ids, names, generations, categories, volumes []string
	for _, t := range types {
		f := catalog.FamilyOf(t)
		ids = append(ids, t.ID)
		names = appendNew(names, f.ID)
		generations = appendNew(generations, f.Generation)
	}
	for _, d := range catalog.DiskCategories {
		categories = append(categories, d.ID)
		volumes = append(volumes, d.Volume)
	}
	writeStrings(out, "AvailableResourceCreation", "ResourceTypes", "VSwitch", "IoOptimized", "Instance", "Disk")
	writeStrings(out, "AvailableVolumeCategories", "VolumeCategories", volumes...)
	writeStrings(out, "AvailableDiskCategories", "DiskCategories", categories...)
	writeStrings(out, "AvailableInstanceTypes", "InstanceTypes", ids...)
	writeStrings(out, "AvailableDedicatedHostTypes", "DedicatedHostType", "ddh.g7")
	writeStrings(out, "DedicatedHostGenerations", "DedicatedHostGeneration", "ddh-6")
	writeStrings(out, "NetworkTypes", "NetworkType", "vpc")
	out.List("AvailableResources", "ResourcesInfo")
	out.Item()
	out.Bool("IoOptimized", true)
	writeStrings(out, "SystemDiskCategories", "supportedSystemDiskCategory", categories...)
	writeStrings(out, "DataDiskCategories", "supportedDataDiskCategory", categories...)
	writeStrings(out, "InstanceGenerations", "supportedInstanceGeneration", generations...)
	writeStrings(out, "InstanceTypes", "supportedInstanceType", ids...)
	writeStrings(out, "InstanceTypeFamilies", "supportedInstanceTypeFamily", names...)
	writeStrings(out, "NetworkTypes", "supportedNetworkCategory", "vpc")
	out.End()
	out.End()
}

func appendNew(list []string, v string) []string {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}
