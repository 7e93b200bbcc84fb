package e2e_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

// A server that may read Quota Center has no throttled call under load from its first second; one that may not starts as
// well and learns the limit from throttled calls.
func TestRateLimits_NewAccount(t *testing.T) {
	t.Parallel()
	for _, permitted := range []bool{true, false} {
		t.Run(fmt.Sprintf("permitted %t", permitted), func(t *testing.T) {
			sim := newCloud(t, simulator.Config{Rates: []simulator.Rate{{Action: "DescribeInstances", Calls: 40, Window: time.Minute}}})
			if !permitted {
				if _, err := sim.AddFault(simulator.Fault{Action: "ListProductQuotas", Kind: "error", Code: "NoPermission", HTTPStatus: 403}); err != nil {
					t.Fatal(err)
				}
			}
			w := newService(t, sim, nil)
			var callers sync.WaitGroup
			for i := range 120 {
				callers.Go(func() {
					// Each has a filter of its own, and so a call of its own.
					_, _ = w.instances.ListInstances(within(t, 3*time.Second), &ecsdv1.ListInstancesRequest{
						RegionIds: []string{hangzhou}, Filter: &ecsdv1.InstanceFilter{InstanceName: fmt.Sprintf("web-%d", i)},
					})
				})
			}
			callers.Wait()
			count := w.sim.Stats().Actions["DescribeInstances"]
			if (count.Throttled == 0) != permitted || count.Calls < 30 {
				t.Errorf("%d of %d calls were throttled", count.Throttled, count.Calls)
			}
			_, metrics := w.get("/metrics")
			if known := strings.Contains(metrics, `ecsd_cloud_budget_limit{action="DescribeInstances",region="cn-hangzhou"} 40`); permitted && !known {
				t.Error("the metrics do not show the limit of 40")
			}
			event := map[bool]string{true: "rate limits of the account read", false: "rate limits not permitted"}[permitted]
			if n := strings.Count(w.log.String(), event); n != 1 {
				t.Errorf("%d log lines %q, want 1", n, event)
			}
		})
	}
}
