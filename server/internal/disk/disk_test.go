package disk_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/disk"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const region = "cn-hangzhou"

// fakeCloud makes a snapshot once a token.
type fakeCloud struct {
	mu       sync.Mutex
	made     map[string]string // snapshot by token
	orders   []ecs.SnapshotOrder
	now, top int
	status   map[string]string // by disk
	reads    int
	err      error
}

func (c *fakeCloud) Disks(_ context.Context, regionID string, q ecs.DiskQuery, cursor string, limit int) (ecs.DiskPage, error) {
	c.reads++
	if len(q.IDs) == 0 {
		return ecs.DiskPage{Disks: []ecs.Disk{{ID: "d-of-" + q.InstanceID, RegionID: regionID}}, Next: fmt.Sprint(cursor, "+", limit)}, nil
	}
	if len(q.IDs) > 100 || limit < len(q.IDs) {
		return ecs.DiskPage{}, fmt.Errorf("%d ids in a page of %d", len(q.IDs), limit)
	}
	var page ecs.DiskPage
	for _, id := range q.IDs {
		if status := c.status[id]; status != "" && c.err == nil {
			page.Disks = append(page.Disks, ecs.Disk{ID: id, RawStatus: status})
		}
	}
	return page, c.err
}

func (c *fakeCloud) Snapshots(_ context.Context, regionID string, q ecs.SnapshotQuery, cursor string, limit int) (ecs.SnapshotPage, error) {
	return ecs.SnapshotPage{Snapshots: []ecs.Snapshot{{ID: q.DiskID, RegionID: regionID}}, Next: fmt.Sprint(cursor, "+", limit)}, nil
}

var errFull = errors.New("no more snapshots of this disk")

func (c *fakeCloud) CreateSnapshot(ctx context.Context, o ecs.SnapshotOrder) (string, error) {
	if call.LaneOf(ctx) != call.Write {
		return "", errors.New("not in the lane of changes")
	}
	c.mu.Lock()
	c.now++
	c.top = max(c.top, c.now)
	c.orders = append(c.orders, o)
	c.mu.Unlock()
	time.Sleep(time.Second)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now--
	if o.DiskID == "d-full" {
		return "", errFull
	}
	if c.made[o.ClientToken] == "" {
		c.made[o.ClientToken] = fmt.Sprintf("s-%d", len(c.made))
	}
	return c.made[o.ClientToken], nil
}

func TestSnapshot_OncePerRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCloud{made: map[string]string{}}
		d := disk.New(c)
		ids := []string{"d-1", "d-full", "d-2", "d-1", "d-3", "d-4", "d-5", "d-6"}
		options := disk.SnapshotOptions{Name: "before", Description: "why", RetentionDays: 7, Tags: []ecs.Tag{{Key: "a", Value: "b"}}}
		first := d.CreateSnapshots(t.Context(), region, ids, options, "r-1")
		for i, r := range first {
			if r.ID != ids[i] || (r.Err == nil) == (r.ID == "d-full") || (r.Value == "") != (r.ID == "d-full") {
				t.Errorf("result %d: %+v", i, r)
			}
		}
		if first[0].Value != first[3].Value || len(c.orders) != 7 || c.top != 4 {
			t.Errorf("%d orders, %d at once, want 7 and 4", len(c.orders), c.top)
		}
		if o := c.orders[0]; o.RegionID != region || o.Name != "before" || o.Description != "why" || o.RetentionDays != 7 || len(o.Tags) != 1 {
			t.Errorf("the order is %+v", o)
		}
		again := d.CreateSnapshots(t.Context(), region, ids, options, "r-1")
		if again[0].Value != first[0].Value || len(c.made) != 6 {
			t.Errorf("again: %+v, %d made, want the same", again, len(c.made))
		}
		other := d.CreateSnapshots(t.Context(), region, ids[:1], options, "r-2")
		if other[0].Value == first[0].Value {
			t.Error("another request got the first one's snapshot")
		}
	})
}

func TestList_PagesOfCloud(t *testing.T) {
	c := &fakeCloud{}
	d := disk.New(c)
	disks, err := d.List(t.Context(), region, ecs.DiskQuery{InstanceID: "i-1"}, "here", 7)
	if err != nil || disks.Disks[0].ID != "d-of-i-1" || disks.Next != "here+7" {
		t.Errorf("%+v, %v", disks, err)
	}
	snapshots, err := d.ListSnapshots(t.Context(), region, ecs.SnapshotQuery{DiskID: "d-1"}, "here", 8)
	if err != nil || snapshots.Snapshots[0].ID != "d-1" || snapshots.Next != "here+8" {
		t.Errorf("%+v, %v", snapshots, err)
	}
}

func TestCheckSnapshots_ReportsObstacles(t *testing.T) {
	c := &fakeCloud{status: map[string]string{"d-used": "In_use", "d-free": "Available", "d-new": "Creating"}}
	for i := range 150 {
		c.status[fmt.Sprintf("d-%d", i)] = "In_use"
	}
	ids := []string{"d-used", "d-new", "d-none", "d-free", "d-used"}
	for i := range 150 {
		ids = append(ids, fmt.Sprintf("d-%d", i))
	}
	results := disk.New(c).CheckSnapshots(t.Context(), region, ids)
	want := map[string]ecs.Reason{"d-new": ecs.ReasonIncorrectResource, "d-none": ecs.ReasonResourceNotFound}
	for i, r := range results {
		if r.ID != ids[i] || r.Value != "" || (r.Err == nil) != (want[r.ID] == "") || (r.Err != nil && !ecs.HasReason(r.Err, want[r.ID])) {
			t.Errorf("%s: %+v", ids[i], r)
		}
	}
	if c.reads != 2 || len(c.orders) != 0 {
		t.Errorf("%d reads and %d snapshots for 155 disks", c.reads, len(c.orders))
	}
	c.err = errors.New("down")
	if r := disk.New(c).CheckSnapshots(t.Context(), region, ids)[154]; !errors.Is(r.Err, c.err) {
		t.Errorf("with the cloud down: %+v", r)
	}
}
