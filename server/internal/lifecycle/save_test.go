package lifecycle_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

func TestRelease_SnapshotsFirst(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		ids := []string{"i-1", "i-2", "i-3"}
		for _, id := range ids {
			c.add(id)
		}
		c.failing["d-data-i-2"] = true
		c.hook = func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			for _, s := range c.snapshots {
				if c.deletes > 0 && time.Now().Before(s.done) {
					t.Error("released before its disks were saved")
				}
			}
		}
		results, err := l.Release(t.Context(), release(ids, save))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			if r.ID == "i-2" {
				e := ecs.AsError(r.Err)
				if e == nil || e.Reason != ecs.ReasonSnapshotFailed || e.Facts["disk_id"] != "d-data-i-2" || !c.living("i-2") {
					t.Errorf("a disk that cannot be saved: %v, living %t", r.Err, c.living("i-2"))
				}
				continue
			}
			if r.Err != nil || !r.Value.Released || len(r.Value.Disks) != 2 {
				t.Errorf("%s: %+v, %v", r.ID, r.Value, r.Err)
			}
			for _, d := range r.Value.Disks {
				if s := c.snapshots[d.SnapshotID]; s == nil || s.DiskID != d.Disk.ID || d.DeletedWithInstance != (d.Disk.Type == "system") {
					t.Errorf("%s: the outcome of its disk is %+v", r.ID, d)
				}
			}
		}
		if len(c.snapshots) != 6 {
			t.Errorf("%d snapshots, want one of each of 6 disks", len(c.snapshots))
		}
		again, err := l.Release(t.Context(), release(ids, save))
		if err != nil || !slices.EqualFunc(again[0].Value.Disks, results[0].Value.Disks, func(a, b lifecycle.DiskOutcome) bool { return a.SnapshotID == b.SnapshotID }) {
			t.Errorf("again: %+v, %v, want the same snapshots", again[0], err)
		}
	})
}

func TestSnapshot_RetriedUntilAccepted(t *testing.T) {
	for _, f := range []fault{lostReply, lostRequest, throttled, poisoned, inProgress, serverError} {
		t.Run(string(f), func(t *testing.T) {
			inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
				c.add("i-1")
				c.faults = []fault{f, f}
				if outcome, err := one(t, l, release([]string{"i-1"}, save)); err != nil || !outcome.Released || len(c.snapshots) != 2 {
					t.Errorf("%+v, %v, %d snapshots", outcome, err, len(c.snapshots))
				}
			})
		})
	}
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1")
		c.faults = []fault{refused}
		_, err := one(t, l, release([]string{"i-1"}, save))
		if err == nil || err.Reason != ecs.ReasonSnapshotFailed || err.Cloud.Code != "OperationDenied.NoStock" || c.deletes != 0 {
			t.Errorf("refused for good: %+v, %d deletes", err, c.deletes)
		}
	})
}

func TestRelease_ChangedDuringSave(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*fakeCloud)
		reason ecs.Reason
	}{
		"a disk was attached":      {func(c *fakeCloud) { c.disks["i-1"] = append(c.disks["i-1"], ecs.Disk{ID: "d-late"}) }, ecs.ReasonSnapshotFailed},
		"it was started":           {func(c *fakeCloud) { running(&c.instances["i-1"].Instance) }, ecs.ReasonIncorrectStatus},
		"it was protected":         {func(c *fakeCloud) { protected(&c.instances["i-1"].Instance) }, ecs.ReasonDeletionProtected},
		"its disks are not listed": {func(c *fakeCloud) { c.disks["i-1"] = nil }, ecs.ReasonSnapshotFailed},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
				c.add("i-1")
				go func() {
					time.Sleep(30 * time.Second)
					c.mu.Lock()
					defer c.mu.Unlock()
					test.change(c)
				}()
				if _, err := one(t, l, release([]string{"i-1"}, save)); err == nil || err.Reason != test.reason || c.deletes != 0 {
					t.Errorf("got %v, %d deletes, want %s", err, c.deletes, test.reason)
				}
			})
		})
	}
}

func TestRelease_CallerLeaves(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1")
		c.snapshotTime = 10 * time.Minute
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			if _, err := l.Release(ctx, release([]string{"i-1"}, save)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the deadline", err)
			}
			cancel()
		}
		time.Sleep(time.Hour / 2)
		if c.deletes != 0 || len(c.snapshots) != 2 {
			t.Errorf("%d deletes, %d snapshots after its callers left, want 0 and 2", c.deletes, len(c.snapshots))
		}
		if outcome, err := one(t, l, release([]string{"i-1"}, save)); err != nil || !outcome.Released || len(c.snapshots) != 2 {
			t.Errorf("asked again: %+v, %v, %d snapshots", outcome, err, len(c.snapshots))
		}
	})
}

func TestSnapshot_NotListedYet(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1")
		c.snapshotLag = 30 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _ = l.Release(ctx, release([]string{"i-1"}, save))
		if outcome, err := one(t, l, release([]string{"i-1"}, save)); err != nil || !outcome.Released || len(c.snapshots) != 2 {
			t.Errorf("%+v, %v, %d snapshots, want the first two", outcome, err, len(c.snapshots))
		}
		// One that is never listed is not relied on.
		c.add("i-2")
		c.snapshotLag = time.Hour
		q := release([]string{"i-2"}, save)
		q.RequestID = "r-2"
		if _, err := one(t, l, q); err == nil || err.Reason != ecs.ReasonSnapshotFailed || !c.living("i-2") {
			t.Errorf("never listed: %v", err)
		}
	})
}

func TestSnapshot_OldOneNotReliedOn(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _ = l.Release(ctx, release([]string{"i-1"}, save))
		time.Sleep(5 * time.Hour)
		outcome, err := one(t, l, release([]string{"i-1"}, save))
		if err != nil || !outcome.Released || len(c.snapshots) != 4 {
			t.Fatalf("%+v, %v, %d snapshots, want 2 old and 2 new", outcome, err, len(c.snapshots))
		}
		for _, d := range outcome.Disks {
			if age := time.Since(c.snapshots[d.SnapshotID].CreateTime); age > time.Hour {
				t.Errorf("disk %s was released on a snapshot %s old", d.Disk.ID, age)
			}
		}
	})
}
