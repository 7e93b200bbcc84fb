package intercept

import (
	"sync"
	"time"
)

// recent is the time for which a caller counts as active after its last call.
const recent = time.Minute

// shares bounds the calls in progress, and each caller to half of it while
// others are active, so that one caller cannot keep the others out.
type shares struct {
	most int

	mu    sync.Mutex
	total int
	of    map[string]int // by caller, in progress
	// latest called at latestAt; any other caller last did at otherAt.
	latest            string
	latestAt, otherAt time.Time
}

func newShares(most int) *shares { return &shares{most: most, of: map[string]int{}} }

// verdict is the result of the limit for a call.
type verdict int

const (
	admitted verdict = iota
	full             // the server has as much in progress as it may
	overShare
)

// enter counts a call of the caller, if it is admitted.
func (s *shares) enter(caller string) verdict {
	s.mu.Lock()
	defer s.mu.Unlock()
	others := s.others(caller, time.Now())
	switch {
	case others && s.of[caller] >= (s.most+1)/2:
		return overShare
	case s.total >= s.most:
		return full
	}
	s.total++
	s.of[caller]++
	return admitted
}

// leave counts it out.
func (s *shares) leave(caller string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.of[caller]--; s.of[caller] == 0 {
		delete(s.of, caller)
	}
}

// others notes the call and reports whether another caller has called recently
// or has something in progress.
func (s *shares) others(caller string, now time.Time) bool {
	if caller != s.latest {
		s.otherAt, s.latest = s.latestAt, caller
	}
	s.latestAt = now
	return s.total > s.of[caller] || !s.otherAt.IsZero() && now.Sub(s.otherAt) < recent
}
