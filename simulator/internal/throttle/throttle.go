// Package throttle refuses calls that come too often, as the cloud does: one
// bucket for each region and action of the account, in fixed windows. A
// bucket that is empty stays empty until the next window begins.
//
// It counts simulated time and never waits.
package throttle

import (
	"sync"
	"time"
)

// Rate is how many calls a window takes.
type Rate struct {
	Calls  int
	Window time.Duration
}

// Any, as an action, is the rate of every action that has none of its own.
// Each of them still has its own buckets.
const Any = "*"

// Throttle is safe for concurrent use.
type Throttle struct {
	rates map[string]Rate

	mu      sync.Mutex
	buckets map[bucketKey]*bucket
}

type bucketKey struct{ region, action string }

type bucket struct {
	window time.Time
	calls  int
}

// New makes a Throttle. An action without a rate is never refused.
func New(rates map[string]Rate) *Throttle {
	return &Throttle{rates: rates, buckets: map[bucketKey]*bucket{}}
}

// Take counts a call. Where it is refused, wait is how long the window still
// lasts.
func (t *Throttle) Take(region, action string, now time.Time) (wait time.Duration, ok bool) {
	rate, limited := t.rates[action]
	if !limited {
		if rate, limited = t.rates[Any]; !limited {
			return 0, true
		}
	}
	window := now.Truncate(rate.Window)
	t.mu.Lock()
	defer t.mu.Unlock()
	key := bucketKey{region, action}
	b := t.buckets[key]
	if b == nil {
		b = &bucket{}
		t.buckets[key] = b
	}
	if !b.window.Equal(window) {
		b.window, b.calls = window, 0
	}
	if b.calls >= rate.Calls {
		return window.Add(rate.Window).Sub(now), false
	}
	b.calls++
	return 0, true
}
