package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/inventory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errDown = errors.New("region is down")

// fakeCloud holds a number of instances in each region; -1 is a region that
// does not respond.
type fakeCloud struct {
	mu    sync.Mutex
	sizes map[string]int
	calls int
}

func (c *fakeCloud) Instances(context.Context, string, []string) []ecs.Result[ecs.Instance] {
	panic("a list reads no ids")
}

func (c *fakeCloud) InstancePage(_ context.Context, regionID string, _ ecs.Query, cursor string, limit int) (ecs.Page, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if limit < 10 || limit > 100 {
		return ecs.Page{}, fmt.Errorf("a page of %d", limit)
	}
	size := c.sizes[regionID]
	if size < 0 {
		return ecs.Page{}, errDown
	}
	start, _ := strconv.Atoi(cursor)
	end := min(start+limit, size)
	var page ecs.Page
	for n := start; n < end; n++ {
		page.Instances = append(page.Instances, ecs.Instance{ID: fmt.Sprintf("i-%s-%d", regionID, n), RegionID: regionID})
	}
	if end < size {
		page.Next = strconv.Itoa(end)
	}
	return page, nil
}

// readAll follows the pages to the end.
func readAll(t interface{ Fatalf(string, ...any) }, v *inventory.Inventory, regions []string, limit int) (ids []string, failed []string, pages int) {
	var cursor ecs.Cursor
	for _, r := range regions {
		cursor.Regions = append(cursor.Regions, ecs.RegionCursor{RegionID: r})
	}
	for len(cursor.Regions) > 0 {
		list, err := v.List(context.Background(), ecs.Query{}, cursor, inventory.Limit{Count: limit}, 0)
		if err != nil {
			t.Fatalf("page %d: %v", pages, err)
		}
		if len(list.Instances) > limit {
			t.Fatalf("a page of %d where %d were asked", len(list.Instances), limit)
		}
		if len(list.Instances) == 0 && len(list.Next.Regions) > 0 {
			t.Fatalf("an empty page in the middle")
		}
		for _, i := range list.Instances {
			ids = append(ids, i.ID)
		}
		for _, f := range list.Unreachable {
			failed = append(failed, f.RegionID)
		}
		cursor = list.Next
		pages++
	}
	return ids, failed, pages
}

func TestList_EveryInstanceOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &fakeCloud{sizes: map[string]int{}}
		var regions, want, wantFailed []string
		for i, size := range rapid.SliceOfN(rapid.IntRange(-1, 350), 1, 14).Draw(t, "sizes") {
			r := fmt.Sprintf("r%d", i)
			regions = append(regions, r)
			c.sizes[r] = size
			for n := range max(size, 0) {
				want = append(want, fmt.Sprintf("i-%s-%d", r, n))
			}
			if size < 0 {
				wantFailed = append(wantFailed, r)
			}
		}
		if len(wantFailed) == len(regions) {
			t.Skip("no region answers")
		}
		// A region alone on a later page would fail the page; keep one that responds
		// last.
		regions = append(regions, "last")
		c.sizes["last"] = 1500
		limit := rapid.IntRange(1, 1000).Draw(t, "limit")
		for n := range 1500 {
			want = append(want, fmt.Sprintf("i-last-%d", n))
		}
		got, failed, _ := readAll(t, inventory.New(c, nil, nil), regions, limit)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Fatalf("listed %d instances, want %d, each once", len(got), len(want))
		}
		slices.Sort(failed)
		slices.Sort(wantFailed)
		if !slices.Equal(wantFailed, failed) {
			t.Fatalf("unreachable %v, want %v", failed, wantFailed)
		}
	})
}

func TestList_OneCallPerPage(t *testing.T) {
	for _, limit := range []int{100, 1000} {
		c := &fakeCloud{sizes: map[string]int{"a": 10_000}}
		ids, _, _ := readAll(t, inventory.New(c, nil, nil), []string{"a"}, limit)
		if len(ids) != 10_000 || c.calls != 100 {
			t.Errorf("limit %d: %d instances in %d calls, want 10000 in 100", limit, len(ids), c.calls)
		}
	}
}

func TestList_NoRegionResponds(t *testing.T) {
	c := &fakeCloud{sizes: map[string]int{"a": -1, "b": -1}}
	cursor := ecs.Cursor{Regions: []ecs.RegionCursor{{RegionID: "a"}, {RegionID: "b"}}}
	if _, err := inventory.New(c, nil, nil).List(t.Context(), ecs.Query{}, cursor, inventory.Limit{Count: 100}, 0); !errors.Is(err, errDown) {
		t.Errorf("got %v, want the region's error", err)
	}
}

func TestList_EndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := &fakeCloud{sizes: map[string]int{"a": 1}}
	cursor := ecs.Cursor{Regions: []ecs.RegionCursor{{RegionID: "a"}}}
	if _, err := inventory.New(c, nil, nil).List(ctx, ecs.Query{}, cursor, inventory.Limit{Count: 100}, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
