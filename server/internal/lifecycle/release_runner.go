package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// releaseLease is the lease of the one process that works on release jobs.
	releaseLease = "release-jobs"
	// maxOpenJobs is the maximum number of release jobs in work; others wait.
	maxOpenJobs = 100
	// maxReleasing is the maximum number of instances of all release jobs in work;
	// others wait.
	maxReleasing = 64
	// jobPoll is how often jobs of other processes are looked for, jobPollAlone if
	// there are no others.
	jobPoll      = 2 * time.Second
	jobPollAlone = time.Minute
	// The pause before an instance is tried again doubles from the first to the
	// last.
	firstPause = 5 * time.Second
	lastPause  = time.Minute
)

// wakeJobs makes the runner look for new jobs. It does not wait.
func (l *Lifecycle) wakeJobs() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// workReleaseJobs carries out the release jobs of all processes while this one
// holds the lease, until the lifecycle closes.
func (l *Lifecycle) workReleaseJobs() {
	_ = lease.Run(l.ctx, l.leases, lease.Config{ // the error is that of ctx
		Name: releaseLease, Holder: l.holder, Logger: l.config.Logger,
	}, func(ctx context.Context, held *lease.Held) error {
		r := &releaseRunner{lifecycle: l, held: held, working: map[string]bool{}, slots: make(chan struct{}, maxReleasing)}
		defer r.jobs.Wait()
		return r.run(ctx)
	})
}

// releaseRunner works on release jobs under a lease.
type releaseRunner struct {
	lifecycle *Lifecycle
	held      *lease.Held
	slots     chan struct{}
	jobs      sync.WaitGroup

	mu      sync.Mutex
	working map[string]bool // by job ID
}

func (r *releaseRunner) run(ctx context.Context) error {
	pause := jobPollAlone
	if r.lifecycle.leases.Shared() {
		pause = jobPoll
	}
	for {
		open, err := r.lifecycle.jobs.OpenReleaseJobs(ctx, maxOpenJobs)
		if err != nil && ctx.Err() == nil {
			r.lifecycle.config.Logger.Warn("read release jobs failed, retrying", "error", err)
		}
		for _, job := range open {
			if r.begin(job.ID) {
				r.jobs.Go(func() {
					defer r.end(job.ID)
					rescue.Once(r.lifecycle.config.Logger, "release job", func() { r.workJob(ctx, job) })
				})
			}
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-r.lifecycle.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// begin reports whether the job is not worked on yet, and marks it.
func (r *releaseRunner) begin(jobID string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.working[jobID] {
		return false
	}
	r.working[jobID] = true
	return true
}

func (r *releaseRunner) end(jobID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.working, jobID)
}

// workJob carries every instance of a job to its end, or until ctx ends. A job
// that cannot be decoded is left as it is.
func (r *releaseRunner) workJob(ctx context.Context, stored ecs.ReleaseJob) {
	logger := r.lifecycle.config.Logger.With("job_id", stored.ID, "request_id", stored.RequestID)
	job, err := viewOfJob(stored)
	if err != nil {
		logger.Error("release job not readable, leaving it", "error", err)
		<-ctx.Done()
		return
	}
	items, err := r.lifecycle.jobs.ReleaseItems(ctx, job.ID, 0, "", maxReleaseItems)
	if err != nil {
		if ctx.Err() == nil {
			logger.Warn("read release job failed, retrying", "error", err)
			_ = sleep.For(ctx, firstPause)
			r.lifecycle.wakeJobs()
		}
		return
	}
	var work sync.WaitGroup
	for _, stored := range items {
		if stored.State.Final() {
			continue
		}
		select {
		case <-ctx.Done():
		case r.slots <- struct{}{}:
			work.Go(func() {
				defer func() { <-r.slots }()
				rescue.Once(logger, "release of "+stored.InstanceID, func() {
					if err := r.workItem(inJob(ctx, job), job, stored); err != nil && ctx.Err() == nil {
						logger.Error("instance of a release job not readable, leaving it", "instance_id", stored.InstanceID, "error", err)
						<-ctx.Done()
					}
				})
			})
		}
	}
	work.Wait()
	if ctx.Err() != nil {
		return
	}
	if ended, err := r.lifecycle.jobs.ReleaseJob(ctx, job.ID); err == nil {
		logger.Info("release job ended", "state", ended.State, "released", ended.Counts[ecs.ReleaseReleased],
			"skipped", ended.Counts[ecs.ReleaseSkipped], "failed", ended.Counts[ecs.ReleaseFailed])
	}
}

// workItem carries one instance of a job to a final state, or until ctx ends.
func (r *releaseRunner) workItem(ctx context.Context, job ReleaseJobView, stored ecs.ReleaseItem) error {
	id := stored.InstanceID
	it, err := decodeItem(stored)
	if err != nil {
		return err
	}
	steps := &release{lifecycle: r.lifecycle, q: job.request(id), items: map[string]*item{id: it}, results: map[string]ecs.Result[Outcome]{}}
	j := &jobJournal{release: steps, held: r.held, jobID: job.ID, id: id, failure: stored.Failure}
	steps.journal = j
	var failing time.Time // since then, in one state
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		steps.until = time.Now().Add(statePatience)
		before := j.written
		err := steps.run(ctx, []string{id})
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			err = steps.results[id].Err
		}
		if err == nil {
			err = j.released(ctx)
		} else {
			if failing.IsZero() || j.written != before {
				failing = time.Now()
			}
			err = j.failed(ctx, err, time.Since(failing) >= r.lifecycle.config.ReleasePatience)
		}
		switch {
		case errors.Is(err, ecs.ErrLeaseLost):
			r.held.Lost()
			return nil
		case errors.Is(err, ecs.ErrStateMoved), err == nil && j.written.Final():
			return nil
		case err != nil && ctx.Err() == nil:
			r.lifecycle.config.Logger.Warn("write release job failed, retrying", "job_id", job.ID, "instance_id", id, "error", err)
		}
		if sleep.For(ctx, max(pause, j.retryAfter)) != nil {
			return nil
		}
	}
}

// jobJournal is the journal of one instance of a release job.
type jobJournal struct {
	release   *release
	held      *lease.Held
	jobID, id string
	// failure is the last error, also of an instance that is tried again.
	failure    ecs.Failure
	retryAfter time.Duration
	// written is the state that was written last.
	written ecs.ReleaseState
}

func (j *jobJournal) store(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	state := ecs.ReleasePlanned
	switch it := j.release.item(j.id); {
	case it.state == ecs.ItemReleased:
		state, j.failure = ecs.ReleaseReleased, ecs.Failure{}
	case it.state == ecs.ItemDeleting:
		state = ecs.ReleaseReleasing
	case len(it.Saves) > 0:
		state = ecs.ReleaseSnapshotting
	}
	return j.write(ctx, state)
}

func (j *jobJournal) intend(ctx context.Context, ids []string) (string, error) {
	if err := j.store(ctx, ids); err != nil {
		return "", err
	}
	return ecs.ClientToken("release job", j.release.q.RequestID, j.id, strconv.Itoa(int(j.release.item(j.id).Sends))), nil
}

// released writes the end of a released instance, unless it is written already.
func (j *jobJournal) released(ctx context.Context) error {
	if j.written == ecs.ReleaseReleased {
		return nil
	}
	return j.store(ctx, []string{j.id})
}

// failed writes the error of an instance that was not released: final if no
// retry can help, or giveUp is set.
func (j *jobJournal) failed(ctx context.Context, err error, giveUp bool) error {
	refusal := ecs.AsRefusal(err)
	q, it := j.release.q, j.release.item(j.id)
	final := refusal.Retry == ecs.RetryNever
	if q.OverrideDeletionProtection && refusal.Reason == ecs.ReasonDeletionProtected {
		final = false // the protection was put back for an earlier try
	}
	failure := refusal.Failure()
	j.retryAfter = refusal.RetryAfter
	if giveUp && !final {
		final = true
		failure.Message += fmt.Sprintf("; given up after %s", j.release.lifecycle.config.ReleasePatience)
	}
	if !final {
		if failure == j.failure {
			return nil
		}
		j.failure = failure
		return j.store(ctx, []string{j.id})
	}
	j.failure = failure
	guarded := refusal.Facts[allowedBy] != "" || refusal.Reason == ecs.ReasonInstanceNotFound
	if guarded && it.Sends == 0 && len(it.Saves) == 0 {
		return j.write(ctx, ecs.ReleaseSkipped)
	}
	return j.write(ctx, ecs.ReleaseFailed)
}

func (j *jobJournal) write(ctx context.Context, state ecs.ReleaseState) error {
	detail, err := json.Marshal(j.release.item(j.id))
	if err != nil {
		return err
	}
	err = write(ctx, func(ctx context.Context) error {
		return j.release.lifecycle.jobs.WriteReleaseItem(ctx, j.held.Lease(), ecs.ReleaseItem{
			JobID: j.jobID, InstanceID: j.id, State: state, Failure: j.failure, Detail: string(detail), UpdateTime: time.Now().UTC(),
		})
	})
	if err == nil {
		j.written = state
		j.release.lifecycle.feeds.Changed(j.jobID)
	}
	return err
}
