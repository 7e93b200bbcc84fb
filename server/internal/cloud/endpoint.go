package cloud

import (
	"maps"

	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
)

// special are the regions with an endpoint that does not follow the rule. The
// copy is taken once, before anything runs: the SDK fills its map on first use,
// without a lock.
var special = maps.Clone(ecs.GetEndpointMap())

// host returns the endpoint of a region. Nothing is looked up over the network:
// a bare SDK client would call the cloud's location service first.
func (c Config) host(regionID string) string {
	if c.Endpoint != "" {
		return c.Endpoint
	}
	if host := special[regionID]; host != "" {
		return host
	}
	return "ecs." + regionID + ".aliyuncs.com"
}
