package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// ReleaseRequest is a request to release instances for good. Its fields were
// checked by the caller; each of the flags makes one guard give way.
type ReleaseRequest struct {
	RegionID string
	IDs      []string
	// Force releases instances that are not stopped.
	Force bool
	// SnapshotDisks saves every disk first, and releases an instance only if all
	// its disks are saved.
	SnapshotDisks bool
	// OverrideDeletionProtection switches the protection off first.
	OverrideDeletionProtection bool
	// AllowUnexpiredSubscription requests the release of subscriptions that are
	// still paid for; the cloud decides whether it does.
	AllowUnexpiredSubscription bool
	// MaxInstances is how many may go at once, 0 for the server's own number.
	MaxInstances int32
	// ValidateOnly releases nothing and shows the instances that would be
	// released.
	ValidateOnly bool
	RequestID    string
	// Fingerprint is that of the request message, by fingerprint.Of.
	Fingerprint string
	Caller      string
}

// Outcome is the outcome of a requested release.
type Outcome struct {
	// Released reports that the cloud no longer shows the instance.
	Released bool
	// Instance is as it was read before it went.
	Instance ecs.Instance
	// Disks are listed if SnapshotDisks or ValidateOnly was set.
	Disks []DiskOutcome
}

// DiskOutcome is the outcome for a disk when its instance is released.
type DiskOutcome struct {
	Disk ecs.Disk
	// DeletedWithInstance: the disk goes too; else it stays, detached.
	DeletedWithInstance bool
	// SnapshotID is the snapshot that was made of it, "" for none.
	SnapshotID string
}

const actionRelease = "DeleteInstances"

// Release releases instances: one result per ID, in request order. An instance
// that a guard holds back, with unsaved disks or refused by the cloud fails
// without affecting the others; more instances than may be released at once are
// an error of the whole call, with nothing touched.
//
// A retry of the same request returns "released" for the instances it released,
// settles by a read those that it sent without a reply, and evaluates the
// others again.
//
// If ctx ends first, a call in progress is carried out and nothing further
// begins.
func (l *Lifecycle) Release(ctx context.Context, q ReleaseRequest) ([]ecs.Result[Outcome], error) {
	ctx = call.InLane(ctx, call.Write)
	ids := slices.Compact(slices.Sorted(slices.Values(q.IDs)))
	if err := l.tooMany(q, len(ids)); err != nil {
		return nil, err
	}
	if q.ValidateOnly {
		results, err := l.dryRunRelease(ctx, q, ids)
		if err != nil {
			return nil, err
		}
		return inOrder(q.IDs, results), ctx.Err()
	}
	until := waitUntil(ctx, statePatience)
	results, _, err := l.releases.Do(ctx, q.RequestID, q.Fingerprint, func(ctx context.Context, _ func() bool) (map[string]ecs.Result[Outcome], error) {
		r := &release{lifecycle: l, q: q, until: until, advice: "; retry with the same request_id", items: map[string]*item{}, results: map[string]ecs.Result[Outcome]{}}
		return r.results, l.ended(r.once(ctx, ids))
	})
	switch {
	case err == nil:
		return inOrder(q.IDs, results), nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return nil, fmt.Errorf("the release stopped, and what was sent is settled by a retry with the same request_id: %w", err)
	}
	return nil, l.toCaller(err, q.RegionID, q.RequestID)
}

// tooMany is the guard on the number of instances.
func (l *Lifecycle) tooMany(q ReleaseRequest, n int) error {
	limit := l.config.MaxRelease
	if q.MaxInstances > 0 {
		limit = int(q.MaxInstances)
	}
	if n <= limit {
		return nil
	}
	e := ecs.Errorf(ecs.ReasonReleaseLimitExceeded,
		"cannot release %d instances: at most %d may be released at once; nothing was released. Set max_instances to at least %d to allow it", n, limit, n)
	e.Facts = map[string]string{"limit": fmt.Sprint(limit), "asked": fmt.Sprint(n), allowedBy: "max_instances"}
	e.Violations = []ecs.Violation{{Field: "max_instances", Rule: fmt.Sprintf("must be at least %d to release %d instances in one call", n, n)}}
	return e.On(q.RegionID, "")
}

// inOrder lists the results in request order.
func inOrder(ids []string, byID map[string]ecs.Result[Outcome]) []ecs.Result[Outcome] {
	results := make([]ecs.Result[Outcome], len(ids))
	for i, id := range ids {
		results[i] = byID[id]
	}
	return results
}

// journal stores the steps of a release. Acknowledged writes are on disk.
type journal interface {
	// store writes the items of instances.
	store(ctx context.Context, ids []string) error
	// intend writes the items of instances whose release is about to be sent, and
	// returns the token of the send.
	intend(ctx context.Context, ids []string) (clientToken string, err error)
}

// release is one release in progress.
type release struct {
	lifecycle *Lifecycle
	q         ReleaseRequest
	journal   journal
	items     map[string]*item // by instance id
	results   map[string]ecs.Result[Outcome]
	// until is the end of the wait for transient states; zero does not wait.
	until time.Time
	// hold is on the intents to switch the protection on again.
	hold *hold
	// advice ends the message of a retryable error.
	advice string
}

// once carries out a release that the caller waits for, from its record.
func (r *release) once(ctx context.Context, ids []string) error {
	record, err := r.open(ctx)
	if err != nil {
		return err
	}
	records := &releaseRecord{release: r, record: record}
	r.journal = records
	if err := r.run(ctx, ids); err != nil {
		return err
	}
	if err := r.goneElsewhere(ctx, ids); err != nil {
		return err
	}
	return records.finish(ctx, ids)
}

// goneElsewhere records an instance that does not exist as released if another
// process has sent its release for this request since the record was read.
func (r *release) goneElsewhere(ctx context.Context, ids []string) error {
	missing := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !ecs.HasReason(r.results[id].Err, ecs.ReasonInstanceNotFound) })
	if len(missing) == 0 {
		return nil
	}
	record, err := r.lifecycle.stored(ctx, r.q.key())
	if err != nil {
		return err
	}
	now := &release{q: r.q, items: map[string]*item{}}
	if err := now.load(record.Items); err != nil {
		return err
	}
	gone := slices.DeleteFunc(missing, func(id string) bool { return now.item(id).state == ecs.ItemKept })
	for _, id := range gone {
		r.items[id] = now.items[id]
	}
	r.released(ctx, gone)
	return nil
}

// run carries the release of the IDs to its end. Its error is that of the whole
// call; the outcomes of the instances are in results.
func (r *release) run(ctx context.Context, ids []string) error {
	if err := r.steps(ctx, ids); err != nil {
		return err
	}
	// A call of a process that died can take effect between any two steps.
	sent := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return r.results[id].Err == nil || r.item(id).state != ecs.ItemDeleting })
	if len(sent) == 0 {
		return nil
	}
	var gone []string
	for _, read := range r.lifecycle.cloud.Instances(ctx, r.q.RegionID, sent) {
		if ecs.HasReason(read.Err, ecs.ReasonInstanceNotFound) {
			gone = append(gone, read.ID)
		}
	}
	r.released(ctx, gone)
	return nil
}

func (r *release) steps(ctx context.Context, ids []string) error {
	var open []string
	for _, id := range ids {
		if r.item(id).state == ecs.ItemReleased {
			r.results[id] = ecs.Result[Outcome]{ID: id, Value: r.item(id).Outcome}
		} else {
			open = append(open, id)
		}
	}
	going, err := r.evaluate(ctx, open)
	if err != nil {
		return err
	}
	if r.q.SnapshotDisks {
		saved, err := r.save(ctx, going)
		if err != nil {
			return err
		}
		// Saving may have taken hours: the guards evaluate the instances as they are now.
		if saved, err = r.evaluate(ctx, saved); err != nil {
			return err
		}
		going = r.unchanged(ctx, saved)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return r.delete(ctx, going)
}

// keep is the result of an instance that stays.
func (r *release) keep(id string, err error) {
	r.results[id] = ecs.Result[Outcome]{ID: id, Err: err}
}
