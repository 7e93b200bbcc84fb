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
	h := r.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended != nil {
		return nil, h.ended
	}
	if err := r.admit(caller); err != nil {
		return nil, err
	}
	h.reserved++
	h.callers[caller]++
	return sync.OnceFunc(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.reserved--
		if h.callers[caller]--; h.callers[caller] == 0 {
			delete(h.callers, caller)
		}
	}), nil
}
