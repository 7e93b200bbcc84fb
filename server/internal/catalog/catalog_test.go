package catalog_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/catalog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeCloud takes a second for an answer.
type fakeCloud struct {
	calls atomic.Int32
	err   error
}

func (c *fakeCloud) Regions(context.Context) ([]ecs.Region, error) {
	time.Sleep(time.Second)
	c.calls.Add(1)
	return []ecs.Region{{ID: "cn-hangzhou"}}, c.err
}

func TestRegionsAreReadOnceAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &fakeCloud{}
		c := catalog.New(cloud)
		var callers sync.WaitGroup
		for range 100 {
			callers.Go(func() {
				if regions, err := c.Regions(t.Context()); err != nil || len(regions) != 1 {
					t.Errorf("got %v, %v", regions, err)
				}
			})
		}
		callers.Wait()
		if n := cloud.calls.Load(); n != 1 {
			t.Errorf("%d calls for 100 callers, want 1", n)
		}
		time.Sleep(2 * time.Hour)
		cloud.err = errors.New("down")
		if regions, err := c.Regions(t.Context()); err != nil || len(regions) != 1 || cloud.calls.Load() != 2 {
			t.Errorf("with the cloud down: %v, %v, want what is kept", regions, err)
		}
	})
}

func TestACallerEndsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &fakeCloud{err: errors.New("down")}
		c := catalog.New(cloud)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := c.Regions(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		if _, err := c.Regions(t.Context()); !errors.Is(err, cloud.err) {
			t.Errorf("nothing kept and the cloud down: got %v", err)
		}
	})
}
