package cloud

import (
	"context"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Zones lists the zones of a region with their offers, with English names. The
// current stock is returned by Stock.
func (e *Edge) Zones(ctx context.Context, regionID string) ([]ecs.Zone, error) {
	var zones []ecs.Zone
	err := e.do(ctx, operation{
		action: "DescribeZones", region: regionID,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateDescribeZonesRequest()
			r.RegionId, r.AcceptLanguage = regionID, "en-US"
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			zones, requestID, err = answer.ReadZones(body, regionID)
			return requestID, err
		},
	})
	return zones, err
}

// Stock returns the current stock, by zone and instance type. A query names a
// type, or a size, or neither.
func (e *Edge) Stock(ctx context.Context, regionID string, q ecs.StockQuery) ([]ecs.Stock, error) {
	var stock []ecs.Stock
	err := e.do(ctx, operation{
		action: "DescribeAvailableResource", region: regionID,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateDescribeAvailableResourceRequest()
			r.RegionId, r.DestinationResource, r.ZoneId, r.InstanceType = regionID, "InstanceType", q.ZoneID, q.InstanceType
			r.InstanceChargeType, r.SpotStrategy = answer.ChargeTypeWord(q.ChargeType), q.SpotStrategy
			r.Cores, r.Memory = whole(q.CPU), gib(q.MemoryGiB)
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			stock, requestID, err = answer.ReadStock(body)
			return requestID, err
		},
	})
	return stock, err
}
