package endpoint

import (
	"net"
	"net/netip"
	"strings"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// route finds product, action and region.
func (x *exchange) route(name, version string) *wire.Error {
	x.name = name
	product, known := x.endpoint.products[version]
	if known {
		x.product = product
		x.action, known = product.Actions[x.name]
	}
	if !known {
		return wire.Refuse(400, "InvalidParameter", "The specified parameter `Action or Version` is not valid.")
	}
	var refusal *wire.Error
	if x.region, refusal = x.findRegion(); refusal != nil {
		return refusal
	}
	if loopback(x.called) {
		x.host = x.region.Endpoint
	}
	return nil
}

// findRegion returns the region in which a call acts.
func (x *exchange) findRegion() (*catalog.Region, *wire.Error) {
	world := x.endpoint.World
	id := x.params.Get("RegionId")
	switch {
	case x.product.Global, x.name == "DescribeRegions": // the list of regions must not require a region
		if r := world.Region(id); r != nil {
			return r, nil
		}
		return world.Regions[0], nil
	case id == "" && x.action.AnyRegion:
		return x.impliedRegion()
	case id == "" && x.action.MissingRegion != nil:
		return nil, x.action.MissingRegion
	case id == "":
		return nil, wire.Missing("RegionId")
	}
	if r := world.Region(id); r != nil {
		return r, nil
	}
	if x.action.UnknownRegion != nil {
		return nil, x.action.UnknownRegion
	}
	return nil, errUnknownRegion
}

var errUnknownRegion = wire.Refuse(404, "InvalidRegionId.NotFound", "The specified RegionId does not exist.")

// impliedRegion returns the region of a request without RegionId. In the cloud an endpoint serves one region. Here one
// address serves all: if its name has no region, the IDs in the request decide.
func (x *exchange) impliedRegion() (*catalog.Region, *wire.Error) {
	world := x.endpoint.World
	if named := catalog.RegionOfHost(x.called); named != nil {
		if r := world.Region(named.ID); r != nil {
			return r, nil
		}
		return nil, errUnknownRegion
	}
	var found *catalog.Region
	x.params.Each(func(key, value string) {
		if found == nil && namesResource(key) {
			for _, id := range listed(value) {
				if found = world.RegionOf(id); found != nil {
					return
				}
			}
		}
	})
	if found == nil {
		found = world.Regions[0]
	}
	return found, nil
}

// namesResource reports whether a parameter holds IDs of resources: InstanceId, InstanceIds, InstanceId.1, DiskId.
func namesResource(key string) bool {
	name, _, _ := strings.Cut(key, ".")
	return (strings.HasSuffix(name, "Id") || strings.HasSuffix(name, "Ids")) && name != "RegionId" && name != "ZoneId" &&
		name != "AccessKeyId"
}

// listed returns the IDs of a parameter in any form that actions use: one, a comma-separated list or a JSON array.
func listed(value string) []string {
	return strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(`[]", `, r) })
}

// hostname returns the host of a Host header without its port.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// loopback reports whether a host is this machine, so that responses name the cloud's endpoint instead.
func loopback(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.IsLoopback()
	}
	return host == "" || host == "localhost" || strings.HasSuffix(host, ".localhost")
}
