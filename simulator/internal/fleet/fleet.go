package fleet

import (
	"errors"
	"fmt"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// ErrNotFound reports an unknown instance ID.
var ErrNotFound = errors.New("no such instance")

// Fleet is safe for concurrent use.
type Fleet struct {
	mu      sync.RWMutex
	byID    map[string]*slot
	regions map[string]*roll
	seq     uint64
	removed func(*Instance, time.Time)
	past    *past // nil unless it is recorded
}

// slot holds the versions of an instance. current is nil once the instance is gone.
type slot struct {
	seq     uint64
	current *Instance
}

// roll holds the instances of a region in the order of creation, with gaps for removed instances.
type roll struct {
	slots []*slot
	holes int
	// hidden counts those that are missing from the lists.
	hidden int
	// changes counts additions, changes and removals; last is of the latest count that was listed.
	changes uint64
	last    atomic.Pointer[listing]
}

// New returns an empty fleet. removed is called with each instance after its removal, and the time.
func New(removed func(*Instance, time.Time)) *Fleet {
	return &Fleet{byID: map[string]*slot{}, regions: map[string]*roll{}, removed: removed}
}

// Add adds a new instance to the fleet, which takes ownership of it.
func (f *Fleet) Add(i *Instance) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.byID[i.ID]; ok {
		return fmt.Errorf("instance %s is there already", i.ID)
	}
	f.seq++
	i.seq = f.seq
	i.LaunchTags = i.Tags
	s := &slot{seq: f.seq, current: i}
	f.byID[i.ID] = s
	r := f.regions[i.Region.ID]
	if r == nil {
		r = &roll{}
		f.regions[i.Region.ID] = r
	}
	r.slots = append(r.slots, s)
	r.hidden += hidden(i)
	r.changes++
	f.record(s, i.ID, nil)
	return nil
}

// put replaces an instance in its slot. The caller holds the lock.
func (f *Fleet) put(s *slot, next *Instance) {
	r := f.regions[next.Region.ID]
	r.hidden += hidden(next) - hidden(s.current)
	r.changes++
	f.record(s, next.ID, s.current)
	s.current = next
}

func hidden(i *Instance) int {
	if i.Hidden {
		return 1
	}
	return 0
}

// Get returns an instance, whatever its region.
func (f *Fleet) Get(id string) (*Instance, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	s, ok := f.byID[id]
	if !ok {
		return nil, false
	}
	return s.current, true
}

// Find returns an instance of a region.
func (f *Fleet) Find(regionID, id string) (*Instance, bool) {
	i, ok := f.Get(id)
	if !ok || i.Region.ID != regionID {
		return nil, false
	}
	return i, true
}

// Update changes an instance: change is called with a copy, under the fleet's lock, and the copy replaces the instance.
// It returns the copy.
func (f *Fleet) Update(id string, change func(*Instance)) (*Instance, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.byID[id]
	if !ok {
		return nil, fmt.Errorf("instance %s: %w", id, ErrNotFound)
	}
	next := *s.current
	change(&next)
	f.put(s, &next)
	return &next, nil
}

// UpdateAll changes several instances of a region together: if one of them is missing or change rejects it, none is
// changed. It returns the copies in the order of the IDs, which must differ.
func (f *Fleet) UpdateAll(regionID string, ids []string, change func(*Instance) error) ([]*Instance, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	changed := make([]*Instance, 0, len(ids))
	for _, id := range ids {
		s, ok := f.byID[id]
		if !ok || s.current.Region.ID != regionID {
			return nil, fmt.Errorf("instance %s: %w", id, ErrNotFound)
		}
		next := *s.current
		if err := change(&next); err != nil {
			return nil, fmt.Errorf("instance %s: %w", id, err)
		}
		changed = append(changed, &next)
	}
	for _, next := range changed {
		f.put(f.byID[next.ID], next)
	}
	return changed, nil
}

// Remove removes an instance from the fleet at a time.
func (f *Fleet) Remove(id string, at time.Time) error {
	gone, err := f.remove(id)
	if err != nil {
		return err
	}
	if f.removed != nil {
		f.removed(gone, at)
	}
	return nil
}

func (f *Fleet) remove(id string) (*Instance, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.byID[id]
	if !ok {
		return nil, fmt.Errorf("instance %s: %w", id, ErrNotFound)
	}
	delete(f.byID, id)
	gone := s.current
	f.record(s, id, gone)
	r := f.regions[gone.Region.ID]
	s.current = nil
	r.hidden -= hidden(gone)
	r.changes++
	if r.holes++; r.holes > 64 && r.holes > len(r.slots)/4 {
		kept := make([]*slot, 0, len(r.slots)-r.holes)
		for _, s := range r.slots {
			if s.current != nil {
				kept = append(kept, s)
			}
		}
		r.slots, r.holes = kept, 0
	}
	return gone, nil
}

// Len returns the count of instances.
func (f *Fleet) Len() int {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return len(f.byID)
}

// Changes returns the count of additions, changes and removals so far.
func (f *Fleet) Changes() uint64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	sum := uint64(0)
	for _, r := range f.regions {
		sum += r.changes
	}
	return sum
}

// Each calls f with every instance, in no particular order, under the fleet's lock. f must not call the fleet.
func (f *Fleet) Each(visit func(*Instance)) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	for _, r := range f.regions {
		for _, s := range r.slots {
			if s.current != nil {
				visit(s.current)
			}
		}
	}
}

// All returns every instance of a region in the order of creation, or of all regions if regionID is empty.
func (f *Fleet) All(regionID string) []*Instance {
	f.mu.RLock()
	defer f.mu.RUnlock()
	var all []*Instance
	for id, r := range f.regions {
		if regionID != "" && id != regionID {
			continue
		}
		for _, s := range r.slots {
			if s.current != nil {
				all = append(all, s.current)
			}
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].seq < all[j].seq })
	return all
}
