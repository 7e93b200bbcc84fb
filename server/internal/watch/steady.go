package watch

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// pageSize is the most that DescribeInstances lists at once.
	pageSize = 100
	// longestPause is between the polls of a region that cannot be looked at,
	// deniedPause where that is so until a person changes it.
	longestPause = 30 * time.Second
	deniedPause  = 5 * time.Minute
)

// poll runs the three lanes until the context ends.
func (r *region) poll(ctx context.Context) {
	var lanes sync.WaitGroup
	lanes.Go(func() { r.steady(ctx) })
	lanes.Go(func() { r.quick(ctx) })
	lanes.Go(func() { r.reclaims(ctx) })
	lanes.Wait()
}

// steady lists the region at its interval: ceil(N/100) calls for N instances.
func (r *region) steady(ctx context.Context) {
	interval := r.room.config.PollInterval
	pause := interval
	for {
		began := time.Now()
		err := r.sweep(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			r.observe(began)
			r.room.config.Observer.polled(r.id, began, nil)
			pause = max(interval-time.Since(began), interval/10)
		} else {
			pause = r.failed(err, began, 2*max(pause, interval))
		}
		if sleep.For(ctx, pause/2) != nil {
			return
		}
		r.room.collect()
		if sleep.For(ctx, pause/2) != nil {
			return
		}
	}
}

// failed notes why the region cannot be seen, and returns how long to leave it:
// about the pause, which doubles from one failure to the next.
func (r *region) failed(err error, now time.Time, pause time.Duration) time.Duration {
	cause := ecs.AsError(err)
	if cause == nil {
		cause = &ecs.Error{Reason: ecs.ReasonStoreUnavailable, Retry: ecs.RetryBackoff, Message: "what was polled could not be stored", Cause: err}
	}
	longest := longestPause
	if cause.Retry == ecs.RetryNever {
		longest = deniedPause
	}
	pause = max(min(pause, max(longest, r.room.config.PollInterval)), cause.RetryAfter)
	r.degrade(cause, now)
	r.room.config.Observer.polled(r.id, now, cause)
	r.room.config.Logger.Warn("cannot poll", slog.String("region", r.id), slog.Any("error", err), slog.Duration("pause", pause))
	return pause
}

// sweep lists the region once. What a sweep that fails on its way has seen is
// true and is kept; who is missing is known only at its end.
func (r *region) sweep(ctx context.Context) error {
	r.room.sweeping.Add(1)
	defer r.room.sweeping.Add(-1)
	began := time.Now()
	var changes []*Change
	cursor := ""
	for {
		asked := time.Now()
		page, err := r.room.cloud.InstancePage(ctx, r.id, ecs.Query{}, cursor, pageSize)
		if err != nil {
			return errors.Join(err, r.settle(ctx, changes, began, false))
		}
		found := r.compare(sightingsOf(page.Instances, asked))
		if err := encodeRows(found); err != nil { // here, while the next pages are still to come
			return errors.Join(err, r.settle(ctx, changes, began, false))
		}
		changes = append(changes, found...)
		if page.Next == "" {
			break
		}
		cursor = page.Next
	}
	// Missing from a list is not yet gone: read it by id.
	seen, err := r.look(ctx, r.missing(began))
	changes = append(changes, r.compare(seen)...)
	return errors.Join(err, r.settle(ctx, changes, began, err == nil))
}

// missing marks and names those that a sweep did not show.
func (r *region) missing(began time.Time) []string {
	h := r.room.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	var missing []string
	for id, k := range h.regions[r.id].instances {
		if k.seen.Before(began) {
			k.missed = true
			missing = append(missing, id)
		}
	}
	return missing
}

// look reads instances by id. The error is the first that says nothing of its
// instance; the other instances are seen all the same.
func (r *region) look(ctx context.Context, ids []string) ([]sighting, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	asked := time.Now()
	results := r.room.cloud.Instances(ctx, r.id, ids)
	ended := time.Now()
	var failed error
	seen := make([]sighting, 0, len(results))
	for i := range results {
		result := &results[i]
		switch {
		case result.Err == nil:
			seen = append(seen, sighting{id: result.ID, instance: &result.Value, asked: asked, ended: ended})
		case ecs.HasReason(result.Err, ecs.ReasonInstanceNotFound):
			seen = append(seen, sighting{id: result.ID, asked: asked, ended: ended})
		case failed == nil:
			failed = result.Err
		}
	}
	return seen, failed
}

func sightingsOf(instances []ecs.Instance, asked time.Time) []sighting {
	ended := time.Now()
	seen := make([]sighting, len(instances))
	for i := range instances {
		seen[i] = sighting{id: instances[i].ID, instance: &instances[i], asked: asked, ended: ended}
	}
	return seen
}
