package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

var start = time.UnixMilli(1_790_000_000_000).UTC()

// sent writes a renewal in the state just before its paid call, in a separate
// job, and returns it.
func sent(t testing.TB, s *store.Store, worker ecs.Lease, id string) ledger.Renewal {
	t.Helper()
	created(t, s, job(id, ecs.Money{}), planned(id, "i-"+id, yuan(103, 500_000_000)))
	m := to(claimed(t, s, worker, 1)[0], ledger.Submitting)
	advanced(t, s, worker, id, []error{nil}, m)
	m.Renewal.Revision = 2
	return m.Renewal
}

func TestRenewal_RoundTrip(t *testing.T) {
	for name, address := range lasting {
		t.Run(name, func(t *testing.T) {
			at := address(t)
			first := open(t, at)
			want := sent(t, first, acquire(t, first, "worker", "p1"), "a")
			read := func(s *store.Store) {
				t.Helper()
				got, err := s.Renewal(t.Context(), want.ID)
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Errorf("read differs from written (-want +got):\n%s%v", diff, err)
				}
			}
			read(first)
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			read(open(t, at))
		})
	}
}

// An attempt that has its outcome keeps it.
func TestAttempt_ClosedStays(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		worker := acquire(t, s, "worker", "p1")
		paid := to(sent(t, s, worker, "a"), ledger.Verifying)
		paid.Renewal.Attempts = []ledger.Attempt{paid.Renewal.Attempts[0]}
		paid.Renewal.Attempts[0].Outcome, paid.Renewal.Attempts[0].OrderID = ledger.OutcomeAccepted, "order-1"
		advanced(t, s, worker, "a", []error{nil}, paid)
		changed := to(paid.Renewal, ledger.Renewed)
		changed.Renewal.Attempts = []ledger.Attempt{paid.Renewal.Attempts[0]}
		changed.Renewal.Attempts[0].Outcome, changed.Renewal.Attempts[0].OrderID = ledger.OutcomeRefused, ""
		advanced(t, s, worker, "a", []error{nil}, changed)
		got, err := s.Renewal(t.Context(), changed.Renewal.ID)
		if diff := cmp.Diff(paid.Renewal.Attempts, got.Attempts); err != nil || diff != "" {
			t.Errorf("the attempts (-want +got):\n%s%v", diff, err)
		}
	})
}
