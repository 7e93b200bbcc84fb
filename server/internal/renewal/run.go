package renewal

import (
	"context"
	"sync"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// run is one renewal in work in this process. All who ask under its request id
// wait for the same run.
type run struct {
	payloadHash string
	done        chan struct{}
	renewal     ecs.Renewal
	err         error

	mu sync.Mutex
	// waiting counts the callers; committed is set before the intent is
	// stored. Until then the run belongs to its callers and ends with the
	// last of them, so that nobody pays for what nobody waits for.
	waiting   int
	committed bool
	cancel    context.CancelFunc
}

// commit reports whether the run may go on to pay. After it, the run no longer
// ends with its callers.
func (r *run) commit() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.committed && r.waiting == 0 {
		return false
	}
	r.committed = true
	return true
}

func (r *run) enter() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting++
}

// leave takes one caller away and reports whether the run goes on without him.
func (r *run) leave() (goesOn bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting--
	if r.waiting == 0 && !r.committed {
		r.cancel()
	}
	return r.committed
}

// join enters the run of the request, and starts it where there is none. Where
// the run that is there asks for something else, it is refused.
func (e *Engine) join(ctx context.Context, q Request) (*run, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx.Err() != nil {
		return nil, draining(q.RegionID, q.InstanceID)
	}
	hash := q.payloadHash()
	if there := e.running[q.RequestID]; there != nil {
		if there.payloadHash != hash {
			return nil, reused(q)
		}
		there.enter()
		return there, nil
	}
	started := e.start(ctx, q.RequestID, hash, func(ctx context.Context, run *run) (ecs.Renewal, error) {
		return e.begin(ctx, run, q)
	})
	return started, nil
}

// start runs the work in a goroutine of the engine, with the values but not the
// life of ctx. The caller holds e.mu and counts as waiting.
func (e *Engine) start(ctx context.Context, requestID, hash string, work func(context.Context, *run) (ecs.Renewal, error)) *run {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(e.ctx, cancel)
	r := &run{payloadHash: hash, done: make(chan struct{}), waiting: 1, cancel: cancel}
	e.running[requestID] = r
	e.runs.Go(func() {
		defer cancel()
		defer stop()
		r.renewal, r.err = work(ctx, r)
		e.mu.Lock()
		delete(e.running, requestID)
		e.mu.Unlock()
		close(r.done)
	})
	return r
}

// draining says that the engine is closing.
func draining(regionID, instanceID string) *ecs.Error {
	e := ecs.Errorf(ecs.ReasonServerDraining, "the server is stopping; ask again with the same request_id")
	e.Retry = ecs.RetryBackoff
	return e.On(regionID, instanceID)
}

// reused says that a request id stands for another request.
func reused(q Request) *ecs.Error {
	return ecs.Errorf(ecs.ReasonRequestIDReused,
		"request_id %s was used for another renewal; take a new one for a new request", q.RequestID).On(q.RegionID, q.InstanceID)
}
