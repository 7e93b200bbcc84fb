package renewal

import (
	"context"
	"errors"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
)

// Job is a renewal job with its terms.
type Job struct {
	ledger.Job
	Terms ledger.Terms
	// Made is the plan by which Create has just made the job, nil in all other cases.
	// It has prices only if the job has a budget.
	Made *Plan
}

// withTerms decodes the terms of a stored job. One that cannot be decoded is shown
// without them; the runner leaves it alone and logs it.
func withTerms(stored ledger.Job) Job {
	terms, _ := ledger.DecodeTerms(stored.Terms)
	return Job{Job: stored, Terms: terms}
}

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

// Selection reads the encoded selection of a job, nil if it has none.
func (e *Engine) Selection(ctx context.Context, jobID string) ([]byte, error) {
	return e.ledger.RenewalSelection(ctx, jobID)
}

// Jobs lists jobs, newest first, after a position.
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

// Renewals lists renewals, newest first, after a position.
func (e *Engine) Renewals(ctx context.Context, f ledger.Filter, after ledger.Cursor, limit int) ([]ledger.Renewal, error) {
	return e.ledger.ListRenewals(ctx, f, after, limit)
}

// Cancel ends every renewal of a job that provably has no effect in flight: the
// planned ones, and those that the cloud has deferred. Renewals that may have
// been paid are settled. A second cancel changes nothing.
func (e *Engine) Cancel(ctx context.Context, jobID, caller, note string) (Job, error) {
	job, err := e.Job(ctx, jobID)
	if err != nil {
		return Job{}, err
	}
	if job.State.Final() && job.CancelTime.IsZero() {
		return Job{}, finished(job)
	}
	why := ledger.Failure{Reason: ecs.ReasonJobCancelled, Message: "cancelled by " + payment.Named(caller)}
	ended, err := e.ledger.CancelRenewalJob(ctx, jobID, ledger.Cancellation{By: caller, Note: note, Why: why, Time: time.Now().UTC()})
	if errors.Is(err, ledger.ErrJobEnded) { // just now
		return Job{}, finished(job)
	}
	if err != nil {
		return Job{}, err
	}
	e.config.Observer.Count(ledger.Count{State: ledger.Skipped, Reason: why.Reason, Count: ended})
	e.feeds.Changed(jobID)
	e.runner.Wake()
	return e.Job(ctx, jobID)
}

// finished reports a job that can no longer be cancelled.
func finished(job Job) *ecs.Error {
	over := ecs.Errorf(ecs.ReasonJobFinished, "the job is %s: there is nothing left to cancel", job.State)
	over.Facts = map[string]string{"state": string(job.State)}
	return over
}
