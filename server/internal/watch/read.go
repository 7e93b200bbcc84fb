package watch

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Seen returns the instances seen within maxStaleness, by ID. An instance that
// is not in it may exist: read it from the cloud.
func (r *Service) Seen(regionID string, ids []string, maxStaleness time.Duration) map[string]ecs.Instance {
	oldest := time.Now().Add(-maxStaleness)
	h := r.hub
	h.mu.RLock()
	defer h.mu.RUnlock()
	m := h.regions[regionID]
	if m == nil {
		return nil
	}
	fresh := make(map[string]ecs.Instance, len(ids))
	for _, id := range ids {
		if k := m.instances[id]; k != nil && k.missed.IsZero() && !m.observedOf(k).Before(oldest) {
			fresh[id] = m.view(k)
		}
	}
	return fresh
}

// SeenAll returns at most limit instances of a region that match a query, in
// order of ID, after the given one. ok is false if the region was not polled
// whole within maxStaleness.
func (r *Service) SeenAll(regionID string, q ecs.Query, maxStaleness time.Duration, after string, limit int) (_ []ecs.Instance, ok bool) {
	oldest := time.Now().Add(-maxStaleness)
	h := r.hub
	h.mu.RLock()
	defer h.mu.RUnlock()
	m := h.regions[regionID]
	if m == nil || m.observed.IsZero() || m.observed.Before(oldest) {
		return nil, false
	}
	ids := slices.Sorted(slices.Values(q.IDs))
	if len(ids) == 0 {
		ids = r.orders.of(regionID, h.position, m)
	}
	at, found := slices.BinarySearch(ids, after)
	if found {
		at++
	}
	instances := []ecs.Instance{}
	for _, id := range ids[at:] {
		if len(instances) == limit {
			break
		}
		if k := m.instances[id]; k != nil && q.Matches(k.instance) {
			instances = append(instances, m.view(k))
		}
	}
	return instances, true
}

// orders hold the sorted IDs of the regions, so that the pages of one list are
// read without sorting the region for each.
type orders struct {
	mu  sync.Mutex
	all map[string]order
}

type order struct {
	position changelog.Position
	ids      []string
}

// of returns the IDs of a region at the hub's position, which the caller must
// not change. It holds at least the read lock of the hub.
func (o *orders) of(regionID string, position changelog.Position, m *memory) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if known, ok := o.all[regionID]; ok && known.position == position {
		return known.ids
	}
	if o.all == nil {
		o.all = map[string]order{}
	}
	ids := slices.Sorted(maps.Keys(m.instances))
	o.all[regionID] = order{position: position, ids: ids}
	return ids
}

// view is the instance as it was read last.
func (m *memory) view(k *known) ecs.Instance {
	i := *k.instance
	i.ObservedTime = m.observedOf(k)
	return i
}

// observedOf is when the instance was last seen to be so.
func (m *memory) observedOf(k *known) time.Time {
	if k.seen.After(m.observed) {
		return k.seen
	}
	return m.observed
}
