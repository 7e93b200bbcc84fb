package disk

import (
	"context"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// maxIDs is how many disks DescribeDisks takes by id.
const maxIDs = 100

// savable are the states, in the cloud's words, in which a disk can be saved.
var savable = []string{"In_use", "Available"}

// CheckSnapshots is the rehearsal of CreateSnapshots: it tells of each disk
// whether it is there, in a state in which it can be saved, and makes nothing.
// CreateSnapshot has no DryRun, so that what only the cloud would refuse is not
// found. Values are "".
func (d *Disks) CheckSnapshots(ctx context.Context, regionID string, diskIDs []string) []ecs.Result[string] {
	results := make([]ecs.Result[string], 0, len(diskIDs))
	for ids := range slices.Chunk(diskIDs, maxIDs) {
		shown, err := d.byID(ctx, regionID, ids)
		for _, id := range ids {
			result := ecs.Result[string]{ID: id, Err: err}
			if disk, there := shown[id]; err == nil {
				result.Err = unsavable(regionID, id, disk, there)
			}
			results = append(results, result)
		}
	}
	return results
}

// byID reads disks, all pages of them.
func (d *Disks) byID(ctx context.Context, regionID string, ids []string) (map[string]ecs.Disk, error) {
	shown := make(map[string]ecs.Disk, len(ids))
	for cursor := ""; ; {
		page, err := d.List(ctx, regionID, ecs.DiskQuery{IDs: ids}, cursor, len(ids))
		if err != nil {
			return nil, err
		}
		for _, disk := range page.Disks {
			shown[disk.ID] = disk
		}
		if cursor = page.Next; cursor == "" {
			return shown, nil
		}
	}
}

// unsavable is nil for a disk that can be saved.
func unsavable(regionID, id string, disk ecs.Disk, there bool) error {
	switch {
	case !there:
		return ecs.Errorf(ecs.ReasonResourceNotFound, "there is no disk %s in %s", id, regionID).On(regionID, "")
	case !slices.Contains(savable, disk.RawStatus):
		return ecs.Errorf(ecs.ReasonIncorrectResource, "disk %s is %s; only a disk that is In_use or Available can be saved", id, disk.RawStatus).On(regionID, disk.InstanceID)
	}
	return nil
}
