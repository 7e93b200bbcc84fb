package watch

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
)

// hold acquires the lease of a region until the service closes, and runs its
// writer.
func hold(service *Service, r *region) {
	acquired := make(chan struct{})
	service.work.Go(func() {
		_ = lease.Run(service.life, service.log, lease.Config{Name: leasePrefix + r.id, Holder: service.holder},
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
func Compare(service *Service, regionID string, instances []ecs.Instance) func() int64 {
	r := service.regions[regionID]
	hold(service, r)
	compare := func() int64 {
		before := service.hub.at().Revision
		began := time.Now()
		if _, err := r.send(context.Background(), report{lane: steadyLane, seen: shown(nil, instances, began), listed: true, whole: true, began: began}); err != nil {
			panic(err)
		}
		return service.hub.at().Revision - before
	}
	compare()
	return compare
}

// Sweep returns a function that acquires the lease of a region and polls it
// once.
func Sweep(service *Service, regionID string) func() error {
	r := service.regions[regionID]
	hold(service, r)
	return func() error {
		_, err := r.sweep(context.Background(), time.Now())
		return err
	}
}

// MaxQueue is how many changes wait in memory for an EveryChange reader.
const MaxQueue = maxQueue

// Waiting is how many changes wait in memory for a reader.
func Waiting(s *Subscription) int {
	s.service.hub.mu.RLock()
	defer s.service.hub.mu.RUnlock()
	return max(len(s.pending), len(s.at))
}

// MaxRecent limits the rows of the recent changes.
const MaxRecent = maxRecent

// LimitRecent sets another limit, before any change.
func LimitRecent(service *Service, limit int) {
	service.hub.mu.Lock()
	defer service.hub.mu.Unlock()
	service.hub.recent.limit = limit
}

// Recent is the size of the rows of the recent changes.
func Recent(service *Service) int {
	service.hub.mu.RLock()
	defer service.hub.mu.RUnlock()
	size := 0
	for _, r := range service.hub.recent.revisions {
		size += r.bytes
	}
	return size
}

// MaxSnapshots limits the snapshots being sent at a time.
const MaxSnapshots = maxSnapshots

// HoldReaders takes every permit to read the log for a watch, until free is
// called.
func HoldReaders(service *Service) (free func()) {
	for range maxReplays {
		service.reading <- struct{}{}
	}
	return func() {
		for range maxReplays {
			<-service.reading
		}
	}
}

// Matches reports whether a filter selects an instance.
func Matches(f Filter, regionID, instanceID string, i *ecs.Instance) bool {
	return f.prepare().matches(regionID, instanceID, i)
}
