package payment

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// leaseTTL is how long the claims of a process that is gone keep others away.
	leaseTTL = 30 * time.Second
	// lookEvery is the interval of the reads for the renewals of another process.
	lookEvery = 5 * time.Second
)

// Cloud is the part of the cloud that payments need.
type Cloud interface {
	// Instances returns one result per ID, in request order.
	Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance]
	RenewalPrice(ctx context.Context, regionID, instanceID string, p ecs.Period) (ecs.Quote, error)
	// RenewGrant waits for the right to send one paid call to the region.
	RenewGrant(ctx context.Context, regionID string) (Grant, error)
}

// Grant is the right to send one paid call without a wait. It expires after a
// few seconds.
type Grant interface {
	// Send pays by exactly one request. The Effect of its error reports whether
	// money may have moved.
	Send(ctx context.Context, order ecs.RenewOrder) (orderID string, err error)
	// Release returns the grant if it was not used.
	Release()
}

// Ledger is the part of the store that payments need. Everything it has
// returned from is on disk.
type Ledger interface {
	lease.Store
	Claims
	Freezes
	Transitions
	Audits
}

// Claims gives open renewals to one runner at a time.
type Claims interface {
	OpenRenewalRegions(ctx context.Context) ([]string, error)
	ClaimRenewals(ctx context.Context, worker ecs.Lease, c ledger.Claim) ([]ledger.Renewal, error)
	// ReleaseRenewals ends the claims of a worker on renewals of a job.
	ReleaseRenewals(ctx context.Context, worker ecs.Lease, jobID string) error
	RenewalJob(ctx context.Context, jobID string) (ledger.Job, error)
}

// Runner carries renewals to their end. It is safe for concurrent use.
type Runner struct {
	cloud       Cloud
	leases      lease.Store
	claims      Claims
	freezes     Freezes
	transitions Transitions
	audits      Audits
	config      Config

	// ctx ends when the runner closes. No work lives in the context of a caller.
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}
	// wake has a value if there may be something to claim.
	wake chan struct{}

	started sync.Once

	// mu guards all below. It is held neither across I/O nor with another mutex.
	mu sync.Mutex
	// unserved are the regions that were logged as not served.
	unserved map[string]bool
	// singles are jobs of one that callers wait for and that are not claimed yet.
	singles map[string]bool
	// callers are the contexts of those callers, by job, for the counts and traces
	// of their calls.
	callers map[string]context.Context
}

// New returns a Runner. It works from Start until Close.
func New(cloud Cloud, l Ledger, config Config) *Runner {
	ctx, cancel := context.WithCancel(context.Background())
	return &Runner{
		cloud: cloud, leases: l, claims: l, freezes: l, transitions: l, audits: l, config: config.withDefaults(),
		ctx: ctx, cancel: cancel, done: make(chan struct{}), wake: make(chan struct{}, 1),
		unserved: map[string]bool{}, singles: map[string]bool{}, callers: map[string]context.Context{},
	}
}

// Start checks that the ledger can be read and starts the runner, which resumes
// all open work of earlier processes.
func (r *Runner) Start(ctx context.Context) error {
	if _, err := r.claims.OpenRenewalRegions(ctx); err != nil {
		return err
	}
	r.started.Do(func() {
		var work sync.WaitGroup
		work.Go(func() { rescue.Loop(r.ctx, r.config.Logger, "payments", func(context.Context) { r.run() }) })
		work.Go(func() {
			rescue.Loop(r.ctx, r.config.Logger, "audit of the ledger", func(context.Context) { r.runAudits() })
		})
		go func() {
			work.Wait()
			close(r.done)
		}()
	})
	return nil
}

// Close stops the runner. A paid call in flight is waited for; everything else
// stays as the ledger has it.
func (r *Runner) Close() {
	r.cancel()
	r.started.Do(func() { close(r.done) }) // it never started
	<-r.done
}

// Wake has the runner look for work soon.
func (r *Runner) Wake() { notify(r.wake) }

// Follow makes the runner start a job of one at once. Its calls to the cloud are
// counted and traced under ctx until leave is called.
func (r *Runner) Follow(ctx context.Context, jobID string) (leave func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.singles[jobID] = true
	r.callers[jobID] = ctx
	r.Wake()
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.callers, jobID)
		delete(r.singles, jobID)
	}
}

// takeSingles returns the jobs of one to claim.
func (r *Runner) takeSingles() map[string]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := maps.Clone(r.singles)
	clear(r.singles)
	return taken
}

// base returns the context under which a renewal is paid: the values of its
// caller if one waits for it, and the life of ctx.
func (r *Runner) base(ctx context.Context, jobID, caller string) (context.Context, context.CancelFunc) {
	r.mu.Lock()
	asked := r.callers[jobID]
	r.mu.Unlock()
	values := call.With(ctx, &call.Call{Caller: caller})
	if asked != nil {
		values = context.WithoutCancel(asked)
	}
	based, cancel := context.WithCancel(call.InLane(values, call.Write))
	stop := context.AfterFunc(ctx, cancel)
	return based, func() { stop(); cancel() }
}

// run works in sessions: one while there is something open, under one lease.
func (r *Runner) run() {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	failing := false
	for {
		regions, err := r.openRegions()
		if err == nil && len(regions) > 0 {
			err = lease.Run(r.ctx, r.leases, lease.Config{
				Name: "renewals/" + r.config.Holder, Holder: r.config.Holder, TTL: leaseTTL, Logger: r.config.Logger,
			}, func(ctx context.Context, held *lease.Held) error {
				return r.session(ctx, held)
			})
		}
		if r.ctx.Err() != nil {
			return
		}
		if err != nil && !failing {
			r.config.Logger.Error("claim renewals failed, retrying", "error", err.Error())
		}
		failing = err != nil
		select {
		case <-r.ctx.Done():
			return
		case <-r.wake:
		case <-ticker.C:
		}
	}
}

// openRegions returns the regions that have open renewals and are served.
func (r *Runner) openRegions() ([]string, error) {
	ctx, cancel := context.WithTimeout(r.ctx, storeTimeout)
	defer cancel()
	open, err := r.claims.OpenRenewalRegions(ctx)
	if err != nil || len(r.config.Regions) == 0 {
		return open, err
	}
	return slices.DeleteFunc(open, func(id string) bool {
		if slices.Contains(r.config.Regions, id) {
			return false
		}
		r.mu.Lock()
		logged := r.unserved[id]
		r.unserved[id] = true
		r.mu.Unlock()
		if !logged {
			r.config.Logger.Warn("renewals wait for a server of their region", "region", id, "resolve", "add the region to --regions, or cancel their jobs")
		}
		return true
	}), nil
}

// session is the work under one lease: a scheduler per region.
type session struct {
	runner *Runner
	ctx    context.Context
	// fail ends the session, with the reason as the cause of ctx.
	fail context.CancelCauseFunc
	// ending begins the end of the session after a step that panicked.
	ending sync.Once
	held   *lease.Held
	writer *writer
	fronts fronts

	tasks sync.WaitGroup
	// terms are those of the active jobs.
	terms *lru.Cache[string, ledger.Terms]

	// mu guards all below. It is held neither across I/O nor with another mutex.
	mu      sync.Mutex
	regions map[string]*region
	// unreadable are jobs that cannot be read or decoded, with the time until
	// which they are left alone.
	unreadable map[string]time.Time
}

// session works until nothing is open or ctx ends.
func (r *Runner) session(ctx context.Context, held *lease.Held) error {
	terms, err := lru.New[string, ledger.Terms](maxTerms)
	if err != nil {
		panic(err) // a size below 1
	}
	s := &session{
		runner: r, ctx: ctx, held: held, writer: newWriter(r.transitions, held.Lease, r.config.Logger),
		regions: map[string]*region{}, terms: terms, unreadable: map[string]time.Time{},
	}
	defer s.writer.close()
	defer s.tasks.Wait()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	s.ctx, s.fail = ctx, fail
	s.fronts.changed = s.wakeAll
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		s.claimSingles()
		open, err := r.openRegions()
		if err != nil {
			if ctx.Err() == nil {
				r.config.Logger.Error("read open renewals failed, retrying", "error", err.Error())
			}
		} else if len(open) == 0 && s.idle() {
			return nil
		}
		for _, id := range open {
			s.region(id).look()
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-r.wake:
		case <-ticker.C:
		}
	}
}

// errPanicked ends a session with a state that a panic may have spoiled.
var errPanicked = errors.New("a step of the payments panicked")

// spawn runs work of the session in a goroutine. If it panics the session ends,
// and the next one continues from the ledger as after a crash.
func (s *session) spawn(work func()) {
	s.tasks.Go(func() {
		if !rescue.Once(s.runner.config.Logger, "payments", work) {
			s.fail(errPanicked)
		}
	})
}

// step runs one step of a task. If it panics the task rests and delays no other:
// its renewal stays as the ledger has it until the session ends, a minute later.
func (s *session) step(t *task, do func()) {
	if !rescue.Once(s.runner.config.Logger, "renewal "+t.r.ID, do) {
		t.step = Rest
		t.front.leave()
		s.ending.Do(func() { time.AfterFunc(restAfterPanic, func() { s.fail(errPanicked) }) })
	}
}

// restAfterPanic is how long a renewal rests after a step that panicked.
const restAfterPanic = time.Minute

// idle reports whether no region holds a renewal.
func (s *session) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, region := range s.regions {
		if region.held.Load() > 0 {
			return false
		}
	}
	return true
}

// region returns the scheduler of a region, which it starts if needed.
func (s *session) region(id string) *region {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.regions[id] == nil {
		s.regions[id] = newRegion(s, id)
		s.spawn(s.regions[id].run)
	}
	return s.regions[id]
}

// wakeAll has every region look whether it may start something.
func (s *session) wakeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, region := range s.regions {
		notify(region.wake)
	}
}

// claimSingles claims the renewals that callers wait for, ahead of all others.
func (s *session) claimSingles() {
	for jobID := range s.runner.takeSingles() {
		for _, inFlight := range []bool{false, true} {
			claimed, err := s.claim(ledger.Claim{JobID: jobID, InFlight: inFlight, Limit: 1})
			if err != nil && s.ctx.Err() == nil {
				s.runner.config.Logger.Error("claim a renewal failed, left to its region", "job", jobID, "error", err.Error())
			}
			for _, t := range claimed {
				s.region(t.r.RegionID).admit([]*task{t}, nil)
			}
			if len(claimed) > 0 {
				break
			}
		}
	}
}

// claim claims renewals and returns a task for each with a readable job.
func (s *session) claim(c ledger.Claim) ([]*task, error) {
	ctx, cancel := context.WithTimeout(s.ctx, storeTimeout)
	defer cancel()
	now := time.Now()
	c.ExceptJobs = slices.Clone(c.ExceptJobs)
	s.mu.Lock()
	for jobID, until := range s.unreadable {
		if until.After(now) {
			c.ExceptJobs = append(c.ExceptJobs, jobID)
		}
	}
	s.mu.Unlock()
	claimed, err := s.runner.claims.ClaimRenewals(ctx, s.held.Lease(), c)
	if errors.Is(err, ecs.ErrLeaseLost) {
		s.held.Lost()
	}
	if err != nil {
		return nil, err
	}
	var tasks []*task
	left := map[string]bool{}
	for _, r := range claimed {
		if terms, readable := s.termsOf(r.JobID); readable {
			tasks = append(tasks, &task{r: r, terms: terms, since: now})
		} else {
			left[r.JobID] = true
		}
	}
	for jobID := range left {
		// It retries, because nothing else ends the claims while the lease lives.
		for s.release(jobID) != nil && sleep.For(s.ctx, time.Second) == nil {
		}
	}
	return tasks, nil
}

// termsOf returns the terms of a job, which do not change. It fails closed: a
// job that cannot be read or decoded is left alone for a while, and to other
// processes, of which one may be of a version that can read it.
func (s *session) termsOf(jobID string) (terms ledger.Terms, readable bool) {
	s.mu.Lock()
	until, logged := s.unreadable[jobID]
	s.mu.Unlock()
	if terms, known := s.terms.Get(jobID); known {
		return terms, true
	}
	if until.After(time.Now()) {
		return terms, false
	}
	job, err := s.job(jobID)
	for try := 1; err != nil && try < readTries && sleep.For(s.ctx, time.Second) == nil; try++ {
		job, err = s.job(jobID)
	}
	if err == nil {
		terms, err = ledger.DecodeTerms(job.Terms)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		if !logged && s.ctx.Err() == nil {
			s.runner.config.Logger.Error("renewal job not readable, left alone", "job", jobID, "error", err.Error())
		}
		s.unreadable[jobID] = time.Now().Add(unreadableFor)
		return terms, false
	}
	delete(s.unreadable, jobID)
	s.terms.Add(jobID, terms)
	return terms, true
}

func (s *session) release(jobID string) error {
	ctx, cancel := context.WithTimeout(s.ctx, storeTimeout)
	defer cancel()
	return s.runner.claims.ReleaseRenewals(ctx, s.held.Lease(), jobID)
}

func (s *session) job(jobID string) (ledger.Job, error) {
	ctx, cancel := context.WithTimeout(s.ctx, storeTimeout)
	defer cancel()
	return s.runner.claims.RenewalJob(ctx, jobID)
}

const (
	// maxTerms bounds the cache of terms, which are read again if needed.
	maxTerms = 1000
	// readTries bounds the reads of a job before it is left alone, for
	// unreadableFor.
	readTries     = 3
	unreadableFor = time.Minute
)

// notify puts a value into a channel of one slot, if it has none.
func notify(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
