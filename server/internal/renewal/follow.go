package renewal

import (
	"context"
	"errors"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/follow"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// stepSize is the maximum number of renewals of one step.
const stepSize = 100

// Jobs are the jobs that are followed.
type Jobs interface {
	storedJobs
	RenewalsOfJob(ctx context.Context, jobID string, revision int64, renewalID string, limit int) ([]ledger.Renewal, error)
}

// Position is how far a follower of a job has read.
type Position struct {
	// Revision and RenewalID are those of the last renewal of the step.
	Revision  int64
	RenewalID string
}

// Progress is the job, and the renewals that changed since the position before.
type Progress struct {
	Job      Job
	Renewals []ledger.Renewal
}

// Step is the progress of a job, shared by all its followers.
type Step = follow.Step[Position, Progress]

// Follow calls send with each step of a job after a position, each renewal in its
// latest state, until the job has ended or send fails. Followers of one job
// share its reads.
func (e *Engine) Follow(ctx context.Context, jobID string, from Position, send func(*Step) error) error {
	err := e.feeds.Follow(ctx, jobID, from, send)
	switch {
	case errors.Is(err, follow.ErrClosed):
		return draining("", "")
	case errors.Is(err, follow.ErrDrained):
		return drained()
	}
	return err
}

// Drain ends every Follow, to be resumed at another server. Renewals continue.
func (e *Engine) Drain() { e.feeds.Drain() }

func drained() error {
	leave := ecs.Errorf(ecs.ReasonServerDraining, "the server is stopping; the job continues: watch it from the last resume_token")
	leave.Retry = ecs.RetryBackoff
	return leave
}

// readStep reads the renewals of a job that changed after a position.
func (e *Engine) readStep(ctx context.Context, jobID string, at Position) (*Step, error) {
	job, err := readJob(ctx, e.jobs, jobID)
	if err != nil {
		return nil, err
	}
	some, err := e.jobs.RenewalsOfJob(ctx, jobID, at.Revision, at.RenewalID, stepSize)
	if err != nil {
		return nil, err
	}
	if len(some) > 0 {
		last := some[len(some)-1]
		at = Position{Revision: last.Revision, RenewalID: last.ID}
	}
	return &Step{
		Value: Progress{Job: job, Renewals: some}, Next: at, Revision: job.Revision,
		Changed: len(some) > 0, More: len(some) == stepSize, Ended: job.State.Ended(),
	}, nil
}

// await waits for a wake-up, or for some time. It returns the error of ctx, or that
// the engine is closing.
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
