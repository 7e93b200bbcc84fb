package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/store"
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
		if err := a.wait(t.Context()); err != nil {
			t.Errorf("an account that is not known is refused: %v", err)
		}
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
		if err := a.wait(t.Context()); err != nil {
			t.Errorf("an account that is not known is refused: %v", err)
		}
		if took := time.Since(began); took != accountWait {
			t.Errorf("the start waited %s, want %s", took, accountWait)
		}
		time.Sleep(time.Minute)
		a.close()
	})
}

// A server with keys of another account than its database ends at the
// start, and names both accounts and the remedies. Nothing is sent but the
// question for the account.
func TestServe_DatabaseOfAnotherAccount(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Listen, cfg.Admin, cfg.Simulator = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	cfg.Simulate, cfg.Database, cfg.LogOutput = true, "sqlite:"+filepath.Join(t.TempDir(), "ecsd.db"), io.Discard
	database, err := store.Open(t.Context(), cfg.Database)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := database.CloudAccount(t.Context(), "100"); err != nil {
		t.Fatal(err)
	}
	if err := database.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second) // it serves if it does not refuse
	defer stop()
	err = s.Serve(ctx)
	var other *cloud.OtherAccountError
	if !errors.As(err, &other) || other.Database != "100" || other.Keys != "1234567890123456" {
		t.Fatalf("the server ended with %v, want the refusal of another account", err)
	}
	for _, text := range []string{"account 100", "account 1234567890123456", "--database"} {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q does not name %q", err, text)
		}
	}
	for action, count := range s.simulator.Stats().Actions {
		if action != "GetCallerIdentity" && count.Calls > 0 {
			t.Errorf("%s was called %d times with keys of another account", action, count.Calls)
		}
	}
}

// The same account may start again on its database.
func TestServe_DatabaseOfTheAccount(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Listen, cfg.Admin, cfg.Simulator = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	cfg.Simulate, cfg.Database, cfg.LogOutput = true, "sqlite:"+filepath.Join(t.TempDir(), "ecsd.db"), io.Discard
	for range 2 {
		s, err := New(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(ctx) }()
		<-s.components.account.tried
		if id := s.components.account.ID(); id != "1234567890123456" {
			t.Errorf("the account is %q, want that of the simulator", id)
		}
		metrics := httptest.NewRecorder()
		promhttp.HandlerFor(s.metrics.Registry, promhttp.HandlerOpts{}).ServeHTTP(metrics, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if want := `ecsd_cloud_account_info{account_id="1234567890123456"} 1`; !strings.Contains(metrics.Body.String(), want) {
			t.Errorf("the metrics have no line %s", want)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
