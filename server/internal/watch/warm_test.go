package watch_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// killed opens a service, polls for an hour without a change after the first poll,
// and kills it. It returns the time of the last written revision.
func killed(t *testing.T, cloud *fakeCloud, log *fakeLog) time.Time {
	t.Helper()
	way := &link{fakeLog: log}
	service, err := watch.New(t.Context(), cloud, way, []string{region}, watch.Config{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	service.Start()
	began := time.Now()
	time.Sleep(time.Hour)
	way.broken.Store(true)
	service.Close()
	return began
}

// After a kill the snapshot is available before the first poll, and reports its
// age: that of the last write, since a poll without changes writes nothing.
func TestWarm_AfterKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.set(region, "i-1", start)
		wrote := killed(t, cloud, log)
		cloud.takes = 20 * time.Second
		cloud.set(region, "i-1", stop)
		service := open(t, cloud, log, region)
		began := time.Now()
		s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.Latest, "")
		b := next(t, s)
		if took := time.Since(began); took != 0 || len(b.Snapshot) != 1 || b.Snapshot[0].Instance.Status != ecs.StatusRunning {
			t.Errorf("after %s the snapshot is %+v", took, b.Snapshot)
		}
		if !b.Observed.Equal(wrote) || len(b.Degraded) > 0 {
			t.Errorf("it was observed %s, the poll that wrote it began %s", b.Observed, wrote)
		}
		if e := events(t, s); e[0].Change.After.Status != ecs.StatusStopped {
			t.Errorf("then got %+v", e)
		}
		if b := next(t, s); !b.Observed.Equal(began) {
			t.Errorf("after the first poll, which began %s, it was observed %s", began, b.Observed)
		}
	})
}

// The writes of an interrupted poll do not count as a poll of the region.
func TestWarm_HalfAPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.page, cloud.takes = 1, 10*time.Second
		cloud.set(region, "i-1", start)
		cloud.set(region, "i-2", start)
		go func() {
			time.Sleep(12 * time.Second)
			cloud.fail(region, ecs.Errorf(ecs.ReasonThrottled, "throttled"))
		}()
		killed(t, cloud, log)
		cloud.fail(region, nil)
		if log.written() != 1 {
			t.Fatalf("%d instances were written, want half of them", log.written())
		}
		service := open(t, cloud, log, region)
		b := next(t, subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.Latest, ""))
		if len(b.Snapshot) != 2 {
			t.Errorf("the snapshot is %+v", b)
		}
	})
}

// A waiter does not get the observations of an earlier process.
func TestWait_IgnoresOldObservations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.set(region, "i-1", start)
		cloud.set(region, "i-2", start)
		killed(t, cloud, log)
		cloud.set(region, "i-1", stop)
		service := open(t, cloud, log, region)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		results, err := service.Wait(ctx, region, []string{"i-1", "i-2"}, ecs.StatusRunning)
		if err != nil || !errors.Is(results[0].Err, context.DeadlineExceeded) || results[1].Err != nil {
			t.Errorf("got %+v, %v", results, err)
		}
	})
}
