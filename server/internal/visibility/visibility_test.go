package visibility_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/visibility"
)

// launches are the launch times by instance.
type launches struct {
	at    map[string]time.Time
	err   error
	reads int
}

func (l *launches) RecentLaunches(_ context.Context, ids []string, since time.Time) (map[string]time.Time, error) {
	l.reads++
	recent := map[string]time.Time{}
	for _, id := range ids {
		if at, ok := l.at[id]; ok && !at.Before(since) {
			recent[id] = at
		}
	}
	return recent, l.err
}

// cloud shows each instance from a time on.
type cloud struct {
	visibility.Cloud
	from  map[string]time.Time
	calls [][]string
}

func (c *cloud) Instances(ctx context.Context, _ string, ids []string) []ecs.Result[ecs.Instance] {
	c.calls = append(c.calls, ids)
	results := make([]ecs.Result[ecs.Instance], len(ids))
	for i, id := range ids {
		results[i] = ecs.Result[ecs.Instance]{ID: id, Value: ecs.Instance{ID: id}}
		if from, ok := c.from[id]; !ok || time.Now().Before(from) {
			results[i] = ecs.Result[ecs.Instance]{ID: id, Err: ecs.Errorf(ecs.ReasonInstanceNotFound, "no %s", id)}
		}
	}
	return results
}

func reader(c *cloud, l *launches) visibility.Reader {
	return visibility.Reader{Cloud: c, Guard: visibility.New(l)}
}

func TestReader_WaitsForALaunchedInstance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		c := &cloud{from: map[string]time.Time{"i-old": {}, "i-new": now.Add(9 * time.Second)}}
		l := &launches{at: map[string]time.Time{"i-new": now}}
		results := reader(c, l).Instances(t.Context(), "cn-hangzhou", []string{"i-new", "i-none", "i-old"})
		if results[0].Err != nil || results[0].Value.ID != "i-new" {
			t.Errorf("launched instance: %+v", results[0])
		}
		if !ecs.HasReason(results[1].Err, ecs.ReasonInstanceNotFound) {
			t.Errorf("instance that no launch made: got %v, want INSTANCE_NOT_FOUND", results[1].Err)
		}
		if results[2].Err != nil || results[2].Value.ID != "i-old" {
			t.Errorf("visible instance: %+v", results[2])
		}
		for _, ids := range c.calls[1:] {
			if !slices.Equal(ids, []string{"i-new"}) {
				t.Errorf("repeated the read of %v, want only the launched one", ids)
			}
		}
	})
}

func TestReader_InstanceStillNotVisible(t *testing.T) {
	for name, limit := range map[string]time.Duration{"no deadline": 0, "early deadline": 7 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, began := t.Context(), time.Now()
				if limit > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, limit)
					defer cancel()
				}
				l := &launches{at: map[string]time.Time{"i-new": began}}
				err := reader(&cloud{}, l).Instances(ctx, "cn-hangzhou", []string{"i-new"})[0].Err
				e := ecs.AsError(err)
				if e == nil || e.Reason != ecs.ReasonInstanceNotVisibleYet || e.Retry == ecs.RetryNever || e.RegionID != "cn-hangzhou" || e.InstanceID != "i-new" {
					t.Errorf("got %+v, want a retryable INSTANCE_NOT_VISIBLE_YET", e)
				}
				if ctx.Err() != nil {
					t.Error("waited past the deadline of the caller")
				}
				if waited := time.Since(began); waited > visibility.Patience {
					t.Errorf("waited %v", waited)
				}
			})
		})
	}
}

func TestReader_LaunchPastTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &launches{at: map[string]time.Time{"i-new": time.Now().Add(-visibility.Window - time.Second)}}
		c := &cloud{}
		if err := reader(c, l).Instances(t.Context(), "r", []string{"i-new"})[0].Err; !ecs.HasReason(err, ecs.ReasonInstanceNotFound) {
			t.Errorf("got %v, want INSTANCE_NOT_FOUND", err)
		}
		if len(c.calls) != 1 {
			t.Errorf("%d reads of the cloud, want 1", len(c.calls))
		}
	})
}

func TestReader_StoreDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &launches{err: errors.New("down")}
		err := reader(&cloud{}, l).Instances(t.Context(), "r", []string{"i-1"})[0].Err
		if !ecs.HasReason(err, ecs.ReasonStoreUnavailable) || ecs.AsError(err).Retry == ecs.RetryNever {
			t.Errorf("got %v, want a retryable STORE_UNAVAILABLE", err)
		}
	})
}

func TestReader_StoreNotReadForVisibleInstances(t *testing.T) {
	l := &launches{}
	reader(&cloud{from: map[string]time.Time{"i-1": {}}}, l).Instances(t.Context(), "r", []string{"i-1"})
	if l.reads != 0 {
		t.Errorf("%d reads of the store, want none", l.reads)
	}
}
