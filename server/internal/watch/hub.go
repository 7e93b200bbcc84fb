package watch

import (
	"crypto/sha256"
	"sync"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// hub is the memory: the instances as the log has them up to one revision, how
// fresh each region is, and the watches of it. It is a cache of the store and
// can be thrown away.
//
// Everything in it is guarded by mu, the pending changes of subscriptions too:
// apply writes them under the lock, and the one reader of each takes them under
// the read lock, so that no reader sees half of a revision.
type hub struct {
	mu       sync.RWMutex
	position changelog.Position
	regions  map[string]*memory
	index    index
	members  map[*Subscription]struct{}
	callers  map[string]int // how many watches each has
	reserved int            // watches of other components, and watches that wait to begin
	// ended is the reason why all subscriptions end, nil while they run; ending is
	// closed when it is set.
	ended  *ecs.Error
	ending chan struct{}

	snapshots snapshots
	recent    recent
}

func newHub(regions []string) *hub {
	h := &hub{
		regions: map[string]*memory{}, index: newIndex(), members: map[*Subscription]struct{}{}, callers: map[string]int{},
		ending: make(chan struct{}), snapshots: snapshots{all: map[[sha256.Size]byte]*snapshot{}}, recent: recent{limit: maxRecent},
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
	h.uncount(s.caller)
}

// unreserve and uncount are under the lock.
func (h *hub) unreserve(caller string) {
	h.reserved--
	h.uncount(caller)
}

func (h *hub) uncount(caller string) {
	if h.callers[caller]--; h.callers[caller] == 0 {
		delete(h.callers, caller)
	}
}

// apply takes the changes of the revision that follows a position into the
// memory and marks them for their subscriptions. It reports false, and does
// nothing, if the memory is at another position.
func (h *hub) apply(after, at changelog.Position, changes []*Change) bool {
	var woken []*Subscription
	h.mu.Lock()
	if h.position != after || at.Revision != after.Revision+1 {
		h.mu.Unlock()
		return false
	}
	h.position = at
	h.recent.add(newRevision(at, changes))
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
		for s := range h.index.of(c) {
			if s.mark(c) {
				woken = append(woken, s)
			}
		}
	}
	h.mu.Unlock()
	for _, s := range woken {
		s.wakeUp()
	}
	return true
}

// watched returns the changes that a subscription may get as Change.Encoded.
func (h *hub) watched(changes []*Change) (watched []*Change) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, c := range changes {
		if c.After == nil {
			continue
		}
		for range h.index.of(c) {
			watched = append(watched, c)
			break
		}
	}
	return watched
}

// matching are the instances that a filter picks, in no order. Under the read
// lock.
func (h *hub) matching(f *selection) []Item {
	var items []Item
	for _, regionID := range f.regions {
		instances := h.regions[regionID].instances
		add := func(id string, k *known) {
			if k != nil && f.matches(regionID, id, k.instance) {
				items = append(items, Item{Instance: k.instance, Revision: k.revision})
			}
		}
		if len(f.ids) > 0 {
			for _, id := range f.ids {
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

// why returns the error with which every watch ends.
func (h *hub) why() error {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.ended == nil {
		return nil
	}
	return h.ended
}
