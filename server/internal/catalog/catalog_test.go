package catalog_test

import (
	"context"
	"errors"
	"fmt"
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

// fakeCloud takes a second for a response.
type fakeCloud struct {
	calls atomic.Int32
	err   error
}

func (c *fakeCloud) Regions(context.Context) ([]ecs.Region, error) {
	time.Sleep(time.Second)
	c.calls.Add(1)
	return []ecs.Region{{ID: "cn-hangzhou"}}, c.err
}

func (c *fakeCloud) Zones(_ context.Context, regionID string) ([]ecs.Zone, error) {
	c.calls.Add(1)
	return []ecs.Zone{{ID: regionID + "-h"}}, c.err
}

func (c *fakeCloud) InstanceTypes(_ context.Context, _ string, q ecs.TypeQuery, cursor string, limit int) (ecs.TypePage, error) {
	c.calls.Add(1)
	return ecs.TypePage{Types: []ecs.InstanceType{{ID: q.Family + cursor}}, Next: fmt.Sprint(limit)}, c.err
}

func (c *fakeCloud) Stock(_ context.Context, _ string, q ecs.StockQuery) ([]ecs.Stock, error) {
	c.calls.Add(1)
	return []ecs.Stock{{ZoneID: q.ZoneID}}, c.err
}

func TestRegions_ReadOnce(t *testing.T) {
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

func TestCatalog_CallerEndsAlone(t *testing.T) {
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

func TestKept_SeparateQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &fakeCloud{}
		c := catalog.New(cloud)
		for range 3 {
			for _, region := range []string{"cn-hangzhou", "cn-beijing"} {
				if zones, err := c.Zones(t.Context(), region); err != nil || zones[0].ID != region+"-h" {
					t.Errorf("zones of %s: %v, %v", region, zones, err)
				}
			}
			for _, family := range []string{"g7", "c7"} {
				for _, cursor := range []string{"", "2"} {
					page, err := c.InstanceTypes(t.Context(), "cn-hangzhou", ecs.TypeQuery{Family: family}, cursor, 10)
					if err != nil || page.Types[0].ID != family+cursor || page.Next != "10" {
						t.Errorf("types of %s at %q: %v, %v", family, cursor, page, err)
					}
				}
			}
		}
		if n := cloud.calls.Load(); n != 6 {
			t.Errorf("%d calls, want one for each of 6 questions", n)
		}
	})
}

func TestStock_CachedBriefly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &fakeCloud{}
		c := catalog.New(cloud)
		q := ecs.StockQuery{ZoneID: "cn-hangzhou-h"}
		for _, step := range []struct {
			wait  time.Duration
			calls int32
		}{{0, 1}, {29 * time.Second, 1}, {2 * time.Second, 2}} {
			time.Sleep(step.wait)
			if stock, err := c.Stock(t.Context(), "cn-hangzhou", q); err != nil || stock[0].ZoneID != q.ZoneID || cloud.calls.Load() != step.calls {
				t.Errorf("after %s: %v, %v, %d calls, want %d", step.wait, stock, err, cloud.calls.Load(), step.calls)
			}
		}
		time.Sleep(time.Minute)
		cloud.err = errors.New("down")
		if stock, err := c.Stock(t.Context(), "cn-hangzhou", q); !errors.Is(err, cloud.err) {
			t.Errorf("with the cloud down: %v, %v, want its error: what was in stock may be gone", stock, err)
		}
	})
}

func TestCatalog_MemoryBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &fakeCloud{}
		c := catalog.New(cloud)
		ask := func(family string) {
			time.Sleep(time.Millisecond)
			if _, err := c.InstanceTypes(t.Context(), "cn-hangzhou", ecs.TypeQuery{Family: family}, "", 10); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 1000 {
			ask(fmt.Sprint("family", i))
		}
		for i := 999; i > 999-256; i-- {
			ask(fmt.Sprint("family", i))
		}
		if n := cloud.calls.Load(); n != 1000 {
			t.Errorf("some of the newest answers were forgotten: %d calls, want 1000", n)
		}
		ask("family0")
		if n := cloud.calls.Load(); n != 1001 {
			t.Errorf("the oldest of 1000 answers is still kept: %d calls, want 1001", n)
		}
	})
}
