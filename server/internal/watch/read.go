package watch

import (
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Instances are those of the ids that the memory holds no older than
// maxStaleness; the others are not in it. An instance that is not there may
// exist: ask the cloud.
func (r *Room) Instances(regionID string, ids []string, maxStaleness time.Duration) map[string]ecs.Instance {
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
		if k := m.instances[id]; k != nil && !k.missed && !m.observedOf(k).Before(oldest) {
			fresh[id] = m.view(k)
		}
	}
	return fresh
}

// List are all that a filter picks, by region and id, where each of its regions
// was polled no longer than maxStaleness ago; ok is false where one was not.
func (r *Room) List(f Filter, maxStaleness time.Duration) (_ []ecs.Instance, ok bool) {
	oldest := time.Now().Add(-maxStaleness)
	filter := f.prepare()
	h := r.hub
	h.mu.RLock()
	for _, id := range filter.Regions {
		if m := h.regions[id]; m == nil || m.observed.Before(oldest) {
			h.mu.RUnlock()
			return nil, false
		}
	}
	items := h.matching(filter)
	instances := make([]ecs.Instance, len(items))
	for i, item := range items {
		m := h.regions[item.Instance.RegionID]
		instances[i] = m.view(m.instances[item.Instance.ID])
	}
	h.mu.RUnlock()
	return instances, true
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
