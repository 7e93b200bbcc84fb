package renewal

import (
	"context"
	"errors"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Job is a renewal job with the terms of its request.
type Job struct {
	ledger.Job
	// Period is the period that each renewal buys.
	Period ecs.Period
	// OnlyBefore skips instances that expire at this time or later, zero for none.
	OnlyBefore time.Time
	// Window is the requested window of expiry, zero if IDs were named.
	Window ecs.Window
}

// Ended reports whether the job is over.
func (j Job) Ended() bool { return j.State.Ended() }

// Job reads a job.
func (e *Engine) Job(ctx context.Context, jobID string) (Job, error) {
	stored, err := e.ledger.RenewalJob(ctx, jobID)
	if errors.Is(err, ecs.ErrNoRecord) {
		return Job{}, ecs.Errorf(ecs.ReasonJobNotFound, "there is no renewal job %q", jobID)
	}
	if err != nil {
		return Job{}, err
	}
	return withTerms(stored), nil
}

func withTerms(stored ledger.Job) Job {
	wish := decodeSpec(stored.Terms)
	return Job{Job: stored, Period: wish.Period, OnlyBefore: wish.OnlyBefore, Window: wish.Window}
}

// Jobs lists jobs, the newest first, after a position.
func (e *Engine) Jobs(ctx context.Context, f ledger.JobFilter, after ledger.Cursor, limit int) ([]Job, error) {
	stored, err := e.ledger.ListRenewalJobs(ctx, f, after, limit)
	if err != nil {
		return nil, err
	}
	jobs := make([]Job, len(stored))
	for i, j := range stored {
		jobs[i] = withTerms(j)
	}
	return jobs, nil
}

// Renewals lists renewals, the newest first, from after a place on.
func (e *Engine) Renewals(ctx context.Context, f ledger.Filter, after ledger.Cursor, limit int) ([]ledger.Renewal, error) {
	return e.ledger.ListRenewals(ctx, f, after, limit)
}

// Cancel cancels a job: what is planned, and what has provably no order in
// flight, is skipped; what may have been paid is carried to its end. A second
// cancel changes nothing.
func (e *Engine) Cancel(ctx context.Context, jobID, caller string) (Job, error) {
	why := ledger.Failure{Reason: ecs.ReasonCancelled, Message: "cancelled by " + named(caller)}
	ended, err := e.ledger.CancelRenewalJob(ctx, jobID, caller, why, time.Now().UTC())
	if err != nil && !errors.Is(err, ecs.ErrNoRecord) && !errors.Is(err, ledger.ErrJobEnded) {
		return Job{}, err
	}
	job, readErr := e.Job(ctx, jobID)
	if readErr != nil {
		return Job{}, readErr
	}
	if errors.Is(err, ledger.ErrJobEnded) && job.State != ledger.JobCancelled {
		over := ecs.Errorf(ecs.ReasonJobFinished, "the job is %s: there is nothing left to cancel", job.State)
		over.Facts = map[string]string{"state": string(job.State)}
		return Job{}, over
	}
	e.config.Observer.ended(ledger.Count{State: ledger.Skipped, Reason: why.Reason, Count: ended})
	e.followers.changed(jobID)
	e.kick()
	return job, nil
}

// named is a caller as messages name them.
func named(caller string) string {
	if caller == "" {
		return "a caller without a name"
	}
	return caller
}
