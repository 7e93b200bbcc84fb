package readiness_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/ecsd-io/ecsd/server/internal/readiness"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fault is a check that fails with the text it holds, or passes if it is "".
type fault struct{ text atomic.Value }

func (f *fault) set(text string) { f.text.Store(text) }

func (f *fault) check(context.Context) error {
	if text, _ := f.text.Load().(string); text != "" {
		return errors.New(text)
	}
	return nil
}

func serving(t *testing.T, p *readiness.Prober, service string) bool {
	t.Helper()
	answer, err := p.Health().Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: service})
	if err != nil {
		t.Fatalf("health of %q: %v", service, err)
	}
	return answer.GetStatus() == grpc_health_v1.HealthCheckResponse_SERVING
}

// A part is out only after as many failed checks in a row as it allows, back
// after one good check, and takes down only the services that need it.
func TestServices_FollowParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store, cloud fault
		p := readiness.New(readiness.Config{
			Parts: []readiness.Part{
				{Name: "store", Check: store.check},
				{Name: "cloud", Check: cloud.check, Failures: 3},
			},
			Services: map[string][]string{"reads": {"cloud"}, "renewals": {"cloud", "store"}},
			Logger:   slog.New(slog.DiscardHandler),
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { p.Run(ctx); close(done) }()
		defer func() { cancel(); <-done }()
		// round lets one more interval pass.
		round := func() { time.Sleep(readiness.DefaultInterval); synctest.Wait() }
		expect := func(when string, all, reads, renewals bool) {
			t.Helper()
			got := [3]bool{serving(t, p, ""), serving(t, p, "reads"), serving(t, p, "renewals")}
			if want := [3]bool{all, reads, renewals}; got != want {
				t.Errorf("%s: all, reads, renewals = %v, want %v", when, got, want)
			}
			if p.Report().Ready != all {
				t.Errorf("%s: report says ready=%v", when, p.Report().Ready)
			}
		}
		expect("before the first check", false, false, false)
		p.Check(ctx)
		expect("after the first check", true, true, true)
		cloud.set("no answer")
		round()
		round()
		expect("after two failures of the cloud", true, true, true)
		round()
		expect("after three failures of the cloud", false, false, false)
		cloud.set("")
		round()
		expect("after the cloud came back", true, true, true)
		store.set("disk gone")
		round()
		expect("after one failure of the store", false, true, false)
		if got := p.Report().Parts["store"].Error; got != "disk gone" {
			t.Errorf("the report gives the store's error as %q", got)
		}
		store.set("")
		round()
		p.Drain()
		round()
		expect("while draining", false, false, false)
	})
}

// A part that never worked is not ready, however many failures it allows, and
// the log reports it once.
func TestReady_Never(t *testing.T) {
	var log bytes.Buffer
	p := readiness.New(readiness.Config{
		Parts: []readiness.Part{
			{Name: "cloud", Check: func(context.Context) error { return errors.New("no answer") }, Failures: 3},
		},
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	p.Check(t.Context())
	p.Check(t.Context())
	if serving(t, p, "") {
		t.Error("a server whose cloud never answered is SERVING")
	}
	if strings.Count(log.String(), "part is not ready") != 1 || !strings.Contains(log.String(), `error="no answer"`) {
		t.Errorf("the log says %q", &log)
	}
}

// A check that hangs is cut at the time limit and counts as failed.
func TestCheck_Hangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := readiness.New(readiness.Config{
			Parts: []readiness.Part{{Name: "cloud", Check: func(ctx context.Context) error {
				<-ctx.Done()
				return ctx.Err()
			}}},
			Logger: slog.New(slog.DiscardHandler),
		})
		began := time.Now()
		p.Check(t.Context())
		if took := time.Since(began); took != readiness.DefaultTimeout {
			t.Errorf("the check ended after %v, want %v", took, readiness.DefaultTimeout)
		}
		if serving(t, p, "") {
			t.Error("SERVING although the check hangs")
		}
	})
}
