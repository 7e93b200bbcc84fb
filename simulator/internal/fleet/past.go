package fleet

import (
	"slices"
	"time"
)

// The limits of the record, which exists only while a fault needs it.
const (
	maxPast    = 10 * time.Minute
	maxChanges = 100_000
)

// past records the changes of a fleet, so that an earlier state can be read.
type past struct {
	now     func() time.Time
	changes []change
}

// change is the version of an instance before a change; nil if the change added it.
type change struct {
	at     time.Time
	id     string
	seq    uint64
	before *Instance
}

// Remember records changes from now on, for [Fleet.Past].
func (f *Fleet) Remember(now func() time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.past == nil {
		f.past = &past{now: now}
	}
}

// Forget ends the record.
func (f *Fleet) Forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.past = nil
}

// record adds a change. The caller holds the lock.
func (f *Fleet) record(s *slot, id string, before *Instance) {
	p := f.past
	if p == nil {
		return
	}
	now := p.now()
	old, _ := slices.BinarySearchFunc(p.changes, now.Add(-maxPast), func(c change, t time.Time) int { return c.at.Compare(t) })
	old = max(old, len(p.changes)-maxChanges+1)
	p.changes = append(slices.Delete(p.changes, 0, old), change{now, id, s.seq, before})
}

// Past returns the fleet as it was at a time, or at the begin of the record if that is later. It must not be changed.
func (f *Fleet) Past(at time.Time) *Fleet {
	f.mu.RLock()
	defer f.mu.RUnlock()
	then := &Fleet{byID: map[string]*slot{}, regions: map[string]*roll{}, seq: f.seq}
	for id, s := range f.byID {
		then.byID[id] = s
	}
	if f.past != nil {
		for _, c := range slices.Backward(f.past.changes) {
			switch {
			case !c.at.After(at):
			case c.before == nil:
				delete(then.byID, c.id)
			default:
				then.byID[c.id] = &slot{seq: c.seq, current: c.before}
			}
		}
	}
	for _, s := range then.byID {
		r := then.regions[s.current.Region.ID]
		if r == nil {
			r = &roll{}
			then.regions[s.current.Region.ID] = r
		}
		// A slot of its own: that of the fleet changes.
		r.slots = append(r.slots, &slot{seq: s.seq, current: s.current})
		r.hidden += hidden(s.current)
	}
	for _, r := range then.regions {
		slices.SortFunc(r.slots, bySeq)
		for _, s := range r.slots {
			then.byID[s.current.ID] = s
		}
	}
	return then
}
