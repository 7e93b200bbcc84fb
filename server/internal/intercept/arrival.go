package intercept

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/tap"
)

const (
	// arrivalTimeout is how long a request may take from its headers to its
	// last byte.
	arrivalTimeout = 10 * time.Second
	// arrivalSoon is how long nearly all requests take at most. Of those that
	// take longer, at most maxSlowArrivals are waited for.
	arrivalSoon     = time.Second
	maxSlowArrivals = 256
	// leastArrivals is how many requests may be arriving at least; most take
	// less than a millisecond.
	leastArrivals = 1000
)

// arrivals bounds the calls whose request has not arrived yet. grpc reads the
// whole request before the interceptors see the call, so that a client could
// send nearly all of many requests, and never the rest.
type arrivals struct {
	pending *shares // by the address of the peer
	slow    atomic.Int64
	refuse  func(error) error // turns an error into its status
}

// tap is called for each call when its headers have arrived. Health probes are
// never refused, so that an overloaded server is not taken for a dead one.
func (l *arrivals) tap(ctx context.Context, info *tap.Info) (context.Context, error) {
	inner, cancel := context.WithCancel(ctx)
	probe := strings.HasPrefix(info.FullMethodName, "/grpc.health.")
	a := &arrival{Context: inner, limits: l, cancel: cancel, counted: !probe}
	if a.counted {
		a.peer = peerHost(ctx)
		if v := l.pending.enter(a.peer); v != admitted {
			cancel()
			return ctx, l.refuse(overloaded(v, "requests that have not arrived", a.peer, l.pending.most))
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if probe {
		a.timer = time.AfterFunc(arrivalSoon, a.overdue) // nothing calls Receiving for it
	}
	a.stop = context.AfterFunc(ctx, func() { a.arrived() })
	return a, nil
}

// arrival is the context of a call. It ends with DeadlineExceeded if the
// request does not arrive in time.
type arrival struct {
	context.Context

	limits  *arrivals
	counted bool
	peer    string
	cancel  context.CancelFunc
	late    atomic.Bool

	mu    sync.Mutex
	timer *time.Timer
	stop  func() bool
	slow  bool // and counted as such
	final bool // the next time it is overdue, the call ends
	done  bool
}

type arrivalKey struct{}

// Value finds the arrival in the contexts that are made of it.
func (a *arrival) Value(key any) any {
	if key == (arrivalKey{}) {
		return a
	}
	return a.Context.Value(key)
}

// Err names the reason why a late request is not waited for.
func (a *arrival) Err() error {
	if a.late.Load() {
		return context.DeadlineExceeded
	}
	return a.Context.Err()
}

// overdue waits on for a slow request, unless too many are slow.
func (a *arrival) overdue() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.done {
		return
	}
	if a.final || a.limits.slow.Load() >= maxSlowArrivals {
		a.late.Store(true)
		a.cancel()
		return
	}
	a.slow, a.final = true, true
	a.limits.slow.Add(1)
	a.timer.Reset(arrivalTimeout - arrivalSoon)
}

// arrived ends the wait: the request is there, or its call has ended.
func (a *arrival) arrived() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.done {
		return
	}
	a.done = true
	if a.timer != nil {
		a.timer.Stop()
	}
	a.stop()
	a.timer, a.stop = nil, nil // a watch keeps its arrival for hours
	a.quicken()
	if a.counted {
		a.limits.pending.leave(a.peer)
	}
}

// next waits for a further request of the call, which stays counted.
func (a *arrival) next(timeout time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.done {
		return
	}
	a.final = true
	a.quicken()
	a.timer.Reset(timeout)
}

// Receiving starts the time in which the request of a call must arrive. It is
// called when its handler begins to read: on a busy server that can be long
// after the headers, with all of the request there.
func Receiving(ctx context.Context) {
	if a := arrivalOf(ctx); a != nil {
		a.receiving()
	}
}

func (a *arrival) receiving() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.done && a.timer == nil {
		a.timer = time.AfterFunc(arrivalSoon, a.overdue)
	}
}

func (a *arrival) quicken() {
	if a.slow {
		a.slow = false
		a.limits.slow.Add(-1)
	}
}

// arrivalOf returns the arrival of a call, nil if there is none.
func arrivalOf(ctx context.Context) *arrival {
	a, _ := ctx.Value(arrivalKey{}).(*arrival)
	return a
}

// arrivedUnary is the outermost interceptor: the request is decoded before it.
func arrivedUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if a := arrivalOf(ctx); a != nil {
		a.arrived()
	}
	return handler(ctx, req)
}
