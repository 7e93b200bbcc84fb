package cloud_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// hangs does not respond before the client gives up.
func hangs(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func polling(ctx context.Context) context.Context { return call.InLane(ctx, call.Poll) }

// A poll has no deadline here, but a failure of the region must still be
// reported at once.
func TestPoll_ThrottledRegionIsAnErrorAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(20 * time.Second)
		server := throttles(1, 0)
		edge, _ := overPipes(t, server, cloud.Config{})
		began := time.Now()
		for _, want := range []ecs.Reason{ecs.ReasonThrottled, ecs.ReasonRateBudgetExhausted} {
			_, err := edge.InstancePage(polling(t.Context()), hangzhou, ecs.Query{}, "c", 100)
			failure := ecs.AsError(err)
			if failure == nil || failure.Reason != want || failure.RetryAfter < 40*time.Second || failure.RetryAfter > 42*time.Second {
				t.Errorf("got %+v, want %s and to retry after the 40s to the next minute", failure, want)
			}
		}
		err := edge.Instances(polling(t.Context()), hangzhou, []string{"i-1"})[0].Err
		if reasonOf(t, err) != ecs.ReasonRateBudgetExhausted {
			t.Errorf("a batched poll: got %v, want RATE_BUDGET_EXHAUSTED", err)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("three polls of a throttled region took %s, want no wait", took)
		}
		time.Sleep(ecs.AsError(err).RetryAfter)
		if _, err := edge.InstancePage(polling(t.Context()), hangzhou, ecs.Query{}, "c", 100); err != nil {
			t.Errorf("the poll after the throttle: %v", err)
		}
	})
}

func TestPoll_CloudThatDoesNotRespondIsTriedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &stub{answer: hangs}
		edge, _ := overPipes(t, server, cloud.Config{})
		began := time.Now()
		_, err := edge.InstancePage(polling(t.Context()), hangzhou, ecs.Query{}, "", 100)
		if reasonOf(t, err) != ecs.ReasonCloudUnreachable {
			t.Errorf("got %v, want CLOUD_UNREACHABLE", err)
		}
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("the error came after %s, want the action's 15s", took)
		}
		if n := len(server.asked()); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
	})
}

func TestPoll_BrokenRegionIsTriedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &stub{answer: internalError}
		edge, _ := overPipes(t, server, cloud.Config{})
		_, err := edge.InstancePage(polling(t.Context()), hangzhou, ecs.Query{}, "", 100)
		if reasonOf(t, err) != ecs.ReasonCloudInternalError || len(server.asked()) != 2 {
			t.Errorf("got %v after %d requests, want CLOUD_INTERNAL_ERROR after 2", err, len(server.asked()))
		}
	})
}

// Every wait of a call ends with its context at once.
func TestContext_EndsEveryWait(t *testing.T) {
	throttled := refuses(http.StatusBadRequest, "Throttling", "slow")
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request)
		before func(*cloud.Edge, context.Context)
		wait   func(*cloud.Edge, context.Context) error
	}{
		"the cloud": {hangs, nil, func(e *cloud.Edge, ctx context.Context) error { return e.Ping(ctx) }},
		"the rate budget": {throttled, nil, func(e *cloud.Edge, ctx context.Context) error {
			return e.Ping(ctx)
		}},
		"the pause between tries": {internalError, nil, func(e *cloud.Edge, ctx context.Context) error { return e.Ping(ctx) }},
		"a batch in flight": {hangs, nil, func(e *cloud.Edge, ctx context.Context) error {
			return e.Instances(ctx, hangzhou, []string{"i-1"})[0].Err
		}},
		"a batch behind another": {hangs, func(e *cloud.Edge, ctx context.Context) {
			e.Instances(ctx, hangzhou, []string{"i-2"})
		}, func(e *cloud.Edge, ctx context.Context) error {
			return e.Instances(ctx, hangzhou, []string{"i-1"})[0].Err
		}},
		"a batch that is held": {throttled, func(e *cloud.Edge, ctx context.Context) {
			e.Instances(ctx, hangzhou, []string{"i-2"})
		}, func(e *cloud.Edge, ctx context.Context) error {
			return e.Instances(ctx, hangzhou, []string{"i-1"})[0].Err
		}},
		"chunks": {hangs, nil, func(e *cloud.Edge, ctx context.Context) error {
			return e.AutoRenewSettings(ctx, hangzhou, []string{"i-1"})[0].Err
		}},
		"a proof of permission": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("DryRun") != "" {
				hangs(w, r)
				return
			}
			fine(w, r)
		}, nil, func(e *cloud.Edge, ctx context.Context) error {
			_, err := e.InstancePage(ctx, hangzhou, ecs.Query{}, "", 10)
			return err
		}},
		"a grant": {throttled, func(e *cloud.Edge, ctx context.Context) {
			_, _ = e.Renew(ctx, order("i-1"))
		}, func(e *cloud.Edge, ctx context.Context) error {
			_, err := e.RenewGrant(ctx, hangzhou)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				edge, _ := overPipes(t, &stub{answer: c.answer}, cloud.Config{})
				other, stop := context.WithCancel(t.Context())
				defer stop()
				if c.before != nil {
					go c.before(edge, other)
					synctest.Wait()
				}
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- c.wait(edge, ctx) }()
				synctest.Wait()
				began := time.Now()
				cancel()
				want := ecs.ReasonCancelled
				if name == "the pause between tries" {
					want = ecs.ReasonCloudInternalError // the last failure is more specific
				}
				if err := <-ended; reasonOf(t, err) != want {
					t.Errorf("got %v, want %s", err, want)
				}
				if took := time.Since(began); took != 0 {
					t.Errorf("it ended %s after its context", took)
				}
				stop()
			})
		})
	}
}
