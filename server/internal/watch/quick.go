package watch

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// touchedFor is how long an instance is read often after a call changed it;
	// the cloud shows a new expiry up to some ten seconds late.
	touchedFor = 30 * time.Second
	// movingFor limits the fast reads of an instance in transition; after it the
	// instance is left to the steady lane, since something is stuck.
	movingFor = 10 * time.Minute
	// slowest is between the reads of a lane that is refused.
	slowest = 30 * time.Second
)

// fastLane are the instances that are about to change.
type fastLane struct {
	wake chan struct{}

	mu    sync.Mutex // guards all below
	until map[string]time.Time
	// touched is when a call of this process last changed the instance.
	touched map[string]time.Time
	pruned  time.Time
}

func newFastLane() *fastLane {
	return &fastLane{until: map[string]time.Time{}, touched: map[string]time.Time{}, wake: make(chan struct{}, 1)}
}

// touch has instances that a call just changed read for a while.
func (l *fastLane) touch(ids []string, now time.Time) {
	l.mu.Lock()
	for _, id := range ids {
		l.touched[id] = now
	}
	l.mu.Unlock()
	l.add(ids, now.Add(touchedFor))
}

// touchedAt is when a call of this process last changed the instance; zero for
// never, or long ago.
func (l *fastLane) touchedAt(id string) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.touched[id]
}

// add has instances read until the time, or longer if they already are.
func (l *fastLane) add(ids []string, until time.Time) {
	if len(ids) == 0 {
		return
	}
	l.mu.Lock()
	l.prune(time.Now())
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

// prune drops expired entries, once per minute: a process that does not poll
// the region reads none of its instances. Under the lock.
func (l *fastLane) prune(now time.Time) {
	if now.Sub(l.pruned) < time.Minute {
		return
	}
	l.pruned = now
	maps.DeleteFunc(l.until, func(_ string, until time.Time) bool { return now.After(until) })
	maps.DeleteFunc(l.touched, func(_ string, at time.Time) bool { return now.Sub(at) > movingFor })
}

// due returns the instances to read now, and drops those over their time.
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

// quick reads the fast lane while there is anything in it, 100 per call.
func (r *region) quick(ctx context.Context) {
	pause := r.service.config.FastInterval
	for {
		ids := r.fast.due(time.Now())
		if len(ids) == 0 {
			r.report(quickLane, nil)
			select {
			case <-ctx.Done():
				return
			case <-r.fast.wake:
				continue
			}
		}
		seen, err := r.look(ctx, ids)
		if _, stored := r.send(ctx, report{lane: quickLane, seen: seen}); err == nil {
			err = stored
		}
		if pause = r.laneDone(ctx, quickLane, err, pause, r.service.config.FastInterval); sleep.For(ctx, pause) != nil {
			return
		}
	}
}

// laneDone reports how a read of a lane ended and returns the pause before the
// next: the interval, or about twice the last pause after a failure.
func (r *region) laneDone(ctx context.Context, l lane, err error, pause, interval time.Duration) time.Duration {
	switch {
	case ctx.Err() != nil:
		return 0
	case err == nil:
		r.report(l, nil)
		return interval
	}
	r.report(l, causeOf(err))
	return min(2*pause, slowest)
}

// reclaims lists the spot instances that the cloud is about to reclaim: one
// call per hundred of them, and none in a region without spot instances. The
// changes of one list are one revision.
func (r *region) reclaims(ctx context.Context) {
	interval := r.service.config.SpotInterval
	for pause := interval; sleep.For(ctx, pause) == nil; {
		if !r.hasSpot() {
			r.report(reclaimLane, nil)
			continue
		}
		began := time.Now()
		_, err := r.list(ctx, reclaimLane, ecs.Query{Locks: []ecs.LockReason{ecs.LockRecycling}}, began)
		if _, stored := r.send(ctx, report{lane: reclaimLane, began: began}); err == nil {
			err = stored
		}
		pause = r.laneDone(ctx, reclaimLane, err, pause, interval)
	}
}

func (r *region) hasSpot() bool {
	h := r.service.hub
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, k := range h.regions[r.id].instances {
		if k.instance.Spot != nil {
			return true
		}
	}
	return false
}
