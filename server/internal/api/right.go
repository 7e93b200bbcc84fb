package api

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
)

// streamRight is the right of a caller to its stream. It is checked when the
// stream sends a heartbeat, so that ten thousand idle streams need no timers of
// their own for it. The zero value never ends.
type streamRight struct{ right call.Right }

func rightOf(ctx context.Context) streamRight {
	if c := call.From(ctx); c != nil {
		return streamRight{c.Right}
	}
	return streamRight{}
}

// until returns the interval of heartbeats: the wanted one, or less so that the
// end of the right is found in time.
func (r streamRight) until(wanted time.Duration) time.Duration {
	if r.right == nil {
		return wanted
	}
	return r.right.Until(wanted)
}

// check returns why the right has ended, nil if it has not.
func (r streamRight) check(ctx context.Context) error {
	if r.right == nil {
		return nil
	}
	return r.right.Check(ctx)
}

// beforeSend returns a function that checks the right, then sends.
func (r streamRight) beforeSend(ctx context.Context, send func() error) func() error {
	if r.right == nil || send == nil {
		return send
	}
	return func() error {
		if err := r.check(ctx); err != nil {
			return err
		}
		return send()
	}
}
