package store_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// Every filter, alone and with others, by pages of any size.
func TestListRenewals(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var all []ledger.Renewal
		for j, caller := range []string{"team-a", "team-b"} {
			id := fmt.Sprint("j", j)
			var renewals []ledger.Renewal
			for i := range 5 {
				r := planned(id, fmt.Sprint("i-", i), yuan(1, 0))
				// Some at the same moment, so that the id decides.
				r.Caller, r.Revision, r.CreateTime = caller, 1, start.Add(time.Duration(i/2)*time.Hour)
				r.PlanTime = r.CreateTime
				if i == 4 {
					r.State = ledger.Skipped
				}
				renewals = append(renewals, r)
			}
			asked := job(id, ecs.Money{})
			asked.Caller = caller
			created(t, s, asked, renewals...)
			all = append(all, renewals...)
		}
		alone := planned("j2", "i-alone", yuan(1, 0))
		alone.RegionID, alone.Revision, alone.State = "cn-beijing", 1, ledger.Failed
		asked := job("j2", ecs.Money{})
		asked.Caller, asked.State = "team-c", ledger.JobFailed
		created(t, s, asked, alone)
		all = append(all, alone)
		slices.SortFunc(all, func(a, b ledger.Renewal) int {
			return cmp.Or(b.CreateTime.Compare(a.CreateTime), strings.Compare(b.ID, a.ID))
		})
		for name, c := range map[string]struct {
			filter ledger.Filter
			picks  func(ledger.Renewal) bool
			want   int
		}{
			"all":      {ledger.Filter{}, func(ledger.Renewal) bool { return true }, 11},
			"job":      {ledger.Filter{JobID: "j1"}, func(r ledger.Renewal) bool { return r.JobID == "j1" }, 5},
			"instance": {ledger.Filter{InstanceID: "i-2"}, func(r ledger.Renewal) bool { return r.InstanceID == "i-2" }, 2},
			"region":   {ledger.Filter{RegionID: "cn-beijing"}, func(r ledger.Renewal) bool { return r.RegionID == "cn-beijing" }, 1},
			"caller":   {ledger.Filter{Caller: "team-b"}, func(r ledger.Renewal) bool { return r.Caller == "team-b" }, 5},
			"states": {
				ledger.Filter{States: []ledger.State{ledger.Skipped, ledger.Failed}},
				func(r ledger.Renewal) bool { return r.State != ledger.Planned }, 3,
			},
			"time": {
				ledger.Filter{Since: start.Add(time.Hour), Until: start.Add(2 * time.Hour)},
				func(r ledger.Renewal) bool { return r.CreateTime.Equal(start.Add(time.Hour)) }, 4,
			},
			"several": {
				ledger.Filter{Caller: "team-a", JobID: "j0", States: []ledger.State{ledger.Planned}, Until: start.Add(time.Hour)},
				func(r ledger.Renewal) bool { return r.JobID == "j0" && r.CreateTime.Equal(start) }, 2,
			},
			"text that is SQL": {ledger.Filter{Caller: "' OR '1' = '1"}, func(ledger.Renewal) bool { return false }, 0},
		} {
			want := slices.DeleteFunc(slices.Clone(all), func(r ledger.Renewal) bool { return !c.picks(r) })
			if len(want) != c.want {
				t.Fatalf("%s: the test picks %d, want %d", name, len(want), c.want)
			}
			for _, size := range []int{1, 3, 100} {
				var got []ledger.Renewal
				var cursor ledger.Cursor
				for {
					page, err := s.ListRenewals(ctx, c.filter, cursor, size)
					if err != nil || len(page) > size {
						t.Fatalf("%s: a page of %d has %d, %v", name, size, len(page), err)
					}
					got = append(got, page...)
					if len(page) < size {
						break
					}
					cursor = ledger.Cursor{Time: page[size-1].CreateTime, ID: page[size-1].ID}
				}
				if diff := gocmp.Diff(want, append([]ledger.Renewal{}, got...)); diff != "" {
					t.Errorf("%s by %d (-want +got):\n%s", name, size, diff)
				}
			}
		}
		jobs, err := s.ListRenewalJobs(ctx, ledger.JobFilter{States: []ledger.JobState{ledger.JobRunning, ledger.JobRunning}}, ledger.Cursor{}, 10)
		if err != nil || len(jobs) != 2 || jobs[0].ID != "j1" {
			t.Errorf("the jobs are %+v, %v", jobs, err)
		}
		if jobs, err = s.ListRenewalJobs(ctx, ledger.JobFilter{Caller: "team-a"}, ledger.Cursor{}, 10); err != nil || len(jobs) != 1 || jobs[0].ID != "j0" {
			t.Errorf("the jobs of team-a are %+v, %v", jobs, err)
		}
		if jobs, err = s.ListRenewalJobs(ctx, ledger.JobFilter{}, ledger.Cursor{Time: start, ID: "j1"}, 10); err != nil || len(jobs) != 1 || jobs[0].ID != "j0" {
			t.Errorf("the jobs after the first are %+v, %v", jobs, err)
		}
	})
}
