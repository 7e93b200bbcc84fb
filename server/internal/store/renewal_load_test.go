package store_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// Open renewals are counted by state and reason, their money by currency to the
// smallest unit, and the oldest order is the one that was sent first.
func TestRenewalLoad(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		empty, err := s.RenewalLoad(t.Context())
		if diff := gocmp.Diff(ledger.Load{}, empty); err != nil || diff != "" {
			t.Errorf("of an empty ledger (-want +got):\n%s%v", diff, err)
		}
		created(t, s, job("j", ecs.Money{}), planned("j", "i-1", yuan(10, 600_000_000)), planned("j", "i-2", yuan(10, 600_000_000)),
			planned("j", "i-3", yuan(5, 0)), planned("j", "i-4", yuan(1, 0)), planned("j", "i-5", ecs.Money{}))
		created(t, s, job("usd", ecs.Money{}), planned("usd", "i-6", ecs.Money{CurrencyCode: "USD", Units: 3}))
		worker := acquire(t, s, "worker/1", "p1")
		r := claimed(t, s, worker, 6)
		send := func(r ledger.Renewal, after time.Duration) ledger.Renewal {
			m := to(r, ledger.Submitting)
			m.Renewal.Attempts[0].SendTime = start.Add(after)
			advanced(t, s, worker, r.JobID, []error{nil}, m)
			return m.Renewal
		}
		advance := func(r ledger.Renewal, state ledger.State, reason ecs.Reason) ledger.Renewal {
			m := to(r, state)
			m.Renewal.Failure.Reason = reason
			advanced(t, s, worker, r.JobID, []error{nil}, m)
			return m.Renewal
		}
		verifying := send(r[0], time.Minute) // the oldest, but paid
		advance(verifying, ledger.Verifying, "")
		unknown := advance(send(r[1], 3*time.Minute), ledger.Unknown, ecs.ReasonOutcomeUnknown)
		advance(unknown, ledger.NeedsAttention, ecs.ReasonOutcomeUnknown)
		advance(send(r[2], 4*time.Minute), ledger.Unknown, ecs.ReasonOutcomeUnknown)
		advance(r[3], ledger.Skipped, ecs.ReasonBudgetExceeded)
		for _, one := range r[4:] {
			if one.JobID == "usd" {
				send(one, 5*time.Minute)
			}
		}
		load, err := s.RenewalLoad(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(load.Counts, func(a, b ledger.Count) int { return cmp.Compare(a.State, b.State) })
		slices.SortFunc(load.Reserved, func(a, b ecs.Money) int { return cmp.Compare(a.CurrencyCode, b.CurrencyCode) })
		want := ledger.Load{
			Counts: []ledger.Count{
				{State: ledger.NeedsAttention, Reason: ecs.ReasonOutcomeUnknown, Count: 1}, {State: ledger.Planned, Count: 1},
				{State: ledger.Submitting, Count: 1}, {State: ledger.Unknown, Reason: ecs.ReasonOutcomeUnknown, Count: 1},
				{State: ledger.Verifying, Count: 1},
			},
			Reserved: []ecs.Money{sumOf(t, r[1].Price, r[2].Price), {CurrencyCode: "USD", Units: 3}},
			Oldest:   start.Add(3 * time.Minute),
		}
		if diff := gocmp.Diff(want, load); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func sumOf(t *testing.T, a, b ecs.Money) ecs.Money {
	t.Helper()
	sum, err := a.Add(b)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}
