package renewal

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	// leaseTTL is how long the claims of a worker that is gone keep others
	// away; leaseRenew is how often it is put off.
	leaseTTL   = 30 * time.Second
	leaseRenew = 10 * time.Second
	// lookForWork is how often the ledger is read for what another process, or
	// an earlier one, left.
	lookForWork = 5 * time.Second
	// ofOneJob and ofAll bound what is on its way to be paid at a time, and
	// mostHeld that and what only waits for its new expiry to show, so that
	// memory does not grow with a job: the cloud takes some ten seconds, in which
	// others can be paid. A job of one is always carried.
	ofOneJob = 1000
	ofAll    = 4000
	mostHeld = 20_000
)

// work looks for renewals to carry until the engine closes.
func (e *Engine) work() {
	var s *shift
	defer func() { s.end() }()
	for {
		s = e.turn(s)
		if err := e.await(e.ctx, e.kicked, lookForWork); err != nil {
			return
		}
	}
}

// turn claims what there is, and begins or ends a shift as needed. What fails
// is tried again in the next turn.
func (e *Engine) turn(s *shift) *shift {
	jobs, err := e.ledger.WorkingRenewalJobs(e.ctx)
	if err == nil && len(jobs) == 0 && s.idle() {
		s.end()
		return nil
	}
	if err == nil && s != nil && time.Since(s.renewed) > leaseRenew {
		if _, err = e.ledger.RenewLease(e.ctx, s.lease, leaseTTL, nil); err == nil {
			s.renewed = time.Now()
		}
		if errors.Is(err, ecs.ErrLeaseLost) {
			// What was claimed under it is another's.
			s.end()
			s, err = nil, nil
		}
	}
	if err == nil && s == nil {
		s, err = e.newShift()
	}
	for i := 0; err == nil && i < len(jobs); i++ {
		err = s.claim(jobs[i])
	}
	if err != nil && e.ctx.Err() == nil && !e.waits {
		e.config.Logger.Error("renewals wait for the ledger", "error", err.Error())
	}
	e.waits = err != nil
	return s
}

// shift is the life of one lease of this process, under which it claims and
// carries renewals.
type shift struct {
	*Engine
	lease   ecs.Lease
	renewed time.Time

	ctx     context.Context
	cancel  context.CancelFunc
	carried sync.WaitGroup
	writer  writer

	verifier verifier

	mu   sync.Mutex
	jobs map[string]load
	sum  load
}

// load counts renewals that are carried, and those of them that are not paid
// yet.
type load struct{ held, unpaid int }

func (e *Engine) newShift() (*shift, error) {
	lease, err := e.ledger.AcquireLease(e.ctx, "renewals/"+e.holder, e.holder, leaseTTL)
	if err != nil {
		return nil, err
	}
	s := &shift{Engine: e, lease: lease, renewed: time.Now(), jobs: map[string]load{}}
	s.ctx, s.cancel = context.WithCancel(e.ctx)
	s.writer = newWriter(e.ledger, lease)
	s.carried.Go(s.verify)
	return s, nil
}

// end ends a shift, where there is one: renewals stay where their rows say,
// and the lease, and with it their claims, is free at once.
func (s *shift) end() {
	if s == nil {
		return
	}
	s.cancel()
	s.carried.Wait()
	s.writer.close()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), time.Second)
	defer cancel()
	if err := s.ledger.ReleaseLease(ctx, s.lease); err != nil {
		s.config.Logger.Warn("the lease of the renewals ends by itself", "error", err.Error())
	}
}

func (s *shift) idle() bool {
	if s == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sum.held == 0
}

// claim claims renewals of the job, as many as there is room for, and carries
// each.
func (s *shift) claim(job ledger.Job) error {
	wish := decodeSpec(job.Terms)
	s.mu.Lock()
	carried := s.jobs[job.ID]
	room := min(ofOneJob-carried.unpaid, ofAll-s.sum.unpaid, mostHeld-s.sum.held)
	s.mu.Unlock()
	if wish.Single {
		room = 1 - carried.held
	}
	if room <= 0 {
		return nil
	}
	claimed, err := s.ledger.ClaimRenewals(s.ctx, s.lease, ledger.Claim{JobID: job.ID, InFlight: true, Limit: room})
	if err == nil {
		var planned []ledger.Renewal
		planned, err = s.ledger.ClaimRenewals(s.ctx, s.lease, ledger.Claim{JobID: job.ID, Limit: room - len(claimed)})
		claimed = append(claimed, planned...)
	}
	if len(claimed) == 0 {
		return err
	}
	s.count(job.ID, len(claimed), len(claimed))
	for _, r := range claimed {
		s.carried.Go(func() {
			now := time.Now()
			(&carrier{shift: s, spec: wish, job: job.ID, r: r, began: now, stood: now}).carry()
		})
	}
	return err
}

// count changes what is carried of a job, and returns what is now.
func (s *shift) count(jobID string, held, unpaid int) load {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.jobs[jobID]
	now.held += held
	now.unpaid += unpaid
	s.jobs[jobID] = now
	s.sum.held += held
	s.sum.unpaid += unpaid
	if now.held == 0 {
		delete(s.jobs, jobID)
	}
	return now
}

// isPaid makes room for another renewal: this one is paid, or not carried any
// more.
func (c *carrier) isPaid() {
	if c.counted {
		return
	}
	c.counted = true
	if left := c.count(c.job, 0, -1); left.unpaid == 0 || left.unpaid == ofOneJob/2 {
		c.kick()
	}
}

// done counts a renewal that is carried no more.
func (s *shift) done(jobID string) {
	if left := s.count(jobID, -1, 0); left.held == 0 {
		s.kick()
	}
}
