package watch

import (
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// memory is the last known state of a region.
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
	// missed is when the first read began that did not show it, though newer than
	// each that did; zero if there is none.
	missed time.Time
}

// at is the position of the memory.
func (h *hub) at() changelog.Position {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.position
}

// forget drops the freshness of the regions: the observations may not be in the
// database.
func (h *hub) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.regions {
		m.observed = time.Time{}
		for _, k := range m.instances {
			k.seen = time.Time{}
		}
	}
}

// replace takes the state at a position, if the memory still is at another. It
// reports whether it did.
func (h *hub) replace(from, to changelog.Position, instances map[string]map[string]*known) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.position != from {
		return false
	}
	h.position = to
	h.recent.reset(to)
	for id, m := range h.regions {
		for instanceID, k := range instances[id] {
			if was := m.instances[instanceID]; was != nil {
				k.ended = was.ended
				if was.revision == k.revision {
					k.seen = was.seen
				}
			}
		}
		m.instances = instances[id]
	}
	for s := range h.members {
		s.behind, s.reloaded, s.pending, s.at = true, true, nil, nil
	}
	return true
}

// note records when a read of this process showed the change, if one did.
func (k *known) note(c *Change) {
	k.seen, k.ended = later(k.seen, c.seen), later(k.ended, c.ended)
}

// noteAll records when reads of this process showed changes that were applied
// from the log.
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

// take applies the note of a poller in another process, at once.
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
	// Observed is the start of the oldest of the newest complete polls; zero if a
	// region was never polled.
	Observed time.Time
	// Degraded are the regions that cannot be looked at now.
	Degraded []Degraded
}

// observed is when the oldest of the newest complete polls of a filter's
// regions began. It belongs to the hub's position. Under the read lock.
func (h *hub) observed(f *selection) time.Time {
	var oldest time.Time
	for i, id := range f.regions {
		if at := h.regions[id].observed; i == 0 || at.Before(oldest) {
			oldest = at
		}
	}
	return oldest
}

// freshness is that of a filter. Under the read lock.
func (h *hub) freshness(f *selection) Freshness {
	fresh := Freshness{Observed: h.observed(f)}
	for _, id := range f.regions {
		m := h.regions[id]
		if m.cause != nil {
			fresh.Degraded = append(fresh.Degraded, Degraded{RegionID: id, Since: m.since, Cause: m.cause})
		}
	}
	return fresh
}
