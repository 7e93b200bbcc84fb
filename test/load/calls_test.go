package load_test

import (
	"slices"
	"testing"
	"time"
)

// However many watchers there are, ecsd makes one call to the cloud per hundred instances, both while watchers start
// and later.
func TestCalls_DoNotGrowWithWatchers(t *testing.T) {
	const instances, pages = 250, 3
	c := newCloud(t, instances)
	p := start(t, settings{Endpoint: c.endpoint, PollInterval: time.Second, Database: "sqlite::memory:"})
	begin, watched := c.sweep(t), 0
	for _, more := range []int{1, crowd - 1} {
		watch(t, p.address, slices.Repeat(c.ids, crowd/instances)[:more], quiet)
		watched += more
		end := c.sweep(t)
		if calls, lists := end.calls-begin.calls, end.lists-begin.lists; calls != pages*lists {
			t.Errorf("%d calls to the cloud for %d lists with %d watchers, want %d each", calls, lists, watched, pages)
		}
		begin = end
	}
}
