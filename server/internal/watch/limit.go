package watch

import (
	"context"
	"sync"

	"github.com/ecsd-io/ecsd/server/internal/call"
)

// Reserve counts a watch that another component serves, such as one of a
// renewal job, against the limits of this server and of its caller, until
// release is called.
func (r *Service) Reserve(ctx context.Context) (release func(), err error) {
	caller := call.Caller(ctx)
	if err := r.reserve(caller); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() { r.unreserve(caller) }), nil
}

func (r *Service) reserve(caller string) error {
	h := r.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended != nil {
		return h.ended
	}
	if err := r.admit(caller); err != nil {
		return err
	}
	h.reserved++
	h.callers[caller]++
	return nil
}

func (r *Service) unreserve(caller string) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	r.hub.unreserve(caller)
}
