package store_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// nextStates are the transitions of a worker.
var nextStates = map[ledger.State][]ledger.State{
	ledger.Planned:    {ledger.Submitting, ledger.Skipped},
	ledger.Submitting: {ledger.Submitting, ledger.Verifying, ledger.Unknown, ledger.Failed},
	ledger.Unknown:    {ledger.Submitting, ledger.Verifying, ledger.NeedsAttention},
	ledger.Verifying:  {ledger.Renewed, ledger.Unverified},
}

// Whatever workers, persons and steals of leases do to jobs, in any order: what
// is reserved and spent is the sum over the renewals and never passes the
// budget, an instance is live once, and only a claimed renewal is moved.
func TestJobsInAnyInterleaving(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		fewerChecks(t)
		run := 0
		rapid.Check(t, func(rt *rapid.T) {
			run++
			w := newJobsWorld(rt, t, s, run)
			rt.Repeat(map[string]func(*rapid.T){
				"claim":   w.claim,
				"advance": w.advance,
				"steal":   w.steal,
				"skip":    w.skip,
			})
		})
	})
}

// jobsWorld is two jobs that want the same instances, and two workers.
type jobsWorld struct {
	t       *testing.T
	s       *store.Store
	jobs    []string
	budgets map[string]ecs.Money
	workers []ecs.Lease
	// known is what was last read or written of each renewal, and claims by
	// which lease it was last claimed.
	known  map[string]ledger.Renewal
	claims map[string]ecs.Lease
}

func newJobsWorld(rt *rapid.T, t *testing.T, s *store.Store, run int) *jobsWorld {
	w := &jobsWorld{t: t, s: s, budgets: map[string]ecs.Money{}, known: map[string]ledger.Renewal{}, claims: map[string]ecs.Lease{}}
	// What an earlier run left unfinished goes to one who keeps it.
	if _, err := claim(t.Context(), s, acquire(t, s, fmt.Sprint("earlier/", run), "p"), 1000); err != nil {
		rt.Fatal(err)
	}
	for n := range 2 {
		id := fmt.Sprintf("%d-%d", run, n)
		var renewals []ledger.Renewal
		for i := range 4 {
			renewals = append(renewals, planned(id, fmt.Sprintf("i-%d-%d", run, i), ecs.Money{}))
		}
		budget := yuan(rapid.Int64Range(0, 6).Draw(rt, "budget"), rapid.Int32Range(0, 2).Draw(rt, "nanos"))
		if err := s.CreateRenewalJob(t.Context(), job(id, budget), renewals); err != nil {
			rt.Fatal(err)
		}
		w.jobs, w.budgets[id] = append(w.jobs, id), budget
		for _, r := range renewals {
			w.known[r.ID] = r
		}
	}
	for n := range 2 {
		w.workers = append(w.workers, acquire(t, s, fmt.Sprint("worker/", n), fmt.Sprint("p", n)))
	}
	return w
}

func drawMoney(rt *rapid.T) ecs.Money {
	return yuan(rapid.Int64Range(0, 3).Draw(rt, "price"), rapid.Int32Range(0, 2).Draw(rt, "nanos"))
}

func (w *jobsWorld) drawWorker(rt *rapid.T) int {
	return rapid.IntRange(0, len(w.workers)-1).Draw(rt, "worker")
}

func (w *jobsWorld) claim(rt *rapid.T) {
	worker := w.workers[w.drawWorker(rt)]
	got, err := claim(w.t.Context(), w.s, worker, rapid.IntRange(1, 5).Draw(rt, "limit"))
	if err != nil {
		rt.Fatal(err)
	}
	for _, r := range got {
		if holder := w.claims[r.ID]; holder.Name != "" && holder.Epoch == w.epoch(holder) {
			rt.Fatalf("%s claimed %s, which %s holds", worker.Name, r.ID, holder.Name)
		}
		w.known[r.ID], w.claims[r.ID] = r, worker
	}
}

// epoch is the lease's of today.
func (w *jobsWorld) epoch(lease ecs.Lease) int64 {
	for _, worker := range w.workers {
		if worker.Name == lease.Name {
			return worker.Epoch
		}
	}
	return 0
}

// advance moves some renewals of a job by any lease, also one that was lost.
func (w *jobsWorld) advance(rt *rapid.T) {
	worker := w.workers[w.drawWorker(rt)]
	if rapid.IntRange(0, 3).Draw(rt, "old") == 0 {
		worker.Epoch--
	}
	id := rapid.SampledFrom(w.jobs).Draw(rt, "job")
	var moves []ledger.Transition
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 3), 1, 4, rapid.ID).Draw(rt, "renewals") {
		r := w.known[fmt.Sprintf("%s/i-%s-%d", id, id[:len(id)-2], n)]
		next := nextStates[r.State]
		if len(next) == 0 {
			continue
		}
		m := to(r, rapid.SampledFrom(next).Draw(rt, "to"))
		if m.From == ledger.Planned {
			m.Renewal.Price = drawMoney(rt)
		}
		moves = append(moves, m)
	}
	if len(moves) == 0 {
		return
	}
	results, err := w.s.AdvanceRenewals(w.t.Context(), worker, id, moves)
	if err != nil {
		rt.Fatal(err)
	}
	for i, m := range moves {
		switch holder := w.claims[m.Renewal.ID]; {
		case results[i] == nil && (holder.Name != worker.Name || holder.Epoch != worker.Epoch):
			rt.Fatalf("%s of epoch %d moved what %s of epoch %d holds", worker.Name, worker.Epoch, holder.Name, holder.Epoch)
		case results[i] == nil:
			w.known[m.Renewal.ID] = m.Renewal
		case errors.Is(results[i], ecs.ErrStateMoved), errors.Is(results[i], ecs.ErrNoRecord):
			rt.Fatalf("%s, which nobody else moved: %v", m.Renewal.ID, results[i])
		}
	}
	w.check(rt)
}

// steal gives a worker's lease a new epoch, which frees what it had claimed.
func (w *jobsWorld) steal(rt *rapid.T) {
	n := w.drawWorker(rt)
	lease, err := w.s.AcquireLease(w.t.Context(), w.workers[n].Name, w.workers[n].Holder, 3600e9)
	if err != nil {
		rt.Fatal(err)
	}
	w.workers[n] = lease
}

func (w *jobsWorld) skip(rt *rapid.T) {
	if rapid.IntRange(0, 9).Draw(rt, "seldom") > 0 {
		return
	}
	id := rapid.SampledFrom(w.jobs).Draw(rt, "job")
	if _, err := w.s.CancelRenewalJob(w.t.Context(), id, "team-b", ledger.Failure{Reason: "CANCELLED"}, start); err != nil && !errors.Is(err, ledger.ErrJobEnded) {
		rt.Fatal(err)
	}
	for renewalID, r := range w.known {
		if r.JobID == id && ledger.Cancels(r) {
			r.State = ledger.Skipped
			w.known[renewalID] = r
		}
	}
	w.check(rt)
}

func (w *jobsWorld) check(rt *rapid.T) {
	live := map[string]string{}
	for _, id := range w.jobs {
		j, err := w.s.RenewalJob(w.t.Context(), id)
		if err != nil {
			rt.Fatal(err)
		}
		all, err := w.s.RenewalsOfJob(w.t.Context(), id, 0, "", 100)
		if err != nil || len(all) != 4 {
			rt.Fatalf("job %s has %d renewals, %v", id, len(all), err)
		}
		reserved, spent := yuan(0, 0), yuan(0, 0)
		for _, r := range all {
			if r.State != w.known[r.ID].State {
				rt.Fatalf("%s is %s, want %s", r.ID, r.State, w.known[r.ID].State)
			}
			switch {
			case r.State.Reserves():
				reserved, err = reserved.Plus(r.Price)
			case r.State.Paid():
				spent, err = spent.Plus(r.Price)
			}
			if err != nil {
				rt.Fatal(err)
			}
			if r.State == ledger.Submitting || r.State == ledger.Unknown || r.State == ledger.Verifying {
				if other := live[r.InstanceID]; other != "" {
					rt.Fatalf("%s and %s of one instance are live", other, r.ID)
				}
				live[r.InstanceID] = r.ID
			}
		}
		if j.Reserved != reserved || j.Spent != spent {
			rt.Fatalf("job %s has reserved %s and spent %s, its renewals %s and %s", id, j.Reserved, j.Spent, reserved, spent)
		}
		total, err := j.Reserved.Add(j.Spent)
		if err != nil {
			rt.Fatal(err)
		}
		if over, err := total.Cmp(w.budgets[id]); err != nil || over > 0 {
			rt.Fatalf("job %s has committed %s of %s, %v", id, total, w.budgets[id], err)
		}
	}
}
