package e2e_test

import (
	"testing"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
)

// A list of ten thousand instances takes a hundred calls to the cloud, one per page, and memory does not grow with the
// fleet: the peak is about one page above the level before. The fleet itself is in the same process, before and after.
func TestListInstances_Memory(t *testing.T) {
	w := newWorld(t, simulator.Config{}, func(c *server.Config) { c.TraceExporter, c.LogLevel = nil, "warn" })
	const count = 10_000
	w.seed(simulator.Seed{Count: count})
	small := w.seed(simulator.Seed{Count: 1000, RegionID: shanghai})
	w.listAll(t, shanghai, func(int, []*ecsdv1.Instance) {}) // warm up caches
	seen := make(map[string]bool, count+len(small))
	w.sim.ResetStats()
	base, peak := liveHeap(), uint64(0)
	w.listAll(t, hangzhou, func(n int, page []*ecsdv1.Instance) {
		for _, instance := range page {
			seen[instance.GetInstanceId()] = true
		}
		if n == count/2 || n == count {
			peak = max(peak, above(liveHeap(), base))
		}
	})
	if calls := w.sim.Stats().Actions["DescribeInstances"].Calls; len(seen) != count || calls != count/100 {
		t.Errorf("%d of %d instances in %d calls, want %d calls", len(seen), count, calls, count/100)
	}
	t.Logf("live after a page, above the level before: %d KB", peak>>10)
	// A page of 1000 is about 1 MB of messages; the fleet would be ten times that.
	if limit := uint64(5 << 20); peak > limit {
		t.Errorf("%d bytes above the live heap before the list, want at most %d", peak, limit)
	}
}
