package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// verdict returns the result of one transition.
func verdict(t testing.TB, s *store.Store, worker ecs.Lease, m ledger.Transition) error {
	t.Helper()
	results, err := s.AdvanceRenewals(t.Context(), worker, m.Renewal.JobID, []ledger.Transition{m})
	if err != nil {
		t.Fatal(err)
	}
	return results[0]
}

// through advances a renewal through states and returns it as it was written.
func through(t testing.TB, s *store.Store, worker ecs.Lease, r ledger.Renewal, states ...ledger.State) ledger.Renewal {
	t.Helper()
	for _, state := range states {
		m := to(r, state)
		if err := verdict(t, s, worker, m); err != nil {
			t.Fatalf("%s to %s: %v", r.ID, state, err)
		}
		r = m.Renewal
	}
	return r
}

func jobOf(t testing.TB, s *store.Store, id string) ledger.Job {
	t.Helper()
	j, err := s.RenewalJob(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// A renewal is refused because of another of the same instance, and learns which.
func TestAdvance_RefusesAPaidObligation(t *testing.T) {
	paid := []ledger.State{ledger.Submitting, ledger.Verifying, ledger.Renewed}
	for name, c := range map[string]struct {
		first  []ledger.State
		change func(*ledger.Transition)
		want   error
	}{
		"live":                {paid[:1], func(*ledger.Transition) {}, ledger.ErrInstanceBusy},
		"unverified":          {[]ledger.State{ledger.Submitting, ledger.Verifying, ledger.Unverified}, func(*ledger.Transition) {}, ledger.ErrObligationPaid},
		"needs attention":     {[]ledger.State{ledger.Submitting, ledger.Unknown, ledger.NeedsAttention}, func(*ledger.Transition) {}, ledger.ErrInstanceBusy},
		"paid, old expiry":    {paid, func(*ledger.Transition) {}, ledger.ErrObligationPaid},
		"paid after the plan": {paid, func(m *ledger.Transition) { m.Renewal.ExpireBefore = start.Add(721 * time.Hour) }, ledger.ErrObligationPaid},
		"paid before the plan": {paid, func(m *ledger.Transition) {
			m.Renewal.ExpireBefore, m.Renewal.PlanTime = start.Add(721*time.Hour), start.Add(2*time.Hour)
		}, nil},
		"a second period": {paid, func(m *ledger.Transition) {
			m.Renewal.ExpireBefore, m.Expected = start.Add(721*time.Hour), start.Add(721*time.Hour)
		}, nil},
		"failed": {[]ledger.State{ledger.Submitting, ledger.Failed}, func(*ledger.Transition) {}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, s *store.Store) {
				worker := acquire(t, s, "worker", "p")
				created(t, s, job("a", ecs.Money{}), planned("a", "i-1", yuan(1, 0)))
				created(t, s, job("b", ecs.Money{}), planned("b", "i-1", yuan(1, 0)))
				claimed(t, s, worker, 2)
				prior := planned("a", "i-1", yuan(1, 0))
				for _, state := range c.first {
					m := to(prior, state)
					if state == ledger.Verifying {
						m.Renewal.PaidTime = start.Add(time.Hour)
					}
					advanced(t, s, worker, "a", []error{nil}, m)
					prior = m.Renewal
				}
				m := to(planned("b", "i-1", yuan(1, 0)), ledger.Submitting)
				c.change(&m)
				err := verdict(t, s, worker, m)
				if !errors.Is(err, c.want) {
					t.Fatalf("got %v, want %v", err, c.want)
				}
				var conflict *ledger.ConflictError
				if c.want != nil && (!errors.As(err, &conflict) || conflict.Prior.ID != "a/i-1" || conflict.Prior.RequestID != "request-a") {
					t.Errorf("the conflict is %+v, want it to name renewal a/i-1 of request-a", conflict)
				}
			})
		})
	}
}

// The job has the state, the counts and the end that its renewals give it, after
// every transaction.
func TestAdvance_JobFollowsItsRenewals(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		worker := acquire(t, s, "worker", "p")
		created(t, s, job("j", yuan(5, 0)), planned("j", "i-1", yuan(1, 0)), planned("j", "i-2", yuan(2, 0)))
		check := func(state ledger.JobState, planned, reserved, spent int64, ended time.Time, counts ...ledger.Count) {
			t.Helper()
			j := jobOf(t, s, "j")
			want := ledger.Funds{Budget: yuan(5, 0), Planned: yuan(planned, 0), Reserved: yuan(reserved, 0), Spent: yuan(spent, 0)}
			if diff := cmp.Diff(want, j.Funds); diff != "" {
				t.Errorf("the funds (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(counts, j.Counts); diff != "" {
				t.Errorf("the counts (-want +got):\n%s", diff)
			}
			if j.State != state {
				t.Errorf("the job is %s, want %s", j.State, state)
			}
			if !j.EndTime.Equal(ended) {
				t.Errorf("the job ended at %s, want %s", j.EndTime, ended)
			}
		}
		none, end := time.Time{}, start.Add(time.Minute)
		check(ledger.JobPending, 3, 0, 0, none, ledger.Count{State: ledger.Planned, Count: 2})
		r := claimed(t, s, worker, 2)
		through(t, s, worker, r[0], ledger.Submitting)
		check(ledger.JobRunning, 2, 1, 0, none, ledger.Count{State: ledger.Planned, Count: 1}, ledger.Count{State: ledger.Submitting, Count: 1})
		r[0].State = ledger.Submitting
		through(t, s, worker, r[0], ledger.Verifying, ledger.Renewed)
		check(ledger.JobRunning, 2, 0, 1, none, ledger.Count{State: ledger.Planned, Count: 1}, ledger.Count{State: ledger.Renewed, Count: 1})
		last := through(t, s, worker, r[1], ledger.Submitting, ledger.Unknown, ledger.NeedsAttention)
		check(ledger.JobNeedsAttention, 0, 2, 1, end, ledger.Count{State: ledger.NeedsAttention, Count: 1}, ledger.Count{State: ledger.Renewed, Count: 1})
		through(t, s, ecs.Lease{}, last, ledger.Failed)
		check(ledger.JobPartial, 0, 0, 1, end, ledger.Count{State: ledger.Failed, Count: 1}, ledger.Count{State: ledger.Renewed, Count: 1})
	})
}

// The request of a single renewal, sent again, plans it again. The renewal of a
// larger job has had its chance.
func TestAdvance_PlansASingleRenewalAgain(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		worker := acquire(t, s, "worker", "p")
		created(t, s, job("one", ecs.Money{}), planned("one", "i-1", yuan(1, 0)))
		created(t, s, job("two", ecs.Money{}), planned("two", "i-2", yuan(1, 0)), planned("two", "i-3", yuan(1, 0)))
		claimed(t, s, worker, 3)
		failed := through(t, s, worker, planned("one", "i-1", yuan(1, 0)), ledger.Submitting, ledger.Failed)
		again := to(failed, ledger.Planned)
		again.Renewal.PlanTime = start.Add(time.Hour)
		advanced(t, s, worker, "one", []error{ledger.ErrNoTransition}, again)
		advanced(t, s, ecs.Lease{}, "one", []error{nil}, again)
		if j := jobOf(t, s, "one"); j.State != ledger.JobPending || !j.EndTime.IsZero() {
			t.Errorf("the job is %s and ended at %s, want it pending", j.State, j.EndTime)
		}
		if got := claimed(t, s, worker, 1); !got[0].PlanTime.Equal(again.Renewal.PlanTime) || len(got[0].Attempts) != 1 {
			t.Errorf("claimed %+v, want the new plan with the earlier attempt", got[0])
		}
		skipped := through(t, s, worker, planned("two", "i-2", yuan(1, 0)), ledger.Skipped)
		advanced(t, s, ecs.Lease{}, "two", []error{ledger.ErrNoTransition}, to(skipped, ledger.Planned))
	})
}

// A cancel ends the renewals that provably have no order in flight, once, and
// nothing of the job is sent after it.
func TestCancel_EndsRenewalsNotInFlight(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx, worker := t.Context(), acquire(t, s, "worker", "p")
		var plan []ledger.Renewal
		for n := range 5 {
			plan = append(plan, planned("j", fmt.Sprint("i-", n), yuan(1, 0)))
		}
		created(t, s, job("j", yuan(5, 0)), plan...)
		r := claimed(t, s, worker, 5)
		closed := func(r ledger.Renewal, state ledger.State, outcome ledger.Outcome) ledger.Renewal {
			m := to(r, state)
			m.Renewal.Attempts = []ledger.Attempt{r.Attempts[0]}
			m.Renewal.Attempts[0].Outcome = outcome
			if err := verdict(t, s, worker, m); err != nil {
				t.Fatal(err)
			}
			return m.Renewal
		}
		deferred := closed(through(t, s, worker, r[0], ledger.Submitting), ledger.Submitting, ledger.OutcomeDeferred)
		inFlight := through(t, s, worker, r[1], ledger.Submitting)
		unknown := closed(through(t, s, worker, r[2], ledger.Submitting), ledger.Unknown, ledger.OutcomeUnknown)
		why, at := ledger.Failure{Reason: ecs.ReasonJobCancelled, Message: "cancelled by team-b"}, start.Add(time.Hour)
		if n, err := s.CancelRenewalJob(ctx, "j", ledger.Cancellation{By: "team-b", Note: "OPS-2", Why: why, Time: at}); err != nil || n != 3 {
			t.Fatalf("ended %d renewals, %v, want 3", n, err)
		}
		j := jobOf(t, s, "j")
		if !j.CancelTime.Equal(at) || j.CancelledBy != "team-b" {
			t.Errorf("cancelled at %s by %q", j.CancelTime, j.CancelledBy)
		}
		if j.State != ledger.JobRunning || j.Planned != yuan(0, 0) || j.Reserved != yuan(2, 0) {
			t.Errorf("the job is %s, with %s planned and %s reserved", j.State, j.Planned, j.Reserved)
		}
		stored, err := s.Renewal(ctx, deferred.ID)
		if err != nil || stored.State != ledger.Skipped || stored.Failure != why {
			t.Errorf("what was deferred is %s: %+v, %v", stored.State, stored.Failure, err)
		}
		if n, err := s.CancelRenewalJob(ctx, "j", ledger.Cancellation{By: "team-c", Note: "OPS-3", Why: why, Time: at.Add(time.Hour)}); err != nil || n != 0 {
			t.Errorf("a second cancel ended %d, %v", n, err)
		}
		if j.CancelNote != "OPS-2" {
			t.Errorf("the note of the cancel is %q, want OPS-2", j.CancelNote)
		}
		if again := jobOf(t, s, "j"); !cmp.Equal(j, again) {
			t.Errorf("a second cancel changed the job (-before +after):\n%s", cmp.Diff(j, again))
		}
		// A renewal in flight accepts its outcome, and is not sent again.
		advanced(t, s, worker, "j", []error{ecs.ErrStateMoved}, to(r[3], ledger.Submitting))
		advanced(t, s, worker, "j", []error{ledger.ErrJobCancelled}, to(unknown, ledger.Submitting))
		late := closed(inFlight, ledger.Submitting, ledger.OutcomeDeferred)
		resend := to(late, ledger.Submitting)
		resend.Renewal.Attempts = append(resend.Renewal.Attempts, ledger.Attempt{Number: 2, ClientToken: "t", SendTime: at})
		advanced(t, s, worker, "j", []error{ledger.ErrJobCancelled}, resend)
		through(t, s, worker, late, ledger.Skipped)
		through(t, s, worker, unknown, ledger.Verifying, ledger.Renewed)
		if j := jobOf(t, s, "j"); j.State != ledger.JobCancelled || j.EndTime.IsZero() {
			t.Errorf("the job is %s and ended at %s, want it cancelled", j.State, j.EndTime)
		}
	})
}

func TestCancel_EndedJob(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		worker := acquire(t, s, "worker", "p")
		created(t, s, job("j", ecs.Money{}), planned("j", "i-1", yuan(1, 0)))
		through(t, s, worker, claimed(t, s, worker, 1)[0], ledger.Submitting, ledger.Verifying, ledger.Renewed)
		if _, err := s.CancelRenewalJob(t.Context(), "j", ledger.Cancellation{By: "team-b", Time: start}); !errors.Is(err, ledger.ErrJobEnded) {
			t.Errorf("got %v, want ErrJobEnded", err)
		}
		if _, err := s.CancelRenewalJob(t.Context(), "never", ledger.Cancellation{By: "team-b", Time: start}); !errors.Is(err, ecs.ErrNoRecord) {
			t.Errorf("a job that is not: %v, want ErrNoRecord", err)
		}
		if j := jobOf(t, s, "j"); j.State != ledger.JobSucceeded || j.Revision != 4 {
			t.Errorf("the job is %s at revision %d", j.State, j.Revision)
		}
	})
}

// Claims come by region across jobs: single renewals first, then by expiry.
func TestClaim_OrderOfService(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx, worker := t.Context(), acquire(t, s, "worker", "p")
		if regions, err := s.OpenRenewalRegions(ctx); err != nil || len(regions) != 0 {
			t.Errorf("the regions of an empty ledger are %v, %v", regions, err)
		}
		expiring := func(jobID, instanceID, region string, after time.Duration) ledger.Renewal {
			r := planned(jobID, instanceID, yuan(1, 0))
			r.RegionID, r.ExpireBefore = region, start.Add(after)
			return r
		}
		created(t, s, job("a", ecs.Money{}), expiring("a", "i-1", "cn-a", 9*time.Hour), expiring("a", "i-2", "cn-a", 2*time.Hour), expiring("a", "i-3", "cn-b", time.Hour))
		created(t, s, job("b", ecs.Money{}), expiring("b", "i-4", "cn-a", 3*time.Hour), expiring("b", "i-5", "cn-a", time.Hour))
		created(t, s, job("c", ecs.Money{}), expiring("c", "i-6", "cn-a", 99*time.Hour))
		if regions, err := s.OpenRenewalRegions(ctx); err != nil || !cmp.Equal(regions, []string{"cn-a", "cn-b"}) {
			t.Errorf("the regions are %v, %v", regions, err)
		}
		claim := func(worker ecs.Lease, c ledger.Claim, want ...string) {
			t.Helper()
			found, err := s.ClaimRenewals(ctx, worker, c)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, r := range found {
				ids = append(ids, r.InstanceID)
			}
			if diff := cmp.Diff(want, ids); diff != "" {
				t.Errorf("claimed by %+v (-want +got):\n%s", c, diff)
			}
		}
		claim(worker, ledger.Claim{RegionID: "cn-a", InFlight: true, Limit: 10})
		claim(worker, ledger.Claim{RegionID: "cn-a", Limit: 3, ExceptJobs: []string{"never", "b"}}, "i-6", "i-2", "i-1")
		claim(worker, ledger.Claim{RegionID: "cn-a", Limit: 1}, "i-5")
		claim(worker, ledger.Claim{JobID: "a", Limit: 10}, "i-3")
		through(t, s, worker, expiring("a", "i-2", "cn-a", 2*time.Hour), ledger.Skipped)
		sent := expiring("b", "i-5", "cn-a", time.Hour)
		through(t, s, worker, sent, ledger.Submitting)
		other := acquire(t, s, "other", "q")
		claim(other, ledger.Claim{RegionID: "cn-a", InFlight: true, Limit: 10})
		claim(other, ledger.Claim{RegionID: "cn-a", Limit: 10}, "i-4")
		if err := s.ReleaseLease(ctx, worker); err != nil {
			t.Fatal(err)
		}
		claim(other, ledger.Claim{RegionID: "cn-a", InFlight: true, Limit: 10}, "i-5")
		claim(other, ledger.Claim{RegionID: "cn-a", Limit: 1}, "i-6")
	})
}

// A plan that costs more than the budget is refused, with nothing stored.
func TestCreate_PlanOverBudget(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		err := s.CreateRenewalJob(t.Context(), job("j", yuan(2, 0)), []ledger.Renewal{planned("j", "i-1", yuan(1, 0)), planned("j", "i-2", yuan(1, 1))})
		if !errors.Is(err, ledger.ErrOverBudget) {
			t.Errorf("got %v, want ErrOverBudget", err)
		}
		if _, err := s.RenewalJob(t.Context(), "j"); !errors.Is(err, ecs.ErrNoRecord) {
			t.Errorf("the job reads as %v, want ErrNoRecord", err)
		}
	})
}

func TestPriorRenewals(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		worker := acquire(t, s, "worker", "p")
		created(t, s, job("a", ecs.Money{}), planned("a", "i-1", yuan(1, 0)), planned("a", "i-2", yuan(1, 0)), planned("a", "i-3", yuan(1, 0)))
		r := claimed(t, s, worker, 3)
		sent := through(t, s, worker, r[0], ledger.Submitting)
		paid := to(sent, ledger.Verifying)
		paid.Renewal.PaidTime = start.Add(time.Hour)
		advanced(t, s, worker, "a", []error{nil}, paid)
		through(t, s, worker, r[1], ledger.Skipped)
		got, err := s.PriorRenewals(t.Context(), "cn-hangzhou", []string{"i-1", "i-2", "i-3", "i-4"})
		want := map[string][]ledger.Prior{"i-1": {{
			ID: "a/i-1", RequestID: "request-a", State: ledger.Verifying, ExpireBefore: start.Add(time.Hour), PaidTime: start.Add(time.Hour),
		}}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("(-want +got):\n%s%v", diff, err)
		}
		if got, err = s.PriorRenewals(t.Context(), "cn-beijing", []string{"i-1"}); err != nil || len(got) != 0 {
			t.Errorf("of another region: %v, %v", got, err)
		}
	})
}
