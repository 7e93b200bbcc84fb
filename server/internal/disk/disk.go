// Package disk lists disks and snapshots, and creates snapshots.
//
// A list is a page of one region; a creation returns one result per disk. A
// snapshot is created once per request and disk: its token is derived from
// both, so that a retry returns the existing snapshot. The package stores
// nothing and changes nothing else.
package disk

import (
	"context"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// maxCalls bounds the concurrent snapshot calls of one request: the cloud takes
// one disk per call.
const maxCalls = 4

// Cloud is the part of the edge that disk uses.
type Cloud interface {
	Disks(ctx context.Context, regionID string, q ecs.DiskQuery, cursor string, limit int) (ecs.DiskPage, error)
	Snapshots(ctx context.Context, regionID string, q ecs.SnapshotQuery, cursor string, limit int) (ecs.SnapshotPage, error)
	// CreateSnapshot retries with the same token only.
	CreateSnapshot(ctx context.Context, order ecs.SnapshotOrder) (snapshotID string, err error)
}

// Disks lists disks and manages snapshots. It is safe for concurrent use.
type Disks struct {
	cloud Cloud
}

// New returns Disks over the cloud.
func New(cloud Cloud) *Disks { return &Disks{cloud: cloud} }

// SnapshotOptions are the common options of all snapshots of one request.
type SnapshotOptions struct {
	Name        string
	Description string
	// RetentionDays is 1 to 65536, 0 for unlimited.
	RetentionDays int32
	Tags          []ecs.Tag
}

// CreateSnapshots requests a snapshot of each disk: one result per disk, with
// the ID of its snapshot, in request order. The cloud creates them
// asynchronously; ListSnapshots shows the progress. The same requestID returns
// the same snapshots; with other options the cloud refuses it.
func (d *Disks) CreateSnapshots(ctx context.Context, regionID string, diskIDs []string, options SnapshotOptions, requestID string) []ecs.Result[string] {
	ctx = call.InLane(ctx, call.Write)
	results := make([]ecs.Result[string], len(diskIDs))
	first := make(map[string]int, len(diskIDs))
	var group rescue.Group
	group.SetLimit(maxCalls)
	for i, id := range diskIDs {
		results[i].ID = id
		if _, again := first[id]; again {
			continue
		}
		first[id] = i
		group.Go(func() error {
			results[i].Value, results[i].Err = d.cloud.CreateSnapshot(ctx, ecs.SnapshotOrder{
				RegionID: regionID, DiskID: id,
				Name: options.Name, Description: options.Description, RetentionDays: options.RetentionDays, Tags: options.Tags,
				ClientToken: ecs.ClientToken("snapshot", requestID, id),
			})
			return nil
		})
	}
	_ = group.Wait() // every error is kept beside its disk
	for i, id := range diskIDs {
		results[i] = results[first[id]]
	}
	return results
}
