package e2e_test

import (
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// If a throttle outlasts the caller's deadline, the error is returned at once, with the time to retry.
func TestThrottle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	id := w.seed(simulator.Seed{})[0]
	w.fault(simulator.Fault{Action: "DescribeInstances", Kind: control.Throttled, RetryAfter: control.Duration(40 * time.Second), Count: 1})
	began := time.Now()
	_, err := w.instances.GetInstance(within(t, 20*time.Second), &ecsdv1.GetInstanceRequest{InstanceId: id})
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the refusal took %v", took)
	}
	info := wantError(t, err, codes.ResourceExhausted, "THROTTLED")
	if meta := info.GetMetadata(); meta["ecs_code"] != "Throttling" || meta["ecs_request_id"] == "" || meta["action"] != "DescribeInstances" {
		t.Errorf("the error names %v", meta)
	}
	if retry, _ := detail[*errdetails.RetryInfo](err); retry.GetRetryDelay().AsDuration() < 20*time.Second {
		t.Errorf("come back after %v, the cloud said 40 s", retry.GetRetryDelay().AsDuration())
	}
	if quota, found := detail[*errdetails.QuotaFailure](err); found {
		t.Errorf("a throttle is no quota of the account: %v", quota)
	}
}

// If a throttle ends within the caller's deadline, all callers that share the call wait for it. It counts as one
// throttle, not as one per caller.
func TestThrottle_ShorterThanDeadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	ids := w.seed(simulator.Seed{Count: 200})
	if _, err := w.catalog.ListRegions(within(t, 30*time.Second), &ecsdv1.ListRegionsRequest{}); err != nil {
		t.Fatal(err) // connect before the race starts
	}
	w.sim.ResetStats()
	w.fault(simulator.Fault{Action: "DescribeInstances", Kind: control.Throttled, RetryAfter: control.Duration(200 * time.Millisecond), Count: 1})
	ctx := within(t, 2*time.Minute)
	var callers sync.WaitGroup
	for _, id := range ids {
		callers.Go(func() {
			if _, err := w.instances.GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: id}); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		})
	}
	callers.Wait()
	if calls := w.sim.Stats().Actions["DescribeInstances"]; calls.Throttled != 1 || calls.Calls > 20 {
		t.Errorf("%d callers made %d calls, of which %d were throttled", len(ids), calls.Calls, calls.Throttled)
	}
}

// The operator's rate limit holds: calls above it are rejected with the time to retry, and do not reach the cloud.
func TestRate_Configured(t *testing.T) {
	t.Parallel()
	const rate = 5
	w := newWorld(t, simulator.Config{}, func(c *server.Config) {
		c.Rates = []server.Rate{{Action: "DescribeInstances", PerMinute: rate}}
	})
	w.seed(simulator.Seed{})
	w.sim.ResetStats()
	var refused error
	began := time.Now()
	for calls := 0; calls < 3*rate && refused == nil; calls++ {
		_, refused = w.instances.ListInstances(within(t, 5*time.Second), &ecsdv1.ListInstancesRequest{RegionIds: []string{hangzhou}})
	}
	wantError(t, refused, codes.ResourceExhausted, "RATE_BUDGET_EXHAUSTED")
	if retry, _ := detail[*errdetails.RetryInfo](refused); retry.GetRetryDelay().AsDuration() <= 0 || retry.GetRetryDelay().AsDuration() > time.Minute {
		t.Errorf("come back after %v, want within the minute", retry.GetRetryDelay().AsDuration())
	}
	windows := 1 + int64(time.Now().Truncate(time.Minute).Sub(began.Truncate(time.Minute))/time.Minute) // windows of the clock
	if calls := w.sim.Stats().Actions["DescribeInstances"].Calls; calls > rate*windows {
		t.Errorf("%d calls reached the cloud in %d windows, the rate is %d", calls, windows, rate)
	}
}
