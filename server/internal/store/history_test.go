package store

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
)

// The history ages with time, and the changes go with their revisions.
func TestKeepHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(t.Context(), "sqlite::memory:")
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		lease, err := s.AcquireLease(t.Context(), "poll", "p1", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.KeepHistory(ctx, changelog.History{Age: time.Hour, MaxChanges: 1 << 40}, slog.New(slog.DiscardHandler))
		}()
		for i := range 5 {
			// The first is larger than the limit of one transaction of a trim.
			changes := make([]changelog.Change, 1)
			if i == 0 {
				changes = make([]changelog.Change, 1+housekeepAtOnce)
			}
			for j := range changes {
				changes[j] = changelog.Change{InstanceID: fmt.Sprint(i, "-", j), After: []byte("x")}
			}
			if _, err := s.Append(t.Context(), lease, changelog.Position{}, "cn-a", changes); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Minute)
		}
		// It is minute 100, and the revisions are of minutes 0, 20, 40, 60, 80.
		for _, want := range []struct {
			after  time.Duration
			oldest int64
			rows   int
		}{{0, 3, 2}, {19 * time.Minute, 3, 2}, {2 * time.Minute, 4, 1}, {time.Hour, 5, 0}} {
			time.Sleep(want.after)
			synctest.Wait()
			bounds, err := s.LogBounds(t.Context())
			var rows int
			if err == nil {
				err = s.reader.QueryRow("SELECT count(*) FROM changes").Scan(&rows)
			}
			if err != nil || bounds != (changelog.Bounds{Oldest: want.oldest, Newest: 5, NewestID: bounds.NewestID}) || rows != want.rows {
				t.Errorf("%v on: %+v and %d changes, %v, want the oldest %d and %d changes", want.after, bounds, rows, err, want.oldest, want.rows)
			}
		}
		stop()
		<-done
	})
}

// A failed trim is reported and retried.
func TestKeepHistory_ReportsFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(t.Context(), "sqlite::memory:")
		if err != nil {
			t.Fatal(err)
		}
		_ = s.Close()
		var log strings.Builder
		ctx, stop := context.WithTimeout(t.Context(), 3*trimInterval/2)
		defer stop()
		s.KeepHistory(ctx, changelog.History{}, slog.New(slog.NewTextHandler(&log, nil)))
		if got := strings.Count(log.String(), "trim history failed, retrying"); got != 2 {
			t.Errorf("two trims that failed were told %d times:\n%s", got, &log)
		}
	})
}
