package budget

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
)

const (
	// window is the cloud's window, and the minutes are those of its clock.
	window = time.Minute
	// idleFor is the idle time after which a learned limit is forgotten.
	idleFor = 10 * time.Minute
	// defaultMaxWaiters bounds the queue of one region, action and lane.
	defaultMaxWaiters = 1000
	// maxKept bounds the grants of one key that are kept, or that left after they
	// were kept and have no outcome yet.
	maxKept = 256
)

// Key is the unit in which the cloud counts calls, within an account.
type Key struct {
	Region string
	Action string
}

// Config makes a Budget.
type Config struct {
	// Rates are upper bounds in calls per minute, by action, for each region.
	Rates map[string]int
	// MaxWaiters bounds how many calls wait in one lane of a key, 0 for 1000. In
	// a full lane, a caller with fewer waiting calls displaces the latest call of
	// the caller with the most.
	MaxWaiters int
	// Jitter spreads calls that wait for the same moment, so that several servers
	// do not begin a minute together. Nil draws evenly up to its bound.
	Jitter func(bound time.Duration) time.Duration
}

// Ask is a request to make one call.
type Ask struct {
	Lane   call.Lane
	Caller string
	// Until is the caller's deadline, zero for none.
	Until time.Time
	// NoThrottle refuses the call at once while the cloud throttles its key: the
	// caller reports the throttle instead of waiting for its end.
	NoThrottle bool
	// Keep is how long the grant may be kept before its call leaves, 0 if the
	// call leaves at once. A kept grant must Leave, or be given back as Unused.
	Keep time.Duration
	// Need is how long the call is likely to take, for a Line.
	Need time.Duration
	// Held is called with the earliest time at which the call can leave, whenever
	// that changes. It is not called if the grant comes at once, and may be nil.
	Held func(until time.Time)
}

// ExhaustedError reports that a call would not leave in time.
type ExhaustedError struct {
	// RetryAfter is the delay after which a retry is worthwhile.
	RetryAfter time.Duration
	// Crowded is true if too many calls wait already.
	Crowded bool
}

// Error returns the reason, for the log.
func (e *ExhaustedError) Error() string {
	if e.Crowded {
		return fmt.Sprintf("too many calls wait for the rate budget; the next leave in %s", e.RetryAfter)
	}
	return fmt.Sprintf("the rate budget lets the next call out in %s", e.RetryAfter)
}

// ErrExpired is the error of Leave if the grant was kept for longer than its
// time, or was reported before.
var ErrExpired = errors.New("the grant was kept too long or used before")

// ErrClosed is the error of waiting calls when the Budget is closed.
var ErrClosed = errors.New("the rate budget is closed")

// Budget is the budget of one account. It is safe for concurrent use.
type Budget struct {
	config Config

	mu      sync.Mutex
	closed  bool
	buckets map[Key]*bucket
	// published are the limits that the cloud publishes.
	published map[Key]Limit
	swept     time.Time
}

// New returns a Budget.
func New(config Config) *Budget {
	if config.MaxWaiters == 0 {
		config.MaxWaiters = defaultMaxWaiters
	}
	if config.Jitter == nil {
		config.Jitter = func(bound time.Duration) time.Duration { return rand.N(bound) }
	}
	return &Budget{config: config, buckets: make(map[Key]*bucket), published: make(map[Key]Limit)}
}

// Take waits for permission to make a call. The error is *ExhaustedError, the
// context's, or ErrClosed. The holder of a Grant must report the outcome of the
// call.
func (b *Budget) Take(ctx context.Context, key Key, ask Ask) (*Grant, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	began := time.Now()
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return nil, ErrClosed
	}
	k := b.bucket(key, began)
	k.callers[ask.Lane].seen(ask.Caller)
	if k.lanes[ask.Lane].waiting == 0 && k.allows(ask.Lane, began) && k.fair(ask.Lane, ask.Caller, began) {
		defer b.mu.Unlock()
		return k.grant(ask, began), nil
	}
	leaves := k.leaves(ask, began)
	wait := leaves.Sub(began)
	if ask.NoThrottle && k.throttles(began) {
		b.mu.Unlock()
		return nil, &ExhaustedError{RetryAfter: max(wait, probePause)}
	}
	if !ask.Until.IsZero() && !leaves.Before(ask.Until) {
		b.mu.Unlock()
		return nil, &ExhaustedError{RetryAfter: wait}
	}
	if k.lanes[ask.Lane].waiting >= b.config.MaxWaiters && !k.displace(ask, max(wait, time.Second)) {
		b.mu.Unlock()
		return nil, &ExhaustedError{RetryAfter: max(wait, time.Second), Crowded: true}
	}
	w := &waiter{ask: ask, leaves: leaves, answer: make(chan answer, 1), moved: make(chan time.Time, 1)}
	k.join(w)
	k.pump(began)
	b.mu.Unlock()

	if wait > 0 && ask.Held != nil {
		ask.Held(leaves)
	}
	for {
		select {
		case a := <-w.answer:
			if a.grant != nil {
				a.grant.Waited = time.Since(began)
			}
			return a.grant, a.err
		case until := <-w.moved:
			if ask.Held != nil {
				ask.Held(until)
			}
		case <-ctx.Done():
			b.mu.Lock()
			defer b.mu.Unlock()
			if !k.drop(w) {
				// Granted at this very moment: it will not be used.
				if a := <-w.answer; a.grant != nil {
					k.giveBack(a.grant, time.Now())
				}
			}
			return nil, ctx.Err()
		}
	}
}

// bucket returns the key's bucket, in the window of now. Under lock.
func (b *Budget) bucket(key Key, now time.Time) *bucket {
	if now.Sub(b.swept) > window {
		b.swept = now
		for other, k := range b.buckets {
			if k.idle(now) {
				delete(b.buckets, other)
			}
		}
	}
	k := b.buckets[key]
	if k == nil {
		k = &bucket{budget: b}
		if limit := b.limit(key); limit.PerMinute > 0 {
			k.bound(limit)
		}
		b.buckets[key] = k
	}
	k.used = now
	k.roll(now)
	return k
}

// Close refuses all waiting and all later calls.
func (b *Budget) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for _, k := range b.buckets {
		k.close()
	}
}
