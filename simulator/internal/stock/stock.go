// Package stock is how many instances of a type a zone can still sell. What
// has no limit is never sold out; limits are set by hand.
package stock

import (
	"errors"
	"sync"
)

// ErrSoldOut tells that a zone cannot sell as many as are wanted.
var ErrSoldOut = errors.New("sold out")

// Stock is safe for concurrent use. The zero Stock has no limits.
type Stock struct {
	mu   sync.Mutex
	left map[key]int
}

type key struct{ zone, instanceType string }

// Limit sets how many instances of a type a zone can still sell; a negative
// number takes the limit away.
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

// Take takes as many as there are of what is wanted and returns their number,
// or takes none and returns [ErrSoldOut] where that is less than least.
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

// Return gives back what was taken and not sold.
func (s *Stock) Return(zone, instanceType string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if left, limited := s.left[key{zone, instanceType}]; limited {
		s.left[key{zone, instanceType}] = left + n
	}
}
