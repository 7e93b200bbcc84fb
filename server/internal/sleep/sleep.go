// Package sleep waits for time to pass, as long as a context lasts.
package sleep

import (
	"context"
	"time"
)

// For waits, and gives the error of ctx where that ended first.
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
