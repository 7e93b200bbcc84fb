package load_test

import (
	"slices"
	"testing"
	"time"
)

// However many watch, the cloud is asked once for each hundred instances.
func TestCallsDoNotGrowWithWatchers(t *testing.T) {
	const instances, pages = 250, 3
	c := newCloud(t, instances)
	p := start(t, settings{Endpoint: c.endpoint, PollInterval: time.Second, Database: "sqlite::memory:"})
	each := func(watched int) {
		t.Helper()
		c.sweep(t)
		for range 2 {
			if calls := c.sweep(t).calls; calls != pages {
				t.Errorf("%d calls to the cloud with %d watchers, want %d", calls, watched, pages)
			}
		}
	}
	watch(t, p.address, c.ids[:1], quiet)
	each(1)
	watch(t, p.address, slices.Repeat(c.ids, crowd/instances), quiet)
	each(crowd + 1)
}
