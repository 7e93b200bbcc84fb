package api

import (
	"context"

	"github.com/google/uuid"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/disk"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// diskService implements ecsd.v1.DiskService.
type diskService struct {
	ecsdv1.UnimplementedDiskServiceServer
	disks   Disks
	regions regions
	tokens  sealer
}

func (s *diskService) ListDisks(ctx context.Context, req *ecsdv1.ListDisksRequest) (*ecsdv1.ListDisksResponse, error) {
	var c check
	q := ecs.DiskQuery{
		IDs:         c.list("disk_ids", req.GetDiskIds(), maxFilterIDs, c.diskID),
		InstanceID:  req.GetInstanceId(),
		Type:        diskTypes.from(req.GetDiskType()),
		RawStatuses: namedValues(&c, "statuses", diskStatuses, req.GetStatuses()),
		Tags:        c.tags("tags", req.GetTags()),
	}
	if q.InstanceID != "" {
		c.instanceID("instance_id", q.InstanceID)
	}
	if t := req.GetDiskType(); t != 0 && !diskTypes.knows(t) {
		c.fail("disk_type", "must be a named value of DiskType; got %d", t)
	}
	walk := c.walk(s.tokens.of("ListDisks", req), s.regions.many(&c, req.GetRegionIds()), req)
	if err := c.err(); err != nil {
		return nil, err
	}
	page, err := readPage(ctx, walk, func(ctx context.Context, regionID, token string, limit int) ([]*ecsdv1.Disk, string, error) {
		page, err := s.disks.List(ctx, regionID, q, token, limit)
		return protos(page.Disks, diskProto), page.Next, err
	})
	if err != nil {
		return nil, err
	}
	return &ecsdv1.ListDisksResponse{Disks: page.items, NextPageToken: page.next, UnreachableRegions: unreachable(page.unreachable)}, nil
}

func (s *diskService) CreateSnapshots(ctx context.Context, req *ecsdv1.CreateSnapshotsRequest) (*ecsdv1.CreateSnapshotsResponse, error) {
	var c check
	region := s.regions.one(&c, req.GetRegionId())
	ids := c.list("disk_ids", req.GetDiskIds(), maxIDs, c.diskID)
	if len(req.GetDiskIds()) == 0 {
		c.fail("disk_ids", "must hold 1 to %d ids; got 0", maxIDs)
	}
	options := disk.SnapshotOptions{
		Name:          c.snapshotName("snapshot_name", req.GetSnapshotName()),
		Description:   c.text("description", req.GetDescription(), 2, 256),
		RetentionDays: c.retention("retention", req.GetRetention()),
		Tags:          c.newTags("tags", req.GetTags()),
	}
	requestID := uuid.NewString() // a request without an ID is executed once
	if req.GetRequestId() != "" {
		requestID = c.requestID(req.GetRequestId())
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	var made []ecs.Result[string]
	if req.GetValidateOnly() {
		made = s.disks.CheckSnapshots(ctx, region, ids)
	} else {
		made = s.disks.CreateSnapshots(ctx, region, ids, options, requestID)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &ecsdv1.CreateSnapshotsResponse{Results: snapshotResults(made)}, nil
}

func (s *diskService) ListSnapshots(ctx context.Context, req *ecsdv1.ListSnapshotsRequest) (*ecsdv1.ListSnapshotsResponse, error) {
	var c check
	q := ecs.SnapshotQuery{
		IDs:        c.list("snapshot_ids", req.GetSnapshotIds(), maxFilterIDs, c.snapshotID),
		InstanceID: req.GetInstanceId(),
		DiskID:     req.GetDiskId(),
		States:     namedValues(&c, "statuses", snapshotStatuses, req.GetStatuses()),
	}
	if q.InstanceID != "" {
		c.instanceID("instance_id", q.InstanceID)
	}
	if q.DiskID != "" {
		c.diskID("disk_id", q.DiskID)
	}
	walk := c.walk(s.tokens.of("ListSnapshots", req), s.regions.many(&c, req.GetRegionIds()), req)
	if err := c.err(); err != nil {
		return nil, err
	}
	page, err := readPage(ctx, walk, func(ctx context.Context, regionID, token string, limit int) ([]*ecsdv1.Snapshot, string, error) {
		page, err := s.disks.ListSnapshots(ctx, regionID, q, token, limit)
		return protos(page.Snapshots, snapshotProto), page.Next, err
	})
	if err != nil {
		return nil, err
	}
	return &ecsdv1.ListSnapshotsResponse{Snapshots: page.items, NextPageToken: page.next, UnreachableRegions: unreachable(page.unreachable)}, nil
}

// protos converts a list.
func protos[D any, P any](all []D, convert func(*D) P) []P {
	converted := make([]P, len(all))
	for i := range all {
		converted[i] = convert(&all[i])
	}
	return converted
}
