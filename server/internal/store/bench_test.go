package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
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
func fleet(n int, state byte) []changelog.Change {
	changes := make([]changelog.Change, n)
	for i := range changes {
		changes[i] = changelog.Change{InstanceID: fmt.Sprintf("i-bp1%017d", i), After: bytes.Repeat([]byte{state}, 600)}
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

// A hundred renewals that are sent and deferred again, with 1 and with 50 earlier
// attempts each. all-ratio is the time of writing the changed attempts relative to the
// time of writing all of them; the two alternate.
func BenchmarkDeferredRenewals(b *testing.B) {
	const batch = 100
	for _, earlier := range []int{1, 50} {
		b.Run(fmt.Sprint(earlier), func(b *testing.B) {
			benchEach(b, func(b *testing.B, s *store.Store) {
				var spent [2]time.Duration
				for n := 0; b.Loop(); n++ {
					for _, all := range []bool{n%2 == 0, n%2 != 0} {
						b.StopTimer()
						id := fmt.Sprint("j", n, all)
						worker, renewals := deferred(b, s, id, batch, earlier)
						b.StartTimer()
						began := time.Now()
						for _, closes := range []bool{false, true} {
							ts := make([]ledger.Transition, batch)
							for i, r := range renewals {
								ts[i] = ledger.NewTransition(r, attempted(r, closes), time.Time{})
								if all {
									ts[i].Kept = 0
								}
								renewals[i] = ts[i].Renewal
							}
							results, err := s.AdvanceRenewals(b.Context(), worker, id, ts)
							if err = errors.Join(append(results, err)...); err != nil {
								b.Fatal(err)
							}
						}
						if all {
							spent[1] += time.Since(began)
						} else {
							spent[0] += time.Since(began)
						}
					}
				}
				b.ReportMetric(spent[0].Seconds()/spent[1].Seconds(), "all-ratio")
			})
		})
	}
}

// deferred returns claimed renewals of a new job, each deferred some times.
func deferred(b *testing.B, s *store.Store, id string, count, times int) (ecs.Lease, []ledger.Renewal) {
	worker := acquire(b, s, "worker-"+id, "p1")
	var renewals []ledger.Renewal
	for i := range count {
		renewals = append(renewals, planned(id, fmt.Sprint(id, "-i-", i), yuan(100, 0)))
	}
	created(b, s, job(id, yuan(1_000_000, 0)), renewals...)
	renewals, err := s.ClaimRenewals(b.Context(), worker, ledger.Claim{JobID: id, Limit: count})
	if err != nil {
		b.Fatal(err)
	}
	ts := make([]ledger.Transition, count)
	for i, r := range renewals {
		next := r
		for range times {
			next = attempted(attempted(next, false), true)
		}
		ts[i] = ledger.NewTransition(r, next, time.Time{})
		renewals[i] = next
	}
	results, err := s.AdvanceRenewals(b.Context(), worker, id, ts)
	if err = errors.Join(append(results, err)...); err != nil {
		b.Fatal(err)
	}
	return worker, renewals
}

// attempted returns a renewal with one more attempt, or with its last one deferred.
func attempted(r ledger.Renewal, closes bool) ledger.Renewal {
	r.State, r.Attempts = ledger.Submitting, slices.Clone(r.Attempts)
	if closes {
		last := &r.Attempts[len(r.Attempts)-1]
		last.Outcome, last.FinishTime, last.CloudCode = ledger.OutcomeDeferred, start, "Throttling"
	} else {
		r.Attempts = append(r.Attempts, ledger.Attempt{Number: int32(len(r.Attempts) + 1), ClientToken: "token-" + r.ID, SendTime: start})
	}
	return r
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
