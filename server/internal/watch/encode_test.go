package watch_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// waitingLog is a log whose writes wait.
type waitingLog struct {
	*fakeLog

	wait func()
}

func (l waitingLog) Append(ctx context.Context, lease ecs.Lease, known changelog.Position, regionID string, changes []changelog.Change) (changelog.Revision, error) {
	l.wait()
	return l.fakeLog.Append(ctx, lease, known, regionID, changes)
}

// While a revision is stored, its changes with watchers are encoded, once and
// with its number, and the others are not.
func TestChange_EncodedWhileStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, encoded := newFakeCloud(region), make(chan *watch.Change, 10)
		for _, id := range []string{"i-1", "i-2"} {
			cloud.set(region, id, start)
		}
		first, ready := true, make(chan struct{})
		log := waitingLog{fakeLog: newFakeLog(), wait: func() {
			if first { // nobody watches
				first = false
				return
			}
			c := <-encoded // the test ends with a deadlock if it comes after
			if c.InstanceID != "i-1" {
				t.Errorf("%s is encoded, which has no watcher", c.InstanceID)
			}
			encoded <- c
			close(ready)
		}}
		service := openWith(t, cloud, log, watch.Config{Encode: func(c *watch.Change) any {
			encoded <- c
			return c.Revision
		}}, region)
		s := subscribe(t, service, watch.Filter{Regions: []string{region}, IDs: []string{"i-1"}}, watch.Latest, "")
		next(t, s)
		for _, id := range []string{"i-1", "i-2"} {
			cloud.set(region, id, stop)
		}
		e := events(t, s)[0]
		<-ready
		again := func(*watch.Change) any { return "encoded again" }
		if message := e.Change.Encoded(again); message != e.Change.Revision || len(encoded) != 1 {
			t.Errorf("the watcher of revision %d gets %v, %d were encoded", e.Change.Revision, message, len(encoded))
		}
	})
}
