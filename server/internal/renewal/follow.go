package renewal

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// followers are woken when their job changes in this process.
type followers struct {
	mu   sync.Mutex
	wake map[string]map[chan struct{}]bool
	// left is set where nobody may follow any more.
	left atomic.Bool
}

// Drain ends every Follow, to be taken up at another server. Renewals go on.
func (e *Engine) Drain() {
	e.followers.left.Store(true)
	e.followers.mu.Lock()
	defer e.followers.mu.Unlock()
	for _, all := range e.followers.wake {
		for wake := range all {
			poke(wake)
		}
	}
}

func (f *followers) add(jobID string) (wake chan struct{}, leave func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.wake == nil {
		f.wake = map[string]map[chan struct{}]bool{}
	}
	if f.wake[jobID] == nil {
		f.wake[jobID] = map[chan struct{}]bool{}
	}
	wake = make(chan struct{}, 1)
	f.wake[jobID][wake] = true
	return wake, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.wake[jobID], wake)
		if len(f.wake[jobID]) == 0 {
			delete(f.wake, jobID)
		}
	}
}

// changed wakes those who follow the job.
func (f *followers) changed(jobID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for wake := range f.wake[jobID] {
		poke(wake)
	}
}

// poke wakes who waits on a channel of one place, or will.
func poke(wake chan<- struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

const (
	// lookAgain is how often a follower reads the ledger unasked, because
	// another process may be at work on the job.
	lookAgain = time.Second
	// followPage bounds what a follower reads at a time.
	followPage = 100
)

// Place is how far a follower of a job has read.
type Place struct {
	// Revision and RenewalID are those of the last renewal that was told of.
	Revision  int64
	RenewalID string
}

// Progress is what a follower is told: the job, and the renewals that changed
// since the place before.
type Progress struct {
	Job      Job
	Renewals []ledger.Renewal
	Place    Place
}

// Follow tells what became of a job since a place, each renewal at its latest
// state, until the job has ended or tell fails.
func (e *Engine) Follow(ctx context.Context, jobID string, from Place, tell func(Progress) error) error {
	wake, leave := e.followers.add(jobID)
	defer leave()
	told := int64(-1)
	for {
		// The job is read first: what was written before it ended is read after.
		job, err := e.Job(ctx, jobID)
		if err != nil {
			return err
		}
		for {
			some, err := e.ledger.RenewalsOfJob(ctx, jobID, from.Revision, from.RenewalID, followPage)
			if err != nil {
				return err
			}
			if len(some) > 0 {
				last := some[len(some)-1]
				from = Place{Revision: last.Revision, RenewalID: last.ID}
			}
			if len(some) > 0 || job.Revision != told {
				if err := tell(Progress{Job: job, Renewals: some, Place: from}); err != nil {
					return err
				}
				told = job.Revision
			}
			if len(some) < followPage {
				break
			}
		}
		if job.State.Ended() {
			return nil
		}
		if e.followers.left.Load() {
			leave := ecs.Errorf(ecs.ReasonServerDraining, "the server is stopping; the job goes on: watch it from the last resume_token")
			leave.Retry = ecs.RetryBackoff
			return leave
		}
		if err := e.await(ctx, wake, lookAgain); err != nil {
			return err
		}
	}
}

// await waits to be woken, or for a while. Its error is that of ctx, or says
// that the engine closes.
func (e *Engine) await(ctx context.Context, wake <-chan struct{}, most time.Duration) error {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-e.ctx.Done():
		return draining("", "")
	case <-wake:
	case <-timer.C:
	}
	return nil
}
