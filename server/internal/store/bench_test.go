package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// benchEach measures on a file and on PostgreSQL, both durable.
func benchEach(b *testing.B, measure func(*testing.B, *store.Store)) {
	for _, name := range []string{"sqlite", "postgres"} {
		b.Run(name, func(b *testing.B) { measure(b, open(b, lasting[name](b))) })
	}
}

// fleet are n instances of about the size that they have on the wire.
func fleet(n int, state byte) []ecs.Change {
	changes := make([]ecs.Change, n)
	for i := range changes {
		changes[i] = ecs.Change{InstanceID: fmt.Sprintf("i-bp1%017d", i), After: bytes.Repeat([]byte{state}, 600)}
	}
	return changes
}

// The work of a job's worker: a claim and three writes for a hundred renewals,
// each on disk before the next.
func BenchmarkRenewalsOfJob(b *testing.B) {
	const batch = 100
	benchEach(b, func(b *testing.B, s *store.Store) {
		worker := acquire(b, s, "worker", "p1")
		for n := 0; b.Loop(); n++ {
			b.StopTimer()
			id := fmt.Sprint("j", n)
			var renewals []ledger.Renewal
			for i := range batch {
				renewals = append(renewals, planned(id, fmt.Sprint("i-", n, "-", i), yuan(100, 0)))
			}
			created(b, s, job(id, yuan(1_000_000, 0)), renewals...)
			b.StartTimer()
			got, err := s.ClaimRenewals(b.Context(), worker, ledger.Claim{JobID: id, Limit: batch})
			if err != nil || len(got) != batch {
				b.Fatal(len(got), err)
			}
			for _, state := range []ledger.State{ledger.Submitting, ledger.Verifying, ledger.Renewed} {
				moves := make([]ledger.Transition, batch)
				for i, r := range got {
					moves[i] = to(r, state)
					got[i] = moves[i].Renewal
				}
				results, err := s.AdvanceRenewals(b.Context(), worker, id, moves)
				if err = errors.Join(append(results, err)...); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "renewals/s")
	})
}

// One poll that found 1,000 changes.
func BenchmarkAppend1000(b *testing.B) {
	benchEach(b, func(b *testing.B, s *store.Store) {
		lease := acquire(b, s, "poll", "p1")
		changes := fleet(1000, 'a')
		for b.Loop() {
			appended(b, s, lease, "cn-a", changes...)
			for i := range changes {
				changes[i].Before = changes[i].After
			}
		}
		b.ReportMetric(float64(1000*b.N)/b.Elapsed().Seconds(), "changes/s")
	})
}

// One poll that found one change.
func BenchmarkAppend1(b *testing.B) {
	benchEach(b, func(b *testing.B, s *store.Store) {
		lease := acquire(b, s, "poll", "p1")
		changes := fleet(1, 'a')
		for b.Loop() {
			appended(b, s, lease, "cn-a", changes...)
		}
	})
}

// The cost of a start: every instance, read at once.
func BenchmarkInstances10000(b *testing.B) {
	benchEach(b, func(b *testing.B, s *store.Store) {
		appended(b, s, acquire(b, s, "poll", "p1"), "cn-a", fleet(10_000, 'a')...)
		for b.Loop() {
			if found, _, err := s.Instances(b.Context(), nil); err != nil || len(found) != 10_000 {
				b.Fatal(len(found), err)
			}
		}
	})
}

// A follower that checks for new revisions.
func BenchmarkLogBounds(b *testing.B) {
	benchEach(b, func(b *testing.B, s *store.Store) {
		appended(b, s, acquire(b, s, "poll", "p1"), "cn-a", fleet(100, 'a')...)
		for b.Loop() {
			if _, err := s.LogBounds(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
