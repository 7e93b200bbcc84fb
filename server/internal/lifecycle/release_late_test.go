package lifecycle_test

import (
	"context"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

// lateDelete is a cloud in which an accepted release takes effect when the disks are listed the next time.
type lateDelete struct{ *fakeCloud }

func (c lateDelete) Disks(ctx context.Context, regionID string, q ecs.DiskQuery, cursor string, limit int) (ecs.DiskPage, error) {
	c.mu.Lock()
	if c.deletes > 0 {
		delete(c.disks, q.InstanceID)
		c.instances[q.InstanceID].gone = time.Now()
	}
	c.mu.Unlock()
	return c.fakeCloud.Disks(ctx, regionID, q, cursor, limit)
}

// The call of an earlier try takes effect while a later one lists the disks: the instance is released.
func TestReleaseJob_EarlierCallTakesEffect(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCloud()
		c.add("i-1")
		c.deleteFault = ignored
		l := lifecycle.New(lateDelete{c}, newRecords(), quiet)
		defer l.Close()
		if err := l.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, items := ended(t, l, createJob(t, l, release([]string{"i-1"})).ID)
		if got := items["i-1"]; got.State != ecs.ReleaseReleased {
			t.Errorf("%s, %s %s", got.State, got.Failure.Reason, got.Failure.Message)
		}
	})
}

// An instance whose disks cannot be listed any more keeps the snapshots that were made of them.
func TestReleaseJob_DisksVanishBeforeTheRetry(t *testing.T) {
	inJob(t, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
		cloud.add("i-1")
		cloud.deleteFault = asPaid
		cloud.hook = func() {
			cloud.mu.Lock()
			defer cloud.mu.Unlock()
			if cloud.deletes > 0 {
				delete(cloud.disks, "i-1")
			}
		}
		_, items := ended(t, l, createJob(t, l, release([]string{"i-1"})).ID)
		got := items["i-1"]
		if got.State != ecs.ReleaseFailed || got.Failure.Reason != ecs.ReasonSnapshotFailed || len(got.Outcome.Disks) != 2 {
			t.Fatalf("%s, %s, %d disks; want both disks of an instance that failed", got.State, got.Failure.Reason, len(got.Outcome.Disks))
		}
		for _, d := range got.Outcome.Disks {
			if d.SnapshotID == "" {
				t.Errorf("the snapshot of disk %s is forgotten", d.Disk.ID)
			}
		}
	})
}
