package autorenew_test

import (
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/autorenew"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// shared is a store that other processes may use too.
type shared struct{ *store.Store }

func (shared) Shared() bool { return true }

var _ lease.Store = shared{}

// replica is one process that checks deductions.
type replica struct {
	*autorenew.Settings
	mu      sync.Mutex
	checks  int
	reports *autorenew.Deductions
}

func startReplica(t *testing.T, c *fakeCloud, s *store.Store, holder string) *replica {
	t.Helper()
	r := &replica{}
	r.Settings = autorenew.New(c, s, autorenew.Config{
		Regions: []string{region}, Check: 10 * time.Minute, Leases: shared{s}, Holder: holder, Logger: slog.New(slog.DiscardHandler),
		Checked: func(_ string, found *autorenew.Deductions) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.reports = found
			if found != nil {
				r.checks++
			}
		},
	})
	r.Start(t.Context())
	return r
}

func (r *replica) state() (int, *autorenew.Deductions) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.checks, r.reports
}

// One replica at a time checks and reports; if it dies another does.
func TestCheck_OneReplica(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := newCloud(), memoryStore(t)
		defer s.Close()
		first := startReplica(t, c, s, "first")
		time.Sleep(time.Second)
		second := startReplica(t, c, s, "second")
		defer second.Close()
		time.Sleep(time.Hour)
		synctest.Wait()
		checks, reported := first.state()
		if checks < 5 || checks > 7 {
			t.Errorf("the first replica checked %d times within an hour, want once every 10 minutes", checks)
		}
		want := &autorenew.Deductions{States: map[ecs.AutoRenewState]int{ecs.AutoRenewStateOff: 2}}
		if diff := cmp.Diff(want, reported); diff != "" {
			t.Errorf("the first replica reports (-want +got):\n%s", diff)
		}
		if others, reported := second.state(); others != 0 || reported != nil {
			t.Errorf("the second replica checked %d times and reports %v", others, reported)
		}
		if c.pages != checks {
			t.Errorf("%d lists for %d checks", c.pages, checks)
		}

		for name, replica := range map[string]*replica{"first": first, "second": second} {
			all, err := replica.Checks(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := all[region]; !cmp.Equal(got.Deductions, *want) || time.Since(got.Time) > 11*time.Minute {
				t.Errorf("the checks of the %s replica are %+v, want %+v within 11 minutes", name, all, *want)
			}
		}

		first.Close()
		if all, err := second.Checks(t.Context()); err != nil || !cmp.Equal(all[region].Deductions, *want) {
			t.Errorf("after the end of the first, the checks are %+v (%v), want %+v", all, err, *want)
		}
		time.Sleep(15 * time.Minute)
		synctest.Wait()
		if _, reported := first.state(); reported != nil {
			t.Errorf("the first replica still reports %v", reported)
		}
		if checks, reported := second.state(); checks == 0 || reported == nil {
			t.Errorf("the second replica did not take over: %d checks", checks)
		}
	})
}
