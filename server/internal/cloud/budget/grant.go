package budget

import (
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
)

// Grant is permission to make one call. One of Passed, Throttled, Failed and
// Unused must be called; later calls have no effect.
type Grant struct {
	// Waited is how long the grant was waited for.
	Waited time.Duration

	bucket *bucket
	lane   call.Lane
	caller string
	window time.Time
	// left is when the call left, zero while the grant is kept.
	left     time.Time
	probe    bool
	reported bool
	// keeps: the grant was requested with Ask.Keep, and expires at expires.
	keeps   bool
	expires time.Time
}

// Passed reports that the cloud took the call, whatever its response.
func (g *Grant) Passed() {
	g.report(func(k *bucket, now time.Time) {
		if g.probe {
			k.probing = false
		}
	})
}

// Failed reports that the outcome is unknown: no response came.
func (g *Grant) Failed() { g.report(func(*bucket, time.Time) {}) }

// Throttled reports that the cloud refused the call because of the rate of
// calls. retryAfter is the cloud's retry delay, 0 if none.
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

// Leave reports that the call of a kept grant leaves now. On an error it must not:
// the grant was kept too long (ErrExpired), or the cloud throttled a call since
// (*ExhaustedError), and the grant is given back.
func (g *Grant) Leave() error {
	k := g.bucket
	k.budget.mu.Lock()
	defer k.budget.mu.Unlock()
	now := time.Now()
	k.roll(now)
	switch {
	case k.budget.closed:
		k.giveBack(g, now)
		return ErrClosed
	case g.reported || !g.isKept():
		return ErrExpired
	case now.Before(k.blocked):
		k.giveBack(g, now)
		return &ExhaustedError{RetryAfter: k.blocked.Sub(now)}
	case k.probing && !g.probe:
		k.giveBack(g, now)
		return &ExhaustedError{RetryAfter: probePause}
	}
	k.unkeep(g)
	k.enter(g, now)
	return nil
}

// Unused returns the grant: the call was not made.
func (g *Grant) Unused() {
	k := g.bucket
	k.budget.mu.Lock()
	defer k.budget.mu.Unlock()
	now := time.Now()
	k.roll(now)
	k.giveBack(g, now)
}

// report ends the grant. A lesson may be drawn from the call's outcome.
func (g *Grant) report(lesson func(*bucket, time.Time)) {
	k := g.bucket
	k.budget.mu.Lock()
	defer k.budget.mu.Unlock()
	now := time.Now()
	k.roll(now)
	if g.reported {
		return
	}
	k.settleGrant(g)
	lesson(k, now)
	if k.waiting > 0 {
		k.pump(now)
	}
}

// giveBack takes a grant that was not used out of the count.
func (k *bucket) giveBack(g *Grant, now time.Time) {
	if g.reported {
		return
	}
	k.settleUnused(g)
	k.pump(now)
}

// settleUnused is giveBack without letting others out.
func (k *bucket) settleUnused(g *Grant) {
	k.settleGrant(g)
	if g.window.Equal(k.window) {
		k.granted[g.lane]--
		k.callers[g.lane].took(g.caller, -1)
	}
}

// settleGrant ends a grant.
func (k *bucket) settleGrant(g *Grant) {
	g.reported = true
	k.out--
	if g.probe {
		k.probeOut = false
	}
	k.unkeep(g)
	if at := slices.Index(k.entering, g); at >= 0 {
		k.entering = slices.Delete(k.entering, at, at+1)
	}
	if g.keeps {
		k.keeping--
	}
}

// isKept reports whether the call of a kept grant has not left.
func (g *Grant) isKept() bool { return slices.Contains(g.bucket.kept, g) }

// unkeep removes a grant from the kept ones, if it is one.
func (k *bucket) unkeep(g *Grant) {
	if at := slices.Index(k.kept, g); at >= 0 {
		k.kept = slices.Delete(k.kept, at, at+1)
	}
}
