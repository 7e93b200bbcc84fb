package watch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// A failover lost a change that was seen: the older state that the database has now
// does not keep the time at which the newer one was seen.
func TestFreshness_FailoverThatLostCommits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		log.shared = true
		cloud.set(region, "i-1", start)
		room := open(t, cloud, log, region)
		all := watch.Filter{Regions: []string{region}}
		s := subscribe(t, room, all, watch.Latest, "")
		next(t, s)
		earlier := log.copied()
		cloud.set(region, "i-1", stop)
		stopped := time.Now()
		if e := events(t, s); len(e) != 1 {
			t.Fatalf("got %d events, want the stop", len(e))
		}
		time.Sleep(31 * time.Second) // a whole poll has seen it
		log.rewind(earlier)
		for range 40 {
			time.Sleep(500 * time.Millisecond)
			i, ok := room.Seen(region, []string{"i-1"}, anyAge)["i-1"]
			if !ok || i.Status == ecs.StatusStopped {
				continue
			}
			if i.ObservedTime.After(stopped) {
				t.Fatalf("%v is said to be so %s after it stopped", i.Status, i.ObservedTime.Sub(stopped))
			}
		}
		b := next(t, subscribe(t, room, all, watch.Latest, ""))
		for _, item := range b.Snapshot {
			if item.Instance.Status != ecs.StatusStopped && b.Observed.After(stopped) {
				t.Fatalf("a snapshot shows %v as of %s after it stopped", item.Instance.Status, b.Observed.Sub(stopped))
			}
		}
	})
}
