package watch

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
)

const (
	// goneFor is how long a released instance is remembered, so that a list that
	// began before does not bring it back.
	goneFor = 5 * time.Minute
	// appendTimeout bounds the write of one revision.
	appendTimeout = 10 * time.Second
)

// region is the work of this process on a region: it polls while it holds the
// lease, and records why it cannot.
type region struct {
	service *Service
	id      string
	fast    *fastLane

	// tried is closed after the first poll, however it ended.
	tried   chan struct{}
	tryOnce sync.Once
	// reports go from the lanes to the writer.
	reports chan report

	mu       sync.Mutex // guards all below; never held across I/O
	held     *lease.Held
	troubles [lanes]trouble
	waiters  map[string][]*waiter // by instance ID
	// progress is when the steady lane last got a response; storing reports that it
	// waits for the writer, not for the cloud.
	progress time.Time
	storing  bool
	// unledSince is since when no process holds the lease, zero if one does.
	unledSince time.Time
}

// trouble is why a lane cannot do its work; the zero value is none.
type trouble struct {
	cause *ecs.Error
	since time.Time
}

func newRegion(service *Service, id string) *region {
	return &region{
		service: service, id: id, fast: newFastLane(), tried: make(chan struct{}), reports: make(chan report),
		waiters: map[string][]*waiter{},
	}
}

// holding is the lease under which this process polls, nil if it does not.
func (r *region) holding() *lease.Held {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held
}

// hold begins or ends the polling of this process. The cause that kept an
// earlier poller from reading the region counts until the first list succeeds.
func (r *region) hold(held *lease.Held) {
	cause, since := r.service.hub.degraded(r.id)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held, r.troubles, r.progress, r.storing = held, [lanes]trouble{}, time.Now(), false
	if held != nil {
		r.troubles[steadyLane] = trouble{cause, since}
	}
}

// report sets the trouble of a lane, nil for none, and publishes the first
// trouble of all.
func (r *region) report(l lane, cause *ecs.Error) {
	r.mu.Lock()
	t := &r.troubles[l]
	switch {
	case cause == nil && t.cause == nil:
		r.mu.Unlock()
		return
	case cause == nil:
		*t = trouble{}
	case t.cause == nil:
		*t = trouble{cause, time.Now()}
	default:
		t.cause = cause
	}
	worst := worstOf(r.troubles)
	held := r.held
	r.mu.Unlock()
	if r.service.hub.health(r.id, worst.cause, worst.since) && held != nil {
		held.RenewSoon() // other processes read it in the note
	}
	if cause != nil {
		r.wasTried()
	}
}

// worstOf is the trouble of the first lane that has one, since the earliest.
func worstOf(troubles [lanes]trouble) (worst trouble) {
	for _, t := range troubles {
		switch {
		case t.cause == nil:
		case worst.cause == nil:
			worst = t
		case t.since.Before(worst.since):
			worst.since = t.since
		}
	}
	return worst
}

func (r *region) wasTried() { r.tryOnce.Do(func() { close(r.tried) }) }

// writer is the only goroutine that compares the reads of a region with the
// memory, appends the differences to the store, and publishes them. It lives as
// long as the lease.
type writer struct {
	region *region
	held   *lease.Held
	// pending are the differences found so far, by lane and ID: the differences of
	// one poll are one revision.
	pending [lanes]map[string]*Change
	gone    map[string]time.Time
	// unsure are the changes of an append with an unknown outcome; not nil until
	// the log was followed.
	unsure []*Change
}

// write serves the lanes until ctx ends.
func (r *region) write(ctx context.Context, held *lease.Held) {
	w := writer{region: r, held: held, gone: map[string]time.Time{}, unsure: []*Change{}}
	for l := range w.pending {
		w.pending[l] = map[string]*Change{}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case found := <-r.reports:
			found.response <- w.take(ctx, found)
		}
	}
}

// take compares the reads of a lane, and at the end of a poll commits them.
func (w *writer) take(ctx context.Context, found report) response {
	ctx, cancel := context.WithTimeout(ctx, appendTimeout)
	defer cancel()
	if err := w.makeSure(ctx); err != nil {
		return response{err: err}
	}
	doubts, err := w.compare(found)
	if err != nil {
		return response{err: err}
	}
	if found.lane != steadyLane {
		w.region.fast.add(doubts, time.Now().Add(touchedFor))
		doubts = nil
	}
	if found.listed {
		doubts = append(doubts, found.doubts...)
		doubts = append(doubts, w.missing(found, doubts)...)
	}
	if found.more {
		return response{doubts: doubts}
	}
	whole, err := w.commit(ctx, found)
	return response{whole: whole, err: err}
}

// makeSure follows the log if it is not known whether the last revision was
// written, or which ones other processes wrote.
func (w *writer) makeSure(ctx context.Context) error {
	if w.unsure == nil {
		return nil
	}
	if err := w.region.service.follow(ctx); err != nil {
		return err
	}
	// If it was written, the order of reads is as if that had been known at once.
	h := w.region.service.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range w.unsure {
		if k := h.regions[w.region.id].instances[c.InstanceID]; k != nil {
			k.ended = later(k.ended, c.ended)
		} else if c.After == nil {
			w.gone[c.InstanceID] = c.ended
		}
	}
	w.unsure = nil
	return nil
}

// compare compares observations with the memory, keeps the differences for the
// commit, and returns the IDs with an observation that cannot be ordered
// against the known state, unless that was seen since the poll began.
func (w *writer) compare(found report) (doubts []string, err error) {
	pending := w.pending[found.lane]
	var changed []*Change
	var said []observation
	waited := w.region.waited() // a read that began after a wait is compared after it
	h := w.region.service.hub
	h.mu.Lock()
	m := h.regions[w.region.id]
	for _, o := range found.seen {
		k := m.instances[o.id]
		switch w.evaluate(k, o) {
		case unchanged:
			delete(pending, o.id)
			if waited {
				said = append(said, o)
			}
		case doubtful:
			if k.seen.Before(found.began) || found.lane != steadyLane {
				doubts = append(doubts, o.id)
			}
		case differs:
			c := &Change{RegionID: w.region.id, InstanceID: o.id, seen: o.asked, ended: o.ended}
			if k != nil {
				c.Before = k.instance
			}
			if o.instance != nil {
				c.After = alone(o.instance)
			}
			pending[o.id] = c
			changed = append(changed, c)
		}
	}
	h.mu.Unlock()
	w.region.deliver(said)
	// Here, while the next pages are still to come: watchers wait for the commit.
	return doubts, encodeRows(changed)
}

// verdict is the relation of an observation to the known state.
type verdict int

const (
	unchanged verdict = iota
	differs
	// outdated: a newer read is known.
	outdated
	// doubtful: it differs, and the reads overlapped, so that either may be newer.
	doubtful
)

// evaluate compares one observation with the known state, nil for an unknown
// instance. Only a read that began after all others were complete is newer; one
// with the same state is true in any order. An instance that is missing for the
// first time is only marked: one response may have omitted it. The mark stays
// until a read shows the instance that is not provably older. Under the hub's
// lock.
func (w *writer) evaluate(k *known, o observation) verdict {
	if k != nil && o.instance != nil && !o.ended.Before(k.missed) {
		k.missed = time.Time{}
	}
	switch {
	case k == nil && o.instance == nil:
		return unchanged
	case k == nil:
		return differs // unless the commit finds that it was released since
	case o.instance != nil && k.instance.Equal(o.instance):
		k.seen, k.ended = later(k.seen, o.asked), later(k.ended, o.ended)
		return unchanged
	case o.asked.Before(k.ended):
		if o.ended.Before(k.seen) {
			return outdated
		}
		return doubtful
	}
	k.ended = o.ended
	if o.instance == nil && k.missed.IsZero() {
		k.missed = o.asked
		return unchanged
	}
	return differs
}

// alone copies an instance out of its response: the memory of a page is used
// again by the next, and a response by IDs would be retained whole for one
// changed instance.
func alone(i *ecs.Instance) *ecs.Instance {
	own := *i
	return &own
}

// missing returns the instances that a list of the whole region did not show,
// and marks those that no other read showed during it. The doubtful ones it did
// show.
func (w *writer) missing(found report, doubtful []string) []string {
	shown := make(map[string]bool, len(doubtful))
	for _, id := range doubtful {
		shown[id] = true
	}
	h := w.region.service.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	var missing []string
	for id, k := range h.regions[w.region.id].instances {
		if k.seen.Before(found.began) && w.pending[found.lane][id] == nil && !shown[id] {
			if k.missed.IsZero() && !k.ended.After(found.began) {
				k.missed = found.began
			}
			missing = append(missing, id)
		}
	}
	return missing
}

// commit appends the differences of a poll as one revision and publishes it,
// and then the freshness of the region.
func (w *writer) commit(ctx context.Context, found report) (whole bool, err error) {
	changes, whole := w.settle(found)
	if len(changes) > 0 {
		if err := w.append(ctx, changes, found.began, whole); err != nil {
			return false, err
		}
	}
	if whole {
		w.region.service.hub.observe(w.region.id, found.began)
		w.region.wasTried()
	}
	return whole, nil
}

// settle takes the differences that a poll found and that no other lane has
// overtaken, by ID. whole reports that with them every instance was seen since the
// poll began.
func (w *writer) settle(found report) (changes []*Change, whole bool) {
	pending := w.pending[found.lane]
	defer clear(pending)
	h := w.region.service.hub
	h.mu.RLock()
	defer h.mu.RUnlock()
	m := h.regions[w.region.id]
	whole = found.whole
	for id, c := range pending {
		k := m.instances[id]
		switch {
		case k == nil && (c.After == nil || c.seen.Before(w.gone[id])),
			k != nil && (k.ended.After(c.ended) || c.After != nil && k.instance != c.Before && k.instance.Equal(c.After)):
			delete(pending, id)
			continue
		}
		var now *ecs.Instance
		if k != nil {
			now = k.instance
		}
		if now != c.Before {
			c.Before, c.row = now, nil
		}
		changes = append(changes, c)
	}
	if whole {
		for id, k := range m.instances {
			whole = whole && (!k.seen.Before(found.began) || pending[id] != nil)
		}
	}
	slices.SortFunc(changes, func(a, b *Change) int { return strings.Compare(a.InstanceID, b.InstanceID) })
	return changes, whole
}

// append writes changes as one revision, with the note of how fresh they are: a
// process that is killed leaves no other.
func (w *writer) append(ctx context.Context, changes []*Change, began time.Time, whole bool) error {
	now := time.Now()
	for _, c := range changes {
		c.found = now
	}
	n := w.region.service.hub.noteOf(w.region.id)
	if whole {
		n.Observed = began
	}
	under := w.held.Lease()
	under.Note = n.text()
	if err := w.region.service.append(ctx, under, w.region.id, changes); err != nil {
		w.unsure = changes
		if errors.Is(err, ecs.ErrLeaseLost) {
			w.held.Lost()
		}
		return err
	}
	w.published(changes, now)
	return nil
}

// published records the released instances, schedules further reads of those in
// transition, and serves the waiters.
func (w *writer) published(changes []*Change, now time.Time) {
	for id, at := range w.gone {
		if now.Sub(at) > goneFor {
			delete(w.gone, id)
		}
	}
	var moving []string
	said := make([]observation, len(changes))
	for i, c := range changes {
		said[i] = observation{id: c.InstanceID, instance: c.After, asked: c.seen, ended: c.ended, released: c.After == nil}
		if c.After == nil {
			w.gone[c.InstanceID] = c.ended
			w.region.fast.drop(c.InstanceID)
		} else if inTransition(c.After) {
			moving = append(moving, c.InstanceID)
		}
	}
	w.region.fast.add(moving, now.Add(movingFor))
	w.region.deliver(said)
	w.region.service.config.Observer.changed(w.region.id, len(changes))
}

// inTransition reports whether the instance will soon be something else.
func inTransition(i *ecs.Instance) bool {
	switch i.Status {
	case ecs.StatusPending, ecs.StatusStarting, ecs.StatusStopping:
		return true
	}
	return i.LockedFor(ecs.LockRecycling)
}
