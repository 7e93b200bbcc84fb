package renewal

import (
	"context"
	"sync"
)

// How many renewals of a region are between their last look and their payment
// at a time. The number halves when the cloud, or the rate budget, puts a call
// off, and grows with each that went through: what waits for the budget then
// waits before it has looked at its instance, not after.
const (
	leastSlots = 4
	mostSlots  = 256
	firstSlots = 32
)

// pools hand out slots, region by region.
type pools struct {
	mu      sync.Mutex
	regions map[string]*pool
}

type pool struct {
	mu          sync.Mutex
	limit, used int
	waiting     []chan struct{}
}

// slot is a place in a pool. A nil slot is none.
type slot struct{ pool *pool }

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

// take waits for a slot.
func (p *pool) take(ctx context.Context) (*slot, error) {
	p.mu.Lock()
	if p.used < p.limit && len(p.waiting) == 0 {
		p.used++
		p.mu.Unlock()
		return &slot{p}, nil
	}
	turn := make(chan struct{})
	p.waiting = append(p.waiting, turn)
	p.mu.Unlock()
	select {
	case <-turn:
		return &slot{p}, nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, other := range p.waiting {
		if other == turn {
			p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
			return nil, ctx.Err()
		}
	}
	p.used-- // it was given at the same moment
	p.admit()
	return nil, ctx.Err()
}

// admit gives free slots to those who wait. Under lock.
func (p *pool) admit() {
	for p.used < p.limit && len(p.waiting) > 0 {
		close(p.waiting[0])
		p.waiting = p.waiting[1:]
		p.used++
	}
}

// release gives the slot back. It may be called again, and on none.
func (s *slot) release() {
	if s == nil || s.pool == nil {
		return
	}
	p := s.pool
	s.pool = nil
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used--
	p.admit()
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
		p.limit = max(leastSlots, p.limit/2)
	} else {
		p.limit = min(mostSlots, p.limit+1)
	}
	p.admit()
}
