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

// goneFor is how long a released instance is remembered, so that a listing
// that began before does not bring it back.
const goneFor = 5 * time.Minute

// region compares what the lanes see of a region with the memory, and writes
// what differs.
type region struct {
	room *Room
	id   string
	fast *fastLane

	// tried is closed after the first poll, whatever came of it.
	tried    chan struct{}
	tryOnce  sync.Once
	settling sync.Mutex // one revision at a time; guards all below
	held     *lease.Held
	gone     map[string]time.Time
	// unsure: it is not known whether the last revision was written.
	unsure bool
}

func newRegion(room *Room, id string) *region {
	return &region{room: room, id: id, fast: newFastLane(), tried: make(chan struct{}), gone: map[string]time.Time{}}
}

// sighting is what one answer showed of one instance.
type sighting struct {
	id string
	// instance is nil where the answer did not show it.
	instance *ecs.Instance
	// asked is when the request left, ended when its answer was there.
	asked, ended time.Time
}

// take has revisions written under a lease, or no more.
func (r *region) take(held *lease.Held) {
	r.settling.Lock()
	defer r.settling.Unlock()
	// What another process wrote since is not in the memory yet.
	r.held, r.unsure = held, true
}

func (r *region) observe(began time.Time) {
	r.room.hub.observe(r.id, began)
	r.tryOnce.Do(func() { close(r.tried) })
}

func (r *region) degrade(cause *ecs.Error, now time.Time) {
	r.room.hub.degrade(r.id, cause, now)
	r.tryOnce.Do(func() { close(r.tried) })
}

// compare holds sightings against the memory and returns what differs. Those
// older than what is known already say nothing. Who is missing for the first
// time is only noted: one answer may have left it out.
func (r *region) compare(sightings []sighting) []*Change {
	h := r.room.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.regions[r.id]
	var changes []*Change
	for _, s := range sightings {
		k := m.instances[s.id]
		switch {
		case k == nil && s.instance == nil:
		case k == nil:
			changes = append(changes, &Change{RegionID: r.id, InstanceID: s.id, After: alone(s.instance), seen: s.ended})
		case s.asked.Before(k.seen):
		case s.instance == nil && !k.missed:
			k.missed = true
		case s.instance == nil:
			changes = append(changes, &Change{RegionID: r.id, InstanceID: s.id, Before: k.instance})
		default:
			k.seen, k.missed = s.ended, false
			if !k.instance.Equal(s.instance) {
				changes = append(changes, &Change{RegionID: r.id, InstanceID: s.id, Before: k.instance, After: alone(s.instance)})
			}
		}
	}
	return changes
}

// alone copies an instance out of the answer that showed it, so that the memory
// does not keep the hundred of a page for the one of them that changed.
func alone(i *ecs.Instance) *ecs.Instance {
	own := *i
	return &own
}

// settle writes what differs as one revision. asked is when the oldest of the
// requests that showed it left; whole says that they showed all of the region.
func (r *region) settle(ctx context.Context, changes []*Change, asked time.Time, whole bool) error {
	r.settling.Lock()
	defer r.settling.Unlock()
	if r.unsure {
		if err := r.room.follow(ctx); err != nil {
			return err
		}
		r.unsure = false
	}
	changes = r.stillTrue(changes, asked)
	if len(changes) == 0 {
		return nil
	}
	found := time.Now()
	for _, c := range changes {
		c.found = found
	}
	// A process that is killed leaves no other note, and where nothing changes
	// none is written: the next one knows that it is as fresh as this at least.
	now, under := r.room.hub.noteOf(r.id), r.held.Lease()
	if whole {
		now = note{Observed: asked}
	}
	under.Note = now.text()
	if err := r.room.append(ctx, under, r.id, changes); err != nil {
		r.unsure = true
		if errors.Is(err, ecs.ErrLeaseLost) {
			r.held.Lost()
		}
		return err
	}
	r.after(changes)
	r.room.config.Observer.changed(r.id, len(changes))
	return nil
}

// stillTrue drops the changes whose instance another lane changed meanwhile,
// because that lane's answer is the newer one, and sorts the others by id.
func (r *region) stillTrue(changes []*Change, asked time.Time) []*Change {
	h := r.room.hub
	h.mu.RLock()
	defer h.mu.RUnlock()
	m := h.regions[r.id]
	kept := changes[:0]
	for _, c := range changes {
		var now *ecs.Instance
		if k := m.instances[c.InstanceID]; k != nil {
			now = k.instance
		}
		if gone, ok := r.gone[c.InstanceID]; now != c.Before || (c.Before == nil && ok && !asked.After(gone)) {
			continue
		}
		kept = append(kept, c)
	}
	slices.SortFunc(kept, func(a, b *Change) int { return strings.Compare(a.InstanceID, b.InstanceID) })
	return kept
}

// after remembers who went, and reads on those who are on their way.
func (r *region) after(changes []*Change) {
	now := time.Now()
	for id, at := range r.gone {
		if now.Sub(at) > goneFor {
			delete(r.gone, id)
		}
	}
	var moving []string
	for _, c := range changes {
		if c.After == nil {
			r.gone[c.InstanceID] = now
		} else if inTransition(c.After) {
			moving = append(moving, c.InstanceID)
		}
	}
	r.fast.add(moving, now.Add(movingFor))
}

// inTransition reports whether the instance will soon be something else.
func inTransition(i *ecs.Instance) bool {
	switch i.Status {
	case ecs.StatusPending, ecs.StatusStarting, ecs.StatusStopping:
		return true
	}
	return i.LockedFor(ecs.LockRecycling)
}
