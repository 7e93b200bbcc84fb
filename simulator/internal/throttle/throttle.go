// Package throttle rejects calls above a rate, as the cloud does: one bucket per region and action of the account, in
// fixed windows. An empty bucket stays empty until the next window starts.
//
// It counts simulated time and never waits.
package throttle

import (
	"sync"
	"time"
)

// Rate is the count of calls per window.
type Rate struct {
	Calls  int
	Window time.Duration
}

// Any, as an action, is the rate of every action without its own. Each of them still has its own buckets.
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

// New returns a Throttle. An action without a rate is never throttled.
func New(rates map[string]Rate) *Throttle {
	return &Throttle{rates: rates, buckets: map[bucketKey]*bucket{}}
}

// Take counts a call. If it is rejected, wait is the rest of the window.
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
