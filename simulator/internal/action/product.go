package action

import (
	"maps"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
)

// Product is one API of the cloud. All products share the port: the version of a request names its product.
type Product struct {
	// Name is the product's name in the cloud, such as Ecs or BssOpenApi.
	Name string
	// Version is the version of the API. No two products have the same one.
	Version string
	// Global is set for a product without regions. Its actions require no RegionId, and a RegionId that is not served is
	// no error: the SDKs of the older generation send the one of their own settings.
	Global bool
	// Actions are the actions by name.
	Actions map[string]Action
}

// Products returns the simulated products. To add one, add it here.
func Products() []Product {
	return []Product{
		{Name: "Ecs", Version: "2014-05-26", Actions: ecs()},
		{Name: "Sts", Version: "2015-04-01", Global: true, Actions: sts()},
		{Name: "BssOpenApi", Version: "2017-12-14", Global: true, Actions: bss()},
		{Name: "quotas", Version: "2020-05-10", Global: true, Actions: quotas()},
	}
}

// ecs returns the actions of ECS.
func ecs() map[string]Action {
	table := map[string]Action{
		"DescribeRegions":                    {Handler: describeRegions, AnyRegion: true},
		"DescribeInstances":                  {Handler: describeInstances},
		"DescribeInstanceStatus":             {Handler: describeInstanceStatus},
		"DescribeInstanceAttribute":          {Handler: describeInstanceAttribute, AnyRegion: true},
		"DescribeInstanceHistoryEvents":      {Handler: describeInstanceHistoryEvents},
		"DescribeInstancesFullStatus":        {Handler: describeInstancesFullStatus},
		"RenewInstance":                      {Handler: renewInstance, AnyRegion: true, OwnGate: true},
		"DescribeRenewalPrice":               {Handler: describeRenewalPrice},
		"DescribeInstanceAutoRenewAttribute": {Handler: describeAutoRenew},
		"ModifyInstanceAutoRenewAttribute":   {Handler: modifyAutoRenew},

		"TagResources":     {Handler: tagResources, MissingRegion: errTagRegionMissing},
		"UntagResources":   {Handler: untagResources, MissingRegion: errTagRegionMissing},
		"ListTagResources": {Handler: listTagResources, MissingRegion: errTagRegionMissing},
	}
	maps.Copy(table, lives())
	maps.Copy(table, offers())
	maps.Copy(table, networks())
	maps.Copy(table, disks())
	maps.Copy(table, oldTags())
	return table
}

// sts returns the actions of the security token service.
func sts() map[string]Action {
	return map[string]Action{
		"AssumeRole":        {Handler: assumeRole},
		"GetCallerIdentity": {Handler: getCallerIdentity},
	}
}

// RegionOf returns the served region of a resource, or nil. IDs are unique over regions: an instance is known, and
// every other ID starts with the letters of its region, as in the cloud.
func (w *World) RegionOf(id string) *catalog.Region {
	if i, ok := w.Fleet.Get(id); ok {
		return i.Region
	}
	return catalog.RegionOfID(w.Regions, id)
}
