package store

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// housekeepAtOnce bounds the rows of one transaction of the housekeeping, so
	// that a write waits for it some milliseconds at most.
	housekeepAtOnce = 100
	// housekeepRests is the pause before the next batch: the deliveries of that
	// moment compete for the processor, too.
	housekeepRests = 25 * time.Millisecond
)

// rest is between two pieces of the housekeeping.
func rest(ctx context.Context) error { return sleep.For(ctx, housekeepRests) }
