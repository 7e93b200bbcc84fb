package endpoint

import (
	"maps"
	"sync"

	"github.com/ecsd-io/ecsd/simulator/control"
)

type outcome int

const (
	succeeded outcome = iota
	throttled
	failed
)

type stats struct {
	mu      sync.Mutex
	total   control.Tally
	actions map[string]control.Tally
	regions map[string]control.Tally
}

func (s *stats) count(action, region string, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.actions == nil {
		s.actions, s.regions = map[string]control.Tally{}, map[string]control.Tally{}
	}
	s.total = add(s.total, o)
	s.actions[action] = add(s.actions[action], o)
	s.regions[region] = add(s.regions[region], o)
}

func add(t control.Tally, o outcome) control.Tally {
	t.Calls++
	switch o {
	case throttled:
		t.Throttled++
	case failed:
		t.Failed++
	}
	return t
}

// Stats returns what was counted.
func (e *Endpoint) Stats() control.Stats {
	e.stats.mu.Lock()
	defer e.stats.mu.Unlock()
	s := control.Stats{Tally: e.stats.total, Actions: map[string]control.Tally{}, Regions: map[string]control.Tally{}}
	maps.Copy(s.Actions, e.stats.actions)
	maps.Copy(s.Regions, e.stats.regions)
	return s
}

// ResetStats begins to count anew.
func (e *Endpoint) ResetStats() {
	e.stats.mu.Lock()
	defer e.stats.mu.Unlock()
	e.stats.total, e.stats.actions, e.stats.regions = control.Tally{}, nil, nil
}
