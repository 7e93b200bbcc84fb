package renewal

import (
	"context"
	"slices"
	"sync"
	"time"
)

// How many renewals of a region are between their last look and their payment
// at a time. The number halves when the cloud, or the rate budget, puts a call
// off, or lets it wait until the look is old, and grows with each that went
// through at once: what waits for the budget then waits before it has looked at
// its instance, not after.
//
// They are let in by groups, whenever three quarters of the places are free, so
// that each group looks at its instances in one call.
const (
	leastSlots = 4
	firstSlots = 32
	// Three quarters of it are two calls of a hundred.
	mostSlots = 266
	// groupGathers is how long a group waits for more to join it.
	groupGathers = 10 * time.Millisecond
)

// pools hand out slots, region by region.
type pools struct {
	mu      sync.Mutex
	regions map[string]*pool
}

type pool struct {
	mu          sync.Mutex
	limit, used int
	waiting     []*slot
	// gathers says that the next group is let in soon.
	gathers bool
	// shrunk is when the limit was last lowered: those that were under way then
	// say nothing new.
	shrunk time.Time
}

// slot is a place in a pool. A nil slot is none.
type slot struct {
	pool       *pool
	instanceID string
	// turn is closed when the slot is given.
	turn chan struct{}
	// look is that of the group, for the first use.
	look *look
}

func (p *pools) of(regionID string) *pool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.regions == nil {
		p.regions = map[string]*pool{}
	}
	if p.regions[regionID] == nil {
		p.regions[regionID] = &pool{limit: firstSlots}
	}
	return p.regions[regionID]
}

// take waits for a slot for a renewal of the instance.
func (p *pool) take(ctx context.Context, instanceID string) (*slot, error) {
	s := &slot{pool: p, instanceID: instanceID, turn: make(chan struct{})}
	p.mu.Lock()
	p.waiting = append(p.waiting, s)
	p.gather()
	p.mu.Unlock()
	select {
	case <-s.turn:
		return s, nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	n := slices.Index(p.waiting, s)
	if n >= 0 {
		p.waiting = slices.Delete(p.waiting, n, n+1)
	}
	p.mu.Unlock()
	if n < 0 {
		s.release() // it was given at the same moment
	}
	return nil, ctx.Err()
}

// gather lets a group in soon, where there is room for one. Under lock.
func (p *pool) gather() {
	if p.gathers || len(p.waiting) == 0 || p.used > p.limit/4 {
		return
	}
	p.gathers = true
	time.AfterFunc(groupGathers, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.gathers = false
		n := min(max(p.limit-p.used, 0), len(p.waiting))
		if n > readAtOnce {
			n -= n % readAtOnce // whole calls
		}
		group := &look{ids: make([]string, n)}
		for i, s := range p.waiting[:n] {
			group.ids[i], s.look = s.instanceID, group
		}
		for _, s := range p.waiting[:n] {
			close(s.turn)
		}
		p.waiting = slices.Delete(p.waiting, 0, n)
		p.used += n
	})
}

// release gives the slot back. It may be called again, and on none.
func (s *slot) release() {
	if s == nil || s.pool == nil {
		return
	}
	p := s.pool
	s.pool, s.look = nil, nil
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used--
	p.gather()
}

// sent learns from a call: whether it went through, or was put off.
func (s *slot) sent(putOff bool) {
	if s == nil || s.pool == nil {
		return
	}
	p := s.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if putOff {
		if time.Since(p.shrunk) > looksFor/2 {
			p.limit, p.shrunk = max(leastSlots, p.limit/2), time.Now()
		}
	} else {
		p.limit = min(mostSlots, p.limit+1)
	}
	p.gather()
}
