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

type storedJobs interface {
	RenewalJob(ctx context.Context, jobID string) (ledger.Job, error)
}

// readJob reads a job.
func readJob(ctx context.Context, from storedJobs, jobID string) (Job, error) {
	stored, err := from.RenewalJob(ctx, jobID)
	if errors.Is(err, ecs.ErrNoRecord) {
		return Job{}, ecs.Errorf(ecs.ReasonJobNotFound, "there is no renewal job %q", jobID)
	}
	if err != nil {
		return Job{}, err
	}
	return withTerms(stored), nil
}

// Cancel ends every renewal of a job that provably has no effect in flight: the
// planned ones, and those that the cloud has deferred. Renewals that may have
// been paid are settled. A second cancel changes nothing.
func (e *Engine) Cancel(ctx context.Context, jobID, caller, note string) (Job, error) {
	job, err := readJob(ctx, e.jobs, jobID)
	if err != nil {
		return Job{}, err
	}
	if job.State.Final() && job.CancelTime.IsZero() {
		return Job{}, finished(job)
	}
	why := ledger.Failure{Reason: ecs.ReasonJobCancelled, Message: "cancelled by " + payment.Named(caller)}
	ended, err := e.requests.CancelRenewalJob(ctx, jobID, ledger.Cancellation{By: caller, Note: note, Why: why, Time: time.Now().UTC()})
	if errors.Is(err, ledger.ErrJobEnded) { // just now
		return Job{}, finished(job)
	}
	if err != nil {
		return Job{}, err
	}
	e.config.Observer.Count(ledger.Count{State: ledger.Skipped, Reason: why.Reason, Count: ended})
	e.feeds.Changed(jobID)
	e.runner.Wake()
	return readJob(ctx, e.jobs, jobID)
}

// finished reports a job that can no longer be cancelled.
func finished(job Job) *ecs.Error {
	over := ecs.Errorf(ecs.ReasonJobFinished, "the job is %s: there is nothing left to cancel", job.State)
	over.Facts = map[string]string{"state": string(job.State)}
	return over
}
