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
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// maxSnapshotIDs is how many snapshots one read of the cloud takes.
	maxSnapshotIDs = 100
	// maxSnapshots bounds the snapshots of a disk under one request if the cloud
	// refuses a token for good.
	maxSnapshots = 3
	// listedWithin is when a new snapshot must be listed.
	listedWithin = time.Minute
)

// snapshot requests one snapshot until the cloud accepts it: under the same
// token while it is deferred or its reply is lost, under the next one if that
// token is refused for good. The snapshot is recorded before it is waited for.
// It changes the item under mu.
func (r *release) snapshot(ctx context.Context, mu *sync.Mutex, d diskOf) error {
	mu.Lock()
	number := r.items[d.instanceID].Saves[d.diskID].Number
	mu.Unlock()
	began := time.Now()
	last := number + maxSnapshots
	for number++; ; {
		id, err := r.lifecycle.cloud.CreateSnapshot(ctx, ecs.SnapshotOrder{
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
			return r.journal.store(ctx, []string{d.instanceID})
		}
		refusal := ecs.AsRefusal(err)
		switch {
		case refusal.Reason == ecs.ReasonClientTokenRejected && number < last:
			number++
			continue
		case refusal.Retry == ecs.RetryNever && refusal.Effect == ecs.EffectNone, time.Since(began) >= r.lifecycle.config.SnapshotPatience:
			return err
		}
		if err := sleep.For(ctx, max(refusal.RetryAfter, 5*time.Second)); err != nil {
			return err
		}
	}
}

// await reads the snapshots, 100 per call, until each is finished, and puts the
// failed ones into failed, by instance.
func (r *release) await(ctx context.Context, ids []string, failed map[string]error) error {
	waiting := map[string]diskOf{} // by snapshot id
	for _, id := range ids {
		if failed[id] != nil || r.results[id].Err != nil {
			continue
		}
		for _, d := range r.item(id).Outcome.Disks {
			waiting[r.item(id).Saves[d.Disk.ID].SnapshotID] = diskOf{id, d.Disk.ID}
		}
	}
	for began := time.Now(); ; {
		states, err := r.snapshotStates(ctx, slices.Sorted(maps.Keys(waiting)))
		if err != nil && ecs.AsRefusal(err).Retry == ecs.RetryNever {
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
		if err := sleep.For(ctx, min(max(time.Since(began)/10, settleOften), settleSeldom)); err != nil {
			return err
		}
	}
}

// snapshotStates reads snapshots by id.
func (r *release) snapshotStates(ctx context.Context, ids []string) (map[string]ecs.Snapshot, error) {
	states := make(map[string]ecs.Snapshot, len(ids))
	for chunk := range slices.Chunk(ids, maxSnapshotIDs) {
		page, err := r.lifecycle.cloud.Snapshots(ctx, r.q.RegionID, ecs.SnapshotQuery{IDs: chunk}, "", maxSnapshotIDs)
		if err != nil {
			return nil, err
		}
		for _, s := range page.Snapshots {
			states[s.ID] = s
		}
	}
	return states, nil
}
