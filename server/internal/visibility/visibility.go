package visibility

import (
	"context"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// Window is how long after its launch an instance may be invisible.
	Window = 5 * time.Minute
	// Patience is how long a call waits for an invisible instance. It ends
	// before the caller's deadline, so that the caller gets the reason.
	Patience = 20 * time.Second
	// Interval is the time between two tries.
	Interval = 2 * time.Second
	// margin is left of the caller's deadline for the response.
	margin = time.Second
)

// Launches is the part of the store that Guard needs.
type Launches interface {
	// RecentLaunches returns, of the given instances, those that a launch recorded
	// since a time and that have no release sent, with the time of the launch
	// record.
	RecentLaunches(ctx context.Context, ids []string, since time.Time) (map[string]time.Time, error)
}

// Guard finds instances that may be invisible. It is safe for concurrent use.
type Guard struct{ launches Launches }

// New returns a Guard over the launches in the store.
func New(launches Launches) *Guard { return &Guard{launches: launches} }

// Hidden returns, of the instances that the cloud did not find, the error of
// each that may exist: INSTANCE_NOT_VISIBLE_YET for one that was launched within
// Window, STORE_UNAVAILABLE for all if the launches cannot be read. An ID that is
// absent from the map does not exist. It does not wait.
func (g *Guard) Hidden(ctx context.Context, regionID string, ids []string) map[string]error {
	hidden := map[string]error{}
	if len(ids) == 0 {
		return hidden
	}
	recent, err := g.launches.RecentLaunches(ctx, ids, time.Now().Add(-Window))
	for _, id := range ids {
		switch at, launched := recent[id]; {
		case err != nil:
			hidden[id] = unreadable(err, regionID, id)
		case launched:
			hidden[id] = notYet(at, regionID, id)
		}
	}
	return hidden
}

// Retry makes a call for instances and repeats it for those that the cloud does
// not show yet, up to Patience or almost to the deadline of ctx. It returns one
// result per ID, in request order; an instance that is still not visible is
// INSTANCE_NOT_VISIBLE_YET. The call must return one result per ID, in order,
// and have no effect on an instance that it does not find.
func Retry[T any](ctx context.Context, g *Guard, regionID string, ids []string, call func(ctx context.Context, ids []string) []ecs.Result[T]) []ecs.Result[T] {
	end := time.Now().Add(Patience)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-margin).Before(end) {
		end = deadline.Add(-margin)
	}
	return RetryUntil(ctx, g, end, regionID, ids, call)
}

// RetryUntil is Retry up to a time, for work that has no deadline in ctx.
func RetryUntil[T any](ctx context.Context, g *Guard, end time.Time, regionID string, ids []string, call func(ctx context.Context, ids []string) []ecs.Result[T]) []ecs.Result[T] {
	results := call(ctx, ids)
	positions := map[string]int{}
	var missing []string
	for i, r := range results {
		if ecs.HasReason(r.Err, ecs.ReasonInstanceNotFound) {
			positions[r.ID] = i
			missing = append(missing, r.ID)
		}
	}
	for len(missing) > 0 {
		hidden := g.Hidden(ctx, regionID, missing)
		var waiting []string
		for _, id := range missing {
			if err := hidden[id]; err != nil {
				results[positions[id]].Err = err
				waiting = append(waiting, id)
			}
		}
		if len(waiting) == 0 || time.Until(end) < Interval || sleep.For(ctx, Interval) != nil {
			break
		}
		missing = nil
		for _, r := range call(ctx, waiting) {
			results[positions[r.ID]] = r
			if ecs.HasReason(r.Err, ecs.ReasonInstanceNotFound) {
				missing = append(missing, r.ID)
			}
		}
	}
	return results
}

func notYet(at time.Time, regionID, instanceID string) error {
	e := ecs.Errorf(ecs.ReasonInstanceNotVisibleYet,
		"instance %s was launched at %s and the cloud does not show it yet; it exists and may cost, retry", instanceID, at.UTC().Format(time.RFC3339))
	e.Retry, e.RetryAfter = ecs.RetryBackoff, Interval
	return e.On(regionID, instanceID)
}

func unreadable(err error, regionID, instanceID string) error {
	e := ecs.Errorf(ecs.ReasonStoreUnavailable,
		"the cloud does not show instance %s, and the launches that may explain it cannot be read: retry", instanceID)
	e.Retry, e.Cause = ecs.RetryBackoff, fmt.Errorf("launches of %s: %w", instanceID, err)
	return e.On(regionID, instanceID)
}

// Cloud is the part of the cloud that Reader guards.
type Cloud interface {
	Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance]
	InstancePage(ctx context.Context, regionID string, q ecs.Query, cursor string, limit int) (ecs.Page, error)
}

// Reader reads from the cloud and waits for instances that are not visible yet.
type Reader struct {
	Cloud
	Guard *Guard
}

// Instances reads instances by ID: one result per ID, in request order.
func (r Reader) Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance] {
	return Retry(ctx, r.Guard, regionID, ids, func(ctx context.Context, ids []string) []ecs.Result[ecs.Instance] {
		return r.Cloud.Instances(ctx, regionID, ids)
	})
}
