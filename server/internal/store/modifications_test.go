package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/store"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

// submitted is a modification just before its order is sent.
func submitted(requestID, instanceID string) ledger.Modification {
	return ledger.Modification{
		ID: "m-" + requestID, RequestID: requestID, PayloadHash: "v1:1", Caller: "team-a", RegionID: "cn-hangzhou", InstanceID: instanceID,
		Change: ledger.Change{ChargeType: ecs.ChargeSubscription, Period: ecs.Period{Count: 1, Unit: ecs.Month}}, State: ledger.ModificationSubmitting,
		MaxPrice: yuan(200, 0), Price: yuan(103, 500_000_000), Before: ledger.Setup{ChargeType: ecs.ChargePayAsYouGo, InstanceType: "ecs.g7.large"},
		ReadTime: start.Add(time.Minute), ExpireExpected: start.Add(720 * time.Hour), ClientToken: "token-" + requestID, TokenNumber: 1,
		Attempts:   []ledger.Attempt{{Number: 1, ClientToken: "token-" + requestID, SendTime: start.Add(time.Minute)}},
		CreateTime: start, UpdateTime: start.Add(time.Minute),
	}
}

// in is a modification in its next state.
func in(m ledger.Modification, state ledger.ModificationState) ledger.Modification {
	m.State, m.UpdateTime = state, m.UpdateTime.Add(time.Minute)
	return m
}

const holder = "process-1"

var heldUntil = start.Add(time.Hour)

// written writes a modification and wants an error, nil for none.
func written(t *testing.T, s *store.Store, m ledger.Modification, from ledger.ModificationState, want error) {
	t.Helper()
	if err := s.WriteModification(t.Context(), m, from, holder, heldUntil); !errors.Is(err, want) {
		t.Errorf("%s from %q to %s: %v, want %v", m.ID, from, m.State, err, want)
	}
}

// The load has the live modifications, and those that need attention.
func TestRenewalLoad_Modifications(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		for id, states := range map[string][]ledger.ModificationState{
			"q-1": {ledger.ModificationUnknown, ledger.ModificationNeedsAttention},
			"q-2": {ledger.ModificationUnknown, ledger.ModificationNeedsAttention},
			"q-3": {ledger.ModificationVerifying},
			"q-4": {ledger.ModificationVerifying, ledger.ModificationUnverified},
			"q-5": {ledger.ModificationFailed},
		} {
			m := submitted(id, "i-"+id)
			written(t, s, m, "", nil)
			for _, state := range states {
				next := in(m, state)
				written(t, s, next, m.State, nil)
				m = next
			}
		}
		load, err := s.RenewalLoad(t.Context())
		want := map[ledger.ModificationState]int64{ledger.ModificationNeedsAttention: 2, ledger.ModificationVerifying: 1}
		if diff := cmp.Diff(want, load.Modifications); err != nil || diff != "" {
			t.Errorf("(-want +got):\n%s%v", diff, err)
		}
	})
}

func TestModification_RoundTrip(t *testing.T) {
	for name, address := range lasting {
		t.Run(name, func(t *testing.T) {
			at := address(t)
			first := open(t, at)
			want := submitted("q-1", "i-1")
			written(t, first, want, "", nil)
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			second := open(t, at)
			got, err := second.ModificationByRequest(t.Context(), "q-1")
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("read differs from written (-want +got):\n%s%v", diff, err)
			}
			if _, err := second.ModificationByRequest(t.Context(), "q-2"); !errors.Is(err, ecs.ErrNoRecord) {
				t.Errorf("another request: %v, want ErrNoRecord", err)
			}
		})
	}
}

// A modification is written from the state that it was read in, by its holder, and
// only to a state that may follow.
func TestWriteModification_State(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		m := submitted("q-1", "i-1")
		written(t, s, m, "", nil)
		written(t, s, m, "", ecs.ErrRequestIDTaken)
		written(t, s, in(m, ledger.ModificationSucceeded), ledger.ModificationUnknown, ecs.ErrStateMoved)
		written(t, s, in(m, ledger.ModificationSucceeded), m.State, ledger.ErrNoTransition)
		if err := s.WriteModification(t.Context(), in(m, ledger.ModificationVerifying), m.State, "another", heldUntil); !errors.Is(err, ecs.ErrStateMoved) {
			t.Errorf("by another holder: %v, want ErrStateMoved", err)
		}
		failed := in(m, ledger.ModificationFailed)
		written(t, s, failed, m.State, nil)
		again := in(failed, ledger.ModificationSubmitting)
		if err := s.WriteModification(t.Context(), again, failed.State, "another", heldUntil); err != nil {
			t.Errorf("again, by another process: %v", err)
		}
	})
}

// An instance has at most one live order: a modification or a renewal. One that
// was accepted and does not show blocks others for a day, and one that succeeded
// those that read the instance before.
func TestWriteModification_OneLiveOrder(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		worker := acquire(t, s, "worker", "p")
		created(t, s, job("a", ecs.Money{}), planned("a", "i-1", yuan(1, 0)), planned("a", "i-2", yuan(1, 0)))
		renewals := claimed(t, s, worker, 2)
		renewal := through(t, s, worker, renewals[0], ledger.Submitting)
		written(t, s, submitted("q-1", renewal.InstanceID), "", ledger.ErrInstanceBusy)
		through(t, s, worker, renewal, ledger.Verifying, ledger.Renewed)
		m := submitted("q-1", renewal.InstanceID)
		written(t, s, m, "", nil)
		written(t, s, submitted("q-2", renewal.InstanceID), "", ledger.ErrInstanceBusy)
		if err := s.PermitModification(t.Context(), submitted("q-2", renewal.InstanceID)); !errors.Is(err, ledger.ErrInstanceBusy) {
			t.Errorf("dry run beside a live one: %v", err)
		}
		written(t, s, submitted("q-3", "i-3"), "", nil) // of another instance

		other := renewals[1]
		live := submitted("q-4", other.InstanceID)
		written(t, s, live, "", nil)
		advanced(t, s, worker, "a", []error{ledger.ErrInstanceBusy}, to(other, ledger.Submitting))
		unverified := in(in(live, ledger.ModificationVerifying), ledger.ModificationUnverified)
		written(t, s, in(live, ledger.ModificationVerifying), live.State, nil)
		written(t, s, unverified, ledger.ModificationVerifying, nil)
		priced := to(other, ledger.Submitting)
		priced.PriceTime = unverified.UpdateTime
		advanced(t, s, worker, "a", []error{ledger.ErrInstanceBusy}, priced)
		priced.PriceTime = unverified.UpdateTime.Add(time.Second)
		advanced(t, s, worker, "a", []error{nil}, priced)
		through(t, s, worker, priced.Renewal, ledger.Verifying, ledger.Renewed)

		next := submitted("q-5", other.InstanceID)
		next.ReadTime = unverified.UpdateTime.Add(23 * time.Hour)
		written(t, s, next, "", ledger.ErrInstanceBusy)
		shown := next
		shown.Before.InstanceType = "ecs.g7.xlarge"
		if err := s.PermitModification(t.Context(), shown); err != nil {
			t.Errorf("after the instance changed: %v", err)
		}
		next.ReadTime = unverified.UpdateTime.Add(24 * time.Hour)
		written(t, s, next, "", nil)

		succeeded := in(in(m, ledger.ModificationVerifying), ledger.ModificationSucceeded)
		written(t, s, in(m, ledger.ModificationVerifying), m.State, nil)
		written(t, s, succeeded, ledger.ModificationVerifying, nil)
		stale := submitted("q-6", renewal.InstanceID)
		stale.ReadTime = succeeded.UpdateTime.Add(-time.Second)
		written(t, s, stale, "", ledger.ErrInstanceBusy)
		stale.ReadTime = succeeded.UpdateTime
		written(t, s, stale, "", nil)
	})
}

// The conflict names the order that caused it.
func TestWriteModification_NamesTheOther(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		written(t, s, submitted("q-1", "i-1"), "", nil)
		err := s.WriteModification(t.Context(), submitted("q-2", "i-1"), "", holder, heldUntil)
		var conflict *ledger.ConflictError
		if !errors.As(err, &conflict) || conflict.Prior.ID != "m-q-1" || !conflict.Prior.Modification {
			t.Errorf("got %v, want a conflict with m-q-1", err)
		}
		priors, err := s.PriorRenewals(t.Context(), "cn-hangzhou", []string{"i-1"})
		if err != nil || len(priors["i-1"]) != 1 || !priors["i-1"][0].Modification || !priors["i-1"][0].State.Live() {
			t.Errorf("priors %v, %v", priors, err)
		}
	})
}

func TestClaimModifications(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		for n := range 3 {
			written(t, s, submitted(fmt.Sprint("q-", n), fmt.Sprint("i-", n)), "", nil)
		}
		ended := submitted("q-2", "i-2")
		written(t, s, in(ended, ledger.ModificationFailed), ended.State, nil)
		claim := func(by string, now time.Time, limit int) (ids []string) {
			t.Helper()
			got, err := s.ClaimModifications(t.Context(), by, []string{"cn-hangzhou"}, now, now.Add(time.Minute), limit)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range got {
				ids = append(ids, m.ID)
			}
			return ids
		}
		if got, err := s.ClaimModifications(t.Context(), "b", []string{"cn-beijing"}, heldUntil.Add(time.Hour), heldUntil, 10); err != nil || len(got) != 0 {
			t.Errorf("claimed %v of another region, %v", got, err)
		}
		if got := claim("b", heldUntil, 10); got != nil {
			t.Errorf("claimed %v while they are held", got)
		}
		if err := s.HoldModifications(t.Context(), holder, []string{"m-q-0"}, heldUntil.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"m-q-1"}, claim("b", heldUntil.Add(time.Second), 10)); diff != "" {
			t.Errorf("claimed after the hold of one (-want +got):\n%s", diff)
		}
		if err := s.HoldModifications(t.Context(), holder, []string{"m-q-1"}, heldUntil.Add(9*time.Hour)); err != nil {
			t.Fatal(err)
		}
		m := submitted("q-1", "i-1")
		written(t, s, in(m, ledger.ModificationVerifying), m.State, ecs.ErrStateMoved) // the first holder lost it
		if diff := cmp.Diff([]string{"m-q-1"}, claim("c", heldUntil.Add(2*time.Minute), 10)); diff != "" {
			t.Errorf("claimed after the hold of the second holder (-want +got):\n%s", diff)
		}
		if got := claim("d", heldUntil.Add(9*time.Hour), 1); len(got) != 1 {
			t.Errorf("claimed %v, want 1 of 2", got)
		}
	})
}

// A modification and a renewal of one instance on two replicas at the same time:
// exactly one of them becomes live.
func TestWriteModification_BesideARenewalOnAnotherReplica(t *testing.T) {
	address := postgres.Database(t)
	first, second := open(t, address), open(t, address)
	worker := acquire(t, first, "worker", "p")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for n := range 20 {
		id := fmt.Sprint("i-", n)
		created(t, first, job(fmt.Sprint("j-", n), ecs.Money{}), planned(fmt.Sprint("j-", n), id, yuan(1, 0)))
		r := claimed(t, first, worker, 1)[0]
		var renewed, modified error
		var both sync.WaitGroup
		both.Go(func() {
			results, err := first.AdvanceRenewals(ctx, worker, r.JobID, []ledger.Transition{to(r, ledger.Submitting)})
			if renewed = err; err == nil {
				renewed = results[0]
			}
		})
		both.Go(func() {
			modified = second.WriteModification(ctx, submitted(fmt.Sprint("q-", n), id), "", holder, heldUntil)
		})
		both.Wait()
		if (renewed == nil) == (modified == nil) {
			t.Errorf("%s: renewal %v, modification %v, want exactly one", id, renewed, modified)
		}
		for _, err := range []error{renewed, modified} {
			if err != nil && !errors.Is(err, ledger.ErrInstanceBusy) {
				t.Errorf("%s: %v, want ErrInstanceBusy", id, err)
			}
		}
	}
}

// A list has the newest first, in pages, and by state.
func TestListModifications(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		for n := range 5 {
			m := submitted(fmt.Sprint("q-", n), fmt.Sprint("i-", n))
			m.CreateTime = m.CreateTime.Add(time.Duration(n/2) * time.Hour) // two at a time
			written(t, s, m, "", nil)
			if n%2 == 1 {
				written(t, s, in(m, ledger.ModificationFailed), m.State, nil)
			}
		}
		ids := func(f ledger.ModificationFilter, after ledger.Cursor, limit int) (all []string) {
			found, err := s.ListModifications(t.Context(), f, after, limit)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range found {
				all = append(all, m.ID)
			}
			return all
		}
		for name, c := range map[string]struct {
			filter ledger.ModificationFilter
			after  ledger.Cursor
			limit  int
			want   []string
		}{
			"all":            {limit: 10, want: []string{"m-q-4", "m-q-3", "m-q-2", "m-q-1", "m-q-0"}},
			"page":           {limit: 2, want: []string{"m-q-4", "m-q-3"}},
			"next page":      {after: ledger.Cursor{Time: start.Add(time.Hour), ID: "m-q-3"}, limit: 2, want: []string{"m-q-2", "m-q-1"}},
			"state":          {filter: ledger.ModificationFilter{States: []ledger.ModificationState{ledger.ModificationFailed}}, limit: 10, want: []string{"m-q-3", "m-q-1"}},
			"states":         {filter: ledger.ModificationFilter{States: []ledger.ModificationState{ledger.ModificationFailed, ledger.ModificationSubmitting}}, limit: 3, want: []string{"m-q-4", "m-q-3", "m-q-2"}},
			"instance":       {filter: ledger.ModificationFilter{InstanceID: "i-2"}, limit: 10, want: []string{"m-q-2"}},
			"another region": {filter: ledger.ModificationFilter{RegionID: "cn-beijing"}, limit: 10},
		} {
			if diff := cmp.Diff(c.want, ids(c.filter, c.after, c.limit)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

// One that needs attention has no holder: an operator's decision continues it, and
// an order that was paid is claimed by whoever looks next.
func TestWriteModification_Decision(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		for n, state := range []ledger.ModificationState{ledger.ModificationVerifying, ledger.ModificationFailed} {
			m := submitted(fmt.Sprint("q-", n), fmt.Sprint("i-", n))
			written(t, s, m, "", nil)
			unknown := in(m, ledger.ModificationUnknown)
			written(t, s, unknown, m.State, nil)
			attention := in(unknown, ledger.ModificationNeedsAttention)
			written(t, s, attention, unknown.State, nil)
			decided := in(attention, state)
			decided.Decisions = []ledger.Decision{{Resolution: "MARK_PAID", Time: start, By: "ann"}}
			if err := s.WriteModification(t.Context(), decided, attention.State, "another", start); err != nil {
				t.Errorf("%s: %v", state, err)
			}
			got, err := s.Modification(t.Context(), m.ID)
			if diff := cmp.Diff(decided, got); err != nil || diff != "" {
				t.Errorf("read differs from written (-want +got):\n%s%v", diff, err)
			}
		}
		claimed, err := s.ClaimModifications(t.Context(), "third", []string{"cn-hangzhou"}, start.Add(time.Minute), heldUntil, 10)
		if err != nil || len(claimed) != 1 || claimed[0].ID != "m-q-0" {
			t.Errorf("claimed %v, %v, want the one that was paid", claimed, err)
		}
		if _, err := s.Modification(t.Context(), "none"); !errors.Is(err, ecs.ErrNoRecord) {
			t.Errorf("an unknown ID: %v, want ErrNoRecord", err)
		}
	})
}
