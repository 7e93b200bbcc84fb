package store_test

import (
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// endedPaid writes a job of one renewal that ended RENEWED, with an order ID or
// without.
func endedPaid(t *testing.T, s *store.Store, id, instanceID, orderID string, price ecs.Money) ledger.Renewal {
	t.Helper()
	worker := acquire(t, s, "w-"+id, "p")
	created(t, s, job(id, ecs.Money{}), planned(id, instanceID, price))
	r := claimed(t, s, worker, 1)[0]
	for _, state := range []ledger.State{ledger.Submitting, ledger.Verifying, ledger.Renewed} {
		m := to(r, state)
		if state == ledger.Verifying {
			m.Renewal.OrderID, m.Renewal.PaidTime = orderID, start.Add(time.Minute)
		}
		advanced(t, s, worker, id, []error{nil}, m)
		r = m.Renewal
	}
	stored, err := s.Renewal(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

// fill is the transition that completes a paid renewal from the bill.
func fill(r ledger.Renewal, orderID string, price ecs.Money) ledger.Transition {
	next := r
	next.OrderID, next.Price, next.UpdateTime = orderID, price, start.Add(time.Hour)
	m := ledger.NewTransition(r, next, time.Time{})
	m.Billed = true
	return m
}

func TestUnbilledRenewals(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		lost := endedPaid(t, s, "lost", "i-1", "", yuan(100, 0))
		weekly := endedPaid(t, s, "weekly", "i-2", "o-2", ecs.Money{})
		endedPaid(t, s, "known", "i-3", "o-3", yuan(100, 0))
		unbilled := func(since time.Time) map[string]bool {
			found, err := s.UnbilledRenewals(t.Context(), since, 10)
			if err != nil {
				t.Fatal(err)
			}
			all := map[string]bool{}
			for _, r := range found {
				all[r.ID] = len(r.Attempts) == 1
			}
			return all
		}
		if found := unbilled(start); len(found) != 2 || !found[lost.ID] || !found[weekly.ID] {
			t.Errorf("unbilled are %v, want %s and %s with their attempts", found, lost.ID, weekly.ID)
		}
		if found := unbilled(start.Add(time.Hour)); len(found) != 0 {
			t.Errorf("unbilled since later are %v, want none", found)
		}
		ids, err := s.RenewalOrderIDs(t.Context(), []string{"o-1", "o-2", "o-3"})
		if err != nil || len(ids) != 2 {
			t.Errorf("the ledger has the orders %v, %v, want o-2 and o-3", ids, err)
		}
		advanced(t, s, ecs.Lease{}, "lost", []error{nil}, fill(lost, "o-1", yuan(100, 0)))
		advanced(t, s, ecs.Lease{}, "weekly", []error{nil}, fill(weekly, "o-2", yuan(30, 0)))
		if found := unbilled(start); len(found) != 0 {
			t.Errorf("unbilled are %v after both were completed", found)
		}
		if got := money(t, s, "weekly"); got[1] != "CNY 30.00" {
			t.Errorf("the weekly job has reserved and spent %v, want CNY 30.00 spent", got)
		}
		if found, err := s.AuditRenewalJobs(t.Context()); err != nil || len(found) > 0 {
			t.Errorf("the sums do not match: %v, %v", found, err)
		}
	})
}

// The bill adds an order ID once, of an order that no other renewal of the instance
// has, and never to a renewal that a runner works on.
func TestAdvance_BilledOrder(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		first := endedPaid(t, s, "first", "i-1", "", yuan(100, 0))
		advanced(t, s, ecs.Lease{}, "first", []error{nil}, fill(first, "o-1", yuan(100, 0)))
		advanced(t, s, ecs.Lease{}, "first", []error{ecs.ErrStateMoved}, fill(first, "o-9", yuan(100, 0)))
		worker := acquire(t, s, "w", "p")
		second := planned("second", "i-1", yuan(100, 0))
		second.ExpireBefore, second.PlanTime = first.ExpireExpected, start.Add(time.Hour)
		created(t, s, job("second", ecs.Money{}), second)
		r := claimed(t, s, worker, 1)[0]
		submit := to(r, ledger.Submitting)
		advanced(t, s, worker, "second", []error{nil}, submit)
		unknown := to(submit.Renewal, ledger.Unknown)
		unknown.Renewal.Attempts = ledger.CloseLast(unknown.Renewal.Attempts, ledger.OutcomeUnknown, start.Add(time.Minute), nil, "")
		advanced(t, s, worker, "second", []error{nil}, unknown)
		settled := to(unknown.Renewal, ledger.Verifying)
		settled.Renewal.OrderID, settled.Renewal.PaidTime, settled.Billed = "o-1", start.Add(time.Minute), true
		advanced(t, s, worker, "second", []error{ledger.ErrOrderTaken}, settled)
		settled.Renewal.OrderID = "o-2"
		advanced(t, s, worker, "second", []error{nil}, settled)
		open := fill(settled.Renewal, "o-2", yuan(1, 0))
		advanced(t, s, ecs.Lease{}, "second", []error{ledger.ErrNoTransition}, open)
		advanced(t, s, worker, "first", []error{ecs.ErrLeaseLost}, fill(first, "o-1", yuan(1, 0)))
	})
}
