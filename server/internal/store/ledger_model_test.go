package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/ledger/ledgertest"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// Ledger is the common part of the store and the ledger in memory.
type Ledger interface {
	CreateRenewalJob(ctx context.Context, j ledger.Job, renewals []ledger.Renewal) error
	RenewalJob(ctx context.Context, jobID string) (ledger.Job, error)
	RenewalJobByRequest(ctx context.Context, requestID string) (ledger.Job, error)
	ListRenewalJobs(ctx context.Context, f ledger.JobFilter, after ledger.Cursor, limit int) ([]ledger.Job, error)
	CancelRenewalJob(ctx context.Context, jobID string, c ledger.Cancellation) (ended int64, err error)
	AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, ts []ledger.Transition) ([]error, error)
	ClaimRenewals(ctx context.Context, worker ecs.Lease, c ledger.Claim) ([]ledger.Renewal, error)
	ReleaseRenewals(ctx context.Context, worker ecs.Lease, jobID string) error
	OpenRenewalRegions(ctx context.Context) ([]string, error)
	PriorRenewals(ctx context.Context, regionID string, instanceIDs []string) (map[string][]ledger.Prior, error)
	Renewal(ctx context.Context, renewalID string) (ledger.Renewal, error)
	Renewals(ctx context.Context, renewalIDs []string) (map[string]ledger.Renewal, error)
	RenewalsOfJob(ctx context.Context, jobID string, revision int64, renewalID string, limit int) ([]ledger.Renewal, error)
	ListRenewals(ctx context.Context, f ledger.Filter, after ledger.Cursor, limit int) ([]ledger.Renewal, error)
	AuditRenewalJobs(ctx context.Context) ([]ledger.Discrepancy, error)
	AcquireLease(ctx context.Context, name, holder string, ttl time.Duration) (ecs.Lease, error)
	RenewLease(ctx context.Context, lease ecs.Lease, ttl time.Duration, note []byte) (ecs.Lease, error)
	ReleaseLease(ctx context.Context, lease ecs.Lease) error
	LimitSpending(caps ledger.Caps)
	PermitSpending(ctx context.Context, caller string, price *ecs.Money) error
	Spending(ctx context.Context, caller string) (ledger.Spending, error)
	SetSpendFreeze(ctx context.Context, f ledger.Freeze) (ledger.Freeze, error)
}

var (
	_ Ledger = (*store.Store)(nil)
	_ Ledger = (*ledgertest.Memory)(nil)
)

// For all actions of workers, operators, cancels and lost leases on jobs over
// the same instances, the store and the ledger in memory return the same
// results and hold the same rows. In both, an instance is live at most once, no
// budget is passed, and the sums of the jobs are those of their renewals.
func TestLedger_AgreesWithMemory(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		fewerChecks(t)
		run := 0
		rapid.Check(t, func(rt *rapid.T) {
			run++
			w := newWorld(t.Context(), rt, s, fmt.Sprintf("run%d-", run))
			rt.Repeat(map[string]func(*rapid.T){
				"create":  w.create,
				"claim":   w.claim,
				"release": w.release,
				"advance": w.advance,
				"decide":  w.decide,
				"cancel":  w.cancel,
				"lease":   w.lease,
				"freeze":  w.freeze,
				"limit":   w.limit,
				"list":    w.list,
				"":        w.check,
			})
		})
	})
}

// world is one history of both ledgers. Its names begin with its prefix, because
// the histories of a test share a database.
type world struct {
	ctx     context.Context
	prefix  string
	store   Ledger
	memory  Ledger
	clock   time.Time
	jobs    []string
	workers []ecs.Lease
	caps    []ledger.Cap
	capsErr error
}

func newWorld(ctx context.Context, rt *rapid.T, s Ledger, prefix string) *world {
	w := &world{ctx: ctx, prefix: prefix, store: s, memory: ledgertest.New(), clock: start}
	for n := range 2 {
		name := fmt.Sprint(prefix, "worker/", n)
		w.workers = append(w.workers, w.acquire(rt, name))
	}
	for _, l := range []Ledger{w.store, w.memory} {
		l.LimitSpending(func(string) ([]ledger.Cap, error) { return w.caps, w.capsErr })
	}
	if _, err := w.store.SetSpendFreeze(ctx, ledger.Freeze{}); err != nil { // that of the history before
		rt.Fatal(err)
	}
	w.limit(rt)
	w.create(rt)
	return w
}

// acquire acquires a lease in both ledgers, which then has the same epoch.
func (w *world) acquire(rt *rapid.T, name string) ecs.Lease {
	lease, err := w.store.AcquireLease(w.ctx, name, "p", time.Hour)
	if err != nil {
		rt.Fatal(err)
	}
	other, err := w.memory.AcquireLease(w.ctx, name, "p", time.Hour)
	if err != nil || other.Epoch != lease.Epoch {
		rt.Fatalf("the epochs are %d and %d, %v", lease.Epoch, other.Epoch, err)
	}
	return lease
}

// both calls both ledgers and compares the results.
func both[T any](rt *rapid.T, w *world, what string, call func(Ledger) (T, error)) (T, error) {
	rt.Helper()
	stored, storeErr := call(w.store)
	remembered, memoryErr := call(w.memory)
	if cause(storeErr) != cause(memoryErr) {
		rt.Fatalf("%s: the store returned %v, the memory %v", what, storeErr, memoryErr)
	}
	if diff := cmp.Diff(stored, remembered, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b error) bool { return cause(a) == cause(b) })); diff != "" {
		rt.Fatalf("%s (-store +memory):\n%s", what, diff)
	}
	return stored, storeErr
}

// cause is the error of the ledger that an error wraps.
func cause(err error) string {
	var conflict *ledger.ConflictError
	if errors.As(err, &conflict) {
		return fmt.Sprintf("%v %+v", conflict.Err, conflict.Prior)
	}
	if refused := ledger.SpendRefusal(err); refused != nil {
		return fmt.Sprint(refused, refused.Facts) // with the sums of the account
	}
	for _, known := range []error{
		nil, ecs.ErrNoRecord, ecs.ErrStateMoved, ecs.ErrRequestIDTaken, ecs.ErrLeaseLost, ecs.ErrLeaseHeld, ecs.ErrCurrencyMismatch,
		ledger.ErrJobCancelled, ledger.ErrJobEnded, ledger.ErrNoTransition, ledger.ErrOverBudget,
	} {
		if errors.Is(err, known) {
			return fmt.Sprint(known)
		}
	}
	return "another error"
}

// now is a time later than the one before, or the same.
func (w *world) now(rt *rapid.T) time.Time {
	w.clock = w.clock.Add(time.Duration(rapid.IntRange(0, 2).Draw(rt, "minutes")) * time.Minute)
	return w.clock
}

func (w *world) create(rt *rapid.T) {
	if len(w.jobs) >= 4 {
		return
	}
	now, id := w.now(rt), fmt.Sprint(w.prefix, "j", len(w.jobs))
	j := job(id, drawBudget(rt))
	j.CreateTime, j.UpdateTime, j.Caller = now, now, w.prefix
	if len(w.jobs) > 0 && rapid.IntRange(0, 5).Draw(rt, "same request") == 0 {
		j.RequestID = "request-" + w.jobs[0]
	}
	var renewals []ledger.Renewal
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 4), 1, 4, rapid.ID).Draw(rt, "instances") {
		r := planned(id, fmt.Sprint(w.prefix, "i", n), drawPrice(rt))
		r.RegionID, r.Caller = fmt.Sprint(w.prefix, "region", n%2), w.prefix
		r.ExpireBefore = start.Add(time.Duration(rapid.IntRange(0, 3).Draw(rt, "expiry")) * time.Hour)
		r.PlanTime, r.CreateTime, r.UpdateTime = now, now, now
		if state := rapid.SampledFrom([]ledger.State{ledger.Planned, ledger.Planned, ledger.Planned, ledger.Skipped, ledger.Failed, ledger.Verifying}).Draw(rt, "state"); state != ledger.Planned {
			r.State, r.Failure = state, ledger.Failure{Reason: drawReason(rt)}
		}
		renewals = append(renewals, r)
	}
	_, err := both(rt, w, "create", func(l Ledger) (struct{}, error) { return struct{}{}, l.CreateRenewalJob(w.ctx, j, renewals) })
	if err == nil {
		w.jobs = append(w.jobs, id)
	}
}

func drawBudget(rt *rapid.T) ecs.Money {
	if rapid.Bool().Draw(rt, "no budget") {
		return ecs.Money{}
	}
	return yuan(rapid.Int64Range(1, 6).Draw(rt, "budget"), rapid.Int32Range(0, 2).Draw(rt, "nanos"))
}

func drawPrice(rt *rapid.T) ecs.Money {
	switch rapid.IntRange(0, 9).Draw(rt, "priced") {
	case 0:
		return ecs.Money{}
	case 1:
		return ecs.Money{CurrencyCode: "USD", Units: 1}
	}
	return yuan(rapid.Int64Range(0, 3).Draw(rt, "price"), rapid.Int32Range(0, 2).Draw(rt, "nanos"))
}

func drawReason(rt *rapid.T) ecs.Reason {
	return rapid.SampledFrom([]ecs.Reason{"", ecs.ReasonAlreadyRenewed, ecs.ReasonBudgetExceeded, ecs.ReasonOutcomeUnknown}).Draw(rt, "reason")
}

// drawWorker returns a lease, rarely one that was lost.
func (w *world) drawWorker(rt *rapid.T) ecs.Lease {
	worker := rapid.SampledFrom(w.workers).Draw(rt, "worker")
	if rapid.IntRange(0, 7).Draw(rt, "old lease") == 0 {
		worker.Epoch--
	}
	return worker
}

func (w *world) claim(rt *rapid.T) {
	worker := w.drawWorker(rt)
	c := ledger.Claim{
		RegionID: fmt.Sprint(w.prefix, "region", rapid.IntRange(0, 1).Draw(rt, "region")),
		InFlight: rapid.Bool().Draw(rt, "in flight"), Limit: rapid.IntRange(0, 4).Draw(rt, "limit"),
	}
	switch rapid.IntRange(0, 3).Draw(rt, "of") {
	case 0:
		c.JobID = rapid.SampledFrom(w.allJobs()).Draw(rt, "job")
	case 1:
		c.ExceptJobs = []string{"never", rapid.SampledFrom(w.allJobs()).Draw(rt, "except")}
	}
	_, _ = both(rt, w, fmt.Sprintf("claim %+v", c), func(l Ledger) ([]ledger.Renewal, error) { return l.ClaimRenewals(w.ctx, worker, c) })
}

// release has a worker end its claims on a job.
func (w *world) release(rt *rapid.T) {
	worker, id := w.drawWorker(rt), rapid.SampledFrom(w.allJobs()).Draw(rt, "job")
	_, _ = both(rt, w, fmt.Sprintf("release %s by %q", id, worker.Name), func(l Ledger) (none struct{}, err error) {
		return none, l.ReleaseRenewals(w.ctx, worker, id)
	})
}

// allJobs are the jobs, and one that is not.
func (w *world) allJobs() []string { return append([]string{w.prefix + "never"}, w.jobs...) }

// advance has a worker write some renewals of a job.
func (w *world) advance(rt *rapid.T) { w.transitions(rt, w.drawWorker(rt)) }

// decide has an operator, or the same request again, write some renewals.
func (w *world) decide(rt *rapid.T) { w.transitions(rt, ecs.Lease{}) }

func (w *world) transitions(rt *rapid.T, worker ecs.Lease) {
	id := rapid.SampledFrom(w.allJobs()).Draw(rt, "job")
	all, err := w.memory.ListRenewals(w.ctx, ledger.Filter{Caller: w.prefix}, ledger.Cursor{}, 100)
	if err != nil {
		rt.Fatal(err)
	}
	if rapid.IntRange(0, 9).Draw(rt, "any job") > 0 {
		all = slices.DeleteFunc(all, func(r ledger.Renewal) bool { return r.JobID != id || worker.Name != "" && !r.State.Open() })
	}
	if len(all) == 0 {
		return
	}
	var ts []ledger.Transition
	for range rapid.IntRange(1, 3).Draw(rt, "transitions") {
		ts = append(ts, w.drawTransition(rt, rapid.SampledFrom(all).Draw(rt, "renewal")))
	}
	_, _ = both(rt, w, fmt.Sprintf("advance %s by %q", id, worker.Name), func(l Ledger) ([]error, error) {
		return l.AdvanceRenewals(w.ctx, worker, id, ts)
	})
}

func (w *world) drawTransition(rt *rapid.T, r ledger.Renewal) ledger.Transition {
	t := ledger.Transition{Renewal: r, From: r.State}
	next, now := &t.Renewal, w.now(rt)
	var follow []ledger.State
	for _, state := range ledger.States {
		if r.State.MayFollow(state) {
			follow = append(follow, state)
		}
	}
	if len(follow) == 0 || rapid.IntRange(0, 19).Draw(rt, "any state") == 0 {
		follow = ledger.States
	}
	next.State, next.UpdateTime = rapid.SampledFrom(follow).Draw(rt, "to"), now
	if rapid.IntRange(0, 19).Draw(rt, "outdated") == 0 {
		t.From = rapid.SampledFrom(ledger.States).Draw(rt, "from")
	}
	next.Failure = ledger.Failure{Reason: drawReason(rt), Message: "m", CloudCode: "c", CloudRequestID: "R"}
	if rapid.IntRange(0, 2).Draw(rt, "new price") == 0 {
		next.Price = drawPrice(rt)
	}
	if rapid.IntRange(0, 3).Draw(rt, "new expiry") == 0 {
		next.ExpireBefore = start.Add(time.Duration(rapid.IntRange(0, 5).Draw(rt, "expiry")) * time.Hour)
	}
	if rapid.IntRange(0, 3).Draw(rt, "expected") == 0 {
		t.Expected = start.Add(time.Duration(rapid.IntRange(0, 5).Draw(rt, "hours")) * time.Hour)
	}
	switch next.State {
	case ledger.Planned:
		next.PlanTime = now
	case ledger.Verifying:
		next.PaidTime = now
	case ledger.Unknown:
		next.ResolveTime = now
	}
	outcome := rapid.SampledFrom([]ledger.Outcome{ledger.OutcomeOpen, ledger.OutcomeDeferred, ledger.OutcomeUnknown, ledger.OutcomeAccepted}).Draw(rt, "outcome")
	next.Attempts = slices.Clone(next.Attempts)
	if n := len(next.Attempts); n > 0 {
		last := &next.Attempts[n-1]
		last.Outcome, last.FinishTime, last.OrderID = outcome, now, "order"
	}
	if next.State == ledger.Submitting && rapid.Bool().Draw(rt, "new attempt") {
		next.Attempts = append(next.Attempts, ledger.Attempt{Number: int32(len(next.Attempts) + 1), ClientToken: "t", SendTime: now})
	}
	if rapid.Bool().Draw(rt, "all attempts") {
		return t
	}
	t.Kept = ledger.NewTransition(r, t.Renewal, t.Expected).Kept
	return t
}

func (w *world) cancel(rt *rapid.T) {
	if rapid.IntRange(0, 4).Draw(rt, "seldom") > 0 {
		return
	}
	id, at := rapid.SampledFrom(w.allJobs()).Draw(rt, "job"), w.now(rt)
	_, _ = both(rt, w, "cancel", func(l Ledger) (int64, error) {
		return l.CancelRenewalJob(w.ctx, id, ledger.Cancellation{By: "team-b", Note: "n", Why: ledger.Failure{Reason: ecs.ReasonJobCancelled, Message: "m"}, Time: at})
	})
}

// lease ends a lease, or takes it again with a new epoch: its claims are free.
func (w *world) lease(rt *rapid.T) {
	n := rapid.IntRange(0, len(w.workers)-1).Draw(rt, "worker")
	if rapid.Bool().Draw(rt, "release") {
		lease := w.drawWorker(rt)
		_, _ = both(rt, w, "release", func(l Ledger) (struct{}, error) { return struct{}{}, l.ReleaseLease(w.ctx, lease) })
		return
	}
	w.workers[n] = w.acquire(rt, w.workers[n].Name)
}

// freeze freezes spending or ends the freeze.
func (w *world) freeze(rt *rapid.T) {
	f := ledger.Freeze{Frozen: rapid.IntRange(0, 3).Draw(rt, "frozen") == 0, Reason: "drill", By: "root", Time: w.now(rt)}
	_, _ = both(rt, w, "freeze", func(l Ledger) (bool, error) {
		now, err := l.SetSpendFreeze(w.ctx, f)
		return now.Frozen, err
	})
}

// limit changes the limits of the caller. Their periods do not end during a test.
func (w *world) limit(rt *rapid.T) {
	w.caps, w.capsErr = nil, nil
	switch rapid.IntRange(0, 9).Draw(rt, "limits") {
	case 0:
		w.capsErr = ledger.ErrCallerUnknown
	case 1, 2, 3:
		w.caps = append(w.caps, ledger.Cap{Limit: ecs.Money{CurrencyCode: "USD", Units: 2}, Per: ecs.PerYear})
		fallthrough
	case 4, 5, 6:
		w.caps = append(w.caps, ledger.Cap{Limit: yuan(rapid.Int64Range(0, 8).Draw(rt, "limit"), 1), Per: ecs.PerYear, MaxEach: yuan(2, 2)})
	}
}

func (w *world) list(rt *rapid.T) {
	f := ledger.Filter{Caller: w.prefix}
	f.States = rapid.SliceOfN(rapid.SampledFrom(ledger.States), 0, 4).Draw(rt, "states")
	if rapid.Bool().Draw(rt, "of an instance") {
		f.InstanceID = fmt.Sprint(w.prefix, "i", rapid.IntRange(0, 4).Draw(rt, "instance"))
	}
	if rapid.Bool().Draw(rt, "of a region") {
		f.RegionID = fmt.Sprint(w.prefix, "region", rapid.IntRange(0, 1).Draw(rt, "region"))
	}
	if rapid.Bool().Draw(rt, "of a payment") {
		f.PaidSince = time.UnixMilli(1).UTC()
	}
	limit := rapid.IntRange(1, 4).Draw(rt, "limit")
	page, _ := both(rt, w, "list", func(l Ledger) ([]ledger.Renewal, error) { return l.ListRenewals(w.ctx, f, ledger.Cursor{}, limit) })
	if len(page) == limit {
		after := f.Position(page[limit-1])
		_, _ = both(rt, w, "list on", func(l Ledger) ([]ledger.Renewal, error) { return l.ListRenewals(w.ctx, f, after, limit) })
	}
}

// check compares all rows and sums.
func (w *world) check(rt *rapid.T) {
	live := map[[2]string]string{}
	for _, id := range w.allJobs() {
		j, err := both(rt, w, "the job", func(l Ledger) (ledger.Job, error) { return l.RenewalJob(w.ctx, id) })
		all, _ := both(rt, w, "the renewals of the job", func(l Ledger) ([]ledger.Renewal, error) { return l.RenewalsOfJob(w.ctx, id, 0, "", 100) })
		if err != nil {
			continue
		}
		_, _ = both(rt, w, "the job of the request", func(l Ledger) (ledger.Job, error) { return l.RenewalJobByRequest(w.ctx, j.RequestID) })
		for _, r := range all {
			if !r.State.Live() {
				continue
			}
			if other := live[[2]string{r.RegionID, r.InstanceID}]; other != "" {
				rt.Fatalf("%s and %s of one instance are live", other, r.ID)
			}
			live[[2]string{r.RegionID, r.InstanceID}] = r.ID
		}
		if j.Budget.IsZero() {
			continue
		}
		committed, err := j.Reserved.Plus(j.Spent)
		if err != nil {
			rt.Fatal(err)
		}
		if over, err := committed.Cmp(j.Budget); err != nil || over > 0 {
			rt.Fatalf("job %s has committed %s of %s, %v", id, committed, j.Budget, err)
		}
	}
	mine := func(ids []string) []string {
		return slices.DeleteFunc(ids, func(id string) bool { return !strings.HasPrefix(id, w.prefix) })
	}
	_, _ = both(rt, w, "the open regions", func(l Ledger) ([]string, error) {
		regions, err := l.OpenRenewalRegions(w.ctx)
		return append([]string{}, mine(regions)...), err
	})
	for _, states := range [][]ledger.JobState{nil, {ledger.JobPending, ledger.JobRunning}, {ledger.JobFailed, ledger.JobRunning, ledger.JobSucceeded}} {
		_, _ = both(rt, w, "the jobs", func(l Ledger) ([]ledger.Job, error) {
			return l.ListRenewalJobs(w.ctx, ledger.JobFilter{Caller: w.prefix, States: states}, ledger.Cursor{}, 3)
		})
	}
	for n := range 2 {
		var ids []string
		for i := range 5 {
			ids = append(ids, fmt.Sprint(w.prefix, "i", i))
		}
		_, _ = both(rt, w, "the earlier renewals", func(l Ledger) (map[string][]ledger.Prior, error) {
			return l.PriorRenewals(w.ctx, fmt.Sprint(w.prefix, "region", n), ids)
		})
	}
	_, _ = both(rt, w, "the spending", func(l Ledger) (map[string][2]ecs.Money, error) {
		sums := map[string][2]ecs.Money{}
		sp, err := l.Spending(w.ctx, w.prefix)
		for _, c := range sp.Caps {
			a := sp.Account(c, sp.At)
			a.Reserved.CurrencyCode, a.Spent.CurrencyCode = a.Currency, a.Currency
			sums[a.Currency] = [2]ecs.Money{a.Reserved, a.Spent}
		}
		return sums, err
	})
	found, err := both(rt, w, "the audit", func(l Ledger) ([]ledger.Discrepancy, error) { return l.AuditRenewalJobs(w.ctx) })
	if err != nil || len(found) > 0 {
		rt.Fatalf("the audit found %v, %v", found, err)
	}
	all, _ := w.memory.ListRenewals(w.ctx, ledger.Filter{}, ledger.Cursor{}, 100)
	ids := []string{"never"}
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	read, _ := both(rt, w, "the renewals by ID", func(l Ledger) (map[string]ledger.Renewal, error) { return l.Renewals(w.ctx, ids) })
	for _, id := range slices.Sorted(maps.Keys(read))[:min(1, len(read))] {
		_, _ = both(rt, w, "a renewal", func(l Ledger) (ledger.Renewal, error) { return l.Renewal(w.ctx, id) })
	}
}
