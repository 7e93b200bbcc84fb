// Package disk lists disks and snapshots, and makes snapshots.
//
// What comes in is a query of one region or the ids of disks with a request
// id; what goes out are pages, and one result a disk. A snapshot is made once
// for its request and disk: the token that the cloud sees is derived from both,
// so that asking again finds the snapshot that is there. The package keeps
// nothing and changes nothing else.
package disk

import (
	"context"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// maxCalls is how many snapshots of one request are asked for concurrently:
// the cloud takes one disk a call.
const maxCalls = 4

// Cloud is what disk needs of the edge.
type Cloud interface {
	Disks(ctx context.Context, regionID string, q ecs.DiskQuery, cursor string, limit int) (ecs.DiskPage, error)
	Snapshots(ctx context.Context, regionID string, q ecs.SnapshotQuery, cursor string, limit int) (ecs.SnapshotPage, error)
	// CreateSnapshot retries with the same token only.
	CreateSnapshot(ctx context.Context, order ecs.SnapshotOrder) (snapshotID string, err error)
}

// Disks answers for disks and snapshots. It is safe for concurrent use.
type Disks struct {
	cloud Cloud
}

// New returns Disks over the cloud.
func New(cloud Cloud) *Disks { return &Disks{cloud: cloud} }

// SnapshotOptions are what all snapshots of one request have in common.
type SnapshotOptions struct {
	Name        string
	Description string
	// RetentionDays is 1 to 65536, 0 for unlimited.
	RetentionDays int32
	Tags          []ecs.Tag
}

// CreateSnapshots asks for a snapshot of each disk: one result a disk, with
// the id of its snapshot, in request order. The cloud makes them in its own
// time; ListSnapshots shows how far they are. The same requestID asks for the
// same snapshots; with other options the cloud refuses it.
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
