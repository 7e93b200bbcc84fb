package action

import (
	"slices"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

var (
	languages     = []string{"", "zh-CN", "zh_TW", "en-US", "ja", "fr", "de", "ko"}
	resourceTypes = []string{"", "instance", "disk", "reservedinstance", "scu"}
)

func describeRegions(w *World, c *Call) *wire.Error {
	language := c.Params.Get("AcceptLanguage")
	switch {
	case c.Denied:
		return errForbidden
	case !slices.Contains(languages, language):
		return errLanguage
	case !slices.Contains(resourceTypes, c.Params.Get("ResourceType")):
		return errResourceType
	}
	if refusal := c.oneOf("InstanceChargeType", errListChargeType, fleet.PrePaid, fleet.PostPaid); refusal != nil {
		return refusal
	}
	out := c.open("DescribeRegions")
	out.List("Regions", "Region")
	for _, r := range w.Regions {
		out.Item()
		out.Str("RegionId", r.ID)
		out.Str("LocalName", r.Name(language))
		out.Str("RegionEndpoint", r.Endpoint)
		out.Str("Status", "available")
		out.End()
	}
	out.End()
	out.Close()
	return nil
}
