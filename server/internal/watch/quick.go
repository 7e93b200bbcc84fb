package watch

import (
	"context"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// touchedFor is how long an instance is read often after a call changed it;
	// the cloud shows a new expiry up to some ten seconds late.
	touchedFor = 30 * time.Second
	// movingFor is how long one in transition is; then it is left to the
	// steady lane, since something is stuck.
	movingFor = 10 * time.Minute
	// slowest is between the reads of a lane that is refused.
	slowest = 30 * time.Second
)

// fastLane are the instances that are about to change.
type fastLane struct {
	mu    sync.Mutex
	until map[string]time.Time
	wake  chan struct{}
}

func newFastLane() *fastLane {
	return &fastLane{until: map[string]time.Time{}, wake: make(chan struct{}, 1)}
}

// add has instances read until the time, or longer where they already are.
func (l *fastLane) add(ids []string, until time.Time) {
	if len(ids) == 0 {
		return
	}
	l.mu.Lock()
	for _, id := range ids {
		if until.After(l.until[id]) {
			l.until[id] = until
		}
	}
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// due are those to be read now; who is over its time is forgotten.
func (l *fastLane) due(now time.Time) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := make([]string, 0, len(l.until))
	for id, until := range l.until {
		if now.After(until) {
			delete(l.until, id)
			continue
		}
		ids = append(ids, id)
	}
	return ids
}

func (l *fastLane) drop(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.until, id)
}

// quick reads the fast lane while there is anything in it, 100 a call.
func (r *region) quick(ctx context.Context) {
	pause := r.room.config.FastInterval
	for {
		ids := r.fast.due(time.Now())
		if len(ids) == 0 {
			select {
			case <-ctx.Done():
				return
			case <-r.fast.wake:
				continue
			}
		}
		asked := time.Now()
		seen, err := r.look(ctx, ids)
		changes := r.compare(seen)
		if settled := r.settle(ctx, changes, asked, false); err == nil {
			err = settled
		}
		r.leave(changes)
		if pause = min(2*pause, slowest); err == nil {
			pause = r.room.config.FastInterval
		}
		if sleep.For(ctx, pause) != nil {
			return
		}
	}
}

// leave drops from the lane who is gone.
func (r *region) leave(changes []*Change) {
	for _, c := range changes {
		if c.After == nil {
			r.fast.drop(c.InstanceID)
		}
	}
}

// reclaims asks for the spot instances that the cloud is about to take back:
// one call, whatever the fleet, and none where there is no spot instance.
func (r *region) reclaims(ctx context.Context) {
	pause := r.room.config.SpotInterval
	for sleep.For(ctx, pause) == nil {
		if !r.hasSpot() {
			continue
		}
		asked := time.Now()
		page, err := r.room.cloud.InstancePage(ctx, r.id, ecs.Query{Lock: ecs.LockRecycling}, "", pageSize)
		if err == nil {
			err = r.settle(ctx, r.compare(sightingsOf(page.Instances, asked)), asked, false)
		}
		if pause = min(2*pause, slowest); err == nil {
			pause = r.room.config.SpotInterval
		}
	}
}

func (r *region) hasSpot() bool {
	h := r.room.hub
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, k := range h.regions[r.id].instances {
		if k.instance.Spot != nil {
			return true
		}
	}
	return false
}
