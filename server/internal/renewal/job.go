package renewal

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Job is a renewal job with how far its renewals are.
type Job struct {
	ledger.Job
	// Period is what each renewal buys.
	Period ecs.Period
	// OnlyBefore leaves out what expires at this time or later, zero for nothing.
	OnlyBefore time.Time
	// Window is the window of expiry that was asked for, zero where ids were.
	Window ecs.Window
	Counts []ledger.Count
}

// Ended reports whether the job is over.
func (j Job) Ended() bool { return ended(j.State) }

func ended(s ledger.JobState) bool {
	return s != ledger.JobPending && s != ledger.JobRunning
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
	return e.counted(ctx, stored)
}

// counted adds to a job how far its renewals are.
func (e *Engine) counted(ctx context.Context, stored ledger.Job) (Job, error) {
	tallies, err := e.ledger.RenewalTallies(ctx, stored.ID)
	wish := decodeSpec(stored.Terms)
	return Job{Job: stored, Period: wish.Period, OnlyBefore: wish.OnlyBefore, Window: wish.Window, Counts: tallies}, err
}

// Jobs lists jobs, the newest first, from after a place on.
func (e *Engine) Jobs(ctx context.Context, f ledger.JobFilter, after ledger.Cursor, limit int) ([]Job, error) {
	stored, err := e.ledger.ListRenewalJobs(ctx, f, after, limit)
	if err != nil {
		return nil, err
	}
	jobs := make([]Job, len(stored))
	for i, j := range stored {
		if jobs[i], err = e.counted(ctx, j); err != nil {
			return nil, err
		}
	}
	return jobs, nil
}

// Renewals lists renewals, the newest first, from after a place on.
func (e *Engine) Renewals(ctx context.Context, f ledger.Filter, after ledger.Cursor, limit int) ([]ledger.Renewal, error) {
	return e.ledger.ListRenewals(ctx, f, after, limit)
}

// Cancel ends what is planned in a job; what was sent is carried to its end.
// Cancelling again changes nothing more.
func (e *Engine) Cancel(ctx context.Context, jobID, caller string) (Job, error) {
	job, err := e.Job(ctx, jobID)
	if err != nil {
		return Job{}, err
	}
	if job.Ended() && job.State != ledger.JobCancelled {
		over := ecs.Errorf(ecs.ReasonJobFinished, "the job is %s: there is nothing left to cancel", job.State)
		over.Facts = map[string]string{"state": string(job.State)}
		return Job{}, over
	}
	why := ledger.Failure{Reason: ecs.ReasonCancelled, Message: "cancelled by " + named(caller)}
	skipped, err := e.ledger.SkipPlanned(ctx, jobID, why, time.Now().UTC())
	if err != nil {
		return Job{}, err
	}
	e.config.Observer.ended(ledger.Count{State: ledger.Skipped, Reason: why.Reason, Count: skipped})
	if err := e.finish(ctx, jobID); err != nil {
		return Job{}, err
	}
	e.followers.changed(jobID)
	e.kick()
	return e.Job(ctx, jobID)
}

// named is a caller as messages name him.
func named(caller string) string {
	if caller == "" {
		return "a caller without a name"
	}
	return caller
}

// finish writes the state that the renewals of a job give it, where it is
// another than it has.
func (e *Engine) finish(ctx context.Context, jobID string) error {
	job, err := e.ledger.RenewalJob(ctx, jobID)
	if err != nil {
		return err
	}
	tallies, err := e.ledger.RenewalTallies(ctx, jobID)
	if err != nil {
		return err
	}
	state := jobState(tallies)
	if state == job.State {
		return nil
	}
	err = e.ledger.MoveRenewalJob(ctx, jobID, job.State, state, time.Now().UTC())
	if errors.Is(err, ecs.ErrStateMoved) {
		err = nil // another did it, or looks again
	}
	e.followers.changed(jobID)
	return err
}

// noNeed are the reasons to skip a renewal that leave nothing to wish for.
var noNeed = []ecs.Reason{ecs.ReasonAlreadyRenewed, ecs.ReasonOutsideWindow}

// jobState is the state of a job whose renewals stand so.
func jobState(tallies []ledger.Count) ledger.JobState {
	var paid, missed, cancelled bool
	for _, t := range tallies {
		switch {
		case slices.Contains(open, t.State):
			return ledger.JobRunning
		case t.State == ledger.Renewed || t.State == ledger.Unverified:
			paid = true
		case t.State == ledger.Skipped && t.Reason == ecs.ReasonCancelled:
			cancelled = true
		case t.State == ledger.Skipped && slices.Contains(noNeed, t.Reason):
		default:
			missed = true
		}
	}
	switch {
	case cancelled:
		return ledger.JobCancelled
	case missed && paid:
		return ledger.JobPartial
	case missed:
		return ledger.JobFailed
	}
	return ledger.JobSucceeded
}
