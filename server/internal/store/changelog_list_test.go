package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// listed lists the changes by any filter, in pages of any size.
func listed(rt *rapid.T, t *testing.T, s *store.Store, m *logModel) {
	q := changelog.Query{
		RegionIDs:   drawRegions(rt),
		InstanceIDs: rapid.SliceOfNDistinct(rapid.SampledFrom(append(slices.Clone(someIDs), "i-never")), 0, 3, rapid.ID).Draw(rt, "ids"),
		Limit:       rapid.IntRange(1, 5).Draw(rt, "limit"),
	}
	drawTime := func(label string) time.Time {
		at := rapid.IntRange(-1, len(m.revisions)).Draw(rt, label)
		switch at {
		case -1:
			return time.Time{}
		case len(m.revisions):
			return time.Now().Add(time.Minute)
		}
		return m.revisions[at].CommitTime
	}
	q.Start, q.End = drawTime("start"), drawTime("end")
	var want []changelog.Entry
	var complete time.Time
	for _, r := range m.revisions {
		if r.Number <= m.oldest {
			continue
		}
		if complete.IsZero() && m.oldest > 0 {
			complete = r.CommitTime
		}
		for _, c := range r.Changes {
			if (len(q.RegionIDs) == 0 || slices.Contains(q.RegionIDs, r.RegionID)) && (len(q.InstanceIDs) == 0 || slices.Contains(q.InstanceIDs, c.InstanceID)) &&
				!r.CommitTime.Before(q.Start) && (q.End.IsZero() || r.CommitTime.Before(q.End)) {
				want = append(want, changelog.Entry{Position: r.Position(), RegionID: r.RegionID, CommitTime: r.CommitTime, Change: c})
			}
		}
	}
	var got []changelog.Entry
	for {
		slice, err := s.Changes(t.Context(), q)
		if err != nil {
			rt.Fatal(err)
		}
		if !complete.IsZero() && !slice.Complete.Equal(complete) || complete.IsZero() && m.oldest > 0 && time.Since(slice.Complete).Abs() > time.Minute {
			rt.Fatalf("the log is complete from %v, want %v", slice.Complete, complete)
		}
		if len(slice.Entries) > q.Limit {
			rt.Fatalf("a page of %d has %d entries", q.Limit, len(slice.Entries))
		}
		got = append(got, slice.Entries...)
		if !slice.More {
			break
		}
		q.After = slice.Entries[len(slice.Entries)-1].Cursor()
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		rt.Fatalf("changes of %+v (-want +got):\n%s", q, diff)
	}
}

// A page after a change that the log no longer holds is refused, because it
// would omit changes.
func TestChanges_CursorTrimmed(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		lease := acquire(t, s, "poll", "p1")
		var before string
		for _, state := range []string{"a", "b", "c"} {
			appended(t, s, lease, "cn-a", change("i-1", before, state))
			before = state
		}
		slice, err := s.Changes(t.Context(), changelog.Query{Limit: 1})
		if err != nil || len(slice.Entries) != 1 || !slice.More || !slice.Complete.IsZero() {
			t.Fatalf("got %+v, %v, want one entry, more, and a complete log", slice, err)
		}
		next := changelog.Query{Limit: 1, After: slice.Entries[0].Cursor()}
		other := next
		other.After.ID++
		if _, err := s.Changes(t.Context(), other); !errors.Is(err, changelog.ErrLost) {
			t.Errorf("the cursor of another line of history: got %v, want ErrLost", err)
		}
		if err := s.TrimHistory(t.Context(), changelog.History{Age: time.Hour, MaxChanges: 2}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Changes(t.Context(), next); !errors.Is(err, changelog.ErrTrimmed) {
			t.Errorf("the cursor of a trimmed revision: got %v, want ErrTrimmed", err)
		}
	})
}

// Instances are found in the indexed part of the log and in the rest, and large
// revisions are indexed whole.
func TestChanges_OfInstances(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		lease := acquire(t, s, "poll", "p1")
		var fleet []changelog.Change
		for i := range 250 {
			fleet = append(fleet, change(fmt.Sprintf("i-%03d", i), "", "a"))
		}
		appended(t, s, lease, "cn-a", fleet...)
		if err := s.TrimHistory(t.Context(), changelog.History{Age: time.Hour, MaxChanges: 1000}); err != nil {
			t.Fatal(err)
		}
		appended(t, s, lease, "cn-b", change("i-249", "", "b"))
		slice, err := s.Changes(t.Context(), changelog.Query{InstanceIDs: []string{"i-249", "i-000"}, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range slice.Entries {
			got = append(got, fmt.Sprint(e.Revision, e.RegionID, e.InstanceID, string(e.After)))
		}
		if want := []string{"1cn-ai-000a", "1cn-ai-249a", "2cn-bi-249b"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// The causes of instances are the calls that were recorded, the launches and
// the renewals, without those that the cloud refused.
func TestCauses(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		began := time.Now().Add(-time.Minute)
		stop := changelog.Cause{ID: "call-1", RegionID: "cn-a", Action: "StopInstances", Method: "StopInstances", Caller: "x", CallID: "rpc-1", RequestID: "request-1"}
		if err := s.RecordCause(t.Context(), stop, []string{"i-1", "i-2", "i-refused"}); err != nil {
			t.Fatal(err)
		}
		if err := s.WithdrawCause(t.Context(), "call-1", []string{"i-refused"}); err != nil {
			t.Fatal(err)
		}
		made := launch("a")
		made.State, made.SendTime, made.Items = ecs.RequestDone, time.UnixMilli(time.Now().UnixMilli()).UTC(), []ecs.RequestItem{{InstanceID: "i-new", State: ecs.ItemMade}}
		if err := s.CreateRequest(t.Context(), made); err != nil {
			t.Fatal(err)
		}
		causes := func(since time.Time, ids ...string) []changelog.Cause {
			t.Helper()
			found, err := s.Causes(t.Context(), ids, since, time.Now().Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			slices.SortFunc(found, func(a, b changelog.Cause) int { return strings.Compare(a.InstanceID, b.InstanceID) })
			return found
		}
		want := stop
		want.InstanceID = "i-1"
		launched := changelog.Cause{
			ID: made.RequestID, RegionID: made.RegionID, InstanceID: "i-new", Action: made.Action, Method: made.Action,
			Caller: made.Caller, RequestID: made.RequestID, CallTime: made.SendTime,
		}
		got := causes(began, "i-1", "i-refused", "i-new", "i-other")
		if len(got) > 0 {
			if age := time.Since(got[0].CallTime).Abs(); age > time.Minute {
				t.Errorf("the call is recorded %s from now", age)
			}
			got[0].CallTime = time.Time{}
		}
		if diff := cmp.Diff([]changelog.Cause{want, launched}, got); diff != "" {
			t.Errorf("causes (-want +got):\n%s", diff)
		}
		if late := causes(time.Now().Add(30*time.Second), "i-1", "i-new"); len(late) != 0 {
			t.Errorf("causes of a later time: %+v", late)
		}
		if err := s.TrimHistory(t.Context(), changelog.History{Age: time.Hour, MaxChanges: 10}); err != nil {
			t.Fatal(err)
		}
		if kept := causes(began, "i-1", "i-2"); len(kept) != 2 {
			t.Errorf("%d causes after a trim, want 2", len(kept))
		}
		if err := s.TrimHistory(t.Context(), changelog.History{Age: -changelog.TransitionWindow - time.Second, MaxChanges: 10}); err != nil {
			t.Fatal(err)
		}
		if kept := causes(began, "i-1", "i-2"); len(kept) != 0 {
			t.Errorf("%d causes past the history, want none", len(kept))
		}
	})
}

// A send of a renewal is a cause, from its intent until the cloud refuses it.
func TestCauses_Renewal(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		worker := acquire(t, s, "worker", "p1")
		r := sent(t, s, worker, "a")
		sendTime := r.Attempts[0].SendTime
		read := func() []changelog.Cause {
			t.Helper()
			found, err := s.Causes(t.Context(), []string{r.InstanceID}, sendTime, sendTime)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		want := []changelog.Cause{{
			ID: r.ID, RegionID: r.RegionID, InstanceID: r.InstanceID, Action: "RenewInstance",
			Caller: r.Caller, RequestID: job("a", ecs.Money{}).RequestID, RenewalID: r.ID, JobID: r.JobID, CallTime: sendTime,
		}}
		if diff := cmp.Diff(want, read()); diff != "" {
			t.Errorf("causes (-want +got):\n%s", diff)
		}
		refused := to(r, ledger.Failed)
		refused.Renewal.Attempts = []ledger.Attempt{r.Attempts[0]}
		refused.Renewal.Attempts[0].Outcome = ledger.OutcomeRefused
		advanced(t, s, worker, "a", []error{nil}, refused)
		if found := read(); len(found) != 0 {
			t.Errorf("a refused renewal is a cause: %+v", found)
		}
	})
}
