package cloud

import (
	"context"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// spotTime is how the cloud takes the bounds of a price history.
const spotTime = "2006-01-02T15:04:05Z"

// SpotPrices reads one page of the price history of a type; offset is 0 at the
// beginning and the NextOffset of the page before after it. An open window is
// the cloud's last three hours.
func (e *Edge) SpotPrices(ctx context.Context, regionID string, q ecs.SpotPriceQuery, offset int32) (ecs.SpotPricePage, error) {
	var page ecs.SpotPricePage
	err := e.do(ctx, operation{
		action: "DescribeSpotPriceHistory", region: regionID,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateDescribeSpotPriceHistoryRequest()
			r.RegionId, r.InstanceType, r.ZoneId, r.NetworkType, r.OSType = regionID, q.InstanceType, q.ZoneID, q.NetworkType, q.OSType
			r.StartTime, r.EndTime = spotBound(q.Window.After), spotBound(q.Window.Before)
			r.Offset = whole(offset)
			if q.ProtectedFor >= 0 {
				r.SpotDuration = requests.NewInteger(int(q.ProtectedFor / time.Hour))
			}
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			page, requestID, err = answer.ReadSpotPrices(body)
			return requestID, err
		},
	})
	if page.NextOffset <= offset {
		page.NextOffset = 0 // a page that leads back would be read for ever
	}
	return page, err
}

func spotBound(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(spotTime)
}

// SpotAdvice returns the spot statistics of types over the last 30 days, by
// zone.
func (e *Edge) SpotAdvice(ctx context.Context, regionID string, q ecs.SpotAdviceQuery) ([]ecs.SpotAdvice, error) {
	var advice []ecs.SpotAdvice
	err := e.do(ctx, operation{
		action: "DescribeSpotAdvice", region: regionID,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateDescribeSpotAdviceRequest()
			r.RegionId, r.ZoneId, r.InstanceTypeFamily = regionID, q.ZoneID, q.TypeFamily
			if len(q.InstanceTypes) > 0 {
				r.InstanceTypes = &q.InstanceTypes
			}
			r.Cores, r.MinCores = whole(q.CPU), whole(q.MinCPU)
			r.Memory, r.MinMemory = gib(q.MemoryGiB), gib(q.MinMemoryGiB)
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			advice, requestID, err = answer.ReadSpotAdvice(body)
			return requestID, err
		},
	})
	return advice, err
}
