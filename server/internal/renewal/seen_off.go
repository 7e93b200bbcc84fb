package renewal

import (
	"maps"
	"sync"
	"time"
)

// seenOff is when automatic renewal was last seen off, by instance: a deduction
// that was due before has not failed, whoever switched it on since. It is of
// this process; what an earlier one saw is not known.
type seenOff struct {
	mu sync.Mutex
	at map[string]time.Time
}

// off notes that it is off now.
func (s *seenOff) off(id string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil {
		s.at = map[string]time.Time{}
	}
	s.at[id] = now
}

// last is when it was last seen off, zero for never.
func (s *seenOff) last(id string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at[id]
}

// forget drops what was seen before a time.
func (s *seenOff) forget(before time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.at, func(_ string, at time.Time) bool { return at.Before(before) })
}
