package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// rateLimitsWait is how long a start waits for the rate limits of the account,
	// together with accountWait. The server serves without them.
	rateLimitsWait = 2 * time.Second
	// rateLimitsTimeout bounds one read of all regions.
	rateLimitsTimeout = time.Minute
	// rateLimitsEvery is the interval of the reads: a limit can be raised.
	rateLimitsEvery = time.Hour
)

// rateLimits keeps the rate budget at the limits that the cloud publishes. Its
// background work reads them once per hour.
type rateLimits struct {
	background

	tried chan struct{}
}

// newRateLimits returns limits that are read and set by the given function, which
// returns their number.
func newRateLimits(read func(context.Context) (int, error), logger *slog.Logger) *rateLimits {
	l := &rateLimits{tried: make(chan struct{})}
	l.name, l.run = "rate limits", func(ctx context.Context) {
		ctx = call.InLane(ctx, call.Poll)
		said := "" // what was logged last, which is not logged again
		for reads := 0; ; reads++ {
			once, cancel := context.WithTimeout(ctx, rateLimitsTimeout)
			set, err := read(once)
			cancel()
			if ctx.Err() != nil {
				return
			}
			level, event := slog.LevelInfo, "rate limits of the account read"
			attrs := []slog.Attr{slog.Int("limits", set)}
			switch {
			case ecs.HasReason(err, ecs.ReasonCloudPermissionDenied):
				event = "rate limits not permitted, learned from throttled calls"
				attrs = []slog.Attr{slog.String("permission", "quotas:ListProductQuotas")}
			case err != nil:
				level, event = slog.LevelWarn, "rate limits not read, learned from throttled calls"
				attrs = []slog.Attr{slog.String("error", err.Error())}
			}
			if event != said {
				logger.LogAttrs(ctx, level, event, attrs...)
				said = event
			}
			if reads == 0 {
				close(l.tried)
			}
			if sleep.For(ctx, rateLimitsEvery) != nil {
				return
			}
		}
	}
	return l
}

// wait waits for the first read, rateLimitsWait at most.
func (l *rateLimits) wait(ctx context.Context) {
	timer := time.NewTimer(rateLimitsWait)
	defer timer.Stop()
	select {
	case <-l.tried:
	case <-timer.C:
	case <-ctx.Done():
	}
}
