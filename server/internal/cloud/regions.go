package cloud

import (
	"context"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Regions lists the regions that the account sees, with English names.
func (e *Edge) Regions(ctx context.Context) ([]ecs.Region, error) {
	var regions []ecs.Region
	region := e.config.Regions[0]
	err := e.do(ctx, operation{
		action: "DescribeRegions",
		region: region,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateDescribeRegionsRequest()
			r.RegionId, r.AcceptLanguage = region, "en-US"
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			regions, requestID, err = answer.ReadRegions(body)
			return requestID, err
		},
	})
	return regions, err
}

// Ping calls the cheapest action of the cloud, DescribeRegions, so that health
// can depend on its response. A refusal is a response, and still an error here.
func (e *Edge) Ping(ctx context.Context) error {
	_, err := e.Regions(ctx)
	return err
}
