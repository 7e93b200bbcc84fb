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
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// Every filter, alone and with others, by pages of any size.
func TestListRenewals(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var all []ecs.Renewal
		for j, caller := range []string{"team-a", "team-b"} {
			id := fmt.Sprint("j", j)
			var renewals []ecs.Renewal
			for i := range 5 {
				r := planned(id, fmt.Sprint("i-", i), yuan(1, 0))
				// Some at the same moment, so that the id decides.
				r.Caller, r.Revision, r.CreateTime = caller, 1, start.Add(time.Duration(i/2)*time.Hour)
				if i == 4 {
					r.State = ecs.RenewalSkipped
				}
				renewals = append(renewals, r)
			}
			asked := job(id, ecs.Money{})
			asked.Caller = caller
			created(t, s, asked, renewals...)
			all = append(all, renewals...)
		}
		alone := planned("j2", "i-alone", yuan(1, 0))
		alone.RegionID, alone.Revision, alone.State = "cn-beijing", 1, ecs.RenewalFailed
		asked := job("j2", ecs.Money{})
		asked.Caller, asked.State = "team-c", ecs.RenewalJobFailed
		created(t, s, asked, alone)
		all = append(all, alone)
		slices.SortFunc(all, func(a, b ecs.Renewal) int {
			return cmp.Or(b.CreateTime.Compare(a.CreateTime), strings.Compare(b.ID, a.ID))
		})
		for name, c := range map[string]struct {
			filter ecs.RenewalFilter
			picks  func(ecs.Renewal) bool
			want   int
		}{
			"all":      {ecs.RenewalFilter{}, func(ecs.Renewal) bool { return true }, 11},
			"job":      {ecs.RenewalFilter{JobID: "j1"}, func(r ecs.Renewal) bool { return r.JobID == "j1" }, 5},
			"instance": {ecs.RenewalFilter{InstanceID: "i-2"}, func(r ecs.Renewal) bool { return r.InstanceID == "i-2" }, 2},
			"region":   {ecs.RenewalFilter{RegionID: "cn-beijing"}, func(r ecs.Renewal) bool { return r.RegionID == "cn-beijing" }, 1},
			"caller":   {ecs.RenewalFilter{Caller: "team-b"}, func(r ecs.Renewal) bool { return r.Caller == "team-b" }, 5},
			"states": {
				ecs.RenewalFilter{States: []ecs.RenewalState{ecs.RenewalSkipped, ecs.RenewalFailed}},
				func(r ecs.Renewal) bool { return r.State != ecs.RenewalPlanned }, 3,
			},
			"time": {
				ecs.RenewalFilter{Since: start.Add(time.Hour), Until: start.Add(2 * time.Hour)},
				func(r ecs.Renewal) bool { return r.CreateTime.Equal(start.Add(time.Hour)) }, 4,
			},
			"several": {
				ecs.RenewalFilter{Caller: "team-a", JobID: "j0", States: []ecs.RenewalState{ecs.RenewalPlanned}, Until: start.Add(time.Hour)},
				func(r ecs.Renewal) bool { return r.JobID == "j0" && r.CreateTime.Equal(start) }, 2,
			},
			"text that is SQL": {ecs.RenewalFilter{Caller: "' OR '1' = '1"}, func(ecs.Renewal) bool { return false }, 0},
		} {
			want := slices.DeleteFunc(slices.Clone(all), func(r ecs.Renewal) bool { return !c.picks(r) })
			if len(want) != c.want {
				t.Fatalf("%s: the test picks %d, want %d", name, len(want), c.want)
			}
			for _, size := range []int{1, 3, 100} {
				var got []ecs.Renewal
				var cursor ecs.LedgerCursor
				for {
					page, err := s.ListRenewals(ctx, c.filter, cursor, size)
					if err != nil || len(page) > size {
						t.Fatalf("%s: a page of %d has %d, %v", name, size, len(page), err)
					}
					got = append(got, page...)
					if len(page) < size {
						break
					}
					cursor = ecs.LedgerCursor{CreateTime: page[size-1].CreateTime, ID: page[size-1].ID}
				}
				if diff := gocmp.Diff(want, append([]ecs.Renewal{}, got...)); diff != "" {
					t.Errorf("%s by %d (-want +got):\n%s", name, size, diff)
				}
			}
		}
		jobs, err := s.ListRenewalJobs(ctx, ecs.RenewalJobFilter{States: []ecs.RenewalJobState{ecs.RenewalJobPending}}, ecs.LedgerCursor{}, 10)
		if err != nil || len(jobs) != 2 || jobs[0].ID != "j1" {
			t.Errorf("the jobs are %+v, %v", jobs, err)
		}
		if jobs, err = s.ListRenewalJobs(ctx, ecs.RenewalJobFilter{Caller: "team-a"}, ecs.LedgerCursor{}, 10); err != nil || len(jobs) != 1 || jobs[0].ID != "j0" {
			t.Errorf("the jobs of team-a are %+v, %v", jobs, err)
		}
		if jobs, err = s.ListRenewalJobs(ctx, ecs.RenewalJobFilter{}, ecs.LedgerCursor{CreateTime: start, ID: "j1"}, 10); err != nil || len(jobs) != 1 || jobs[0].ID != "j0" {
			t.Errorf("the jobs after the first are %+v, %v", jobs, err)
		}
	})
}
