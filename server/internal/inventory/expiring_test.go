package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/inventory"
)

// calendar is a cloud of subscriptions, listed in no order of expiry.
type calendar struct {
	mu      sync.Mutex
	regions map[string][]ecs.Instance
	down    map[string]error
	// breaks is down from the second page on.
	breaks map[string]error
	calls  int
}

func (*calendar) Instances(context.Context, string, []string) []ecs.Result[ecs.Instance] {
	panic("a list reads no IDs")
}

func (c *calendar) InstancePage(_ context.Context, regionID string, q ecs.Query, cursor string, limit int) (ecs.Page, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if err := c.down[regionID]; err != nil {
		return ecs.Page{}, err
	}
	if err := c.breaks[regionID]; err != nil && cursor != "" {
		return ecs.Page{}, err
	}
	var all []ecs.Instance
	for _, i := range c.regions[regionID] {
		if q.Matches(&i) {
			all = append(all, i)
		}
	}
	start, _ := strconv.Atoi(cursor)
	end := min(start+limit, len(all))
	page := ecs.Page{Instances: slices.Clone(all[start:end])}
	if end < len(all) {
		page.Next = strconv.Itoa(end)
	}
	return page, nil
}

func (c *calendar) add(region string, expire time.Time) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := fmt.Sprintf("i-%s-%d", region, len(c.regions[region]))
	c.regions[region] = append(c.regions[region], ecs.Instance{ID: id, RegionID: region, ChargeType: ecs.ChargeSubscription, ExpireTime: expire})
	return id
}

func (c *calendar) countCalls() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := c.calls
	c.calls = 0
	return calls
}

var opening = time.Date(2027, 1, 1, 16, 0, 0, 0, time.UTC)

func cursorOf(regions ...string) ecs.Cursor {
	cursor := ecs.Cursor{Window: ecs.Window{After: opening, Before: opening.Add(30 * 24 * time.Hour)}}
	for _, r := range regions {
		cursor.Regions = append(cursor.Regions, ecs.RegionCursor{RegionID: r})
	}
	return cursor
}

// walk reads all pages. between runs before each page but the first.
func walk(t interface{ Fatalf(string, ...any) }, v *inventory.Inventory, cursor ecs.Cursor, limit inventory.Limit, staleness time.Duration, between func(page int)) (keys []ecs.ExpiryKey, failed []string, pages int) {
	q := ecs.Query{Expiry: cursor.Window}
	for ; len(cursor.Regions) > 0; pages++ {
		if pages > 0 && between != nil {
			between(pages)
		}
		page, err := v.ListExpiring(context.Background(), q, cursor, limit, staleness)
		if err != nil {
			t.Fatalf("page %d: %v", pages, err)
		}
		if len(page.Instances) > limit.Count {
			t.Fatalf("a page of %d, want at most %d", len(page.Instances), limit.Count)
		}
		for _, i := range page.Instances {
			keys = append(keys, ecs.ExpiryKeyOf(&i))
		}
		for _, u := range page.Unreachable {
			failed = append(failed, u.RegionID)
		}
		cursor = page.Next
	}
	return keys, failed, pages
}

// The order holds over all pages and regions, whether the list is held between
// the pages or read again, and each instance is listed once.
func TestListExpiring_OrderOverPagesAndRegions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &calendar{regions: map[string][]ecs.Instance{}}
		days := rapid.IntRange(1, 30).Draw(t, "days")
		var want []ecs.ExpiryKey
		regions := []string{"a", "b", "c"}
		for _, r := range regions {
			for range rapid.IntRange(0, 150).Draw(t, r) {
				expire := opening.Add(time.Duration(rapid.IntRange(-1, days).Draw(t, "day")) * 24 * time.Hour)
				id := c.add(r, expire)
				if cursorOf().Window.Contains(expire) {
					want = append(want, ecs.ExpiryKey{ExpireTime: expire, ID: id})
				}
			}
		}
		slices.SortFunc(want, ecs.ExpiryKey.Compare)
		v := inventory.New(c, nil, nil)
		forget := rapid.Bool().Draw(t, "another replica per page")
		limit := inventory.Limit{Count: rapid.IntRange(1, 100).Draw(t, "limit")}
		var got []ecs.ExpiryKey
		cursor := cursorOf(regions...)
		for pages := 0; len(cursor.Regions) > 0; pages++ {
			if forget {
				v = inventory.New(c, nil, nil)
			}
			page, err := v.ListExpiring(context.Background(), ecs.Query{Expiry: cursor.Window}, cursor, limit, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range page.Instances {
				got = append(got, ecs.ExpiryKeyOf(&i))
			}
			if cursor = page.Next; pages > 500 {
				t.Fatal("the list does not end")
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("listed %d, want %d in order of expiry and ID", len(got), len(want))
		}
	})
}

// The later pages cost no call for two minutes; then the rest is read again.
func TestListExpiring_HeldBetweenPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calendar{regions: map[string][]ecs.Instance{}}
		for range 1000 {
			c.add("a", opening.Add(time.Duration(rand.IntN(30*24))*time.Hour))
		}
		v := inventory.New(c, nil, nil)
		calls := map[int]int{}
		keys, _, pages := walk(t, v, cursorOf("a"), inventory.Limit{Count: 100}, 0, func(page int) {
			calls[page-1] = c.countCalls()
			if page == 6 {
				time.Sleep(2 * time.Minute)
			}
		})
		if len(keys) != 1000 || pages != 10 {
			t.Errorf("%d instances on %d pages, want 1000 on 10", len(keys), pages)
		}
		if calls[0] != 10 {
			t.Errorf("the first page took %d calls, want 10", calls[0])
		}
		for page := 1; page < 9; page++ {
			want := 0
			if page == 6 { // 400 instances are left, and those that expire with the last one
				want = 5
			}
			if calls[page] > want || page == 6 && calls[page] < 4 {
				t.Errorf("page %d took %d calls, want %d", page, calls[page], want)
			}
		}
	})
}

// A list that exceeds the memory for one list continues beyond it.
func TestListExpiring_LargerThanTheMemory(t *testing.T) {
	c := &calendar{regions: map[string][]ecs.Instance{}}
	for n := range 3000 {
		c.add("a", opening.Add(time.Duration(n*7%(29*24))*time.Hour))
	}
	limit := inventory.Limit{Count: 250, Size: func(*ecs.Instance) int { return 16 << 10 }, Bytes: 1 << 30} // about 1,000 fit
	keys, _, _ := walk(t, inventory.New(c, nil, nil), cursorOf("a"), limit, 0, nil)
	if len(keys) != 3000 || !slices.IsSortedFunc(keys, ecs.ExpiryKey.Compare) {
		t.Errorf("%d instances, want 3000 in order", len(keys))
	}
	if n := len(slices.Compact(keys)); n != len(keys) {
		t.Errorf("%d instances are listed twice", len(keys)-n)
	}
}

func TestListExpiring_RegionFails(t *testing.T) {
	c := &calendar{regions: map[string][]ecs.Instance{}, down: map[string]error{"b": errDown}}
	for n := range 30 {
		c.add("a", opening.Add(time.Duration(n)*time.Hour))
		c.add("b", opening.Add(time.Duration(n)*time.Hour))
	}
	v := inventory.New(c, nil, nil)
	keys, failed, _ := walk(t, v, cursorOf("a", "b"), inventory.Limit{Count: 10}, 0, func(int) { v = inventory.New(c, nil, nil) })
	if len(keys) != 30 || slices.ContainsFunc(keys, func(k ecs.ExpiryKey) bool { return !strings.HasPrefix(k.ID, "i-a-") }) {
		t.Errorf("%d instances, want the 30 of region a", len(keys))
	}
	if !slices.Equal(failed, []string{"b"}) {
		t.Errorf("unreachable %v, want b once", failed)
	}
	_, err := v.ListExpiring(t.Context(), ecs.Query{}, cursorOf("b"), inventory.Limit{Count: 10}, 0)
	if !errors.Is(err, errDown) {
		t.Errorf("no region responds: got %v, want the region's error", err)
	}
}

// Half of a region would look like all of it.
func TestListExpiring_RegionFailsHalfway(t *testing.T) {
	c := &calendar{regions: map[string][]ecs.Instance{}, breaks: map[string]error{"b": errDown}}
	for range 150 {
		c.add("a", opening)
		c.add("b", opening)
	}
	keys, failed, _ := walk(t, inventory.New(c, nil, nil), cursorOf("a", "b"), inventory.Limit{Count: 100}, 0, nil)
	if len(keys) != 150 || slices.ContainsFunc(keys, func(k ecs.ExpiryKey) bool { return !strings.HasPrefix(k.ID, "i-a-") }) {
		t.Errorf("%d instances, want the 150 of region a", len(keys))
	}
	if !slices.Equal(failed, []string{"b"}) {
		t.Errorf("unreachable %v, want b", failed)
	}
}

// The lists that are held have a limit: the oldest is dropped, and read again.
func TestListExpiring_HeldListsAreBounded(t *testing.T) {
	c := &calendar{regions: map[string][]ecs.Instance{}}
	for n := range 100 {
		c.add("a", opening.Add(time.Duration(n)*time.Hour))
	}
	v := inventory.New(c, nil, nil)
	limit := inventory.Limit{Count: 10, Bytes: 1 << 30, Size: func(*ecs.Instance) int { return 128 << 10 }} // 12.5 MiB per list
	read := func(cursor ecs.Cursor) (ecs.Cursor, int) {
		t.Helper()
		page, err := v.ListExpiring(t.Context(), ecs.Query{Expiry: cursor.Window}, cursor, limit, 0)
		if err != nil || len(page.Instances) != 10 {
			t.Fatalf("%d instances, %v", len(page.Instances), err)
		}
		return page.Next, c.countCalls()
	}
	var next [3]ecs.Cursor
	for n := range next {
		next[n], _ = read(cursorOf("a"))
	}
	for _, at := range []int{2, 1, 0} { // a list that is read again drops another
		if _, calls := read(next[at]); (calls > 0) != (at == 0) {
			t.Errorf("list %d of 3: %d calls, want some for list 0 only", at, calls)
		}
	}
}

func TestListExpiring_CountsWhatIsBeforeTheWindow(t *testing.T) {
	c := &calendar{regions: map[string][]ecs.Instance{}, down: map[string]error{"b": errDown}}
	c.add("a", opening.Add(-time.Minute))
	c.add("a", opening.Add(-15*24*time.Hour))
	c.add("a", opening.Add(-15*24*time.Hour-time.Minute))
	c.add("a", opening)
	cursor := cursorOf("a", "b")
	q := ecs.Query{Expiry: ecs.Window{After: cursor.Window.After.Add(-15 * 24 * time.Hour), Before: cursor.Window.Before}}
	page, err := inventory.New(c, nil, nil).ListExpiring(t.Context(), q, cursor, inventory.Limit{Count: 10}, 0)
	if err != nil || len(page.Instances) != 1 || page.LeftOut != 2 {
		t.Errorf("%d instances, %d left out, %v; want 1 and 2", len(page.Instances), page.LeftOut, err)
	}
}

// A region that was polled recently enough costs no call.
func TestListExpiring_OutOfTheMemory(t *testing.T) {
	c := &calendar{regions: map[string][]ecs.Instance{}}
	for n := range 250 {
		c.add("a", opening.Add(time.Duration(n%20)*time.Hour))
		c.add("b", opening.Add(time.Duration(n%20)*time.Hour))
	}
	polled := polledRegions{c, "a"}
	for staleness, want := range map[time.Duration]int{0: 6, time.Second: 6, time.Hour: 3} {
		c.countCalls()
		keys, _, _ := walk(t, inventory.New(c, nil, polled), cursorOf("a", "b"), inventory.Limit{Count: 100}, staleness, nil)
		if calls := c.countCalls(); calls != want {
			t.Errorf("within %s: %d calls, want %d", staleness, calls, want)
		}
		if len(keys) != 500 || !slices.IsSortedFunc(keys, ecs.ExpiryKey.Compare) {
			t.Errorf("within %s: %d instances, want 500 in order", staleness, len(keys))
		}
	}
}

// polledRegions has seen one region of a calendar a minute ago.
type polledRegions struct {
	*calendar

	region string
}

func (polledRegions) Seen(string, []string, time.Duration) map[string]ecs.Instance { return nil }

func (p polledRegions) SeenAll(regionID string, q ecs.Query, maxStaleness time.Duration, _ string, _ int) (all []ecs.Instance, ok bool) {
	if regionID != p.region || maxStaleness < time.Minute {
		return nil, false
	}
	for _, i := range p.regions[regionID] {
		if q.Matches(&i) {
			all = append(all, i)
		}
	}
	return all, true
}

// The first page sorts all instances; a later page costs a search.
func BenchmarkListExpiring(b *testing.B) {
	c := &calendar{regions: map[string][]ecs.Instance{}}
	for range 10_000 {
		c.add("a", opening.Add(time.Duration(rand.IntN(30*24))*time.Hour))
	}
	v, limit := inventory.New(c, nil, polledRegions{c, "a"}), inventory.Limit{Count: 1000}
	first := cursorOf("a")
	page, err := v.ListExpiring(b.Context(), ecs.Query{Expiry: first.Window}, first, limit, time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	// The first pages push the list of the later one out of the memory.
	for _, of := range []struct {
		name   string
		cursor ecs.Cursor
	}{{"later", page.Next}, {"first", first}} {
		b.Run(of.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if page, err := v.ListExpiring(b.Context(), ecs.Query{Expiry: of.cursor.Window}, of.cursor, limit, time.Hour); err != nil || len(page.Instances) != 1000 {
					b.Fatal(len(page.Instances), err)
				}
			}
		})
	}
}
