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
)

// An account that cannot be read delays no start, is logged once, and is read
// later.
func TestAccount_ReadLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		reads := 0
		a := newAccount(func(context.Context) (string, error) {
			if reads++; reads < 4 {
				return "", errors.New("no route to STS")
			}
			return "12345", nil
		}, slog.New(slog.NewTextHandler(&log, nil)))
		began := time.Now()
		a.start(t.Context())
		a.wait(t.Context())
		if took := time.Since(began); took > 0 {
			t.Errorf("the start waited %s for a failure", took)
		}
		if a.ID() != "" {
			t.Errorf("the ID is %q before it was read", a.ID())
		}
		time.Sleep(3*accountRetry + time.Second)
		if a.ID() != "12345" {
			t.Errorf("the ID is %q, want 12345", a.ID())
		}
		a.close()
		if reads != 4 {
			t.Errorf("it was read %d times, want 4", reads)
		}
		if n := strings.Count(log.String(), "no route to STS"); n != 1 {
			t.Errorf("%d log lines, want 1: %s", n, &log)
		}
	})
}

func TestAccount_SlowRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}, slog.New(slog.DiscardHandler))
		began := time.Now()
		a.start(t.Context())
		a.wait(t.Context())
		if took := time.Since(began); took != accountWait {
			t.Errorf("the start waited %s, want %s", took, accountWait)
		}
		time.Sleep(time.Minute)
		a.close()
	})
}
