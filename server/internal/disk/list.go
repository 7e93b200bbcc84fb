package disk

import (
	"context"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// The cloud's own bounds on a page: DescribeDisks and DescribeSnapshots.
const (
	minDiskPage, maxDiskPage         = 10, 500
	minSnapshotPage, maxSnapshotPage = 10, 100
)

// List reads a page of the disks of a region. A page may hold fewer than
// limit, and more only where limit is under the cloud's smallest page of 10.
func (d *Disks) List(ctx context.Context, regionID string, q ecs.DiskQuery, cursor string, limit int) (ecs.DiskPage, error) {
	return d.cloud.Disks(ctx, regionID, q, cursor, clamp(limit, minDiskPage, maxDiskPage))
}

// ListSnapshots reads a page of the snapshots of a region. A page may hold
// fewer than limit, and more only where limit is under the cloud's smallest
// page of 10.
func (d *Disks) ListSnapshots(ctx context.Context, regionID string, q ecs.SnapshotQuery, cursor string, limit int) (ecs.SnapshotPage, error) {
	return d.cloud.Snapshots(ctx, regionID, q, cursor, clamp(limit, minSnapshotPage, maxSnapshotPage))
}

func clamp(n, low, high int) int { return max(low, min(high, n)) }
