package renewal_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// stored is a job of a number of renewals on disk, all claimed by one worker.
func stored(b *testing.B, s *store.Store, id string, size int) (ecs.Lease, []ledger.Renewal) {
	b.Helper()
	var all []ledger.Renewal
	for n := range size {
		all = append(all, ledger.Renewal{
			ID: fmt.Sprintf("%s-%05d", id, n), JobID: id, RegionID: region, InstanceID: fmt.Sprint(id, n), State: ledger.Planned,
			Price: ecs.Money{CurrencyCode: "CNY", Units: 100}, ClientToken: "token", CreateTime: time.Now(), UpdateTime: time.Now(),
		})
	}
	terms := ledger.Terms{Period: oneMonth}.Encode()
	if err := s.CreateRenewalJob(b.Context(), ledger.Job{ID: id, RequestID: id, Terms: terms, CreateTime: time.Now()}, all); err != nil {
		b.Fatal(err)
	}
	worker, err := s.AcquireLease(b.Context(), "worker", "p", time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	claimed, err := s.ClaimRenewals(b.Context(), worker, ledger.Claim{JobID: id, Limit: size})
	if err != nil || len(claimed) != size {
		b.Fatal(len(claimed), err)
	}
	return worker, claimed
}

// A job of 3,000 is written to its end, by batches of 200, with followers: a
// ratio to the time without any. reads/renewal is how often a renewal is read for
// all of them together.
func BenchmarkFollowers(b *testing.B) {
	const size, batch = 3000, 200
	s, err := store.Open(b.Context(), "sqlite:"+b.TempDir()+"/ecsd.db")
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	e := renewal.New(newCloud(), s, quiet)
	defer e.Close()
	n := 0
	var steps sync.Map // each step, which all followers share, to its renewals
	run := func(followers int) time.Duration {
		n++
		id := fmt.Sprint("job", n)
		worker, all := stored(b, s, id, size)
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		var running sync.WaitGroup
		began := time.Now()
		for range followers {
			running.Go(func() {
				if err := e.Follow(ctx, id, renewal.Position{}, func(step *renewal.Step) error {
					steps.Store(step, len(step.Value.Renewals))
					return nil
				}); err != nil {
					b.Error(err)
				}
			})
		}
		for _, state := range []ledger.State{ledger.Submitting, ledger.Verifying, ledger.Renewed} {
			for start := 0; start < size; start += batch {
				var ts []ledger.Transition
				for i := start; i < start+batch; i++ {
					t := ledger.Transition{Renewal: all[i], From: all[i].State}
					t.Renewal.State = state
					all[i] = t.Renewal
					ts = append(ts, t)
				}
				results, err := s.AdvanceRenewals(b.Context(), worker, id, ts)
				if err = errors.Join(append(results, err)...); err != nil {
					b.Fatal(err)
				}
				e.Changed(id)
			}
		}
		took := time.Since(began)
		running.Wait()
		return took
	}
	var alone, followed time.Duration
	for b.Loop() {
		alone += run(0)
		followed += run(20)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(alone.Seconds()/float64(b.N), "alone-s")
	b.ReportMetric(followed.Seconds()/float64(b.N), "followed-s")
	b.ReportMetric(followed.Seconds()/alone.Seconds(), "of-alone")
	read := 0
	steps.Range(func(_, renewals any) bool {
		read += renewals.(int)
		return true
	})
	b.ReportMetric(float64(read)/size/float64(b.N), "reads/renewal")
}

// The first step of a job of 10,000, and all of them.
func BenchmarkFollowFromTheBeginning(b *testing.B) {
	s, err := store.Open(b.Context(), "sqlite:"+b.TempDir()+"/ecsd.db")
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	stored(b, s, "job", 10_000)
	if _, err := s.CancelRenewalJob(b.Context(), "job", ledger.Cancellation{Why: ledger.Failure{Reason: ecs.ReasonJobCancelled}, Time: time.Now()}); err != nil {
		b.Fatal(err)
	}
	e := renewal.New(newCloud(), s, quiet)
	defer e.Close()
	var first time.Duration
	for b.Loop() {
		began, steps := time.Now(), 0
		if err := e.Follow(b.Context(), "job", renewal.Position{}, func(*renewal.Step) error {
			if steps++; steps == 1 {
				first += time.Since(began)
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(first.Microseconds())/1e3/float64(b.N), "first-ms")
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "all-ms")
}
