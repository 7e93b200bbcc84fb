package disk

import (
	"context"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// List reads a page of the disks of a region. A page may hold fewer than limit,
// and more if limit is under the cloud's smallest page of 10.
func (d *Disks) List(ctx context.Context, regionID string, q ecs.DiskQuery, cursor string, limit int) (ecs.DiskPage, error) {
	return d.cloud.Disks(ctx, regionID, q, cursor, limit)
}

// ListSnapshots reads a page of the snapshots of a region, as List reads disks.
func (d *Disks) ListSnapshots(ctx context.Context, regionID string, q ecs.SnapshotQuery, cursor string, limit int) (ecs.SnapshotPage, error) {
	return d.cloud.Snapshots(ctx, regionID, q, cursor, limit)
}
