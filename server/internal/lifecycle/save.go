package lifecycle

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// diskOf names a disk and the instance it goes with.
type diskOf struct{ instanceID, diskID string }

// save creates a snapshot of every disk of the instances, waits for them all,
// and returns the instances with all disks saved. The others are kept. Its
// error is the end of ctx, or of the records.
func (r *release) save(ctx context.Context, ids []string) ([]string, error) {
	for id, err := range r.listDisks(ctx, ids) {
		r.keep(id, err)
	}
	open, err := r.held(ctx, ids)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	failed := map[string]error{} // by instance id
	byID := map[string]diskOf{}
	for _, d := range open {
		byID[d.diskID] = d
	}
	refused := singly(slices.Sorted(maps.Keys(byID)), func(diskID string) error {
		return r.snapshot(ctx, &mu, byID[diskID])
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for diskID, err := range refused {
		refusal := ecs.AsError(err)
		if refusal == nil {
			return nil, err // of the records: an unrecorded snapshot cannot be relied on
		}
		d := byID[diskID]
		kept := snapshotFailed(r.q.RegionID, d, refusal.Message)
		kept.Cloud, kept.Retry, kept.RetryAfter, kept.Cause = refusal.Cloud, refusal.Retry, refusal.RetryAfter, refusal
		failed[d.instanceID] = kept
	}
	if err := r.await(ctx, ids, failed); err != nil {
		return nil, err
	}
	var saved []string
	for _, id := range ids {
		switch {
		case r.results[id].Err != nil:
		case failed[id] != nil:
			r.keep(id, failed[id])
		default:
			saved = append(saved, id)
			for i, d := range r.item(id).Outcome.Disks {
				r.item(id).Outcome.Disks[i].SnapshotID = r.item(id).Saves[d.Disk.ID].SnapshotID
			}
		}
	}
	return saved, nil
}

// listDisks reads the disks of each instance into its item, and returns the
// errors by instance. Every instance has a disk, so an empty list is an error:
// a disk that is not listed cannot be saved.
func (r *release) listDisks(ctx context.Context, ids []string) map[string]error {
	for _, id := range ids {
		r.item(id) // created here, before the goroutines start
	}
	return singly(ids, func(id string) error {
		var listed []DiskOutcome // the stored list stays if this one cannot be read
		query := ecs.DiskQuery{InstanceID: id}
		for cursor := ""; ; {
			page, err := r.lifecycle.cloud.Disks(ctx, r.q.RegionID, query, cursor, 100)
			if err != nil {
				return ecs.AsRefusal(err).On(r.q.RegionID, id)
			}
			for _, d := range page.Disks {
				listed = append(listed, DiskOutcome{Disk: d, DeletedWithInstance: d.DeleteWithInstance})
			}
			if page.Next == "" || page.Next == cursor {
				break
			}
			cursor = page.Next
		}
		if len(listed) == 0 {
			return ecs.Errorf(ecs.ReasonSnapshotFailed, "the cloud lists no disk of instance %s, so that none can be shown or saved; it was kept", id).On(r.q.RegionID, id)
		}
		r.items[id].Outcome.Disks = listed
		return nil
	})
}

// held returns the disks that need a snapshot. A snapshot requested earlier by
// the same request is relied on while it is in progress, and for SnapshotLife.
func (r *release) held(ctx context.Context, ids []string) ([]diskOf, error) {
	var asked []string
	for _, id := range ids {
		for _, s := range r.item(id).Saves {
			asked = append(asked, s.SnapshotID)
		}
	}
	states, err := r.snapshotStates(ctx, asked)
	if err != nil {
		return nil, err
	}
	var open []diskOf
	for _, id := range ids {
		if r.results[id].Err != nil {
			continue
		}
		for _, d := range r.item(id).Outcome.Disks {
			s := r.item(id).Saves[d.Disk.ID]
			shown, listed := states[s.SnapshotID]
			finished := shown.State == ecs.SnapshotAccomplished && time.Since(s.Time) < r.lifecycle.config.SnapshotLife
			late := !listed && time.Since(s.Time) < listedWithin
			if shown.State != ecs.SnapshotProgressing && !finished && !late {
				open = append(open, diskOf{id, d.Disk.ID})
			}
		}
	}
	return open, nil
}

// unchanged lists the disks once more, and keeps an instance that has got one
// that was not saved.
func (r *release) unchanged(ctx context.Context, ids []string) []string {
	before := map[string][]DiskOutcome{}
	for _, id := range ids {
		before[id] = r.item(id).Outcome.Disks
	}
	for id, err := range r.listDisks(ctx, ids) {
		r.keep(id, err)
	}
	return slices.DeleteFunc(ids, func(id string) bool {
		it := r.item(id)
		for _, d := range it.Outcome.Disks {
			known := slices.ContainsFunc(before[id], func(b DiskOutcome) bool { return b.Disk.ID == d.Disk.ID })
			if !known && r.results[id].Err == nil {
				r.keep(id, snapshotFailed(r.q.RegionID, diskOf{id, d.Disk.ID}, "it was attached while the others were being saved"))
			}
		}
		it.Outcome.Disks = before[id]
		return r.results[id].Err != nil
	})
}

// snapshotFailed reports that an instance was kept because a disk is not saved.
func snapshotFailed(regionID string, d diskOf, why string) *ecs.Error {
	e := ecs.Errorf(ecs.ReasonSnapshotFailed, "instance %s was kept, because disk %s is not saved: %s", d.instanceID, d.diskID, why)
	e.Facts = map[string]string{"disk_id": d.diskID}
	return e.On(regionID, d.instanceID)
}
