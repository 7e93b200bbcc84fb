package budget

import (
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
)

// Grant is leave to make one call. One of Passed, Throttled, Failed and Unused
// must be called; what is called after the first counts for nothing.
type Grant struct {
	// Waited is how long the grant was waited for.
	Waited time.Duration

	bucket   *bucket
	lane     call.Lane
	window   time.Time
	probe    bool
	reported bool
}

// Passed reports that the cloud took the call, whatever it answered.
func (g *Grant) Passed() {
	g.report(func(k *bucket, now time.Time) {
		if g.probe {
			k.probing = false
		}
	})
}

// Failed reports that nothing is known: no answer came.
func (g *Grant) Failed() { g.report(func(*bucket, time.Time) {}) }

// Throttled reports that the cloud refused the call for the rate of calls.
// retryAfter is what it said of waiting, 0 where it said nothing.
func (g *Grant) Throttled(retryAfter time.Duration) {
	g.report(func(k *bucket, now time.Time) {
		if g.window.Equal(k.window) {
			k.throttled++
		}
		until := k.window.Add(window)
		spread := spreadMinute
		if retryAfter > 0 {
			until, spread = now.Add(retryAfter), spreadNamed
		}
		if until.After(k.blocked) {
			k.blocked = until.Add(k.budget.config.Jitter(spread))
		}
		k.probing = true
	})
}

// Unused gives the grant back: the call was not made.
func (g *Grant) Unused() {
	g.bucket.budget.mu.Lock()
	defer g.bucket.budget.mu.Unlock()
	if !g.reported {
		g.bucket.giveBack(g)
	}
}

func (g *Grant) report(lesson func(*bucket, time.Time)) {
	k := g.bucket
	k.budget.mu.Lock()
	defer k.budget.mu.Unlock()
	if g.reported {
		return
	}
	g.reported = true
	now := time.Now()
	k.roll(now)
	k.out--
	if g.probe {
		k.probeOut = false
	}
	lesson(k, now)
	if k.waiting > 0 {
		k.pump(now)
	}
}

// giveBack takes a grant that was not used out of the count.
func (k *bucket) giveBack(g *Grant) {
	g.reported = true
	k.out--
	if g.probe {
		k.probeOut = false
	}
	if g.window.Equal(k.window) {
		k.granted[g.lane]--
	}
	k.pump(time.Now())
}
