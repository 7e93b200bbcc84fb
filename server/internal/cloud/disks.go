package cloud

import (
	"context"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// maxDiskPage is the largest page of disks; the least is minPage.
const maxDiskPage = 500

// Disks reads one page of 10 to 500 disks of a region that match the query;
// cursor is "" at the beginning and the Next of the page before after it. A
// query that begins empty is checked with a dry run, as InstancePage does.
func (e *Edge) Disks(ctx context.Context, regionID string, q ecs.DiskQuery, cursor string, limit int) (ecs.DiskPage, error) {
	var page ecs.DiskPage
	err := e.do(ctx, operation{
		action: "DescribeDisks", region: regionID,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateDescribeDisksRequest()
			r.RegionId, r.NextToken = regionID, cursor
			r.MaxResults = requests.NewInteger(max(minPage, min(maxDiskPage, limit)))
			if len(q.IDs) > 0 {
				r.DiskIds = jsonList(q.IDs)
			}
			r.InstanceId, r.DiskType, r.Status = q.InstanceID, q.Type, q.RawStatus
			if len(q.Tags) > 0 {
				tags := make([]sdkecs.DescribeDisksTag, len(q.Tags))
				for i, tag := range q.Tags {
					tags[i] = sdkecs.DescribeDisksTag{Key: tag.Key, Value: tag.Value}
				}
				r.Tag = &tags
			}
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			page, requestID, err = answer.ReadDisks(body)
			return requestID, err
		},
	})
	if err == nil && cursor == "" && len(page.Disks) == 0 {
		err = e.mayList(ctx, "DescribeDisks", regionID, func() requests.AcsRequest {
			r := sdkecs.CreateDescribeDisksRequest()
			r.RegionId, r.DryRun = regionID, flag(true)
			return r
		})
	}
	if err != nil {
		return ecs.DiskPage{}, err
	}
	return page, nil
}
