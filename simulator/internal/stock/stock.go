// Package stock holds the remaining stock of instance types per zone. A type without a limit is never sold out; limits
// are set directly.
package stock

import (
	"errors"
	"sync"
)

// ErrSoldOut reports that a zone cannot sell the requested count.
var ErrSoldOut = errors.New("sold out")

// Stock is safe for concurrent use. The zero Stock has no limits.
type Stock struct {
	mu   sync.Mutex
	left map[key]int
}

type key struct{ zone, instanceType string }

// Limit sets how many instances of a type a zone can still sell; a negative number removes the limit.
func (s *Stock) Limit(zone, instanceType string, left int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == nil {
		s.left = map[key]int{}
	}
	if left < 0 {
		delete(s.left, key{zone, instanceType})
		return
	}
	s.left[key{zone, instanceType}] = left
}

// Left returns how many a zone can still sell, and whether there is a limit.
func (s *Stock) Left(zone, instanceType string) (left int, limited bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left, limited = s.left[key{zone, instanceType}]
	return left, limited
}

// Take takes up to wanted instances and returns their count. If fewer than least are left, it takes none and returns
// [ErrSoldOut].
func (s *Stock) Take(zone, instanceType string, wanted, least int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left, limited := s.left[key{zone, instanceType}]
	if !limited {
		return wanted, nil
	}
	taken := min(wanted, left)
	if taken < least {
		return 0, ErrSoldOut
	}
	s.left[key{zone, instanceType}] = left - taken
	return taken, nil
}

// Return returns instances that were taken and not sold.
func (s *Stock) Return(zone, instanceType string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if left, limited := s.left[key{zone, instanceType}]; limited {
		s.left[key{zone, instanceType}] = left + n
	}
}
