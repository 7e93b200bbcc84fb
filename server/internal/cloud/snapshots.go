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

// CreateSnapshot begins a snapshot of a disk and returns its ID; Snapshots
// returns its progress. Every try carries the order's token, so that the cloud
// creates one; without a token nothing is sent, and a call with an unknown
// outcome returns OUTCOME_UNKNOWN, which the same order under the same token
// settles. An error names the disk in its fact disk_id.
func (e *Edge) CreateSnapshot(ctx context.Context, o ecs.SnapshotOrder) (snapshotID string, err error) {
	if !ecs.ValidDiskID(o.DiskID) {
		failure := ecs.Errorf(ecs.ReasonInvalidField, "disk id %s", ecs.DiskIDRule)
		failure.Violations = []ecs.Violation{{Field: "disk_id", Rule: ecs.DiskIDRule}}
		return "", failure.On(o.RegionID, "")
	}
	if err := checkToken(o.ClientToken, o.RegionID, ""); err != nil {
		return "", err
	}
	err = e.do(ctx, operation{
		action: "CreateSnapshot", region: o.RegionID,
		changes: true,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateCreateSnapshotRequest()
			r.RegionId, r.DiskId, r.ClientToken = o.RegionID, o.DiskID, o.ClientToken
			r.SnapshotName, r.Description, r.RetentionDays = o.Name, o.Description, whole(o.RetentionDays)
			if len(o.Tags) > 0 {
				tags := make([]sdkecs.CreateSnapshotTag, len(o.Tags))
				for i, tag := range o.Tags {
					tags[i] = sdkecs.CreateSnapshotTag{Key: tag.Key, Value: tag.Value}
				}
				r.Tag = &tags
			}
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			snapshotID, requestID, err = answer.ReadMade(body, "SnapshotId")
			return requestID, err
		},
	})
	if err != nil {
		failure := ecs.AsError(err).On(o.RegionID, "")
		failure.Facts = map[string]string{"disk_id": o.DiskID}
		return "", failure
	}
	return snapshotID, nil
}

// Snapshots reads one page of 10 to 100 snapshots of a region that match the
// query; cursor is "" at the beginning and the Next of the page before after
// it. A page that is empty is checked with a dry run, as InstancePage does.
func (e *Edge) Snapshots(ctx context.Context, regionID string, q ecs.SnapshotQuery, cursor string, limit int) (ecs.SnapshotPage, error) {
	var page ecs.SnapshotPage
	began, at := time.Now(), parseCursor(cursor)
	err := e.do(ctx, operation{
		action: "DescribeSnapshots", region: regionID,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateDescribeSnapshotsRequest()
			r.RegionId, r.NextToken = regionID, at.token
			r.MaxResults = requests.NewInteger(max(minPage, min(maxPage, limit)))
			if len(q.IDs) > 0 {
				r.SnapshotIds = jsonList(q.IDs)
			}
			r.InstanceId, r.DiskId = q.InstanceID, q.DiskID
			if len(q.States) == 1 {
				r.Status = answer.SnapshotWord(q.States[0])
			}
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			page, requestID, err = answer.ReadSnapshots(body)
			return requestID, err
		},
	})
	if err == nil {
		err = e.turn(at, "DescribeSnapshots", regionID, &page.Next, len(page.Snapshots))
	}
	if err == nil && len(page.Snapshots) == 0 && (cursor == "" || page.Next == "") {
		err = e.mayList(ctx, "DescribeSnapshots", regionID, began, func() requests.AcsRequest {
			r := sdkecs.CreateDescribeSnapshotsRequest()
			r.RegionId, r.DryRun = regionID, flag(true)
			return r
		})
	}
	if err != nil {
		return ecs.SnapshotPage{}, err
	}
	if len(q.States) > 1 { // the cloud takes one
		page.Snapshots = slices.DeleteFunc(page.Snapshots, func(s ecs.Snapshot) bool { return !slices.Contains(q.States, s.State) })
	}
	return page, nil
}
