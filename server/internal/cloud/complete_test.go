package cloud_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// listAll reads all pages of a query.
func listAll(t *testing.T, edge *cloud.Edge, q ecs.Query) []ecs.Instance {
	t.Helper()
	var all []ecs.Instance
	cursor := ""
	for {
		page, err := edge.InstancePage(soon(t), hangzhou, q, cursor, 50)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Instances...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

// Of the instances with a tag, the cloud shows a thousand without a sign that
// there are others.
func TestListByTag_MoreThanTheCloudShows(t *testing.T) {
	sim, edge := simulated(t, simulator.Config{}, cloud.Config{})
	seed(t, sim, simulator.Seed{Count: 2500, Tags: map[string]string{"app": "tg"}, ExpireAfter: inThreeDays()})
	seed(t, sim, simulator.Seed{Count: 20, Tags: map[string]string{"app": "other"}})
	seed(t, sim, simulator.Seed{Count: 20})
	for name, c := range map[string]struct {
		query ecs.Query
		want  int
	}{
		"tag":           {ecs.Query{Tags: []ecs.Tag{{Key: "app", Value: "tg"}}}, 2500},
		"key":           {ecs.Query{Tags: []ecs.Tag{{Key: "app"}}}, 2520},
		"tag in window": {ecs.Query{Tags: []ecs.Tag{{Key: "app", Value: "tg"}}, Expiry: ecs.Window{After: begin, Before: begin.Add(14 * 24 * time.Hour)}}, 2500},
		"no such value": {ecs.Query{Tags: []ecs.Tag{{Key: "app", Value: "x"}}}, 0},
	} {
		seen := make(map[string]bool)
		for _, instance := range listAll(t, edge, c.query) {
			seen[instance.ID] = true
		}
		if len(seen) != c.want {
			t.Errorf("by %s: %d instances, want %d", name, len(seen), c.want)
		}
	}
}

func TestDisksByTag_AreComparedHere(t *testing.T) {
	endpoint, edge := document(t, func(n int, _ url.Values) (int, string) {
		if n == 1 {
			return accepted(`"NextToken":"t2","Disks":{"Disk":[{"DiskId":"d-1"},{"DiskId":"d-2","Tags":{"Tag":[{"TagKey":"team","TagValue":"db"}]}}]}`)
		}
		return accepted(`"NextToken":"","Disks":{"Disk":[{"DiskId":"d-3","Tags":{"Tag":[{"TagKey":"team","TagValue":"web"}]}}]}`)
	})
	query := ecs.DiskQuery{Tags: []ecs.Tag{{Key: "team", Value: "web"}}}
	first, err := edge.Disks(soon(t), hangzhou, query, "", 100)
	if err != nil || len(first.Disks) != 0 || tokenOf(first.Next) != "t2" {
		t.Errorf("the first page is %+v, %v; want no disk and t2", first, err)
	}
	second, err := edge.Disks(soon(t), hangzhou, query, first.Next, 100)
	if err != nil || len(second.Disks) != 1 || second.Disks[0].ID != "d-3" {
		t.Errorf("the second page is %+v, %v; want d-3", second, err)
	}
	wants(t, endpoint.of("DescribeDisks")[0], map[string]string{"Tag.1.Key": "", "MaxResults": "100"})
	wants(t, endpoint.of("DescribeDisks")[1], map[string]string{"NextToken": "t2"})
}

func TestExpiryFilter_LargestAndSmallestTime(t *testing.T) {
	sim, edge := simulated(t, simulator.Config{}, cloud.Config{})
	seed(t, sim, simulator.Seed{Count: 3, ExpireAfter: inThreeDays()})
	all := ecs.Window{After: time.Date(1, 1, 1, 0, 0, 30, 0, time.UTC), Before: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}
	if got := listAll(t, edge, ecs.Query{Expiry: all}); len(got) != 3 {
		t.Errorf("%d instances in all of time, want 3", len(got))
	}
}

// Empty responses, as a lane that looks for reclaims gets all the time, prove
// no permission: the account may have lost it since the last proof.
func TestEmptyList_NeedsAProofNewerThanItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, edge := bubbled(t, simulator.Config{}, cloud.Config{})
		id := seed(t, sim, simulator.Seed{Count: 150})[0]
		quiet := ecs.Query{Locks: []ecs.LockReason{ecs.LockRecycling}}
		for range 10 {
			if _, err := edge.InstancePage(t.Context(), hangzhou, quiet, "", 100); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		first, err := edge.InstancePage(t.Context(), hangzhou, ecs.Query{}, "", 100)
		if err != nil || first.Next == "" {
			t.Fatalf("the first page: next %q, %v", first.Next, err)
		}
		time.Sleep(time.Second)
		fault(t, sim, simulator.Fault{Kind: "denied_empty", Action: "*", RegionID: hangzhou})
		_, err = edge.InstancePage(t.Context(), hangzhou, ecs.Query{}, first.Next, 100)
		if reasonOf(t, err) != ecs.ReasonCloudPermissionDenied {
			t.Errorf("the rest of a list: got %v, want CLOUD_PERMISSION_DENIED", err)
		}
		_, err = edge.InstancePage(t.Context(), hangzhou, quiet, "", 100)
		if reasonOf(t, err) != ecs.ReasonCloudPermissionDenied {
			t.Errorf("a list: got %v, want CLOUD_PERMISSION_DENIED", err)
		}
		err = edge.Instances(t.Context(), hangzhou, []string{id})[0].Err
		if reasonOf(t, err) != ecs.ReasonCloudPermissionDenied {
			t.Errorf("a read by ID: got %v, want CLOUD_PERMISSION_DENIED", err)
		}
	})
}

// A dry run that is in progress when a read begins proves nothing about that
// read.
func TestEmptyList_DoesNotShareAnOlderCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var denied atomic.Bool
		server := &stub{}
		server.answer = func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("DryRun") == "" {
				fine(w, r)
				return
			}
			allowed := !denied.Load()
			time.Sleep(5 * time.Second)
			if allowed {
				refuses(http.StatusBadRequest, "DryRunOperation", "passed")(w, r)
				return
			}
			refuses(http.StatusForbidden, "Forbidden.RAM", "no")(w, r)
		}
		edge, _ := overPipes(t, server, cloud.Config{})
		older := make(chan error, 1)
		go func() {
			_, err := edge.InstancePage(t.Context(), hangzhou, ecs.Query{}, "", 10)
			older <- err
		}()
		time.Sleep(time.Second) // its dry run is under way
		denied.Store(true)
		if _, err := edge.InstancePage(t.Context(), hangzhou, ecs.Query{}, "", 10); reasonOf(t, err) != ecs.ReasonCloudPermissionDenied {
			t.Errorf("the later list: got %v, want CLOUD_PERMISSION_DENIED", err)
		}
		if err := <-older; err != nil {
			t.Errorf("the earlier list: %v", err)
		}
		if n := strings.Count(strings.Join(actions(server), " "), "DescribeInstances"); n != 4 {
			t.Errorf("%d calls, want two lists and two dry runs", n)
		}
	})
}

// actions are the actions of the requests so far.
func actions(s *stub) []string {
	var all []string
	for _, q := range s.asked() {
		all = append(all, q.Get("Action"))
	}
	return all
}

func inThreeDays() *control.Duration {
	d := control.Duration(72 * time.Hour)
	return &d
}

// tokenOf is the cloud's token in the Next of a page.
func tokenOf(next string) string {
	_, token, _ := strings.Cut(next, "~")
	return token
}
