package watch

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
)

// hold acquires the lease of a region until the room closes, and runs its
// writer.
func hold(room *Room, r *region) {
	acquired := make(chan struct{})
	room.work.Go(func() {
		_ = lease.Run(room.life, room.log, lease.Config{Name: leasePrefix + r.id, Holder: room.holder},
			func(ctx context.Context, held *lease.Held) error {
				r.hold(held)
				close(acquired)
				r.write(ctx, held)
				return ctx.Err()
			})
	})
	<-acquired
}

// Compare returns a function that passes the instances to the writer of a
// region, after they filled its memory, and returns the number of changes
// written.
func Compare(room *Room, regionID string, instances []ecs.Instance) func() int64 {
	r := room.regions[regionID]
	hold(room, r)
	compare := func() int64 {
		before := room.hub.at().Revision
		began := time.Now()
		if _, err := r.send(context.Background(), report{lane: steadyLane, seen: shown(instances, began), listed: true, whole: true, began: began}); err != nil {
			panic(err)
		}
		return room.hub.at().Revision - before
	}
	compare()
	return compare
}

// Sweep returns a function that acquires the lease of a region and polls it
// once.
func Sweep(room *Room, regionID string) func() error {
	r := room.regions[regionID]
	hold(room, r)
	return func() error {
		_, err := r.sweep(context.Background(), time.Now())
		return err
	}
}

// MaxQueue is how many changes wait in memory for an EveryChange reader.
const MaxQueue = maxQueue

// Waiting is how many changes wait in memory for a reader.
func Waiting(s *Subscription) int {
	s.room.hub.mu.RLock()
	defer s.room.hub.mu.RUnlock()
	return max(len(s.pending), len(s.at))
}

// MaxSnapshots limits the snapshots being sent at a time.
const MaxSnapshots = maxSnapshots
