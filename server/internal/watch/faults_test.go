package watch_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease/leasetest"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// faultyLog is one process's connection to the log: slow, down or blocked on
// request.
type faultyLog struct {
	*fakeLog
	leasetest.Faults
}

var _ watch.Log = (*faultyLog)(nil)

func through[T any](ctx context.Context, l *faultyLog, effect func() (T, error)) (value T, err error) {
	err = l.Call(ctx, func() (err error) { value, err = effect(); return err })
	return value, err
}

func (l *faultyLog) Append(ctx context.Context, lease ecs.Lease, known changelog.Position, regionID string, changes []changelog.Change) (changelog.Revision, error) {
	return through(ctx, l, func() (changelog.Revision, error) { return l.fakeLog.Append(ctx, lease, known, regionID, changes) })
}

func (l *faultyLog) Log(ctx context.Context, after changelog.Position, regionIDs []string, limit int) (changelog.Page, error) {
	return through(ctx, l, func() (changelog.Page, error) { return l.fakeLog.Log(ctx, after, regionIDs, limit) })
}

func (l *faultyLog) Resumable(ctx context.Context, after changelog.Position) error {
	return l.Call(ctx, func() error { return l.fakeLog.Resumable(ctx, after) })
}

func (l *faultyLog) AcquireLease(ctx context.Context, name, holder string, ttl time.Duration) (ecs.Lease, error) {
	return through(ctx, l, func() (ecs.Lease, error) { return l.fakeLog.AcquireLease(ctx, name, holder, ttl) })
}

func (l *faultyLog) RenewLease(ctx context.Context, lease ecs.Lease, ttl time.Duration, note []byte) (ecs.Lease, error) {
	return through(ctx, l, func() (ecs.Lease, error) { return l.fakeLog.RenewLease(ctx, lease, ttl, note) })
}

func (l *faultyLog) ReleaseLease(ctx context.Context, lease ecs.Lease) error {
	return l.Call(ctx, func() error { return l.fakeLog.ReleaseLease(ctx, lease) })
}

func (l *faultyLog) Leases(ctx context.Context, prefix string) ([]ecs.Lease, error) {
	return through(ctx, l, func() ([]ecs.Lease, error) { return l.fakeLog.Leases(ctx, prefix) })
}

// faultyCloud is a cloud with calls that are slow, block, or are denied for all
// instances but i-0. A denial is that of the real cloud: the instances are not
// listed, and only a dry run is an error.
type faultyCloud struct {
	*fakeCloud

	mu     sync.Mutex
	hangs  bool
	denied bool
	// takes is the duration of a call to and from the cloud; nil for none. It is
	// called under the lock.
	takes func(byID bool) (there, back time.Duration)
}

func (c *faultyCloud) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

// calls runs a call with the faults of the moment around it.
func (c *faultyCloud) calls(ctx context.Context, byID bool, effect func(denied bool)) error {
	var there, back time.Duration
	c.mu.Lock()
	hangs, denied := c.hangs, c.denied
	if c.takes != nil {
		there, back = c.takes(byID)
	}
	c.mu.Unlock()
	if hangs {
		there = time.Hour
	}
	for _, part := range []struct {
		wait   time.Duration
		effect func(bool)
	}{{there, effect}, {back, func(bool) {}}} {
		select {
		case <-ctx.Done():
			return &ecs.Error{Reason: ecs.ReasonDeadlineExceeded, Message: "the caller's deadline passed", Cause: ctx.Err()}
		case <-time.After(part.wait):
		}
		part.effect(denied)
	}
	return nil
}

func (c *faultyCloud) Instances(ctx context.Context, region string, ids []string) (results []ecs.Result[ecs.Instance]) {
	err := c.calls(ctx, true, func(denied bool) {
		results = c.byID(region, ids)
		for i := range results {
			if denied && ids[i] != "i-0" {
				results[i] = ecs.Result[ecs.Instance]{ID: ids[i], Err: ecs.Errorf(ecs.ReasonInstanceNotFound, "the cloud lists no such instance")}
			}
		}
	})
	if err != nil {
		results = make([]ecs.Result[ecs.Instance], len(ids))
		for i := range results {
			results[i] = ecs.Result[ecs.Instance]{ID: ids[i], Err: err}
		}
	}
	return results
}

func (c *faultyCloud) ReadInstancePage(ctx context.Context, into []ecs.Instance, region string, q ecs.Query, cursor string, _ int) (page ecs.Page, err error) {
	failed := c.calls(ctx, false, func(denied bool) {
		if page, err = c.list(into, region, q, cursor); denied {
			page.Instances = slices.DeleteFunc(page.Instances, func(i ecs.Instance) bool { return i.ID != "i-0" })
		}
	})
	if failed != nil {
		return ecs.Page{}, failed
	}
	return page, err
}

func (c *faultyCloud) ProveRead(ctx context.Context, region string, ids []string) (err error) {
	failed := c.calls(ctx, true, func(denied bool) {
		if err = c.fakeCloud.ProveRead(ctx, region, ids); denied && slices.ContainsFunc(ids, func(id string) bool { return id != "i-0" }) {
			err = &ecs.Error{Reason: ecs.ReasonCloudPermissionDenied, Retry: ecs.RetryNever, Message: "denied"}
		}
	})
	if failed != nil {
		return failed
	}
	return err
}

// openWith is open with settings.
func openWith(t *testing.T, cloud watch.Cloud, log watch.Log, config watch.Config, regions ...string) *watch.Service {
	t.Helper()
	config.Logger = quiet
	service, err := watch.New(t.Context(), cloud, log, regions, config)
	if err != nil {
		t.Fatal(err)
	}
	service.Start()
	t.Cleanup(service.Close)
	return service
}

// blindLog is a log that cannot be read for a while, though it can be written.
type blindLog struct {
	*fakeLog
	blind atomic.Bool
}

func (l *blindLog) Log(ctx context.Context, after changelog.Position, regionIDs []string, limit int) (changelog.Page, error) {
	if l.blind.Load() {
		return changelog.Page{}, errBroken
	}
	return l.fakeLog.Log(ctx, after, regionIDs, limit)
}
