package server

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// accountWait is how long a start waits for the ID of the account. The server
	// serves without it.
	accountWait = 2 * time.Second
	// accountTimeout bounds one read of it, and accountRetry is the pause after a
	// failed one.
	accountTimeout = 10 * time.Second
	accountRetry   = time.Minute
)

// account holds the ID of the cloud account of the keys. Its background work
// reads it once, and again after a failure.
type account struct {
	background

	known atomic.Pointer[string]
	tried chan struct{}
	// other is the error of the first read if the keys are of another account than
	// the database. It may be read after tried is closed.
	other error
}

// newAccount returns an account that is read by the given function.
func newAccount(read func(context.Context) (string, error), logger *slog.Logger) *account {
	a := &account{tried: make(chan struct{})}
	a.run = func(ctx context.Context) {
		ctx = call.InLane(ctx, call.Poll)
		for failures := 0; ; failures++ {
			once, cancel := context.WithTimeout(ctx, accountTimeout)
			id, err := read(once)
			cancel()
			var other *cloud.OtherAccountError
			switch {
			case err == nil:
				a.known.Store(&id)
				logger.LogAttrs(ctx, slog.LevelInfo, "account ID read", slog.String("account_id", id))
			case errors.As(err, &other):
				if failures == 0 {
					a.other = other
				}
			case ctx.Err() == nil && failures == 0:
				logger.LogAttrs(ctx, slog.LevelWarn, "account ID not read, retrying: account_id stays empty", slog.String("error", err.Error()))
			}
			if failures == 0 {
				close(a.tried)
			}
			if err == nil || sleep.For(ctx, accountRetry) != nil {
				return
			}
		}
	}
	return a
}

// ID returns the ID, "" as long as it is not known.
func (a *account) ID() string {
	if id := a.known.Load(); id != nil {
		return *id
	}
	return ""
}

// wait waits for the first read, accountWait at most. It returns an error if
// the keys are of another account than the database. If that is found later, no
// call is sent with them.
func (a *account) wait(ctx context.Context) error {
	timer := time.NewTimer(accountWait)
	defer timer.Stop()
	select {
	case <-a.tried:
		return a.other
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil
}
