package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/fingerprint"
	"github.com/ecsd-io/ecsd/server/internal/follow"
)

const (
	// maxReleaseItems is the maximum number of instances of a release job.
	maxReleaseItems = 1000
	// releaseStep is the maximum number of instances of one step of a followed job.
	releaseStep = 100
)

// ReleaseJobs is the part of the store that keeps release jobs. Acknowledged
// writes are on disk.
type ReleaseJobs interface {
	// CreateReleaseJob writes a new job with its items, ErrRequestIDTaken if its
	// request ID has one.
	CreateReleaseJob(ctx context.Context, j ecs.ReleaseJob, items []ecs.ReleaseItem) error
	// ReleaseJob reads a job, ErrNoRecord if there is none.
	ReleaseJob(ctx context.Context, jobID string) (ecs.ReleaseJob, error)
	// ReleaseJobByRequest reads the job of a request, ErrNoRecord if there is none.
	ReleaseJobByRequest(ctx context.Context, requestID string) (ecs.ReleaseJob, error)
	// OpenReleaseJobs reads the jobs that have not ended, oldest first.
	OpenReleaseJobs(ctx context.Context, limit int) ([]ecs.ReleaseJob, error)
	// ReleaseItems reads the items of a job after a revision and instance ID, in
	// the order of both.
	ReleaseItems(ctx context.Context, jobID string, revision int64, instanceID string, limit int) ([]ecs.ReleaseItem, error)
	// WriteReleaseItem writes an item and the state of its job that follows,
	// ErrLeaseLost if another process has the lease.
	WriteReleaseItem(ctx context.Context, worker ecs.Lease, i ecs.ReleaseItem) error
}

// releaseOptions are the stored fields of a request: the guards that give way.
type releaseOptions struct {
	Force                      bool
	OverrideDeletionProtection bool
	AllowUnexpiredSubscription bool
}

// ReleaseJobView is a release job with its request decoded.
type ReleaseJobView struct {
	ecs.ReleaseJob
	Force                      bool
	OverrideDeletionProtection bool
	AllowUnexpiredSubscription bool
}

// ReleaseItemView is an instance of a release job with its detail decoded.
type ReleaseItemView struct {
	ecs.ReleaseItem
	Outcome Outcome
}

// ReleasePosition is how far a follower of a release job has read.
type ReleasePosition struct {
	// Revision and InstanceID are those of the last item of the step.
	Revision   int64
	InstanceID string
}

// ReleaseProgress is the job, and the items that changed since the position
// before.
type ReleaseProgress struct {
	Job   ReleaseJobView
	Items []ReleaseItemView
}

// ReleaseStep is the progress of a release job, shared by all its followers.
type ReleaseStep = follow.Step[ReleasePosition, ReleaseProgress]

// CreateReleaseJob stores a job that saves the disks of instances in snapshots
// and releases the instances. It returns when the job is on disk; any replica
// carries it out. The guards of Release hold instances back one by one, when
// their turn comes; more instances than may be released at once are an error of
// the whole call. The same request returns its job. ValidateOnly must not be
// set: see CheckReleaseJob.
func (l *Lifecycle) CreateReleaseJob(ctx context.Context, q ReleaseRequest, note string) (ReleaseJobView, error) {
	ids := slices.Compact(slices.Sorted(slices.Values(q.IDs)))
	known, err := l.jobOfRequest(ctx, q)
	if !errors.Is(err, ecs.ErrNoRecord) {
		return known, l.toCaller(err, q.RegionID, q.RequestID)
	}
	if err := l.tooMany(q, len(ids)); err != nil {
		return ReleaseJobView{}, err
	}
	options, err := json.Marshal(releaseOptions{q.Force, q.OverrideDeletionProtection, q.AllowUnexpiredSubscription})
	if err != nil {
		return ReleaseJobView{}, fmt.Errorf("encode the options of a release: %w", err)
	}
	now := time.Now().UTC()
	job := ecs.ReleaseJob{
		ID: uuid.NewString(), RequestID: q.RequestID, PayloadHash: q.Fingerprint, Caller: q.Caller, Note: note, RegionID: q.RegionID,
		Options: options, State: ecs.ReleaseJobRunning, CreateTime: now, UpdateTime: now,
	}
	items := make([]ecs.ReleaseItem, len(ids))
	for i, id := range ids {
		items[i] = ecs.ReleaseItem{JobID: job.ID, InstanceID: id, State: ecs.ReleasePlanned, UpdateTime: now}
	}
	err = write(ctx, func(ctx context.Context) error { return l.jobs.CreateReleaseJob(ctx, job, items) })
	if err != nil && !errors.Is(err, ecs.ErrRequestIDTaken) {
		return ReleaseJobView{}, err
	}
	l.wakeJobs()
	known, err = l.jobOfRequest(ctx, q)
	return known, l.toCaller(err, q.RegionID, q.RequestID)
}

// jobOfRequest reads the job of a request; errReused reports that it belongs to
// another request.
func (l *Lifecycle) jobOfRequest(ctx context.Context, q ReleaseRequest) (ReleaseJobView, error) {
	job, err := l.jobs.ReleaseJobByRequest(ctx, q.RequestID)
	if err != nil {
		return ReleaseJobView{}, err
	}
	same, err := fingerprint.Match(job.PayloadHash, q.Fingerprint, func() (string, error) { return "", nil })
	if err != nil {
		return ReleaseJobView{}, err
	}
	if !same {
		return ReleaseJobView{}, errReused
	}
	return viewOfJob(job)
}

// CheckReleaseJob runs every check of a release job, the cloud's included, and
// returns the outcome that each instance would have. It changes nothing.
func (l *Lifecycle) CheckReleaseJob(ctx context.Context, q ReleaseRequest) ([]ecs.Result[Outcome], error) {
	if q.RequestID != "" {
		if _, err := l.jobOfRequest(ctx, q); err != nil && !errors.Is(err, ecs.ErrNoRecord) {
			return nil, l.toCaller(err, q.RegionID, q.RequestID)
		}
	}
	q.ValidateOnly = true
	return l.Release(ctx, q)
}

// ReleaseJob reads a job with all its items, by instance ID.
func (l *Lifecycle) ReleaseJob(ctx context.Context, jobID string) (ReleaseJobView, []ReleaseItemView, error) {
	step, err := l.readRelease(ctx, jobID, ReleasePosition{}, maxReleaseItems)
	if err != nil {
		return ReleaseJobView{}, nil, err
	}
	items := slices.SortedFunc(slices.Values(step.Value.Items), func(a, b ReleaseItemView) int {
		if a.InstanceID < b.InstanceID {
			return -1
		}
		return 1
	})
	return step.Value.Job, items, nil
}

// FollowReleaseJob calls send with each step of a job after a position, each item
// in its latest state, until the job has ended or send fails. Followers of one
// job share its reads.
func (l *Lifecycle) FollowReleaseJob(ctx context.Context, jobID string, from ReleasePosition, send func(*ReleaseStep) error) error {
	err := l.feeds.Follow(ctx, jobID, from, send)
	if errors.Is(err, follow.ErrClosed) || errors.Is(err, follow.ErrDrained) {
		e := ecs.Errorf(ecs.ReasonServerDraining, "the server is stopping; the job continues: watch it from the last resume_token")
		e.Retry = ecs.RetryBackoff
		return e
	}
	return err
}

// Drain ends every FollowReleaseJob, to be resumed at another server. Jobs
// continue.
func (l *Lifecycle) Drain() { l.feeds.Drain() }

// readStep reads a step of a followed job.
func (l *Lifecycle) readStep(ctx context.Context, jobID string, at ReleasePosition) (*ReleaseStep, error) {
	return l.readRelease(ctx, jobID, at, releaseStep)
}

func (l *Lifecycle) readRelease(ctx context.Context, jobID string, at ReleasePosition, limit int) (*ReleaseStep, error) {
	job, err := l.jobs.ReleaseJob(ctx, jobID)
	if errors.Is(err, ecs.ErrNoRecord) {
		return nil, ecs.Errorf(ecs.ReasonJobNotFound, "there is no release job %s", jobID)
	}
	if err != nil {
		return nil, err
	}
	view, err := viewOfJob(job)
	if err != nil {
		return nil, err
	}
	some, err := l.jobs.ReleaseItems(ctx, jobID, at.Revision, at.InstanceID, limit)
	if err != nil {
		return nil, err
	}
	items := make([]ReleaseItemView, len(some))
	for i, stored := range some {
		if items[i], err = viewOfItem(stored); err != nil {
			return nil, err
		}
		at = ReleasePosition{Revision: stored.Revision, InstanceID: stored.InstanceID}
	}
	return &ReleaseStep{
		Value: ReleaseProgress{Job: view, Items: items}, Next: at, Revision: job.Revision,
		Changed: len(items) > 0, More: len(items) == limit, Ended: job.State.Ended(),
	}, nil
}

func viewOfJob(job ecs.ReleaseJob) (ReleaseJobView, error) {
	var o releaseOptions
	if err := json.Unmarshal(job.Options, &o); err != nil {
		return ReleaseJobView{}, fmt.Errorf("read the options of release job %s: %w", job.ID, err)
	}
	return ReleaseJobView{job, o.Force, o.OverrideDeletionProtection, o.AllowUnexpiredSubscription}, nil
}

func viewOfItem(stored ecs.ReleaseItem) (ReleaseItemView, error) {
	it, err := decodeItem(stored)
	if err != nil {
		return ReleaseItemView{}, err
	}
	for i, d := range it.Outcome.Disks {
		if d.SnapshotID == "" {
			it.Outcome.Disks[i].SnapshotID = it.Saves[d.Disk.ID].SnapshotID
		}
	}
	return ReleaseItemView{stored, it.Outcome}, nil
}

func decodeItem(stored ecs.ReleaseItem) (*item, error) {
	it := &item{state: ecs.ItemKept}
	if stored.Detail != "" {
		if err := json.Unmarshal([]byte(stored.Detail), it); err != nil {
			return nil, fmt.Errorf("read instance %s of release job %s: %w", stored.InstanceID, stored.JobID, err)
		}
	}
	if it.Saves == nil {
		it.Saves = map[string]save{}
	}
	switch stored.State {
	case ecs.ReleaseReleasing:
		it.state = ecs.ItemDeleting
	case ecs.ReleaseReleased:
		it.state = ecs.ItemReleased
	}
	return it, nil
}

// request returns the request of a job for one of its instances.
func (j ReleaseJobView) request(id string) ReleaseRequest {
	return ReleaseRequest{
		RegionID: j.RegionID, IDs: []string{id}, RequestID: j.RequestID, Caller: j.Caller, SnapshotDisks: true,
		Force: j.Force, OverrideDeletionProtection: j.OverrideDeletionProtection, AllowUnexpiredSubscription: j.AllowUnexpiredSubscription,
	}
}

// inJob returns the context of the work of a job.
func inJob(ctx context.Context, j ReleaseJobView) context.Context {
	return call.InLane(call.With(ctx, &call.Call{Caller: j.Caller, Method: "CreateReleaseJob", MessageID: j.RequestID}), call.Write)
}
