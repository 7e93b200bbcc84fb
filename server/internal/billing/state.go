package billing

import (
	"context"
	"errors"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// deniedPause is the pause after a read that is not permitted, and firstPause to
	// lastPause those after other failures.
	deniedPause = 10 * time.Minute
	firstPause  = 5 * time.Second
	lastPause   = time.Minute
)

// state is whether the bill can be read.
type state struct {
	// failure is the last failure, nil if the bill could be read or was not.
	failure error
	// until is the end of the pause after it, failed the failures in a row.
	until  time.Time
	failed int
}

// The reads of the bill, which may be permitted or not, each on its own.
const (
	orders  = "orders"
	balance = "balance"
	ends    = "subscriptions"
)

// needs are the permissions of the reads.
var needs = map[string]string{
	orders: "bssapi:QueryOrders and bssapi:GetOrderDetail", balance: "bssapi:QueryAccountBalance", ends: "bssapi:QueryAvailableInstances",
}

// Check returns why a part of the bill cannot be read, nil if each can or was not
// tried.
func (b *Bills) Check(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, what := range []string{orders, balance, ends} {
		if failure := b.states[what].failure; failure != nil {
			return failure
		}
	}
	return nil
}

func (b *Bills) paused(what string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().Before(b.states[what].until)
}

// note records the outcome of a read, and logs the first failure and its end. A
// caller that stopped waiting is a failure too: the bill is slow.
func (b *Bills) note(ctx context.Context, what string, err error) {
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return // the server or the session ends
	}
	denied := ecs.HasReason(err, ecs.ReasonCloudPermissionDenied)
	b.mu.Lock()
	was := b.states[what]
	switch {
	case err == nil:
		delete(b.states, what)
	case denied:
		b.states[what] = state{err, time.Now().Add(deniedPause), was.failed + 1}
	default:
		b.states[what] = state{err, time.Now().Add(min(firstPause<<min(was.failed, 6), lastPause)), was.failed + 1}
	}
	b.mu.Unlock()
	switch {
	case err == nil && was.failure != nil:
		b.config.Logger.Info("billing is readable", "read", what)
	case denied && !ecs.HasReason(was.failure, ecs.ReasonCloudPermissionDenied):
		b.config.Logger.Warn("billing is not permitted, working without it", "read", what, "error", err.Error(),
			"resolve", "allow "+needs[what]+", or start without --billing")
	case err != nil && was.failure == nil:
		b.config.Logger.Warn("billing is not readable, retrying", "read", what, "error", err.Error())
	}
}
