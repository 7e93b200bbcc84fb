// Package flight tracks the requests in progress in this process, so that all
// callers of one request ID wait for the same work. It takes a request ID, a
// hash of the payload and the work, and returns the outcome. Until the work
// commits, it belongs to its callers and ends with the last of them. The
// package does no I/O and holds no business rule.
package flight

import (
	"context"
	"errors"
	"sync"

	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

var (
	// ErrClosed reports that the group's context has ended: nothing begins any more.
	ErrClosed = errors.New("nothing begins any more")
	// ErrOther reports that the request id belongs to another request in progress.
	ErrOther = errors.New("the request id belongs to another request")
)

// Group holds the requests of one kind in progress. It is safe for concurrent
// use.
type Group[T any] struct {
	// ctx is the life of every flight; no flight lives in the context of the
	// caller that started it.
	ctx  context.Context
	work sync.WaitGroup

	// mu guards running and orders it against Wait: no flight begins after it.
	mu      sync.Mutex
	closed  bool
	running map[string]*flight[T] // by request id
}

// flight is one request in progress.
type flight[T any] struct {
	hash  string
	done  chan struct{}
	value T
	err   error

	mu sync.Mutex
	// waiting counts the callers; committed is set before the work may have an
	// effect. Until then the flight belongs to its callers and ends with the last
	// of them, so that no abandoned request is paid for.
	waiting   int
	committed bool
	// abandoned: a new caller waits for the end of this flight and starts another,
	// because the last caller left or it never had one.
	abandoned bool
	cancel    context.CancelFunc
}

// New returns a group of flights that end with ctx at the latest.
func New[T any](ctx context.Context) *Group[T] {
	return &Group[T]{ctx: ctx, running: map[string]*flight[T]{}}
}

// Work is the work of a flight. It calls commit before its first effect that
// cannot be undone; if commit returns false no caller waits, and the work must
// stop.
type Work[T any] func(ctx context.Context, commit func() bool) (T, error)

// Do joins the flight of the request, or starts it. If ctx ends first, goesOn
// reports whether the flight continues without this caller.
func (g *Group[T]) Do(ctx context.Context, requestID, hash string, run Work[T]) (value T, goesOn bool, err error) {
	for {
		fl, mine, err := g.join(ctx, requestID, hash, run)
		if err != nil {
			return value, false, err
		}
		select {
		case <-fl.done:
			if !mine {
				continue
			}
			fl.leave()
			return fl.value, false, fl.err
		case <-ctx.Done():
			return value, mine && fl.leave(), ctx.Err()
		}
	}
}

// join returns a flight to wait for: mine if its outcome is the caller's too,
// else one that must end before the caller's may begin.
func (g *Group[T]) join(ctx context.Context, requestID, hash string, run Work[T]) (fl *flight[T], mine bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed || g.ctx.Err() != nil {
		return nil, false, ErrClosed
	}
	if there := g.running[requestID]; there != nil {
		if !there.enter() {
			return there, false, nil // the next work compares with the record that this one leaves
		}
		if there.hash != hash {
			there.leave()
			return nil, false, ErrOther
		}
		return there, true, nil
	}
	fl = &flight[T]{hash: hash, waiting: 1}
	g.start(ctx, requestID, fl, run)
	return fl, true, nil
}

// Alone starts a flight without callers, which none may join, unless there is
// one already.
func (g *Group[T]) Alone(ctx context.Context, requestID, hash string, run Work[T]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed || g.ctx.Err() != nil || g.running[requestID] != nil {
		return
	}
	g.start(ctx, requestID, &flight[T]{hash: hash, committed: true, abandoned: true}, run)
}

// start runs the work in a goroutine, with the values but not the life of ctx.
// The caller holds g.mu.
func (g *Group[T]) start(ctx context.Context, requestID string, fl *flight[T], run Work[T]) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(g.ctx, cancel)
	fl.done, fl.cancel = make(chan struct{}), cancel
	g.running[requestID] = fl
	g.work.Go(func() {
		defer cancel()
		defer stop()
		fl.value, fl.err = rescued(ctx, fl.commit, run)
		g.mu.Lock()
		delete(g.running, requestID)
		g.mu.Unlock()
		close(fl.done)
	})
}

// rescued does the work; its panic is an error of all waiting callers.
func rescued[T any](ctx context.Context, commit func() bool, run Work[T]) (value T, err error) {
	defer rescue.Into(&err)
	return run(ctx, commit)
}

// Wait waits for the end of every flight, and lets no other begin.
func (g *Group[T]) Wait() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.work.Wait()
}

// commit reports whether the flight may have its effect.
func (fl *flight[T]) commit() bool {
	fl.mu.Lock()
	defer fl.mu.Unlock()
	if !fl.committed && fl.waiting == 0 {
		return false
	}
	fl.committed = true
	return true
}

// enter adds a caller, unless the flight was abandoned.
func (fl *flight[T]) enter() bool {
	fl.mu.Lock()
	defer fl.mu.Unlock()
	if fl.abandoned {
		return false
	}
	fl.waiting++
	return true
}

// leave removes one caller and reports whether the flight continues without it.
func (fl *flight[T]) leave() (goesOn bool) {
	fl.mu.Lock()
	defer fl.mu.Unlock()
	fl.waiting--
	if fl.waiting == 0 && !fl.committed {
		fl.abandoned = true
		fl.cancel()
	}
	return fl.committed
}
