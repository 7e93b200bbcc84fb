package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/store"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

// limited returns limits of one amount per year for team-a.
func limited(limit ecs.Money) ledger.Caps {
	return func(caller string) ([]ledger.Cap, error) {
		if caller != "team-a" {
			return nil, nil
		}
		return []ledger.Cap{{Limit: limit, Per: ecs.PerYear}}, nil
	}
}

// spends wants the sums of the one limit of team-a.
func spends(t *testing.T, s *store.Store, when string, reserved, spent ecs.Money) {
	t.Helper()
	sp, err := s.Spending(t.Context(), "team-a")
	if err != nil || len(sp.Caps) != 1 {
		t.Fatalf("%s: %d limits, %v", when, len(sp.Caps), err)
	}
	a := sp.Account(sp.Caps[0], sp.At)
	a.Reserved.CurrencyCode, a.Spent.CurrencyCode = a.Currency, a.Currency // also of an amount of 0
	if a.Reserved != reserved || a.Spent != spent {
		t.Errorf("%s: reserved %s and spent %s, want %s and %s", when, a.Reserved, a.Spent, reserved, spent)
	}
}

// payer is a job of team-a with renewals that a worker has claimed.
type payer struct {
	t      *testing.T
	s      *store.Store
	worker ecs.Lease
	all    map[string]ledger.Renewal
}

func newPayer(t *testing.T, s *store.Store, jobID string, price ecs.Money, instances ...string) *payer {
	t.Helper()
	p := &payer{t: t, s: s, all: map[string]ledger.Renewal{}}
	var err error
	if p.worker, err = s.AcquireLease(t.Context(), "worker/"+jobID, "p", time.Hour); err != nil {
		t.Fatal(err)
	}
	var renewals []ledger.Renewal
	for _, id := range instances {
		renewals = append(renewals, planned(jobID, id, price))
	}
	if err := s.CreateRenewalJob(t.Context(), job(jobID, ecs.Money{}), renewals); err != nil {
		t.Fatal(err)
	}
	claimed, err := s.ClaimRenewals(t.Context(), p.worker, ledger.Claim{JobID: jobID, Limit: 1000})
	if err != nil || len(claimed) != len(instances) {
		t.Fatalf("claimed %d, %v", len(claimed), err)
	}
	for _, r := range claimed {
		p.all[r.InstanceID] = r
	}
	return p
}

// move writes the renewal of an instance in a state, and returns the ledger's refusal.
func (p *payer) move(ctx context.Context, instanceID string, state ledger.State) error {
	r := p.all[instanceID]
	worker := p.worker
	if !r.State.Open() {
		worker = ecs.Lease{}
	}
	m := to(r, state)
	results, err := p.s.AdvanceRenewals(ctx, worker, r.JobID, []ledger.Transition{m})
	if err == nil {
		err = results[0]
	}
	if err == nil {
		p.all[instanceID] = m.Renewal
	}
	return err
}

func (p *payer) moves(instanceID string, states ...ledger.State) {
	p.t.Helper()
	for _, state := range states {
		if err := p.move(p.t.Context(), instanceID, state); err != nil {
			p.t.Fatalf("%s to %s: %v", instanceID, state, err)
		}
	}
}

// Money is reserved with the intent, stays reserved while the outcome is not known,
// and is spent or released with the outcome.
func TestSpending_FollowsTheOutcome(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		s.LimitSpending(limited(yuan(100, 0)))
		p := newPayer(t, s, "j", yuan(40, 1), "i-1", "i-2", "i-3")
		spends(t, s, "planned", yuan(0, 0), yuan(0, 0))
		p.moves("i-1", ledger.Submitting)
		spends(t, s, "sent", yuan(40, 1), yuan(0, 0))
		p.moves("i-2", ledger.Submitting, ledger.Unknown, ledger.NeedsAttention)
		spends(t, s, "in doubt", yuan(80, 2), yuan(0, 0))
		var over *ledger.CapError
		if err := p.move(t.Context(), "i-3", ledger.Submitting); !errors.As(err, &over) {
			t.Fatalf("a third renewal of 40.000000001 within 100: %v, want a CapError", err)
		}
		if over.Left != (yuan(19, 999_999_998)) || over.Reserved != yuan(80, 2) {
			t.Errorf("the refusal has reserved %s and left %s", over.Reserved, over.Left)
		}
		p.moves("i-1", ledger.Verifying, ledger.Renewed)
		spends(t, s, "paid", yuan(40, 1), yuan(40, 1))
		p.moves("i-2", ledger.Failed) // by an operator
		spends(t, s, "marked not paid", yuan(0, 0), yuan(40, 1))
		p.moves("i-3", ledger.Submitting, ledger.Failed)
		spends(t, s, "refused", yuan(0, 0), yuan(40, 1))
	})
}

// A limit is exact: an order that uses it up is permitted, the smallest unit more
// is not.
func TestSpending_LastUnit(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		s.LimitSpending(limited(yuan(80, 1)))
		p := newPayer(t, s, "j", yuan(40, 0), "i-1", "i-2", "i-3")
		p.moves("i-1", ledger.Submitting)
		p.moves("i-2", ledger.Submitting)
		r := p.all["i-3"]
		for _, c := range []struct {
			price ecs.Money
			want  error
		}{{yuan(0, 2), ledger.ErrSpendCap}, {ecs.Money{}, ledger.ErrSpendCap}, {ecs.Money{CurrencyCode: "USD", Nanos: 1}, ecs.ErrCurrencyMismatch}, {yuan(0, 1), nil}} {
			r.Price = c.price
			p.all["i-3"] = r
			if err := p.move(t.Context(), "i-3", ledger.Submitting); !errors.Is(err, c.want) {
				t.Errorf("an order of %s with 1 billionth left: %v, want %v", c.price, err, c.want)
			}
		}
		spends(t, s, "at the limit", yuan(80, 1), yuan(0, 0))
	})
}

// A limit counts what the caller spent in its period before the limit was set, and
// while it was not set.
func TestSpending_LimitIsSetLater(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		p := newPayer(t, s, "j", yuan(40, 0), "i-1", "i-2", "i-3")
		p.moves("i-1", ledger.Submitting, ledger.Verifying)
		s.LimitSpending(limited(yuan(500, 0)))
		p.moves("i-2", ledger.Submitting)
		s.LimitSpending(nil)
		m := submitted("q-1", "i-9")
		written(t, s, m, "", nil)
		launchIs(t, s, "l-1", "", ecs.RequestOpen, yuan(50, 0), nil)
		launchIs(t, s, "l-1", ecs.RequestOpen, ecs.RequestDone, ecs.Money{}, nil)
		p.moves("i-2", ledger.Verifying)
		s.LimitSpending(limited(yuan(240, 0)))
		spends(t, s, "set again", m.Price, yuan(130, 0))
		if err := p.move(t.Context(), "i-3", ledger.Submitting); !errors.Is(err, ledger.ErrSpendCap) {
			t.Errorf("40 more of 240, with 233.5 used: %v", err)
		}
	})
}

// launchIs writes the record of a launch in a state.
func launchIs(t *testing.T, s *store.Store, id string, from, state ecs.RequestState, price ecs.Money, want error) {
	t.Helper()
	r := ecs.RequestRecord{RequestID: id, Action: "RunInstances", Caller: "team-a", RegionID: "cn-hangzhou", State: state, Wanted: 2, Sends: state == ecs.RequestOpen}
	if !price.IsZero() {
		r.Price = &price
	}
	var err error
	if from == "" {
		err = s.CreateRequest(t.Context(), r)
	} else {
		if state == ecs.RequestFailed && price.IsZero() {
			r.Failure.Reason = ecs.ReasonOutOfStock
		}
		err = s.MoveRequest(t.Context(), r, from)
	}
	if !errors.Is(err, want) {
		t.Errorf("launch %s from %q to %s: %v, want %v", id, from, state, err, want)
	}
}

// Launches of subscriptions and modifications count as renewals do.
func TestSpending_LaunchesAndModifications(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		s.LimitSpending(limited(yuan(150, 0)))
		launchIs(t, s, "l-1", "", ecs.RequestOpen, yuan(50, 0), nil)
		spends(t, s, "launch sent", yuan(50, 0), yuan(0, 0))
		launchIs(t, s, "l-1", ecs.RequestOpen, ecs.RequestDeferred, ecs.Money{}, nil)
		spends(t, s, "launch deferred", yuan(0, 0), yuan(0, 0))
		launchIs(t, s, "l-1", ecs.RequestDeferred, ecs.RequestOpen, yuan(60, 0), nil)
		launchIs(t, s, "l-1", ecs.RequestOpen, ecs.RequestDone, ecs.Money{}, nil)
		spends(t, s, "launched", yuan(0, 0), yuan(60, 0))
		launchIs(t, s, "hourly", "", ecs.RequestOpen, ecs.Money{}, nil)

		m := submitted("q-1", "i-1") // 103.5
		written(t, s, m, "", ledger.ErrSpendCap)
		m.Price = yuan(90, 0)
		written(t, s, m, "", nil)
		spends(t, s, "modification sent", yuan(90, 0), yuan(60, 0))
		launchIs(t, s, "l-2", "", ecs.RequestOpen, yuan(0, 1), ledger.ErrSpendCap)
		written(t, s, in(m, ledger.ModificationUnknown), m.State, nil)
		spends(t, s, "modification unknown", yuan(90, 0), yuan(60, 0))
		written(t, s, in(m, ledger.ModificationNeedsAttention), ledger.ModificationUnknown, nil)
		spends(t, s, "modification needs attention", yuan(90, 0), yuan(60, 0))

		s.LimitSpending(limited(yuan(300, 0)))
		other := submitted("q-2", "i-2")
		written(t, s, other, "", nil)
		written(t, s, in(other, ledger.ModificationFailed), other.State, nil)
		spends(t, s, "modification refused", yuan(90, 0), yuan(60, 0))
		again := in(other, ledger.ModificationSubmitting)
		written(t, s, again, ledger.ModificationFailed, nil)
		written(t, s, in(again, ledger.ModificationVerifying), again.State, nil)
		spends(t, s, "modified", yuan(90, 0), yuan(163, 500_000_000))

		hourly := submitted("q-3", "i-3")
		hourly.Change = ledger.Change{InstanceType: "ecs.g7.xlarge"}
		written(t, s, hourly, "", nil)
		spends(t, s, "an hourly price", yuan(90, 0), yuan(163, 500_000_000))
	})
}

// A cancel releases the money of renewals that are deferred.
func TestSpending_CancelReleases(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		s.LimitSpending(limited(yuan(100, 0)))
		p := newPayer(t, s, "j", yuan(40, 0), "i-1", "i-2")
		p.moves("i-1", ledger.Submitting)
		p.moves("i-2", ledger.Submitting)
		r := p.all["i-2"]
		deferred := to(r, ledger.Submitting)
		deferred.Renewal.Attempts = ledger.CloseLast(r.Attempts, ledger.OutcomeDeferred, start.Add(time.Minute), nil, "")
		if results, err := s.AdvanceRenewals(t.Context(), p.worker, "j", []ledger.Transition{deferred}); err != nil || results[0] != nil {
			t.Fatal(results, err)
		}
		spends(t, s, "deferred", yuan(80, 0), yuan(0, 0))
		if _, err := s.CancelRenewalJob(t.Context(), "j", ledger.Cancellation{Time: start.Add(time.Hour), Why: ledger.Failure{Reason: ecs.ReasonJobCancelled}}); err != nil {
			t.Fatal(err)
		}
		spends(t, s, "cancelled", yuan(40, 0), yuan(0, 0))
	})
}

// While spending is frozen no order is permitted, and what is in flight is settled.
func TestFreeze_StopsOrders(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		p := newPayer(t, s, "j", yuan(40, 0), "i-1", "i-2", "i-3")
		p.moves("i-1", ledger.Submitting)
		p.moves("i-2", ledger.Submitting, ledger.Unknown)
		f := ledger.Freeze{Frozen: true, Reason: "drill", By: "root", Time: start}
		for range 2 { // a second freeze changes nothing
			now, err := s.SetSpendFreeze(t.Context(), f)
			if err != nil || now.By != "root" || !now.Frozen || !now.Time.Equal(start) {
				t.Fatalf("the freeze is %+v, %v", now, err)
			}
			f.By, f.Time = "another", start.Add(time.Hour)
		}
		for _, id := range []string{"i-2", "i-3"} {
			if err := p.move(t.Context(), id, ledger.Submitting); !errors.Is(err, ledger.ErrFrozen) {
				t.Errorf("%s is sent while spending is frozen: %v", id, err)
			}
		}
		written(t, s, submitted("q-1", "i-9"), "", ledger.ErrFrozen)
		launchIs(t, s, "l-1", "", ecs.RequestOpen, yuan(1, 0), ledger.ErrFrozen)
		launchIs(t, s, "hourly", "", ecs.RequestOpen, ecs.Money{}, ledger.ErrFrozen)
		if err := s.PermitSpending(t.Context(), "team-a", nil); !errors.Is(err, ledger.ErrFrozen) {
			t.Errorf("permit while frozen: %v", err)
		}
		if err := s.CreateRequest(t.Context(), ecs.RequestRecord{RequestID: "stop", Action: "StopInstances", State: ecs.RequestOpen}); err != nil {
			t.Errorf("a stop while spending is frozen: %v", err)
		}
		p.moves("i-1", ledger.Verifying, ledger.Renewed)
		p.moves("i-2", ledger.Verifying)
		if now, err := s.SetSpendFreeze(t.Context(), ledger.Freeze{Reason: "over", By: "root"}); err != nil || now.Frozen {
			t.Fatalf("unfrozen: %+v, %v", now, err)
		}
		p.moves("i-3", ledger.Submitting)
	})
}

// A freeze that has returned comes before every later intent of another replica,
// and after those whose permission it found: it waits for them.
func TestFreeze_WaitsForIntents(t *testing.T) {
	address := postgres.Database(t)
	first, second := open(t, address), open(t, address)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	frozen := make(chan struct{})
	for n := range 4 {
		s := []*store.Store{first, second}[n%2]
		var ids []string
		for i := range 200 {
			ids = append(ids, fmt.Sprintf("i-%d-%d", n, i))
		}
		p := newPayer(t, s, fmt.Sprint("j", n), yuan(1, 0), ids...)
		all.Go(func() {
			for _, id := range ids {
				var after bool
				select {
				case <-frozen:
					after = true
				default:
				}
				switch err := p.move(ctx, id, ledger.Submitting); {
				case err == nil && after:
					t.Errorf("%s was permitted after the freeze had returned", id)
					return
				case errors.Is(err, ledger.ErrFrozen):
					return
				case err != nil:
					t.Error(err)
					return
				}
			}
		})
	}
	if _, err := first.SetSpendFreeze(ctx, ledger.Freeze{Frozen: true, Reason: "drill", By: "root", Time: start}); err != nil {
		t.Error(err)
	}
	close(frozen)
	all.Wait()
}

// Jobs of one caller at several replicas share its limit: concurrent intents do not
// pass it, and use all of it.
func TestSpending_ConcurrentJobs(t *testing.T) {
	address := postgres.Database(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	var mu sync.Mutex
	permitted := 0
	var last *store.Store
	for n := range 4 {
		s := open(t, address)
		s.LimitSpending(limited(yuan(61, 999_999_999)))
		last = s
		var ids []string
		for i := range 20 {
			ids = append(ids, fmt.Sprintf("i-%d-%d", n, i))
		}
		p := newPayer(t, s, fmt.Sprint("j", n), yuan(2, 0), ids...)
		all.Go(func() {
			for _, id := range ids {
				err := p.move(ctx, id, ledger.Submitting)
				if err != nil && !errors.Is(err, ledger.ErrSpendCap) {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					permitted++
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	if permitted != 30 {
		t.Errorf("%d orders of 2 were permitted within 61.999999999, want 30", permitted)
	}
	spends(t, last, "after the jobs", yuan(60, 0), yuan(0, 0))
}
