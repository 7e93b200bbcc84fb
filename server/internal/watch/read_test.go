package watch_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// listed reads a list from memory page by page.
func listed(t *testing.T, service *watch.Service, q ecs.Query, limit int) []string {
	t.Helper()
	var ids []string
	after := ""
	for {
		page, ok := service.SeenAll(region, q, time.Hour, after, limit)
		if !ok {
			t.Fatal("the region counts as not polled")
		}
		if len(page) > limit {
			t.Fatalf("a page of %d has %d instances", limit, len(page))
		}
		for _, i := range page {
			ids = append(ids, i.ID)
		}
		if len(page) < limit {
			return ids
		}
		after = page[len(page)-1].ID
	}
}

// The pages of a list from memory are those of the newest state, in order,
// whatever the page size and the filter.
func TestSeenAll_Pages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newFakeCloud(region)
		ids := manyIDs(50)
		for n, id := range ids {
			cloud.set(region, id, func(i *ecs.Instance) { i.Name = fmt.Sprint("web-", n%2) })
		}
		service := open(t, cloud, newFakeLog(), region)
		time.Sleep(time.Second)
		check := func(what string, q ecs.Query, want []string) {
			t.Helper()
			for _, limit := range []int{1, 7, 50, 100} {
				if got := listed(t, service, q, limit); !slices.Equal(got, want) {
					t.Errorf("%s by pages of %d: %v, want %v", what, limit, got, want)
				}
			}
		}
		var odd []string
		for n := 1; n < len(ids); n += 2 {
			odd = append(odd, ids[n])
		}
		check("all", ecs.Query{}, ids)
		check("by name", ecs.Query{Name: "web-1"}, odd)
		check("by ID", ecs.Query{IDs: []string{ids[30], "i-none", ids[4]}}, []string{ids[4], ids[30]})
		cloud.release(region, ids[10])
		cloud.set(region, "i-zzz", start)
		time.Sleep(2 * time.Minute)
		check("after a change", ecs.Query{}, append(slices.Delete(slices.Clone(ids), 10, 11), "i-zzz"))
	})
}

// BenchmarkSeenAll lists 20,000 instances from memory by pages of 100: the time
// is that of one page.
func BenchmarkSeenAll(b *testing.B) {
	const instances, limit = 20_000, 100
	cloud := newFakeCloud(region)
	for n := range instances {
		cloud.set(region, fmt.Sprintf("i-%05d", n), start)
	}
	service, err := watch.New(b.Context(), cloud, newFakeLog(), []string{region}, watch.Config{Logger: quiet})
	if err != nil {
		b.Fatal(err)
	}
	defer service.Close()
	service.Start()
	s, err := service.Watch(b.Context(), &watch.Filter{Regions: []string{region}}, watch.Latest, "", watch.Heartbeat{}) // waits for the first poll
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	after := ""
	for b.Loop() {
		page, ok := service.SeenAll(region, ecs.Query{}, time.Hour, after, limit)
		if !ok {
			b.Fatal("the region counts as not polled")
		}
		if after = ""; len(page) == limit {
			after = page[limit-1].ID
		}
	}
}
