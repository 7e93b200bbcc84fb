package billing

import (
	"context"
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

// Check returns why the bill cannot be read, nil if it can or was not tried.
func (b *Bills) Check(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state.failure
}

func (b *Bills) paused() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().Before(b.state.until)
}

// note records the outcome of a read, and logs the first failure and its end. A
// caller that stopped waiting is a failure too: the bill is slow.
func (b *Bills) note(ctx context.Context, err error) {
	if err != nil && ctx.Err() == context.Canceled {
		return // the server or the session ends
	}
	b.mu.Lock()
	was := b.state
	denied := ecs.HasReason(err, ecs.ReasonCloudPermissionDenied)
	switch {
	case err == nil:
		b.state = state{}
	case denied:
		b.state = state{err, time.Now().Add(deniedPause), was.failed + 1}
	default:
		b.state = state{err, time.Now().Add(min(firstPause<<min(was.failed, 6), lastPause)), was.failed + 1}
	}
	b.mu.Unlock()
	switch {
	case err == nil && was.failure != nil:
		b.config.Logger.Info("billing is readable")
	case denied && !ecs.HasReason(was.failure, ecs.ReasonCloudPermissionDenied):
		b.config.Logger.Warn("billing is not permitted, unknown outcomes are settled by the expiry alone", "error", err.Error(),
			"resolve", "allow bssapi:QueryOrders, bssapi:GetOrderDetail, bssapi:QueryAvailableInstances and bssapi:QueryAccountBalance, or start without --billing")
	case err != nil && was.failure == nil:
		b.config.Logger.Warn("billing is not readable, retrying", "error", err.Error())
	}
}
