// Package sleep waits for time to pass, as long as a context lasts.
package sleep

import (
	"context"
	"time"
)

// For waits, and returns the error of ctx if that ended first.
func For(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
