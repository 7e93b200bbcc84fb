package fleet_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

var (
	hangzhou = catalog.FindRegion("cn-hangzhou")
	shanghai = catalog.FindRegion("cn-shanghai")
)

func instance(region *catalog.Region, n int, name string) *fleet.Instance {
	return &fleet.Instance{
		ID: fmt.Sprintf("i-%s%017d", region.IDPrefix, n), Name: name, Region: region,
		Type: catalog.FindInstanceType("ecs.g7.large"), Image: catalog.Images[0], NetworkType: "vpc",
	}
}

func ids(list []*fleet.Instance) []string {
	var ids []string
	for _, i := range list {
		ids = append(ids, i.ID)
	}
	return ids
}

// walk follows the tokens of a listing to its end.
func walk(t interface{ Fatal(...any) }, f *fleet.Fleet, q *fleet.Filter, size, limit int) []string {
	return walkFrom(t, f, q, fleet.Cursor{}, size, limit)
}

// walkFrom is [walk] from a position on.
func walkFrom(t interface{ Fatal(...any) }, f *fleet.Fleet, q *fleet.Filter, cursor fleet.Cursor, size, limit int) []string {
	var all []string
	for {
		page := f.PageAfter(hangzhou.ID, q, cursor, size, limit)
		all = append(all, ids(page.Instances)...)
		if len(page.Instances) > size {
			t.Fatal("a page is too long")
		}
		if page.Next.Zero() {
			return all
		}
		if len(page.Instances) < size {
			t.Fatal("a page that is not the last is short")
		}
		var err error
		if cursor, err = fleet.ParseToken(page.Next.Token()); err != nil {
			t.Fatal(err)
		}
	}
}

// After any additions and removals, both ways of paging list exactly the matching instances, once, in the order of
// creation.
func TestPaging(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := fleet.New(nil)
		var model []*fleet.Instance
		for n := range rapid.IntRange(0, 300).Draw(t, "instances") {
			i := instance(hangzhou, n, []string{"web", "db"}[n%2])
			model = append(model, i)
			if err := f.Add(i); err != nil {
				t.Fatal(err)
			}
			if err := f.Add(instance(shanghai, n, "web")); err != nil {
				t.Fatal(err)
			}
		}
		for n := range model {
			// Hidden instances are in no list until they are shown.
			hide := rapid.IntRange(0, 9).Draw(t, "hide")
			var err error
			if model[n], err = f.Update(model[n].ID, func(i *fleet.Instance) { i.Hidden = hide < 2 }); err != nil {
				t.Fatal(err)
			}
			if hide == 1 {
				shown, err := f.UpdateAll(hangzhou.ID, []string{model[n].ID}, func(i *fleet.Instance) error { i.Hidden = false; return nil })
				if err != nil {
					t.Fatal(err)
				}
				model[n] = shown[0]
			}
		}
		for range rapid.IntRange(0, len(model)).Draw(t, "removals") {
			n := rapid.IntRange(0, len(model)-1).Draw(t, "victim")
			if err := f.Remove(model[n].ID, time.Time{}); err != nil {
				t.Fatal(err)
			}
			model = slices.Delete(model, n, n+1)
		}
		q := &fleet.Filter{Name: rapid.SampledFrom([]string{"", "w*", "nothing"}).Draw(t, "name")}
		limit := rapid.SampledFrom([]int{0, 1, 20, 1000}).Draw(t, "limit")
		size := rapid.IntRange(1, 100).Draw(t, "size")
		var want []string
		for _, i := range model {
			if q.Match(i) && (limit == 0 || len(want) < limit) {
				want = append(want, i.ID)
			}
		}
		if diff := cmp.Diff(want, walk(t, f, q, size, limit)); diff != "" {
			t.Fatalf("by token (-want +got):\n%s", diff)
		}
		var got []string
		for number := 1; ; number++ {
			page := f.PageByNumber(hangzhou.ID, q, number, size, limit)
			if page.Total != len(want) {
				t.Fatalf("total %d, want %d", page.Total, len(want))
			}
			if len(page.Instances) == 0 {
				break
			}
			got = append(got, ids(page.Instances)...)
			if page.Next.Zero() != (len(got) == len(want)) {
				t.Fatalf("page %d with %d of %d listed: next is %+v", number, len(got), len(want), page.Next)
			}
			if page.Next.Zero() {
				continue
			}
			if diff := cmp.Diff(want[len(got):], walkFrom(t, f, q, page.Next, size, limit)); diff != "" {
				t.Fatalf("by token after page %d (-want +got):\n%s", number, diff)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("by number (-want +got):\n%s", diff)
		}
	})
}

// An instance that appears or disappears between two pages affects no other.
func TestPaging_FleetChanges(t *testing.T) {
	f := fleet.New(nil)
	for n := range 30 {
		if err := f.Add(instance(hangzhou, n, "x")); err != nil {
			t.Fatal(err)
		}
	}
	first := f.PageAfter(hangzhou.ID, &fleet.Filter{}, fleet.Cursor{}, 10, 0)
	for _, n := range []int{0, 9, 10} { // a listed one, the last listed one, the next one
		if err := f.Remove(instance(hangzhou, n, "").ID, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	second := f.PageAfter(hangzhou.ID, &fleet.Filter{}, first.Next, 10, 0)
	if got, want := ids(second.Instances)[0], instance(hangzhou, 11, "").ID; got != want {
		t.Errorf("the second page begins with %s, want %s", got, want)
	}
}

// A page by number reflects the current fleet, whatever changed since the last page.
func TestPagesByNumber_AfterChanges(t *testing.T) {
	filters := []*fleet.Filter{{}, {Name: "w*"}, {Status: fleet.Running}, {Name: "w*", Status: fleet.Running}, {IDs: []string{instance(hangzhou, 3, "").ID}}}
	rapid.Check(t, func(t *rapid.T) {
		f := fleet.New(nil)
		there := []string{}
		for n := range rapid.IntRange(1, 40).Draw(t, "steps") {
			do := rapid.SampledFrom([]string{"add", "add", "change", "hide", "remove", "nothing"}).Draw(t, "do")
			switch {
			case do == "add" || len(there) == 0:
				i := instance(hangzhou, n, rapid.SampledFrom([]string{"web", "db"}).Draw(t, "name"))
				if err := f.Add(i); err != nil {
					t.Fatal(err)
				}
				there = append(there, i.ID)
			case do == "remove":
				last := len(there) - 1
				if err := f.Remove(there[last], time.Time{}); err != nil {
					t.Fatal(err)
				}
				there = there[:last]
			case do != "nothing":
				_, err := f.Update(there[0], func(i *fleet.Instance) {
					if do == "hide" {
						i.Hidden = !i.Hidden
					} else {
						i.Status = rapid.SampledFrom([]fleet.Status{fleet.Running, fleet.Stopped}).Draw(t, "status")
					}
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			q := filters[rapid.IntRange(0, len(filters)-1).Draw(t, "filter")]
			var want []string
			for _, i := range f.All(hangzhou.ID) {
				if q.Match(i) && (q.IDs == nil || slices.Contains(q.IDs, i.ID)) {
					want = append(want, i.ID)
				}
			}
			page := f.PageByNumber(hangzhou.ID, q, 1, 100, 0)
			if diff := cmp.Diff(want, ids(page.Instances)); diff != "" || page.Total != len(want) {
				t.Fatalf("after %s (-want +got):\n%s", do, diff)
			}
		}
	})
}

func FuzzToken(f *testing.F) {
	f.Add("")
	f.Add(fleet.Cursor{After: 1}.Token())
	f.Add(fleet.Cursor{After: 1<<63 + 5, Listed: 1000}.Token())
	f.Add("00000000000000000000000000000000")
	f.Fuzz(func(t *testing.T, token string) {
		cursor, err := fleet.ParseToken(token)
		if err != nil {
			return
		}
		again, err := fleet.ParseToken(cursor.Token())
		if err != nil || again != cursor {
			t.Errorf("%q reads %+v, which reads %+v, %v", token, cursor, again, err)
		}
	})
}

// A token with one wrong digit is invalid.
func TestToken_Checksum(t *testing.T) {
	token := fleet.Cursor{After: 12345, Listed: 100}.Token()
	for n := range token {
		bad := []byte(token)
		bad[n] ^= 1 // mostly still a hexadecimal digit; anything else is rejected as well
		if _, err := fleet.ParseToken(string(bad)); err == nil {
			t.Errorf("%s is taken for %s", bad, token)
		}
	}
}
