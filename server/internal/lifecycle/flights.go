package lifecycle

import (
	"context"
	"sync"
)

// flights are the requests in work in this process. All who ask under one
// request id wait for the same flight.
type flights[T any] struct {
	// ctx ends when the room closes; every flight lives in it, none in the
	// context of the caller who happened to start it.
	ctx  context.Context
	work sync.WaitGroup

	// mu guards running and orders it against wait: no flight begins after it.
	mu      sync.Mutex
	closed  bool
	running map[string]*flight[T] // by request id
}

// flight is one request in work.
type flight[T any] struct {
	hash  string
	done  chan struct{}
	value T
	err   error

	mu sync.Mutex
	// waiting counts the callers; committed is set before what was asked may
	// have an effect. Until then the flight belongs to its callers and ends
	// with the last of them, so that nobody pays for what nobody waits for.
	waiting   int
	committed bool
	// abandoned: who comes now waits for the end of this flight and starts one
	// of his own, because the last caller left or it never had one.
	abandoned bool
	cancel    context.CancelFunc
}

func newFlights[T any](ctx context.Context) *flights[T] {
	return &flights[T]{ctx: ctx, running: map[string]*flight[T]{}}
}

// work is what a flight does. It calls commit before what can no longer be
// left; where that reports false nobody waits, and it must not go on.
type work[T any] func(ctx context.Context, commit func() bool) (T, error)

// do joins the flight of the request, or starts it. Where ctx ends first,
// goesOn tells whether the flight goes on without this caller.
func (f *flights[T]) do(ctx context.Context, requestID, hash string, run work[T]) (value T, goesOn bool, err error) {
	for {
		fl, mine, err := f.join(ctx, requestID, hash, run)
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

// join finds a flight to wait for: mine where its outcome is the caller's too,
// else one that has to end before the caller's may begin.
func (f *flights[T]) join(ctx context.Context, requestID, hash string, run work[T]) (fl *flight[T], mine bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || f.ctx.Err() != nil {
		return nil, false, errDraining
	}
	if there := f.running[requestID]; there != nil {
		if there.hash != hash {
			return nil, false, errReused
		}
		return there, there.enter(), nil
	}
	fl = &flight[T]{hash: hash, waiting: 1}
	f.start(ctx, requestID, fl, run)
	return fl, true, nil
}

// alone starts a flight that nobody waits for and nobody joins, where none is
// there.
func (f *flights[T]) alone(ctx context.Context, requestID, hash string, run work[T]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || f.ctx.Err() != nil || f.running[requestID] != nil {
		return
	}
	f.start(ctx, requestID, &flight[T]{hash: hash, committed: true, abandoned: true}, run)
}

// start runs the work in a goroutine, with the values but not the life of ctx.
// The caller holds f.mu.
func (f *flights[T]) start(ctx context.Context, requestID string, fl *flight[T], run work[T]) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(f.ctx, cancel)
	fl.done, fl.cancel = make(chan struct{}), cancel
	f.running[requestID] = fl
	f.work.Go(func() {
		defer cancel()
		defer stop()
		fl.value, fl.err = run(ctx, fl.commit)
		f.mu.Lock()
		delete(f.running, requestID)
		f.mu.Unlock()
		close(fl.done)
	})
}

// wait waits for the end of every flight, and lets no other begin.
func (f *flights[T]) wait() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.work.Wait()
}

// commit reports whether the flight may go on to what cannot be left.
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

// leave takes one caller away and reports whether the flight goes on without
// him.
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
