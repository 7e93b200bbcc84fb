package batch

import (
	"context"
	"sync"
	"time"
)

// Outcome is the outcome of one key.
type Outcome[V any] struct {
	Value V
	Err   error
}

// Config configures a Group.
type Config[K comparable, V any] struct {
	// Max is the maximum number of keys per call.
	Max int
	// MaxCalls is the maximum number of calls in progress; requests gather beyond it.
	MaxCalls int
	// Patience limits how long requests gather while a call is in progress, so
	// that one stuck call does not stop a group.
	Patience time.Duration
	// Burst and Linger: if at least Burst keys have gathered when a call returns,
	// they may fill their call until Linger after the last one left. This has an
	// effect only if calls are faster than Linger.
	Burst  int
	Linger time.Duration
	// Call requests the keys, all at once, and returns an outcome for each. Its
	// context ends when its last caller has left.
	Call func(ctx context.Context, keys []K, callers *Callers) map[K]Outcome[V]
	// Start runs a function in a goroutine that its owner waits for, with a
	// context that ends with the owner. It returns false if it refuses.
	Start func(func(context.Context)) bool
	// Refused is the error of a request that Start would not run.
	Refused error
}

// Group gathers requests. It is safe for concurrent use.
type Group[K comparable, V any] struct {
	config Config[K, V]

	mu sync.Mutex
	// waiting are the keys that no call has taken yet, in request order.
	waiting []*slot[K, V]
	byKey   map[K]*slot[K, V]
	calls   int
	// partial are the calls in progress that were not full.
	partial map[*Callers]struct{}
	// left is when the last of them left.
	left time.Time
	// burst is when at least Burst had gathered last.
	burst time.Time
	// timer fires at timed; it is nil if no request gathers.
	timer *time.Timer
	timed time.Time
}

// slot is one key with all its callers.
type slot[K comparable, V any] struct {
	key     K
	waiters []waiter[V]
}

// waiter is one of a caller's keys.
type waiter[V any] struct {
	caller *caller[V]
	index  int
}

// caller is one Do. Its fields are guarded by the group's lock.
type caller[V any] struct {
	context  context.Context
	outcomes []Outcome[V]
	answered []bool
	left     int
	gone     bool
	calls    map[*Callers]struct{}
	done     chan struct{}
}

// New returns a Group.
func New[K comparable, V any](config Config[K, V]) *Group[K, V] {
	return &Group[K, V]{config: config, byKey: make(map[K]*slot[K, V]), partial: make(map[*Callers]struct{})}
}

// Do requests keys and returns their outcomes in request order. When ctx ends
// first, the keys without an outcome have its error.
func (g *Group[K, V]) Do(ctx context.Context, keys []K) []Outcome[V] {
	a := &caller[V]{
		context: ctx, outcomes: make([]Outcome[V], len(keys)), answered: make([]bool, len(keys)),
		left: len(keys), calls: make(map[*Callers]struct{}), done: make(chan struct{}),
	}
	if len(keys) == 0 {
		return a.outcomes
	}
	if err := ctx.Err(); err != nil {
		a.fill(err)
		return a.outcomes
	}
	g.mu.Lock()
	if err := g.heldPast(ctx); err != nil {
		g.mu.Unlock()
		a.fill(err)
		return a.outcomes
	}
	for i, key := range keys {
		p := g.byKey[key]
		if p == nil {
			p = &slot[K, V]{key: key}
			g.byKey[key] = p
			g.waiting = append(g.waiting, p)
		}
		p.waiters = append(p.waiters, waiter[V]{a, i})
	}
	g.depart()
	g.mu.Unlock()

	select {
	case <-a.done:
		return a.outcomes
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	a.leave(ctx.Err())
	return a.outcomes
}

// answer sets the outcome of one key.
func (a *caller[V]) answer(index int, outcome Outcome[V]) {
	if a.gone || a.answered[index] {
		return
	}
	a.outcomes[index], a.answered[index] = outcome, true
	if a.left--; a.left == 0 {
		a.gone = true
		close(a.done)
	}
}

// fill sets the error of all keys without an outcome.
func (a *caller[V]) fill(err error) {
	for i := range a.outcomes {
		if !a.answered[i] {
			a.outcomes[i].Err = err
		}
	}
}

// leave ends a caller's wait. Calls without a caller end.
func (a *caller[V]) leave(err error) {
	if a.gone {
		return
	}
	a.gone = true
	a.fill(err)
	for callers := range a.calls {
		callers.left(a)
	}
}
