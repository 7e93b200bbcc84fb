package server

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Limits that cannot be read delay no start for longer than two seconds, and are
// logged once, without a failure.
func TestRateLimits_NotRead(t *testing.T) {
	denied := ecs.Errorf(ecs.ReasonCloudPermissionDenied, "no")
	for name, c := range map[string]struct {
		read  func(context.Context) (int, error)
		waits time.Duration
		log   string
		level string
	}{
		"read":          {func(context.Context) (int, error) { return 7, nil }, 0, "limits=7", "INFO"},
		"denied":        {func(context.Context) (int, error) { return 0, denied }, 0, "quotas:ListProductQuotas", "INFO"},
		"not reachable": {func(context.Context) (int, error) { return 0, errors.New("no route") }, 0, "no route", "WARN"},
		"silent":        {func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, ctx.Err() }, rateLimitsWait, "deadline exceeded", "WARN"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				reads := 0
				l := newRateLimits(func(ctx context.Context) (int, error) {
					reads++
					return c.read(ctx)
				}, slog.New(slog.NewTextHandler(&log, nil)))
				began := time.Now()
				l.start(t.Context())
				l.wait(t.Context())
				if took := time.Since(began); took != c.waits {
					t.Errorf("the start waited %s, want %s", took, c.waits)
				}
				time.Sleep(3*rateLimitsEvery + 10*time.Minute)
				l.close()
				if reads != 4 {
					t.Errorf("%d reads in three hours, want 4", reads)
				}
				if n := strings.Count(log.String(), c.log); n != 1 || !strings.Contains(log.String(), "level="+c.level) {
					t.Errorf("%d lines with %q at %s, want 1:\n%s", n, c.log, c.level, &log)
				}
			})
		})
	}
}
