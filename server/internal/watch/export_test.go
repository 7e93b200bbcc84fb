package watch

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
)

// hold acquires the lease of a region until the room closes.
func hold(room *Room, r *region) {
	acquired := make(chan *lease.Held)
	room.work.Go(func() {
		_ = lease.Run(room.life, room.log, lease.Config{Name: leasePrefix + r.id, Holder: room.holder},
			func(ctx context.Context, held *lease.Held) error {
				acquired <- held
				<-ctx.Done()
				return ctx.Err()
			})
	})
	r.take(<-acquired)
}

// Compare returns a function that holds the instances against the memory of a
// region, which they fill first.
func Compare(room *Room, regionID string, instances []ecs.Instance) func() int {
	r := room.regions[regionID]
	hold(room, r)
	if err := r.settle(context.Background(), r.compare(sightingsOf(instances, time.Now())), time.Now(), true); err != nil {
		panic(err)
	}
	return func() int { return len(r.compare(sightingsOf(instances, time.Now()))) }
}

// Sweep returns a function that polls a region once, whose lease it takes.
func Sweep(room *Room, regionID string) func() error {
	r := room.regions[regionID]
	hold(room, r)
	return func() error { return r.sweep(context.Background()) }
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
