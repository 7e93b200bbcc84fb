package e2e_test

import (
	"sync"
	"testing"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// A thousand concurrent callers, each for another instance, share at most fifteen calls to the cloud, which takes a
// tenth of a second per call.
func TestGetInstance_ConcurrentReadsShareCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	ids := w.seed(simulator.Seed{Count: 1000})
	ctx := within(t, 60*time.Second)
	// Connect before the race starts.
	if _, err := w.catalog.ListRegions(ctx, &ecsdv1.ListRegionsRequest{}); err != nil {
		t.Fatal(err)
	}
	w.fault(simulator.Fault{Action: "DescribeInstances", Kind: control.Slow, Delay: control.Duration(100 * time.Millisecond)})
	w.fault(simulator.Fault{Action: "DescribeInstances", Kind: control.Slow, Delay: control.Duration(100 * time.Millisecond)})
	w.sim.ResetStats()
	begin := make(chan struct{})
	var callers sync.WaitGroup
	for _, id := range ids {
		callers.Go(func() {
			<-begin
			answer, err := w.instances.GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: id})
			if err != nil || answer.GetInstance().GetInstanceId() != id {
				t.Errorf("%s: %v (%v)", id, answer, err)
			}
		})
	}
	close(begin)
	callers.Wait()
	calls := w.sim.Stats().Actions["DescribeInstances"].Calls
	t.Logf("%d reads took %d calls", len(ids), calls)
	if calls > 15 {
		t.Errorf("%d reads took %d calls to the cloud, want at most 15", len(ids), calls)
	}
}
