package cloud

import (
	"context"
	"slices"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// maxDiskPage is the largest page of disks; the least is minPage.
const maxDiskPage = 500

// Disks reads one page of 10 to 500 disks of a region that match the query;
// cursor is "" at the beginning and the Next of the page before after it. A
// page that is empty is checked with a dry run, as InstancePage does. Tags are
// compared here, for the reason that writeQuery names, and several statuses,
// because the cloud takes one: such a page may hold fewer disks than limit, or
// none, while there is a Next.
func (e *Edge) Disks(ctx context.Context, regionID string, q ecs.DiskQuery, cursor string, limit int) (ecs.DiskPage, error) {
	var page ecs.DiskPage
	began, at := time.Now(), parseCursor(cursor)
	err := e.do(ctx, operation{
		action: "DescribeDisks", region: regionID,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateDescribeDisksRequest()
			r.RegionId, r.NextToken = regionID, at.token
			r.MaxResults = requests.NewInteger(max(minPage, min(maxDiskPage, limit)))
			if len(q.IDs) > 0 {
				r.DiskIds = jsonList(q.IDs)
			}
			r.InstanceId, r.DiskType = q.InstanceID, q.Type
			if len(q.RawStatuses) == 1 {
				r.Status = q.RawStatuses[0]
			}
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			page, requestID, err = answer.ReadDisks(body)
			return requestID, err
		},
	})
	if err == nil {
		err = e.turn(at, "DescribeDisks", regionID, &page.Next, len(page.Disks))
	}
	if err == nil && len(page.Disks) == 0 && (cursor == "" || page.Next == "") {
		err = e.mayList(ctx, "DescribeDisks", regionID, began, func() requests.AcsRequest {
			r := sdkecs.CreateDescribeDisksRequest()
			r.RegionId, r.DryRun = regionID, flag(true)
			return r
		})
	}
	if err != nil {
		return ecs.DiskPage{}, err
	}
	page.Disks = slices.DeleteFunc(page.Disks, func(d ecs.Disk) bool {
		return !ecs.CarriesTags(d.Tags, q.Tags) || len(q.RawStatuses) > 1 && !slices.Contains(q.RawStatuses, d.RawStatus)
	})
	return page, nil
}
