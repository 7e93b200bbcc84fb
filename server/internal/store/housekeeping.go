package store

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// housekeepAtOnce bounds the rows of one transaction of the housekeeping, so
	// that a write waits for it some milliseconds at most.
	housekeepAtOnce = 200
	// housekeepRests is how much longer the housekeeping rests than it works: who
	// watches at that moment waits for the processor, too.
	housekeepRests = 4
)

// rested does a piece of the housekeeping, and rests.
func rested(ctx context.Context, work func() error) error {
	began := time.Now()
	if err := work(); err != nil {
		return err
	}
	return sleep.For(ctx, housekeepRests*time.Since(began))
}
