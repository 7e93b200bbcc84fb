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
	total   control.Counts
	actions map[string]control.Counts
	regions map[string]control.Counts
}

func (s *stats) count(action, region string, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.actions == nil {
		s.actions, s.regions = map[string]control.Counts{}, map[string]control.Counts{}
	}
	s.total = add(s.total, o)
	s.actions[action] = add(s.actions[action], o)
	s.regions[region] = add(s.regions[region], o)
}

func add(t control.Counts, o outcome) control.Counts {
	t.Calls++
	switch o {
	case throttled:
		t.Throttled++
	case failed:
		t.Failed++
	}
	return t
}

// Stats returns the counts.
func (e *Endpoint) Stats() control.Stats {
	e.stats.mu.Lock()
	defer e.stats.mu.Unlock()
	s := control.Stats{Counts: e.stats.total, Actions: map[string]control.Counts{}, Regions: map[string]control.Counts{}}
	maps.Copy(s.Actions, e.stats.actions)
	maps.Copy(s.Regions, e.stats.regions)
	return s
}

// ResetStats resets the counts.
func (e *Endpoint) ResetStats() {
	e.stats.mu.Lock()
	defer e.stats.mu.Unlock()
	e.stats.total, e.stats.actions, e.stats.regions = control.Counts{}, nil, nil
}
