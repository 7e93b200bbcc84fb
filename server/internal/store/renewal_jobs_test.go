package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

func yuan(units int64, nanos int32) ecs.Money {
	return ecs.Money{CurrencyCode: "CNY", Units: units, Nanos: nanos}
}

// job returns a newly requested job.
func job(id string, budget ecs.Money) ledger.Job {
	return ledger.Job{
		ID: id, RequestID: "request-" + id, PayloadHash: "hash", Caller: "team-a", Terms: []byte(`{"window":"7d"}`),
		State: ledger.JobPending, Funds: ledger.Funds{Budget: budget}, CreateTime: start, UpdateTime: start,
		Note: "CC-4711", AccountID: "1234567890123456",
	}
}

// planned is a renewal of a job before its paid call.
func planned(jobID, instanceID string, price ecs.Money) ledger.Renewal {
	return ledger.Renewal{
		ID: jobID + "/" + instanceID, JobID: jobID, RequestID: "request-" + jobID, PayloadHash: "hash", Caller: "team-a",
		RegionID: "cn-hangzhou", InstanceID: instanceID, Period: ecs.Period{Count: 1, Unit: ecs.Month},
		State: ledger.Planned, Price: price, ExpireBefore: start.Add(time.Hour), ExpireExpected: start.Add(721 * time.Hour),
		PlanTime: start, CreateTime: start, UpdateTime: start,
		Note: "CC-4711", AccountID: "1234567890123456", InstanceName: "web-" + instanceID,
	}
}

// to is the transition of a renewal to a state, with an attempt if it is sent.
func to(r ledger.Renewal, state ledger.State) ledger.Transition {
	m := ledger.Transition{Renewal: r, From: r.State}
	m.Renewal.State, m.Renewal.UpdateTime = state, start.Add(time.Minute)
	if state == ledger.Submitting && r.State == ledger.Planned {
		m.Renewal.ClientToken, m.Renewal.TokenNumber = "token-"+r.ID, 1
		m.Renewal.Attempts = []ledger.Attempt{{Number: 1, ClientToken: "token-" + r.ID, SendTime: start.Add(time.Minute)}}
	}
	return m
}

func created(t testing.TB, s *store.Store, j ledger.Job, renewals ...ledger.Renewal) {
	t.Helper()
	if err := s.CreateRenewalJob(t.Context(), j, renewals); err != nil {
		t.Fatal(err)
	}
}

// claim claims the share of every open job, up to limit in total, oldest first.
func claim(ctx context.Context, s *store.Store, worker ecs.Lease, limit int) ([]ledger.Renewal, error) {
	open := ledger.JobFilter{States: []ledger.JobState{ledger.JobPending, ledger.JobRunning}}
	jobs, err := s.ListRenewalJobs(ctx, open, ledger.Cursor{}, 1000)
	if err != nil {
		return nil, err
	}
	slices.Reverse(jobs)
	var all []ledger.Renewal
	for i, j := range jobs {
		left := len(jobs) - i
		room := (limit - len(all) + left - 1) / left
		for _, inFlight := range []bool{true, false} {
			got, err := s.ClaimRenewals(ctx, worker, ledger.Claim{JobID: j.ID, InFlight: inFlight, Limit: room})
			if err != nil {
				return nil, err
			}
			room -= len(got)
			all = append(all, got...)
		}
	}
	return all, nil
}

func claimed(t testing.TB, s *store.Store, worker ecs.Lease, want int) []ledger.Renewal {
	t.Helper()
	got, err := claim(t.Context(), s, worker, 1000)
	if err != nil || len(got) != want {
		t.Fatalf("%s claimed %d renewals, %v, want %d", worker.Name, len(got), err, want)
	}
	return got
}

// advanced writes transitions and compares the results with the expected ones.
func advanced(t testing.TB, s *store.Store, worker ecs.Lease, jobID string, want []error, moves ...ledger.Transition) {
	t.Helper()
	results, err := s.AdvanceRenewals(t.Context(), worker, jobID, moves)
	if err != nil || len(results) != len(want) {
		t.Fatalf("%d results, %v", len(results), err)
	}
	for i := range want {
		if !errors.Is(results[i], want[i]) {
			t.Errorf("move %d of %s to %s: %v, want %v", i, moves[i].Renewal.ID, moves[i].Renewal.State, results[i], want[i])
		}
	}
}

func money(t testing.TB, s *store.Store, jobID string) [2]string {
	t.Helper()
	j, err := s.RenewalJob(t.Context(), jobID)
	if err != nil {
		t.Fatal(err)
	}
	return [2]string{j.Reserved.String(), j.Spent.String()}
}

func TestRenewalJob_RoundTrip(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx, want := t.Context(), job("j", yuan(250, 500_000_000))
		skipped := planned("j", "i-2", ecs.Money{})
		skipped.State, skipped.Failure = ledger.Skipped, ledger.Failure{Reason: "OUTSIDE_WINDOW", Message: "ends later"}
		created(t, s, want, planned("j", "i-1", yuan(100, 0)), skipped)
		want.Revision, want.Planned, want.Reserved, want.Spent = 1, yuan(100, 0), yuan(0, 0), yuan(0, 0)
		want.State = ledger.JobPending
		want.Counts = []ledger.Count{{State: ledger.Planned, Count: 1}, {State: ledger.Skipped, Reason: "OUTSIDE_WINDOW", Count: 1}}
		for name, read := range map[string]func() (ledger.Job, error){
			"id":      func() (ledger.Job, error) { return s.RenewalJob(ctx, "j") },
			"request": func() (ledger.Job, error) { return s.RenewalJobByRequest(ctx, "request-j") },
		} {
			got, err := read()
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("by %s (-want +got):\n%s%v", name, diff, err)
			}
		}
		again := job("other", yuan(1, 0))
		again.RequestID = want.RequestID
		if err := s.CreateRenewalJob(ctx, again, []ledger.Renewal{planned("other", "i-1", yuan(1, 0))}); !errors.Is(err, ecs.ErrRequestIDTaken) {
			t.Errorf("a request id twice: %v, want ErrRequestIDTaken", err)
		}
		if _, err := s.RenewalJob(ctx, "other"); !errors.Is(err, ecs.ErrNoRecord) {
			t.Errorf("what was refused reads as %v, want ErrNoRecord", err)
		}
		bad := planned("paid", "i-9", yuan(1, 0))
		bad.State = ledger.Verifying
		if err := s.CreateRenewalJob(ctx, job("paid", ecs.Money{}), []ledger.Renewal{bad}); err == nil {
			t.Error("a job was made with a renewal that is paid already")
		}
	})
}

// The money of a job follows the states of its renewals, to the smallest unit.
func TestJobMoney(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		var plan []ledger.Renewal
		for n := range 5 {
			plan = append(plan, planned("j", fmt.Sprint("i-", n+1), ecs.Money{}))
		}
		created(t, s, job("j", yuan(20, 1)), plan...)
		worker := acquire(t, s, "worker/1", "p1")
		r := claimed(t, s, worker, 5)
		for i, price := range []ecs.Money{yuan(10, 0), yuan(10, 1), yuan(0, 1), {CurrencyCode: "USD", Units: 1}, {}} {
			r[i].Price = price
		}
		advanced(t, s, worker, "j", []error{nil, nil, ledger.ErrOverBudget, ecs.ErrCurrencyMismatch, ledger.ErrOverBudget},
			to(r[0], ledger.Submitting), to(r[1], ledger.Submitting), to(r[2], ledger.Submitting),
			to(r[3], ledger.Submitting), to(r[4], ledger.Submitting))
		if got, want := money(t, s, "j"), [2]string{"CNY 20.000000001", "CNY 0.00"}; got != want {
			t.Errorf("after the intents: %v, want %v", got, want)
		}
		r[0].State, r[1].State = ledger.Submitting, ledger.Submitting
		// One is paid; the other is proved unpaid, which frees its price for the
		// third.
		advanced(t, s, worker, "j", []error{nil, nil, nil},
			to(r[0], ledger.Verifying), to(r[1], ledger.Failed), to(r[2], ledger.Submitting))
		if got, want := money(t, s, "j"), [2]string{"CNY 0.000000001", "CNY 10.00"}; got != want {
			t.Errorf("after the outcomes: %v, want %v", got, want)
		}
		r[0].State = ledger.Verifying
		// A price read later does not undo the payment.
		dearer := to(r[0], ledger.Renewed)
		dearer.Renewal.Price = yuan(100, 0)
		advanced(t, s, worker, "j", []error{ledger.ErrOverBudget}, dearer)
		advanced(t, s, worker, "j", []error{nil}, to(r[0], ledger.Renewed))
	})
}

func TestAdvance_RefusedChangesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		created(t, s, job("j", ecs.Money{}), planned("j", "i-1", yuan(10, 0)))
		created(t, s, job("k", ecs.Money{}), planned("k", "i-1", yuan(10, 0)), planned("k", "i-2", yuan(10, 0)))
		worker, other := acquire(t, s, "worker/1", "p1"), acquire(t, s, "worker/2", "p2")
		r := claimed(t, s, worker, 3)
		before, err := s.RenewalJob(ctx, "k")
		if err != nil {
			t.Fatal(err)
		}
		unknown, elsewhere := to(r[1], ledger.Submitting), to(r[1], ledger.Submitting)
		unknown.Renewal.ID, elsewhere.Renewal.InstanceID = "never", "i-3"
		wrong := to(r[1], ledger.Failed)
		wrong.From = ledger.Submitting
		advanced(t, s, other, "k", []error{ecs.ErrLeaseLost}, to(r[1], ledger.Submitting))
		advanced(t, s, worker, "k", []error{ecs.ErrNoRecord, ecs.ErrNoRecord, ecs.ErrStateMoved}, unknown, to(r[0], ledger.Submitting), wrong)
		if results, err := s.AdvanceRenewals(ctx, worker, "k", []ledger.Transition{elsewhere}); err != nil || results[0] == nil {
			t.Errorf("a renewal became one of another instance: %v, %v", results, err)
		}
		advanced(t, s, ecs.Lease{}, "k", []error{ledger.ErrNoTransition}, to(r[1], ledger.Skipped))
		if _, err := s.AdvanceRenewals(ctx, worker, "never", []ledger.Transition{to(r[1], ledger.Skipped)}); !errors.Is(err, ecs.ErrNoRecord) {
			t.Errorf("a job that is not: %v, want ErrNoRecord", err)
		}
		if after, err := s.RenewalJob(ctx, "k"); err != nil || !cmp.Equal(before, after) {
			t.Errorf("what was refused changed the job (-before +after):\n%s%v", cmp.Diff(before, after), err)
		}
		// The same instance in two jobs: the second is refused, its neighbour
		// continues.
		advanced(t, s, worker, "j", []error{nil}, to(r[0], ledger.Submitting))
		advanced(t, s, worker, "k", []error{ledger.ErrInstanceBusy, nil}, to(r[1], ledger.Submitting), to(r[2], ledger.Submitting))
	})
}

// A worker that lost its claims, because its lease ended, writes no state; the
// next worker reads its last state.
func TestClaims(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		created(t, s, job("j", ecs.Money{}), planned("j", "i-1", yuan(1, 0)), planned("j", "i-2", yuan(1, 0)), planned("j", "i-3", yuan(1, 0)))
		first := acquire(t, s, "worker/1", "p1")
		if got, err := claim(ctx, s, first, 2); err != nil || len(got) != 2 || got[0].InstanceID != "i-1" {
			t.Fatalf("claimed %+v, %v, want the two oldest", got, err)
		}
		second := acquire(t, s, "worker/2", "p2")
		claimed(t, s, second, 1)
		claimed(t, s, first, 0)
		sent := to(planned("j", "i-1", yuan(1, 0)), ledger.Submitting)
		advanced(t, s, first, "j", []error{nil}, sent)
		if err := s.ReleaseLease(ctx, first); err != nil {
			t.Fatal(err)
		}
		created(t, s, job("k", ecs.Money{}), planned("k", "i-4", yuan(1, 0)))
		if _, err := claim(ctx, s, first, 10); !errors.Is(err, ecs.ErrLeaseLost) {
			t.Errorf("a claim without a lease: %v, want ErrLeaseLost", err)
		}
		taken := claimed(t, s, second, 3)
		want := sent.Renewal
		want.Revision = 2
		if diff := cmp.Diff(want, taken[0]); diff != "" {
			t.Errorf("taken over (-want +got):\n%s", diff)
		}
		late := sent.Renewal
		advanced(t, s, first, "j", []error{ecs.ErrLeaseLost}, to(late, ledger.Verifying))
		unknown := to(late, ledger.Unknown)
		advanced(t, s, second, "j", []error{nil}, unknown)
		advanced(t, s, second, "j", []error{nil}, to(unknown.Renewal, ledger.NeedsAttention))
		// A process that acquires its lease again must claim again.
		anew := acquire(t, s, "worker/2", "p2")
		advanced(t, s, second, "j", []error{nil}, to(planned("j", "i-2", yuan(1, 0)), ledger.Submitting))
		claimed(t, s, anew, 3)
		late = to(planned("j", "i-2", yuan(1, 0)), ledger.Submitting).Renewal
		advanced(t, s, second, "j", []error{ecs.ErrLeaseLost}, to(late, ledger.Verifying))
		// A person sends the first again: it is for any worker then.
		attention := sent.Renewal
		attention.State = ledger.NeedsAttention
		advanced(t, s, ecs.Lease{}, "j", []error{nil}, to(attention, ledger.Unknown))
		claimed(t, s, anew, 1)
	})
}

func TestCancelRenewalJob(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		created(t, s, job("j", ecs.Money{}), planned("j", "i-1", yuan(1, 0)), planned("j", "i-2", yuan(1, 0)), planned("j", "i-3", yuan(1, 0)))
		worker := acquire(t, s, "worker/1", "p1")
		r := claimed(t, s, worker, 3)
		advanced(t, s, worker, "j", []error{nil}, to(r[0], ledger.Submitting))
		why := ledger.Failure{Reason: ecs.ReasonJobCancelled, Message: "cancelled by team-a"}
		if n, err := s.CancelRenewalJob(ctx, "j", ledger.Cancellation{By: "team-a", Note: "OPS-1", Why: why, Time: start.Add(time.Hour)}); err != nil || n != 2 {
			t.Errorf("ended %d, %v, want 2", n, err)
		}
		advanced(t, s, worker, "j", []error{ecs.ErrStateMoved}, to(r[1], ledger.Submitting))
		r[0].State = ledger.Submitting
		advanced(t, s, worker, "j", []error{nil}, to(r[0], ledger.Verifying))

		// A watcher that resumes from its position gets the last state of each.
		var seen []string
		var revision int64
		var id string
		for {
			page, err := s.RenewalsOfJob(ctx, "j", revision, id, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, r := range page {
				seen = append(seen, fmt.Sprint(r.Revision, " ", r.InstanceID, " ", r.State, " ", r.Failure.Message))
				revision, id = r.Revision, r.ID
			}
		}
		want := []string{"3 i-2 SKIPPED cancelled by team-a", "3 i-3 SKIPPED cancelled by team-a", "4 i-1 VERIFYING "}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("the renewals by revision (-want +got):\n%s", diff)
		}
	})
}

// Workers of several processes claim from two jobs over the same instances,
// under budgets that are too small: no budget is passed by the smallest unit,
// the allowed money is used, and an instance is live once.
func TestBudget_AmongWorkers(t *testing.T) {
	const instances = 60
	for name, address := range engines {
		t.Run(name, func(t *testing.T) {
			stores, ctx := several(t, address(t)), t.Context()
			for _, id := range []string{"j", "k"} {
				var all []ledger.Renewal
				for i := range instances {
					all = append(all, planned(id, fmt.Sprintf("i-%02d", i), ecs.Money{}))
				}
				created(t, stores[0], job(id, yuan(20, 20)), all...)
			}
			var workers sync.WaitGroup
			for n, s := range stores {
				worker := acquire(t, s, fmt.Sprint("worker/", n), fmt.Sprint("p", n))
				workers.Go(func() {
					for {
						got, err := claim(ctx, s, worker, 7)
						if err != nil || len(got) == 0 {
							if err != nil {
								t.Error(err)
							}
							return
						}
						for _, id := range []string{"j", "k"} {
							var moves []ledger.Transition
							for _, r := range got {
								if r.JobID == id {
									r.Price = yuan(1, 1)
									moves = append(moves, to(r, ledger.Submitting))
								}
							}
							if len(moves) == 0 {
								continue
							}
							results, err := s.AdvanceRenewals(ctx, worker, id, moves)
							if err != nil {
								t.Error(err)
								return
							}
							for _, refused := range results {
								if refused != nil && !errors.Is(refused, ledger.ErrOverBudget) && !errors.Is(refused, ledger.ErrInstanceBusy) {
									t.Error(refused)
								}
							}
						}
					}
				})
			}
			workers.Wait()
			live := map[string]int{}
			for _, id := range []string{"j", "k"} {
				all, err := stores[0].RenewalsOfJob(ctx, id, 0, "", 1000)
				if err != nil {
					t.Fatal(err)
				}
				n := 0
				for _, r := range all {
					if r.State == ledger.Submitting {
						live[r.InstanceID]++
						n++
					}
				}
				if got, want := money(t, stores[0], id)[0], yuan(int64(n), int32(n)).String(); got != want || n > 20 {
					t.Errorf("job %s has %d orders in progress and reserves %s", id, n, got)
				}
			}
			for instance, n := range live {
				if n != 1 {
					t.Errorf("instance %s has %d live renewals", instance, n)
				}
			}
			if len(live) < 20 {
				t.Errorf("%d orders in progress of two budgets for 20 each", len(live))
			}
		})
	}
}

// More than one statement takes, and some that are not there.
func TestRenewals_ManyByID(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		var renewals []ledger.Renewal
		ids := []string{"never"}
		for i := range 250 {
			renewals = append(renewals, planned("j", fmt.Sprint("i-", i), yuan(1, 0)))
			ids = append(ids, renewals[i].ID)
		}
		created(t, s, job("j", ecs.Money{}), renewals...)
		worker := acquire(t, s, "w", "p1")
		claimed(t, s, worker, 250)
		sent := to(renewals[7], ledger.Submitting)
		advanced(t, s, worker, "j", []error{nil}, sent)
		got, err := s.Renewals(t.Context(), ids)
		if err != nil || len(got) != 250 {
			t.Fatalf("%d renewals, %v", len(got), err)
		}
		for _, r := range renewals {
			if got[r.ID].InstanceID != r.InstanceID {
				t.Errorf("%s is of %q", r.ID, got[r.ID].InstanceID)
			}
		}
		if r := got[sent.Renewal.ID]; r.State != ledger.Submitting || len(r.Attempts) != len(sent.Renewal.Attempts) {
			t.Errorf("what was sent reads as %+v", r)
		}
	})
}
