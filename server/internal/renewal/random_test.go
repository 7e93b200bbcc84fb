package renewal_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// TestRandomRuns has processes that die at random steps, two at a time, carry
// jobs that want the same instances under budgets, while the cloud misbehaves
// and a person renews by hand. In each run the bill and the ledger
// agree charge by charge, and no budget is ever passed.
func TestRandomRuns(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for n := range uint64(randomRuns) {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { randomRun(t, rand.New(rand.NewPCG(seed, n)), nil) })
		})
	}
}

// TestRandomRunsSeeADoubleCharge takes the token off on its way to the cloud:
// some run says so.
func TestRandomRunsSeeADoubleCharge(t *testing.T) {
	seen := false
	for n := range min(uint64(randomRuns), 20) {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				forget := func(c renewal.Cloud) renewal.Cloud { return forgetful{c} }
				seen = randomRun(t, rand.New(rand.NewPCG(7, n)), forget) || seen
			})
		})
	}
	if !seen {
		t.Error("without tokens, 20 runs have no double charge that is seen")
	}
}

// forgetful sends another token each time.
type forgetful struct{ renewal.Cloud }

func (f forgetful) Renew(ctx context.Context, o ecs.RenewOrder) (string, error) {
	o.ClientToken = uuid.NewString()
	return f.Cloud.Renew(ctx, o)
}

// randomRun is one run. With another cloud it says whether the comparison finds
// a fault, which else fails the test.
func randomRun(t *testing.T, random *rand.Rand, other func(renewal.Cloud) renewal.Cloud) (red bool) {
	records := memoryStore(t)
	defer records.Close()
	c := newCloud()
	c.lag = time.Duration(random.IntN(15_000)) * time.Millisecond
	var ids []string
	for i := range 6 {
		id := fmt.Sprint("i-r", i)
		c.instances[id] = ecs.Instance{ID: id, RegionID: region, ChargeType: ecs.ChargeSubscription, ExpireTime: time.Now().Add(240 * time.Hour).UTC()}
		ids = append(ids, id)
	}
	kinds := []fault{fine, fine, fine, lostReply, lostRequest, throttled, busy, poisoned, poisonedAfter}
	for range 30 {
		c.faults = append(c.faults, kinds[random.IntN(len(kinds))])
	}
	var cloud renewal.Cloud = c
	if other != nil {
		cloud = other(c)
	}
	guard := &guardedLedger{Ledger: records, t: t}
	jobs := []renewal.JobRequest{
		{RequestID: "job-0", RegionID: region, IDs: ids, Period: oneMonth, Budget: ecs.Money{CurrencyCode: "CNY", Units: 100 * random.Int64N(7)}},
		{RequestID: "job-1", RegionID: region, IDs: ids[random.IntN(5):], Period: oneMonth},
	}
	if jobs[0].Budget.Units == 0 {
		jobs[0].Budget = ecs.Money{}
	}
	var processes sync.WaitGroup
	for range 2 {
		dying := []int{random.IntN(25) + 1, random.IntN(25) + 1}
		keep, life := random.IntN(2) == 0, time.Duration(random.IntN(90))*time.Second
		processes.Go(func() {
			for _, steps := range dying {
				process(t, cloud, &mortalLedger{Ledger: guard, steps: steps, keep: keep}, jobs, life)
			}
		})
	}
	if random.IntN(2) == 0 {
		byHand := ids[random.IntN(len(ids))]
		after := time.Duration(random.IntN(60)) * time.Second
		processes.Go(func() {
			time.Sleep(after) // virtual
			c.mu.Lock()
			defer c.mu.Unlock()
			c.renewBy("console", byHand, oneMonth)
		})
	}
	processes.Wait()
	process(t, cloud, guard, jobs, 3*time.Hour)
	all, err := records.ListRenewals(t.Context(), ledger.Filter{}, ledger.Cursor{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	faults := disagreements(c, all)
	if other != nil {
		return len(faults) > 0
	}
	for _, f := range faults {
		t.Error(f)
	}
	return false
}

// process is an engine that lives for a while, or until the jobs are over.
func process(t *testing.T, c renewal.Cloud, records renewal.Ledger, jobs []renewal.JobRequest, life time.Duration) {
	e := renewal.New(c, records, quiet)
	defer e.Close()
	_ = e.Resume(t.Context())
	ended := time.Now().Add(life)
	for _, q := range jobs {
		_, _ = e.Create(t.Context(), q)
	}
	for time.Now().Before(ended) {
		time.Sleep(5 * time.Second) // virtual
		over := 0
		for _, q := range jobs {
			if j, err := records.RenewalJobByRequest(t.Context(), q.RequestID); err == nil && j.State != ledger.JobPending && j.State != ledger.JobRunning {
				over++
			}
		}
		if over == len(jobs) {
			return
		}
	}
}

// guardedLedger looks at the money of a job after each write.
type guardedLedger struct {
	renewal.Ledger
	t *testing.T
}

func (l *guardedLedger) AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, moves []ledger.Transition) ([]error, error) {
	results, err := l.Ledger.AdvanceRenewals(ctx, worker, jobID, moves)
	job, readErr := l.RenewalJob(ctx, jobID)
	if readErr != nil || job.Budget.IsZero() {
		return results, err
	}
	committed, addErr := job.Reserved.Add(job.Spent)
	if over, cmpErr := committed.Cmp(job.Budget); addErr != nil || cmpErr != nil || over > 0 {
		l.t.Errorf("job %s has committed %s of %s", job.RequestID, committed, job.Budget)
	}
	return results, err
}

// disagreements holds the bill against the ledger.
func disagreements(c *fakeCloud, all []ledger.Renewal) (found []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	say := func(text string, args ...any) { found = append(found, fmt.Sprintf(text, args...)) }
	orders := map[string]string{} // by token
	byHand := map[string]int{}
	for _, paid := range c.bill {
		switch {
		case paid.token == "console":
			byHand[paid.instanceID]++
		case orders[paid.token] != "":
			say("token %s was charged twice", paid.token)
		default:
			orders[paid.token] = paid.orderID
		}
	}
	for _, r := range all {
		believed := slices.Contains([]ledger.State{ledger.Renewed, ledger.Unverified}, r.State)
		charges := 0
		var order string
		tokens := map[string]bool{}
		for _, a := range r.Attempts {
			tokens[a.ClientToken] = true
		}
		for token := range tokens {
			if orders[token] != "" {
				order, charges = orders[token], charges+1
			}
			delete(orders, token)
		}
		switch {
		case charges > 1:
			say("%s was charged %d times for renewal %s", r.InstanceID, charges, r.ID)
		case charges == 1 && !believed:
			say("%s was charged for a renewal that is %s %s", r.InstanceID, r.State, r.Failure.Reason)
		case charges == 0 && believed && byHand[r.InstanceID] == 0:
			say("%s was not charged for a renewal that is %s", r.InstanceID, r.State)
		case r.OrderID != "" && r.OrderID != order:
			say("%s has order %s, the bill %s", r.InstanceID, r.OrderID, order)
		case !believed && r.State != ledger.Skipped:
			say("%s ended %s %s", r.InstanceID, r.State, r.Failure.Reason)
		}
	}
	for token, order := range orders {
		say("order %s of token %s is nobody's", order, token)
	}
	return found
}
