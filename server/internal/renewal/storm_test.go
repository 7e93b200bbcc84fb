package renewal_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/billing"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/ledger/ledgertest"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

var (
	stormHistories = flag.Int("storm.histories", 10_000, "how many histories TestStorm runs")
	stormFirst     = flag.Uint64("storm.first", 1, "the first seed; 0 draws one. A fixed default makes a failure that of the change")
	stormSeed      = flag.Uint64("storm.seed", 0, "run this one history of TestStorm and log it")
)

// TestStorm runs histories in virtual time, each drawn from one seed: up to three
// replicas over one ledger, overlapping jobs and single renewals with budgets and
// limits, cancels, operators, people in the console at any moment, late prices,
// late expiries, stale reads, throttling, lost and late deliveries, and processes that die. After each the
// bill and the ledger must agree, charge by charge. A failure prints the seed; run it again with
//
//	go test ./server/internal/renewal -run TestStorm -storm.seed=SEED
func TestStorm(t *testing.T) {
	if *stormSeed != 0 {
		for _, fault := range runStorm(t, *stormSeed) {
			t.Error(fault)
		}
		return
	}
	first := *stormFirst
	if first == 0 {
		first = rand.Uint64() | 1
	}
	histories := *stormHistories
	if raceDetector {
		histories = min(histories, 100)
	}
	if testing.Short() {
		histories = min(histories, 500)
	}
	var next, failed atomic.Int64
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for n := next.Add(1); n <= int64(histories) && failed.Load() < 5; n = next.Add(1) {
				seed := first + uint64(n)
				if faults := runStorm(t, seed); len(faults) > 0 {
					failed.Add(1)
					t.Errorf("-storm.seed=%d: %s", seed, faults[0])
				}
			}
		})
	}
	workers.Wait()
	t.Logf("%d histories from seed %d", histories, first)
}

// storm is one history.
type storm struct {
	chance
	t      *testing.T
	cloud  *stormCloud
	ledger stormLedger
	began  time.Time

	mu      sync.Mutex
	doubts  doubts
	jobs    []renewal.JobRequest
	singles []renewal.Request
	cancels map[string]time.Time
	plans   map[string]renewal.Plan
	faults  []string
}

// stormLedger is the ledger of all processes.
type stormLedger interface {
	renewal.Ledger
	billing.Ledger
}

// runStorm runs one history and returns the faults that the checker found. Options
// change it before it begins.
func runStorm(t *testing.T, seed uint64, options ...func(*storm)) (faults []string) {
	synctest.Test(t, func(t *testing.T) {
		c := chance(seed)
		s := &storm{
			chance: c, t: t, cloud: newStormCloud(c, 3+c.n(6, "instances")), began: time.Now(),
			cancels: map[string]time.Time{}, plans: map[string]renewal.Plan{},
		}
		s.ledger = ledgertest.New()
		for _, change := range options {
			change(s)
		}
		s.draw()
		s.run()
		faults = append(s.faults, s.check()...)
		if *stormSeed != 0 {
			s.print()
		}
	})
	return faults
}

// draw draws the requests of the history.
func (s *storm) draw() {
	for i := range 1 + s.n(3, "jobs") {
		q := renewal.JobRequest{
			RequestID: fmt.Sprint("job-", i), Fingerprint: fmt.Sprint("v1:job-", i), Caller: fmt.Sprint("team-", s.n(2, "caller", i)),
			Regions: []string{"cn-hangzhou", "cn-beijing"}, Period: oneMonth, FromNow: true, IncludeExpired: true,
			Query: ecs.Query{Expiry: ecs.Window{After: s.began, Before: s.began.Add(time.Duration(2+s.n(9, "window", i)) * 24 * time.Hour)}},
		}
		if s.percent(40, "budget", i) {
			q.Budget = ecs.Money{CurrencyCode: "CNY", Units: int64(stormBase * (1 + s.n(5, "budget of", i)))}
		}
		s.jobs = append(s.jobs, q)
	}
	for i := range s.n(4, "singles") {
		id := s.cloud.ids[s.n(len(s.cloud.ids), "single", i)]
		q := renewal.Request{
			RequestID: fmt.Sprint("single-", i), Fingerprint: fmt.Sprint("v1:single-", i), Caller: "team-0",
			RegionID: s.cloud.regions[id], InstanceID: id, Period: oneMonth,
		}
		if s.percent(50, "limit", i) {
			q.MaxPrice = ecs.Money{CurrencyCode: "CNY", Units: stormBase + int64(20*s.n(2, "limit of", i))}
		}
		s.singles = append(s.singles, q)
	}
}

// process is one replica that may die: from then on its writes are dropped, and
// its reads return nothing reliable.
type process struct {
	stormLedger
	doubts *doubts
	dead   atomic.Bool
}

var errDead = errors.New("the process is dead")

func (p *process) AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, ts []ledger.Transition) ([]error, error) {
	if p.dead.Load() {
		return nil, errDead
	}
	results, err := p.stormLedger.AdvanceRenewals(ctx, worker, jobID, ts)
	if p.doubts != nil {
		p.doubts.note(ts, results)
	}
	if p.dead.Load() {
		return nil, errDead
	}
	return results, err
}

func (p *process) ReleaseLease(ctx context.Context, lease ecs.Lease) error {
	if p.dead.Load() {
		return errDead
	}
	return p.stormLedger.ReleaseLease(ctx, lease)
}

func (p *process) RenewLease(ctx context.Context, lease ecs.Lease, ttl time.Duration, note []byte) (ecs.Lease, error) {
	if p.dead.Load() {
		return ecs.Lease{}, errDead
	}
	return p.stormLedger.RenewLease(ctx, lease, ttl, note)
}

func (p *process) ClaimRenewals(ctx context.Context, worker ecs.Lease, c ledger.Claim) ([]ledger.Renewal, error) {
	if p.dead.Load() {
		return nil, errDead
	}
	return p.stormLedger.ClaimRenewals(ctx, worker, c)
}

func (p *process) CreateRenewalJob(ctx context.Context, j ledger.Job, renewals []ledger.Renewal) error {
	if p.dead.Load() {
		return errDead
	}
	return p.stormLedger.CreateRenewalJob(ctx, j, renewals)
}

// run runs the history to its end.
func (s *storm) run() {
	var all sync.WaitGroup
	for i := range 1 + s.n(3, "replicas") {
		all.Go(func() { s.replica(i) })
	}
	for i := range s.n(4, "people") {
		all.Go(func() {
			time.Sleep(s.between(0, 5*time.Minute, "console", i))
			s.cloud.console(s.cloud.ids[s.n(len(s.cloud.ids), "console of", i)], int32(1+s.n(2, "console months", i)))
		})
	}
	all.Wait()
	// The last replica lives to the end, in the calm.
	e, end := s.engine(&process{stormLedger: s.ledger})
	defer end()
	for range 60 {
		time.Sleep(time.Minute)
		if time.Now().After(s.cloud.calm) && s.open() == 0 {
			break
		}
	}
	s.operator(e)
	for range 60 {
		time.Sleep(time.Minute)
		if s.open() == 0 {
			break
		}
	}
	if n := s.open(); n > 0 {
		s.fault("%d renewals are open two hours after the last fault", n)
	}
}

func (s *storm) engine(p *process) (e *renewal.Engine, end func()) {
	p.doubts = &s.doubts
	config := renewal.Config{Logger: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(context.Background())
	var reads sync.WaitGroup
	if s.cloud.billing != noBilling {
		bills := billing.New(s.cloud, p, billing.Config{
			Holder: uuid.NewString(), Logger: config.Logger,
			Settle: func(ctx context.Context, renewalID string, paid payment.Decided) error {
				_, err := e.Resolve(ctx, renewalID, paid)
				return err
			},
		})
		config.Bills = bills
		defer func() { reads.Go(func() { bills.Run(ctx) }) }()
	}
	e = renewal.New(s.cloud, p, config)
	if err := e.Resume(context.Background()); err != nil {
		s.fault("resume: %v", err)
	}
	return e, func() {
		e.Close()
		cancel()
		reads.Wait()
	}
}

// replica lives, dies and starts again, and callers use it meanwhile.
func (s *storm) replica(n int) {
	for life := range 1 + s.n(3, "lives", n) {
		p := &process{stormLedger: s.ledger}
		e, end := s.engine(p)
		ctx, cancel := context.WithTimeout(context.Background(), s.between(time.Second, 4*time.Minute, "life", n, life))
		var callers sync.WaitGroup
		for i, q := range s.jobs {
			callers.Go(func() { s.callJob(ctx, e, q, n, life, i) })
		}
		for i, q := range s.singles {
			callers.Go(func() {
				for try := 0; ctx.Err() == nil; try++ {
					if !s.pause(ctx, s.between(0, 80*time.Second, "single", n, life, i, try)) {
						return
					}
					once, done := context.WithTimeout(ctx, 60*time.Second)
					_, _ = e.Renew(once, q)
					done()
				}
			})
		}
		<-ctx.Done()
		if s.percent(60, "kill", n, life) {
			p.dead.Store(true)
		}
		end()
		cancel()
		callers.Wait()
	}
}

func (s *storm) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// callJob creates a job, some callers again and again, and may cancel it.
func (s *storm) callJob(ctx context.Context, e *renewal.Engine, q renewal.JobRequest, n, life, i int) {
	if !s.pause(ctx, s.between(0, 2*time.Minute, "create", n, life, i)) {
		return
	}
	job, err := e.Create(ctx, q)
	if err != nil || !s.percent(20, "cancel", i) {
		return
	}
	if !s.pause(ctx, s.between(0, time.Minute, "cancel", n, life, i)) {
		return
	}
	if _, err := e.Cancel(ctx, job.ID, "ops", "OPS-7"); err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.cancels[job.ID].IsZero() {
			s.cancels[job.ID] = time.Now()
		}
	}
}

// operator decides about everything that needs attention.
func (s *storm) operator(e *renewal.Engine) {
	for _, r := range s.all() {
		if r.State != ledger.NeedsAttention {
			continue
		}
		decision := payment.MarkNotPaid
		if s.cloud.paid(r) {
			decision = payment.MarkPaid
		} else if s.percent(50, "try again", r.InstanceID, r.RequestID) {
			decision = payment.TryAgain
		}
		_, err := e.Resolve(context.Background(), r.ID, payment.Decided{Resolution: decision, By: "ops"})
		if err != nil && !ecs.HasReason(err, ecs.ReasonRenewalInProgress) {
			s.fault("resolve %s: %v", r.ID, err)
		}
	}
}

func (s *storm) all() []ledger.Renewal {
	all, err := s.ledger.ListRenewals(context.Background(), ledger.Filter{}, ledger.Cursor{}, 10_000)
	if err != nil {
		s.fault("list: %v", err)
	}
	return all
}

// open counts the renewals that a runner must still work on.
func (s *storm) open() (n int) {
	for _, r := range s.all() {
		if r.State.Open() {
			n++
		}
	}
	return n
}

func (s *storm) fault(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

// print logs the bill and the ledger of a history.
func (s *storm) print() {
	since := func(at time.Time) string { return fmt.Sprint(at.Sub(s.began).Round(time.Millisecond)) }
	for _, c := range s.cloud.bill {
		s.t.Logf("bill: %s %s %s %s -> %s at %s, visible %s, token %q", c.orderID, c.instanceID, c.price,
			c.before.Format(time.DateOnly), c.after.Format(time.DateOnly), since(c.at), since(s.cloud.visible(c)), c.token)
	}
	for _, r := range s.all() {
		s.t.Logf("renewal: %s %s %s %s (%s), expiry %s, expected %s, planned %s, paid %s, updated %s", r.ID, r.RequestID, r.InstanceID, r.State, r.Failure.Reason,
			r.ExpireBefore.Format(time.DateOnly), r.ExpireExpected.Format(time.DateOnly), since(r.PlanTime), since(r.PaidTime), since(r.UpdateTime))
		for _, a := range r.Attempts {
			s.t.Logf("   attempt %d %q sent %s finished %s %s", a.Number, a.ClientToken, since(a.SendTime), since(a.FinishTime), a.Outcome)
		}
	}
}
