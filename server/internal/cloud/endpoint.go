package cloud

import (
	"maps"
	"net"
	"strings"

	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
)

// special are the regions with an endpoint that does not follow the rule. The
// copy is taken once, before anything runs: the SDK fills its map on first use,
// without a lock.
var special = maps.Clone(ecs.GetEndpointMap())

// host returns the endpoint of ECS in a region. Nothing is looked up over the
// network: a bare SDK client would call the cloud's location service first.
func (c Config) host(regionID string) string {
	switch host := special[regionID]; {
	case c.given(regionID) != "":
		return c.given(regionID)
	case c.VPC:
		return "ecs-vpc." + regionID + ".aliyuncs.com"
	case host != "":
		return host
	}
	return "ecs." + regionID + ".aliyuncs.com"
}

// given returns the configured endpoint of a region, "" for the cloud's own.
func (c Config) given(regionID string) string {
	if host := c.RegionEndpoints[regionID]; host != "" {
		return host
	}
	return c.Endpoint
}

// foreign returns the endpoint that serves all products, "" if the cloud's own
// do: the configured one of the first region, unless it belongs to the cloud,
// where an endpoint serves one product.
func (c Config) foreign() string {
	given := c.given(c.Regions[0])
	host := given
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if strings.HasSuffix(strings.ToLower(host), ".aliyuncs.com") {
		return ""
	}
	return given
}

// stsHost returns the endpoint of STS.
func (c Config) stsHost() string {
	switch host := c.foreign(); {
	case host != "":
		return host
	case c.VPC:
		return "sts-vpc." + c.Regions[0] + ".aliyuncs.com"
	}
	return "sts.aliyuncs.com"
}

// quotasHost returns the endpoint of Quota Center, which is the same for all
// regions and networks.
func (c Config) quotasHost() string {
	if host := c.foreign(); host != "" {
		return host
	}
	return "quotas.aliyuncs.com"
}

// scheme returns the scheme of an endpoint: that of the configuration for a
// configured one, https for the cloud's own.
func (c Config) scheme(host string) string {
	if host == c.Endpoint {
		return c.EndpointScheme
	}
	for _, given := range c.RegionEndpoints {
		if host == given {
			return c.EndpointScheme
		}
	}
	return "https"
}

// hostOf returns the endpoint of an operation.
func (e *Edge) hostOf(op operation) string {
	if op.host != "" {
		return op.host
	}
	return e.config.host(op.region)
}
