package watch

import (
	"context"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// waiter is one wait for instances to have a status. States from before the
// call do not count, nor states from before the last change that this process
// made to the instance: a read counts only if it began after both.
type waiter struct {
	region *region
	want   ecs.Status
	began  time.Time
	wake   chan struct{}

	mu      sync.Mutex // guards all below; never held across I/O
	open    map[string]*awaited
	results map[string]ecs.Result[ecs.Instance]
}

// awaited is the last observation of one awaited instance.
type awaited struct {
	// known: the instance was seen to exist.
	known bool
	// absent counts the reads since that did not show it.
	absent int
	// near: it was seen in transition to the status, and starting or stopping.
	near bool
	// hidden is why it may exist although the cloud does not show it.
	hidden error
}

// absences is how many reads in a row must not show an instance before it does
// not exist: one response may have left it out.
const absences = 2

// Wait returns when every instance has the status or cannot reach it any more,
// with one result per ID, in request order. When ctx ends first, the open ones
// have its error, or the reason why the cloud may not show them yet.
func (r *Service) Wait(ctx context.Context, regionID string, ids []string, want ecs.Status) ([]ecs.Result[ecs.Instance], error) {
	s, err := r.begin(ctx, &Filter{Regions: []string{regionID}, IDs: ids}, Latest, "")
	if err != nil {
		return nil, err
	}
	if err := r.join(s); err != nil {
		return nil, err
	}
	defer s.Close()
	w := r.regions[regionID].wait(ids, want)
	defer w.end(ids)
	for {
		open, err := w.settleMissing(ctx, r.config.Hidden)
		if err != nil || len(open) == 0 {
			break
		}
		if err := w.step(ctx, open, r.hub.ending); err != nil {
			break
		}
		if why := r.hub.why(); why != nil {
			return nil, why
		}
	}
	return w.ordered(ids, ctx.Err()), nil
}

// step has the open instances read, and returns when there may be news: by the
// region's own lane, or here if another process polls the region.
func (w *waiter) step(ctx context.Context, open []string, ending <-chan struct{}) error {
	r := w.region
	pause := 5 * r.service.config.FastInterval
	if r.holding() != nil {
		r.fast.add(open, time.Now().Add(touchedFor))
	} else {
		pause = r.service.config.FastInterval
		seen, _ := r.look(ctx, open) // failed reads are retried
		for _, o := range seen {
			w.note(o)
		}
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	case <-w.wake:
	case <-ending:
	}
	return nil
}

// wait registers a waiter, to which the writer delivers compared and stored
// observations.
func (r *region) wait(ids []string, want ecs.Status) *waiter {
	w := &waiter{
		region: r, want: want, began: time.Now(), wake: make(chan struct{}, 1),
		open: make(map[string]*awaited, len(ids)), results: make(map[string]ecs.Result[ecs.Instance], len(ids)),
	}
	h := r.service.hub
	h.mu.RLock()
	for _, id := range ids {
		a := &awaited{}
		if k := h.regions[r.id].instances[id]; k != nil {
			// In transition since this process changed it.
			touched := r.fast.touchedAt(id)
			a.known, a.near = true, nears(k.instance, want) && !touched.IsZero() && !k.seen.Before(touched)
		}
		w.open[id] = a
	}
	h.mu.RUnlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		r.waiters[id] = append(r.waiters[id], w)
	}
	return w
}

// end unregisters the waiter.
func (w *waiter) end(ids []string) {
	r := w.region
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		left := r.waiters[id][:0:0]
		for _, other := range r.waiters[id] {
			if other != w {
				left = append(left, other)
			}
		}
		if r.waiters[id] = left; len(left) == 0 {
			delete(r.waiters, id)
		}
	}
}

// waited reports whether anything of the region is waited for.
func (r *region) waited() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waiters) > 0
}

// deliver passes observations to the waiters for their instances.
func (r *region) deliver(seen []observation) {
	type delivery struct {
		to *waiter
		o  observation
	}
	var all []delivery
	r.mu.Lock()
	for _, o := range seen {
		for _, w := range r.waiters[o.id] {
			all = append(all, delivery{w, o})
		}
	}
	r.mu.Unlock()
	for _, d := range all {
		d.to.note(d.o)
	}
}

// note evaluates one observation.
func (w *waiter) note(o observation) {
	if o.asked.Before(w.began) || o.asked.Before(w.region.fast.touchedAt(o.id)) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.open[o.id]
	if a == nil {
		return
	}
	switch i := o.instance; {
	case o.released:
		a.known, a.absent = true, absences
	case i == nil:
		a.absent++
	default:
		a.known, a.absent, a.hidden = true, 0, nil
		w.evaluate(a, i, o.asked)
	}
	if a.absent >= absences || w.open[o.id] == nil {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// evaluate settles an instance that has the status, or cannot get there any
// more. Under the lock.
func (w *waiter) evaluate(a *awaited, i *ecs.Instance, asked time.Time) {
	regionID := w.region.id
	switch {
	case i.Status == w.want:
		found := *i
		found.ObservedTime = asked
		w.settle(i.ID, ecs.Result[ecs.Instance]{ID: i.ID, Value: found})
	case i.LockedFor(ecs.LockRecycling) && w.want != ecs.StatusStopped, stuck(i, w.want):
		w.settle(i.ID, ecs.Result[ecs.Instance]{ID: i.ID, Err: ecs.Errorf(ecs.ReasonInstanceLocked,
			"instance %s is locked and cannot reach the awaited status", i.ID).On(regionID, i.ID)})
	case a.near && i.Status == fellBackTo[w.want]:
		w.settle(i.ID, ecs.Result[ecs.Instance]{ID: i.ID, Err: ecs.Errorf(ecs.ReasonIncorrectStatus,
			"instance %s began to change and fell back: it is in its old status again", i.ID).On(regionID, i.ID)})
	case nears(i, w.want):
		a.near = true
	}
}

// fellBackTo is the status in which an instance is when it does not get to
// another one.
var fellBackTo = map[ecs.Status]ecs.Status{
	ecs.StatusRunning: ecs.StatusStopped,
	ecs.StatusStopped: ecs.StatusRunning,
}

// nears reports whether the instance is in transition to the status.
func nears(i *ecs.Instance, want ecs.Status) bool {
	return want == ecs.StatusRunning && i.Status == ecs.StatusStarting ||
		want == ecs.StatusStopped && i.Status == ecs.StatusStopping
}

// settle is under the lock.
func (w *waiter) settle(id string, result ecs.Result[ecs.Instance]) {
	delete(w.open, id)
	w.results[id] = result
}

// settleMissing settles the missing instances, unless they were never seen and
// may exist nevertheless. It returns the IDs that are still open.
func (w *waiter) settleMissing(ctx context.Context, hidden func(context.Context, string, []string) map[string]error) ([]string, error) {
	var open, unknown []string
	w.mu.Lock()
	for id, a := range w.open {
		switch {
		case a.absent < absences:
			open = append(open, id)
		case a.known || hidden == nil:
			w.settle(id, missing(w.region.id, id))
		default:
			unknown = append(unknown, id)
		}
	}
	w.mu.Unlock()
	if len(unknown) == 0 {
		return open, nil
	}
	why := hidden(ctx, w.region.id, unknown)
	if err := ctx.Err(); err != nil {
		return append(open, unknown...), err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range unknown {
		if a := w.open[id]; a == nil {
			continue // settled meanwhile
		} else if a.hidden = why[id]; a.hidden == nil {
			w.settle(id, missing(w.region.id, id))
		} else {
			a.absent = 0
			open = append(open, id)
		}
	}
	return open, nil
}

func missing(regionID, id string) ecs.Result[ecs.Instance] {
	return ecs.Result[ecs.Instance]{ID: id, Err: ecs.Errorf(ecs.ReasonInstanceNotFound,
		"instance %s does not exist, or was released", id).On(regionID, id)}
}

// ordered returns the results in request order; ended is the error of the open
// ones.
func (w *waiter) ordered(ids []string, ended error) []ecs.Result[ecs.Instance] {
	w.mu.Lock()
	defer w.mu.Unlock()
	results := make([]ecs.Result[ecs.Instance], len(ids))
	for n, id := range ids {
		result, ok := w.results[id]
		if !ok {
			result = ecs.Result[ecs.Instance]{ID: id, Err: ended}
			if a := w.open[id]; a != nil && a.hidden != nil {
				result.Err = a.hidden
			}
		}
		results[n] = result
	}
	return results
}

// stuck reports whether a lock keeps the instance from the status.
func stuck(i *ecs.Instance, want ecs.Status) bool {
	if want != ecs.StatusRunning && want != ecs.StatusStarting {
		return false
	}
	return i.LockedFor(ecs.LockFinancial) || i.LockedFor(ecs.LockSecurity) || i.LockedFor(ecs.LockRefunded) ||
		i.LockedFor(ecs.LockDedicatedHostFinancial)
}
