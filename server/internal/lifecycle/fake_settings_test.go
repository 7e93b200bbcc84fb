package lifecycle_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

// change makes a change of an instance that shows after the lag.
func (c *fakeCloud) change(id string, f func(*ecs.Instance)) error {
	c.act()
	c.mu.Lock()
	defer c.mu.Unlock()
	fl, err := c.next("")
	if err != nil {
		return err
	}
	i, ok := c.listed(id)
	if !ok {
		return ecs.Errorf(ecs.ReasonInstanceNotFound, "no instance %s", id).On(region, id)
	}
	if !c.deaf {
		held := c.instances[id]
		held.before, held.shown = &i, time.Now().Add(c.lag)
		f(&held.Instance)
	}
	return fl.after()
}

func (c *fakeCloud) SetAutoReleaseTime(_ context.Context, _, id string, at time.Time) error {
	return c.change(id, func(i *ecs.Instance) { i.AutoReleaseTime = at })
}

func (c *fakeCloud) SetDeletionProtection(_ context.Context, _, id string, on bool) error {
	return c.change(id, func(i *ecs.Instance) { i.DeletionProtection = on })
}

func (c *fakeCloud) AllocatePublicIPAddress(_ context.Context, _, id string) (string, error) {
	const address = "203.0.113.7"
	err := c.change(id, func(i *ecs.Instance) { i.Network.PublicIPAddresses = []string{address} })
	if err != nil {
		return "", err
	}
	return address, nil
}

func (c *fakeCloud) TagInstances(_ context.Context, _ string, ids []string, tags []ecs.Tag) []ecs.Result[struct{}] {
	return c.each(ids, func(i *ecs.Instance) {
		i.Tags = slices.DeleteFunc(slices.Clone(i.Tags), func(held ecs.Tag) bool {
			return slices.ContainsFunc(tags, func(t ecs.Tag) bool { return t.Key == held.Key })
		})
		i.Tags = append(i.Tags, tags...)
	})
}

func (c *fakeCloud) UntagInstances(_ context.Context, _ string, ids []string, keys []string) []ecs.Result[struct{}] {
	return c.each(ids, func(i *ecs.Instance) {
		i.Tags = slices.DeleteFunc(slices.Clone(i.Tags), func(held ecs.Tag) bool { return slices.Contains(keys, held.Key) })
	})
}

func (c *fakeCloud) each(ids []string, f func(*ecs.Instance)) []ecs.Result[struct{}] {
	results := make([]ecs.Result[struct{}], len(ids))
	for i, id := range ids {
		results[i] = ecs.Result[struct{}]{ID: id, Err: c.change(id, f)}
	}
	return results
}

func (c *fakeCloud) move(ids []string, dryRun bool, from, to ecs.Status, word string) []ecs.Result[ecs.Transition] {
	results := make([]ecs.Result[ecs.Transition], len(ids))
	for i, id := range ids {
		results[i].ID = id
		c.mu.Lock()
		held, ok := c.listed(id)
		c.mu.Unlock()
		switch {
		case !ok:
			results[i].Err = ecs.Errorf(ecs.ReasonInstanceNotFound, "no instance %s", id).On(region, id)
		case held.Status != from:
			results[i].Err = ecs.Errorf(ecs.ReasonIncorrectStatus, "instance %s is %s", id, held.Raw.Status).On(region, id)
		case dryRun:
			c.dryRuns++
		default:
			results[i].Value = ecs.Transition{Previous: from, Current: to, RawCurrent: word}
			results[i].Err = c.change(id, func(i *ecs.Instance) {
				i.Status, i.Raw.Status = to, word
				if from == ecs.StatusRunning && to == ecs.StatusStarting {
					c.rebooted++
					i.StartTime = time.Now()
					c.instances[id].becomes, c.instances[id].turns = ecs.StatusRunning, time.Now().Add(10*time.Second)
				}
			})
			c.mu.Lock()
			c.instances[id].shown = time.Time{}
			c.mu.Unlock()
		}
	}
	return results
}

func (c *fakeCloud) StartInstances(_ context.Context, _ string, ids []string, dryRun bool) []ecs.Result[ecs.Transition] {
	return c.move(ids, dryRun, ecs.StatusStopped, ecs.StatusStarting, "Starting")
}

func (c *fakeCloud) StopInstances(_ context.Context, _ string, ids []string, _ ecs.StopOptions, dryRun bool) []ecs.Result[ecs.Transition] {
	return c.move(ids, dryRun, ecs.StatusRunning, ecs.StatusStopping, "Stopping")
}

func (c *fakeCloud) RebootInstances(_ context.Context, _ string, ids []string, _, dryRun bool) []ecs.Result[ecs.Transition] {
	c.mu.Lock()
	c.reboots++
	c.mu.Unlock()
	defer time.Sleep(c.answers)
	return c.move(ids, dryRun, ecs.StatusRunning, ecs.StatusStarting, "Starting")
}

func (c *fakeCloud) ReactivateInstances(_ context.Context, _ string, ids []string) []ecs.Result[struct{}] {
	return c.each(ids, func(i *ecs.Instance) {
		i.Locks, i.Status, i.Raw.Status = nil, ecs.StatusStarting, "Starting"
	})
}

// DeleteInstances applies the whole call's fault to each ID, and refuses as the
// real cloud does.
func (c *fakeCloud) DeleteInstances(ctx context.Context, _ string, ids []string, o ecs.DeleteOptions, token string, dryRun bool) []ecs.Result[struct{}] {
	c.act()
	c.mu.Lock()
	defer c.mu.Unlock()
	var f fault
	err := ctx.Err()
	call := fmt.Sprint("delete ", token, ids)
	_, replayed := c.tokens[call]
	if dryRun {
		c.dryRuns++
	} else {
		c.deletes++
		if err == nil && token == "" {
			err = fmt.Errorf("a release without a token")
		}
		if err == nil {
			if c.deleteFault != "" {
				c.faults = []fault{c.deleteFault}
			}
			f, err = c.next(token)
		}
		if err == nil {
			c.tokens[call] = made{}
		}
	}
	results := make([]ecs.Result[struct{}], len(ids))
	for n, id := range ids {
		results[n].ID, results[n].Err = id, err
		if err != nil {
			continue
		}
		i, ok := c.listed(id)
		expired := i.ChargeType == ecs.ChargeSubscription && !i.ExpireTime.After(time.Now())
		switch {
		case !ok:
			results[n].Err = ecs.Errorf(ecs.ReasonInstanceNotFound, "no instance %s", id)
		case i.DeletionProtection:
			results[n].Err = ecs.Errorf(ecs.ReasonDeletionProtected, "protected")
		case i.Status == ecs.StatusRunning && !o.Force:
			results[n].Err = ecs.Errorf(ecs.ReasonIncorrectStatus, "running")
		case i.ChargeType == ecs.ChargeSubscription && (!expired || !o.TerminateSubscription):
			results[n].Err = ecs.Errorf(ecs.ReasonSubscriptionNotExpired, "the cloud says it is paid for")
		case i.LockedFor(ecs.LockSecurity):
			results[n].Err = ecs.Errorf(ecs.ReasonInstanceLocked, "locked")
		case replayed || f == ignored:
		case !dryRun:
			c.instances[id].gone = time.Now().Add(c.lag)
			results[n].Err = f.after()
		}
	}
	return results
}

func (c *fakeCloud) Disks(_ context.Context, _ string, q ecs.DiskQuery, cursor string, _ int) (ecs.DiskPage, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	disks := c.disks[q.InstanceID]
	if cursor == "" && len(disks) > 1 {
		return ecs.DiskPage{Disks: disks[:1], Next: "rest"}, nil
	}
	if cursor == "rest" {
		disks = disks[1:]
	}
	return ecs.DiskPage{Disks: disks}, nil
}

func (c *fakeCloud) CreateSnapshot(ctx context.Context, o ecs.SnapshotOrder) (string, error) {
	c.act()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return "", err
	}
	f, err := c.next(o.ClientToken)
	if err != nil {
		return "", err
	}
	before, there := c.tokens["snapshot "+o.ClientToken]
	if !there {
		c.number++
		before = made{ids: []string{fmt.Sprintf("s-%d", c.number)}}
		s := &fakeSnapshot{Snapshot: ecs.Snapshot{ID: before.ids[0], DiskID: o.DiskID, Tags: o.Tags, CreateTime: time.Now()}, done: time.Now().Add(c.snapshotTime)}
		c.snapshots[s.ID] = s
		c.tokens["snapshot "+o.ClientToken] = before
	}
	return before.ids[0], f.after()
}

func (c *fakeCloud) Snapshots(_ context.Context, _ string, q ecs.SnapshotQuery, _ string, _ int) (ecs.SnapshotPage, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	var page ecs.SnapshotPage
	for _, id := range q.IDs {
		s, ok := c.snapshots[id]
		if !ok || time.Since(s.CreateTime) < c.snapshotLag {
			continue
		}
		s.State = ecs.SnapshotProgressing
		switch {
		case time.Now().Before(s.done):
		case c.failing[s.DiskID]:
			s.State = ecs.SnapshotFailed
		default:
			s.State = ecs.SnapshotAccomplished
		}
		page.Snapshots = append(page.Snapshots, s.Snapshot)
	}
	return page, nil
}

// living reports whether an instance was not released.
func (c *fakeCloud) living(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	i, ok := c.instances[id]
	return ok && i.gone.IsZero()
}
