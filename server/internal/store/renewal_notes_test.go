package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// Decisions stay with the renewal, whatever is written after them.
func TestAdvance_KeepsDecisions(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		worker := acquire(t, s, "worker", "p1")
		doubtful := through(t, s, worker, sent(t, s, worker, "a"), ledger.Unknown, ledger.NeedsAttention)
		again := to(doubtful, ledger.Unknown)
		again.Renewal.Decisions = []ledger.Decision{{Resolution: "TRY_AGAIN", Time: start, By: "ops", Note: "OPS-1"}}
		advanced(t, s, ecs.Lease{}, "a", []error{nil}, again)
		r := claimed(t, s, worker, 1)[0]
		if diff := cmp.Diff(again.Renewal.Decisions, r.Decisions); diff != "" {
			t.Errorf("the claimed renewal has other decisions (-want +got):\n%s", diff)
		}
		r = through(t, s, worker, r, ledger.NeedsAttention)
		paid := to(r, ledger.Verifying)
		paid.Renewal.Decisions = append(slices.Clone(r.Decisions), ledger.Decision{Resolution: "MARK_PAID", Time: start.Add(time.Hour), OrderID: "o-1"})
		advanced(t, s, ecs.Lease{}, "a", []error{nil}, paid)
		through(t, s, worker, claimed(t, s, worker, 1)[0], ledger.Renewed)
		stored, err := s.Renewal(t.Context(), r.ID)
		if diff := cmp.Diff(paid.Renewal.Decisions, stored.Decisions); err != nil || diff != "" {
			t.Errorf("at the end the decisions differ (-want +got):\n%s%v", diff, err)
		}
	})
}

func TestRenewalSelection(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		with := job("j", ecs.Money{})
		with.Selection = []byte("as requested")
		created(t, s, with, planned("j", "i-1", yuan(1, 0)))
		created(t, s, job("k", ecs.Money{}), planned("k", "i-2", yuan(1, 0)))
		for id, want := range map[string]string{"j": "as requested", "k": "", "never": ""} {
			if got, err := s.RenewalSelection(t.Context(), id); err != nil || string(got) != want {
				t.Errorf("the selection of %s is %q, %v, want %q", id, got, err, want)
			}
		}
	})
}

// The audit selects by payment, in the order of payment, and by order.
func TestListRenewals_ByPayment(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		worker := acquire(t, s, "worker", "p1")
		// Six renewals, of which the later ones are paid earlier, and the last not at all.
		var want []string
		for n := range 6 {
			id := fmt.Sprint("j", n)
			created(t, s, job(id, ecs.Money{}), planned(id, fmt.Sprint("i-", n), yuan(1, 0)))
			m := to(claimed(t, s, worker, 1)[0], ledger.Submitting)
			advanced(t, s, worker, id, []error{nil}, m)
			if n == 5 {
				break
			}
			paid := to(m.Renewal, ledger.Verifying)
			paid.Renewal.PaidTime, paid.Renewal.OrderID = start.Add(-time.Duration(n)*time.Hour), fmt.Sprint("order-", n)
			advanced(t, s, worker, id, []error{nil}, paid)
			want = append(want, m.Renewal.ID)
		}
		list := func(f ledger.Filter, size int) (ids []string) {
			for cursor := (ledger.Cursor{}); ; {
				page, err := s.ListRenewals(t.Context(), f, cursor, size)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range page {
					ids = append(ids, r.ID)
					cursor = f.Position(r)
				}
				if len(page) < size {
					return ids
				}
			}
		}
		for name, c := range map[string]struct {
			filter ledger.Filter
			want   []string
		}{
			"since":           {ledger.Filter{PaidSince: start.Add(-2 * time.Hour)}, want[:3]},
			"until":           {ledger.Filter{PaidUntil: start.Add(-2 * time.Hour)}, want[3:]},
			"between":         {ledger.Filter{PaidSince: start.Add(-3 * time.Hour), PaidUntil: start}, want[1:4]},
			"with a state":    {ledger.Filter{PaidSince: start.Add(-2 * time.Hour), States: []ledger.State{ledger.Verifying, ledger.Renewed}}, want[:3]},
			"in other states": {ledger.Filter{PaidSince: start.Add(-2 * time.Hour), States: []ledger.State{ledger.Submitting}}, nil},
			"of an instance":  {ledger.Filter{PaidSince: start.Add(-9 * time.Hour), InstanceID: "i-3"}, want[3:4]},
			"by order":        {ledger.Filter{OrderID: "order-2"}, want[2:3]},
			"by no order":     {ledger.Filter{OrderID: "order-9"}, nil},
			"by both":         {ledger.Filter{OrderID: "order-2", PaidUntil: start.Add(-2 * time.Hour)}, nil},
		} {
			for _, size := range []int{1, 2, 100} {
				if diff := cmp.Diff(c.want, list(c.filter, size)); diff != "" {
					t.Errorf("%s by %d (-want +got):\n%s", name, size, diff)
				}
			}
		}
	})
}
