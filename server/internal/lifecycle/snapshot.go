package lifecycle

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// maxSnapshotIDs is how many snapshots one read of the cloud takes.
	maxSnapshotIDs = 100
	// maxSnapshots is how often a disk is snapshotted anew under one request
	// where the cloud refuses a token for good.
	maxSnapshots = 3
	// listedWithin is when a new snapshot must be listed.
	listedWithin = time.Minute
)

// diskOf names a disk and the instance it goes with.
type diskOf struct{ instanceID, diskID string }

// save makes a snapshot of every disk of the instances, waits for them all, and
// returns the instances all of whose disks are saved. The others are kept. Its
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
			return nil, err // of the records: what is not recorded cannot be relied on
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
			for i, d := range r.item(id).Fate.Disks {
				r.item(id).Fate.Disks[i].SnapshotID = r.item(id).Saves[d.Disk.ID].SnapshotID
			}
		}
	}
	return saved, nil
}

// listDisks reads the disks of each instance into its fate, and returns the
// errors by instance. Every instance has a disk, so none is an error: what
// cannot be seen cannot be saved.
func (r *release) listDisks(ctx context.Context, ids []string) map[string]error {
	for _, id := range ids {
		r.item(id) // made here, where nobody runs beside
	}
	return singly(ids, func(id string) error {
		it := r.items[id]
		it.Fate.Disks = nil
		query := ecs.DiskQuery{InstanceID: id}
		for cursor := ""; ; {
			page, err := r.cloud.Disks(ctx, r.q.RegionID, query, cursor, 100)
			if err != nil {
				return refusalOf(err).On(r.q.RegionID, id)
			}
			for _, d := range page.Disks {
				it.Fate.Disks = append(it.Fate.Disks, DiskFate{Disk: d, DeletedWithInstance: d.DeleteWithInstance})
			}
			if page.Next == "" || page.Next == cursor {
				break
			}
			cursor = page.Next
		}
		if len(it.Fate.Disks) == 0 {
			return ecs.Errorf(ecs.ReasonSnapshotFailed, "the cloud lists no disk of instance %s, so that none can be shown or saved; it was kept", id).On(r.q.RegionID, id)
		}
		return nil
	})
}

// held returns the disks that need a snapshot. One that the same request asked
// for before is relied on while it is being made, and for SnapshotLife.
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
		for _, d := range r.item(id).Fate.Disks {
			s := r.item(id).Saves[d.Disk.ID]
			shown, listed := states[s.SnapshotID]
			finished := shown.State == ecs.SnapshotAccomplished && time.Since(s.Time) < r.config.SnapshotLife
			late := !listed && time.Since(s.Time) < listedWithin
			if shown.State != ecs.SnapshotProgressing && !finished && !late {
				open = append(open, diskOf{id, d.Disk.ID})
			}
		}
	}
	return open, nil
}

// snapshot asks for one snapshot until the cloud accepts it: under the same
// token while it is put off or its answer is lost, under the next one where
// that token is refused for good. The snapshot is recorded before it is waited
// for. It changes the item under mu.
func (r *release) snapshot(ctx context.Context, mu *sync.Mutex, d diskOf) error {
	mu.Lock()
	number := r.items[d.instanceID].Saves[d.diskID].Number
	mu.Unlock()
	began := time.Now()
	last := number + maxSnapshots
	for number++; ; {
		id, err := r.cloud.CreateSnapshot(ctx, ecs.SnapshotOrder{
			RegionID: r.q.RegionID, DiskID: d.diskID,
			Name:        "ecsd-release-" + d.instanceID,
			Description: "Made before the release of " + d.instanceID,
			Tags:        []ecs.Tag{{Key: ecs.RequestTag, Value: r.q.RequestID}},
			ClientToken: ecs.ClientToken("release snapshot", r.q.RequestID, d.diskID, strconv.Itoa(int(number))),
		})
		if err == nil {
			mu.Lock()
			defer mu.Unlock()
			r.items[d.instanceID].Saves[d.diskID] = save{SnapshotID: id, Number: number, Time: time.Now().UTC()}
			return r.store(ctx, []string{d.instanceID})
		}
		refusal := refusalOf(err)
		switch {
		case refusal.Reason == ecs.ReasonClientTokenRejected && number < last:
			number++
			continue
		case refusal.Retry == ecs.RetryNever && refusal.Effect == ecs.EffectNone, time.Since(began) >= r.config.SnapshotPatience:
			return err
		}
		if err := sleep(ctx, max(refusal.RetryAfter, 5*time.Second)); err != nil {
			return err
		}
	}
}

// await reads the snapshots, 100 a call, until each is made, and puts those
// that are not to be had into failed, by instance.
func (r *release) await(ctx context.Context, ids []string, failed map[string]error) error {
	waiting := map[string]diskOf{} // by snapshot id
	for _, id := range ids {
		if failed[id] != nil || r.results[id].Err != nil {
			continue
		}
		for _, d := range r.item(id).Fate.Disks {
			waiting[r.item(id).Saves[d.Disk.ID].SnapshotID] = diskOf{id, d.Disk.ID}
		}
	}
	for began := time.Now(); ; {
		states, err := r.snapshotStates(ctx, slices.Sorted(maps.Keys(waiting)))
		if err != nil && refusalOf(err).Retry == ecs.RetryNever {
			return err
		}
		for id, d := range waiting {
			if err != nil {
				break
			}
			s, listed := states[id]
			switch {
			case failed[d.instanceID] != nil || s.State == ecs.SnapshotAccomplished:
				delete(waiting, id)
			case s.State == ecs.SnapshotFailed:
				failed[d.instanceID] = snapshotFailed(r.q.RegionID, d, fmt.Sprintf("the cloud reports that snapshot %s failed", id))
				delete(waiting, id)
			case !listed && time.Since(began) >= listedWithin:
				failed[d.instanceID] = snapshotFailed(r.q.RegionID, d, fmt.Sprintf("the cloud does not list snapshot %s", id))
				delete(waiting, id)
			}
		}
		if len(waiting) == 0 {
			return nil
		}
		if err := sleep(ctx, min(max(time.Since(began)/10, settleOften), settleSeldom)); err != nil {
			return err
		}
	}
}

// snapshotStates reads snapshots by id.
func (r *release) snapshotStates(ctx context.Context, ids []string) (map[string]ecs.Snapshot, error) {
	states := make(map[string]ecs.Snapshot, len(ids))
	for chunk := range slices.Chunk(ids, maxSnapshotIDs) {
		page, err := r.cloud.Snapshots(ctx, r.q.RegionID, ecs.SnapshotQuery{IDs: chunk}, "", maxSnapshotIDs)
		if err != nil {
			return nil, err
		}
		for _, s := range page.Snapshots {
			states[s.ID] = s
		}
	}
	return states, nil
}

// unchanged lists the disks once more, and keeps an instance that has got one
// that was not saved.
func (r *release) unchanged(ctx context.Context, ids []string) []string {
	before := map[string][]DiskFate{}
	for _, id := range ids {
		before[id] = r.item(id).Fate.Disks
	}
	for id, err := range r.listDisks(ctx, ids) {
		r.keep(id, err)
	}
	return slices.DeleteFunc(ids, func(id string) bool {
		it := r.item(id)
		for _, d := range it.Fate.Disks {
			known := slices.ContainsFunc(before[id], func(b DiskFate) bool { return b.Disk.ID == d.Disk.ID })
			if !known && r.results[id].Err == nil {
				r.keep(id, snapshotFailed(r.q.RegionID, diskOf{id, d.Disk.ID}, "it was attached while the others were being saved"))
			}
		}
		it.Fate.Disks = before[id]
		return r.results[id].Err != nil
	})
}

// snapshotFailed says that an instance was kept because a disk is not saved.
func snapshotFailed(regionID string, d diskOf, why string) *ecs.Error {
	e := ecs.Errorf(ecs.ReasonSnapshotFailed, "instance %s was kept, because disk %s is not saved: %s", d.instanceID, d.diskID, why)
	e.Facts = map[string]string{"disk_id": d.diskID}
	return e.On(regionID, d.instanceID)
}
