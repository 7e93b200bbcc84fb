package clock

import (
	"container/heap"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Clock is safe for concurrent use.
type Clock struct {
	wall   func() time.Time
	speed  float64
	start  time.Time
	origin time.Time // the wall time that corresponds to start

	mu       sync.Mutex // guards advanced, queue and order
	advanced time.Duration
	queue    queue
	order    uint64

	next   atomic.Int64 // Unix nanoseconds of the first event, MaxInt64 for none
	settle sync.RWMutex // write-held while events run; taken before mu
}

// New returns a clock at start. speed is the count of simulated seconds per second of the wall clock; at 0 only
// [Clock.Advance] moves the clock.
func New(wall func() time.Time, start time.Time, speed float64) *Clock {
	c := &Clock{wall: wall, speed: speed, origin: wall(), start: start.UTC()}
	c.next.Store(math.MaxInt64)
	return c
}

// Now returns the simulated time, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	t := c.start.Add(c.advanced)
	if c.speed == 0 {
		return t
	}
	passed := c.wall().Sub(c.origin)
	return t.Add(time.Duration(float64(passed) * c.speed))
}

// Speed returns simulated seconds per second of the wall clock, 0 for a clock that only Advance moves.
func (c *Clock) Speed() float64 { return c.speed }

// Advance advances the clock by d, which must not be negative, and settles.
func (c *Clock) Advance(d time.Duration) time.Time {
	c.mu.Lock()
	c.advanced += d
	c.mu.Unlock()
	return c.Settle()
}

// At schedules f for the time t, or for the next Settle if that has passed. f receives the event's own time, which is
// the present for its effects; events run one at a time, by time and then in the order in which they were added. f may
// call At, but neither Settle nor Advance.
func (c *Clock) At(t time.Time, f func(at time.Time)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order++
	heap.Push(&c.queue, event{at: t.UnixNano(), order: c.order, run: f})
	c.next.Store(c.queue[0].at)
}

// Settle runs all due events and returns the time up to which it did. While another goroutine settles, Settle waits for
// it.
func (c *Clock) Settle() time.Time {
	now := c.Now()
	if c.next.Load() > now.UnixNano() {
		// No event is due, but an earlier one may still be running.
		c.settle.RLock()
		defer c.settle.RUnlock()
		return now
	}
	c.settle.Lock()
	defer c.settle.Unlock()
	for {
		c.mu.Lock()
		now = c.now()
		if len(c.queue) == 0 || c.queue[0].at > now.UnixNano() {
			c.mu.Unlock()
			return now
		}
		e := heap.Pop(&c.queue).(event)
		c.next.Store(math.MaxInt64)
		if len(c.queue) > 0 {
			c.next.Store(c.queue[0].at)
		}
		c.mu.Unlock()
		e.run(time.Unix(0, e.at).UTC())
	}
}

// Pending returns the count of waiting events.
func (c *Clock) Pending() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.queue)
}

type event struct {
	at    int64
	order uint64
	run   func(at time.Time)
}

type queue []event

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].at != q[j].at {
		return q[i].at < q[j].at
	}
	return q[i].order < q[j].order
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(event)) }
func (q *queue) Pop() any {
	old := *q
	e := old[len(old)-1]
	old[len(old)-1] = event{}
	*q = old[:len(old)-1]
	return e
}
