package disk

import (
	"context"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// maxIDs is how many disks one read of the cloud takes.
const maxIDs = 100

// savable are the states of a disk in which the cloud takes a snapshot.
// Source: the API reference of CreateSnapshot.
var savable = []string{"In_use", "Available"}

// CheckSnapshots returns the obstacles to a snapshot of each disk, found by a
// read: the cloud has no dry run of one. A result without an error has the
// value "".
func (d *Disks) CheckSnapshots(ctx context.Context, regionID string, diskIDs []string) []ecs.Result[string] {
	ctx = call.InLane(ctx, call.Write)
	found := map[string]ecs.Disk{}
	failed := map[string]error{}
	for ids := range slices.Chunk(diskIDs, maxIDs) {
		page, err := d.cloud.Disks(ctx, regionID, ecs.DiskQuery{IDs: ids}, "", maxIDs)
		for _, id := range ids {
			failed[id] = err
		}
		for _, disk := range page.Disks {
			found[disk.ID] = disk
		}
	}
	results := make([]ecs.Result[string], len(diskIDs))
	for i, id := range diskIDs {
		results[i].ID = id
		disk, ok := found[id]
		switch {
		case failed[id] != nil:
			results[i].Err = failed[id]
		case !ok:
			results[i].Err = refused(ecs.ReasonResourceNotFound, regionID, id, "the cloud lists no such disk")
		case !slices.Contains(savable, disk.RawStatus):
			results[i].Err = refused(ecs.ReasonIncorrectResource, regionID, id, "the disk is "+disk.RawStatus+", and a snapshot is taken of one that is In_use or Available")
		}
	}
	return results
}

func refused(reason ecs.Reason, regionID, diskID, message string) error {
	e := ecs.Errorf(reason, "%s", message)
	e.Facts = map[string]string{"disk_id": diskID}
	return e.On(regionID, "")
}
