package cloud

import (
	"context"
	"strconv"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// maxTypes is the largest page of instance types.
const maxTypes = 1600

// InstanceTypes reads one page of 1 to 1600 instance types that match the
// query; cursor is "" at the beginning and then the Next of the previous page.
// They are the types that exist, whether the region sells them or not.
func (e *Edge) InstanceTypes(ctx context.Context, regionID string, q ecs.TypeQuery, cursor string, limit int) (ecs.TypePage, error) {
	var page ecs.TypePage
	at := parseCursor(cursor)
	err := e.do(ctx, operation{
		action: "DescribeInstanceTypes", region: regionID,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateDescribeInstanceTypesRequest()
			r.RegionId, r.NextToken, r.InstanceTypeFamily = regionID, at.token, q.Family
			r.MaxResults = requests.NewInteger(max(1, min(maxTypes, limit)))
			if len(q.IDs) > 0 {
				r.InstanceTypes = &q.IDs
			}
			r.MinimumCpuCoreCount, r.MaximumCpuCoreCount = whole(q.MinCPU), whole(q.MaxCPU)
			r.MinimumMemorySize, r.MaximumMemorySize = gib(q.MinMemoryGiB), gib(q.MaxMemoryGiB)
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			page, requestID, err = answer.ReadTypes(body)
			return requestID, err
		},
	})
	if err != nil {
		return ecs.TypePage{}, err
	}
	return page, e.turn(at, "DescribeInstanceTypes", regionID, &page.Next, len(page.Types))
}

// gib writes a size of memory, and nothing for 0.
func gib(size float64) requests.Float {
	if size == 0 {
		return ""
	}
	return requests.Float(strconv.FormatFloat(size, 'f', -1, 64))
}
