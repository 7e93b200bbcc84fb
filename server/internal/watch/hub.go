package watch

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// hub is the memory: the instances as the log has them up to one revision, how
// fresh each region is, and who watches what. It is a cache of the store and
// can be thrown away.
//
// Everything in it is guarded by mu, the pending changes of subscriptions too:
// apply writes them under the lock, and the one reader of each takes them under
// the read lock, so that nobody ever sees a half of a revision.
type hub struct {
	mu       sync.RWMutex
	position ecs.Position
	regions  map[string]*memory
	index    index
	members  map[*Subscription]struct{}
	callers  map[string]int // how many watches each has
	reserved int            // watches of other components
	// ended is why no subscription goes on, nil while they do; ending is closed
	// when it is set.
	ended  *ecs.Error
	ending chan struct{}

	snapshots snapshots
}

// memory is what is known of a region.
type memory struct {
	instances map[string]*known
	// observed is when the newest complete poll began; zero before the first.
	observed time.Time
	// cause is why the region cannot be looked at, nil while it can.
	cause *ecs.Error
	since time.Time
}

// known is one instance.
type known struct {
	instance *ecs.Instance
	// revision is that of its newest change.
	revision int64
	// seen is when the newest read that showed instance began: the instance was
	// so at that time or later. Zero if another process or an earlier one read it.
	seen time.Time
	// ended is when the newest read that the region compared was complete, also
	// if what it showed is not stored yet. A read that began before is not newer.
	ended time.Time
	// missed: the newest read did not show it.
	missed bool
}

func newHub(regions []string) *hub {
	h := &hub{
		regions: map[string]*memory{}, index: newIndex(), members: map[*Subscription]struct{}{}, callers: map[string]int{},
		ending: make(chan struct{}), snapshots: snapshots{all: map[[sha256.Size]byte]*snapshot{}},
	}
	for _, r := range regions {
		h.regions[r] = &memory{instances: map[string]*known{}}
	}
	return h
}

// join and leave are under the lock.
func (h *hub) join(s *Subscription) {
	h.members[s] = struct{}{}
	h.callers[s.caller]++
	h.index.add(s)
}

func (h *hub) leave(s *Subscription) {
	if _, ok := h.members[s]; !ok {
		return
	}
	delete(h.members, s)
	h.index.remove(s)
	if h.callers[s.caller]--; h.callers[s.caller] == 0 {
		delete(h.callers, s.caller)
	}
}

// apply takes the changes of the revision that follows a position into the
// memory and marks them for their subscriptions. It reports false, and does
// nothing, if the memory is at another position.
func (h *hub) apply(after, at ecs.Position, changes []*Change) bool {
	var woken []*Subscription
	h.mu.Lock()
	if h.position != after || at.Revision != after.Revision+1 {
		h.mu.Unlock()
		return false
	}
	h.position = at
	for _, c := range changes {
		region := h.regions[c.RegionID]
		if region == nil {
			continue // another replica serves it, this one does not
		}
		if c.After == nil {
			delete(region.instances, c.InstanceID)
		} else if k := region.instances[c.InstanceID]; k != nil {
			k.instance, k.revision = c.After, at.Revision
			k.note(c)
		} else {
			region.instances[c.InstanceID] = &known{instance: c.After, revision: at.Revision, seen: c.seen, ended: c.ended}
		}
		h.index.each(c, func(s *Subscription) {
			if s.mark(c) {
				woken = append(woken, s)
			}
		})
	}
	h.mu.Unlock()
	for _, s := range woken {
		s.wakeUp()
	}
	return true
}

// note takes over when a read of this process showed the change, if one did.
func (k *known) note(c *Change) {
	k.seen, k.ended = later(k.seen, c.seen), later(k.ended, c.ended)
}

// noteAll takes over when reads of this process showed changes that were
// applied from the log.
func (h *hub) noteAll(changes []*Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range changes {
		if k := h.regions[c.RegionID].instances[c.InstanceID]; k != nil && k.revision == c.Revision {
			k.note(c)
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// observe notes a complete poll of a region that began at the time.
func (h *hub) observe(regionID string, began time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.regions[regionID]
	m.observed = later(m.observed, began)
}

// health sets why a region cannot be looked at, and since when; nil if it can.
// It reports whether that is news.
func (h *hub) health(regionID string, cause *ecs.Error, since time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.regions[regionID]
	news := (cause == nil) != (m.cause == nil) || cause != nil && cause.Reason != m.cause.Reason
	m.cause, m.since = cause, since
	return news
}

// degraded is why a region cannot be looked at, and since when.
func (h *hub) degraded(regionID string) (*ecs.Error, time.Time) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	m := h.regions[regionID]
	return m.cause, m.since
}

// take sets what the poller of a region in another process noted, at once.
func (h *hub) take(regionID string, observed time.Time, cause *ecs.Error, since time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.regions[regionID]
	m.observed, m.cause, m.since = later(m.observed, observed), cause, since
}

// Degraded is a region that cannot be looked at.
type Degraded struct {
	RegionID string
	// Since is when the first poll failed.
	Since time.Time
	Cause *ecs.Error
}

// Freshness is how old a view of some regions may be.
type Freshness struct {
	// Observed is when the oldest of the newest complete polls began; zero
	// where a region was never polled.
	Observed time.Time
	// Degraded are the regions that cannot be looked at now.
	Degraded []Degraded
}

// observed is when the oldest of the newest complete polls of a filter's
// regions began. It belongs to the hub's position. Under the read lock.
func (h *hub) observed(f *Filter) time.Time {
	var oldest time.Time
	for i, id := range f.Regions {
		if at := h.regions[id].observed; i == 0 || at.Before(oldest) {
			oldest = at
		}
	}
	return oldest
}

// freshness is that of a filter. Under the read lock.
func (h *hub) freshness(f *Filter) Freshness {
	fresh := Freshness{Observed: h.observed(f)}
	for _, id := range f.Regions {
		m := h.regions[id]
		if m.cause != nil {
			fresh.Degraded = append(fresh.Degraded, Degraded{RegionID: id, Since: m.since, Cause: m.cause})
		}
	}
	return fresh
}

// matching are the instances that a filter picks, in no order. Under the read
// lock.
func (h *hub) matching(f *Filter) []Item {
	var items []Item
	for _, regionID := range f.Regions {
		instances := h.regions[regionID].instances
		add := func(id string, k *known) {
			if k != nil && f.Matches(regionID, id, k.instance) {
				items = append(items, Item{Instance: k.instance, Revision: k.revision})
			}
		}
		if len(f.IDs) > 0 {
			for _, id := range f.IDs {
				add(id, instances[id])
			}
			continue
		}
		for id, k := range instances {
			add(id, k)
		}
	}
	return items
}

// end has every subscription say a last checkpoint and then why.
func (h *hub) end(why *ecs.Error) {
	h.mu.Lock()
	if h.ended == nil {
		close(h.ending)
	}
	h.ended = why
	members := make([]*Subscription, 0, len(h.members))
	for s := range h.members {
		members = append(members, s)
	}
	h.mu.Unlock()
	for _, s := range members {
		s.wakeUp()
	}
}

// why is what every watch ends with.
func (h *hub) why() error {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.ended == nil {
		return nil
	}
	return h.ended
}
