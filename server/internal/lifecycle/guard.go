package lifecycle

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
	"github.com/ecsd-io/ecsd/server/internal/visibility"
)

// allowedBy is the fact that names the request's field that makes a guard give
// way.
const allowedBy = "allowed_by"

// guard holds an instance back unless the request sets its field.
type guard struct {
	reason ecs.Reason
	field  string
	// allowed reads the field, holds the instance.
	allowed func(ReleaseRequest) bool
	holds   func(i ecs.Instance, now time.Time) bool
	// says describes the instance, after "instance i-1 ".
	says func(ecs.Instance) string
}

// guards are ordered by the loss they prevent: money, then protected instances,
// then running ones. An instance with a charge type that this build does not
// know counts as paid for.
var guards = []guard{
	{
		ecs.ReasonSubscriptionNotExpired, "allow_unexpired_subscription",
		func(q ReleaseRequest) bool { return q.AllowUnexpiredSubscription },
		func(i ecs.Instance, now time.Time) bool {
			expired := i.ChargeType == ecs.ChargeSubscription && !i.ExpireTime.IsZero() && !i.ExpireTime.After(now)
			return i.ChargeType != ecs.ChargePayAsYouGo && !expired
		},
		func(i ecs.Instance) string {
			if i.ExpireTime.IsZero() {
				return "is not known to be pay-as-you-go"
			}
			return "is a subscription until " + i.ExpireTime.UTC().Format(time.RFC3339)
		},
	},
	{
		ecs.ReasonDeletionProtected, "override_deletion_protection",
		func(q ReleaseRequest) bool { return q.OverrideDeletionProtection },
		func(i ecs.Instance, _ time.Time) bool { return i.DeletionProtection },
		func(ecs.Instance) string { return "is protected from release" },
	},
	{
		ecs.ReasonIncorrectStatus, "force",
		func(q ReleaseRequest) bool { return q.Force },
		func(i ecs.Instance, _ time.Time) bool { return i.Status != ecs.StatusStopped && !passing(i.Status) },
		func(i ecs.Instance) string { return fmt.Sprintf("is %s, not Stopped", i.Raw.Status) },
	},
}

// heldBack returns the guards that hold an instance back, nil if it may go. The
// reason is that of the first, the fields are those of all.
func heldBack(q ReleaseRequest, i ecs.Instance, now time.Time) error {
	var e *ecs.Error
	var says, fields []string
	for _, g := range guards {
		if g.allowed(q) || !g.holds(i, now) {
			continue
		}
		if e == nil {
			e = ecs.Errorf(g.reason, "")
		}
		says, fields = append(says, g.says(i)), append(fields, g.field)
		e.Violations = append(e.Violations, ecs.Violation{Field: g.field, Rule: "must be true to release an instance that " + g.says(i)})
	}
	if e == nil {
		return nil
	}
	e.Message = fmt.Sprintf("instance %s %s; nothing was released. Set %s to release it all the same",
		i.ID, strings.Join(says, ", and "), strings.Join(fields, " and "))
	e.Facts = map[string]string{allowedBy: strings.Join(fields, ",")}
	return e.On(q.RegionID, i.ID)
}

// evaluate reads the current state of the instances, and returns those that may
// be released. If one is gone and its release was sent, it is released. If a
// release that has not ended switched off its protection, it counts as protected. A
// transient status is waited for up to r.until, and then returns a retryable
// error: the cloud releases such an instance neither with force nor without.
// The error of evaluate is that of the records.
func (r *release) evaluate(ctx context.Context, ids []string) ([]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var going, gone []string
	for waiting := ids; len(waiting) > 0; {
		reads := r.read(ctx, waiting)
		// Read after the instances: a protection that they show switched off is still intended here, or on again.
		intents, err := r.lifecycle.intents.Intents(ctx, r.q.RegionID, ecs.SettingDeletionProtection, waiting)
		if err != nil {
			return nil, err
		}
		unprotected := map[string]bool{}
		for _, i := range intents {
			unprotected[i.InstanceID] = true
		}
		var passes []string // instances with a transient status
		for _, read := range reads {
			switch {
			case ecs.HasReason(read.Err, ecs.ReasonInstanceNotFound) && r.item(read.ID).state == ecs.ItemDeleting:
				gone = append(gone, read.ID)
			case read.Err != nil:
				r.keep(read.ID, read.Err)
			default:
				read.Value.DeletionProtection = read.Value.DeletionProtection || unprotected[read.ID]
				if err := heldBack(r.q, read.Value, r.lifecycle.config.Clock.Now()); err != nil {
					r.keep(read.ID, err)
					continue
				}
				if passing(read.Value.Status) {
					r.keep(read.ID, inTransition(read.Value, "cannot release"))
					passes = append(passes, read.ID)
					continue
				}
				delete(r.results, read.ID)
				r.item(read.ID).Outcome.Instance = read.Value
				going = append(going, read.ID)
			}
		}
		waiting = passes
		if len(waiting) > 0 && (time.Until(r.until) < stateInterval || sleep.For(ctx, stateInterval) != nil) {
			break
		}
	}
	r.released(ctx, gone)
	slices.Sort(going)
	return going, nil
}

// read reads instances, and waits, up to r.until, for those that are not visible
// yet.
func (r *release) read(ctx context.Context, ids []string) []Shown {
	end := time.Now().Add(visibility.Patience)
	if r.until.Before(end) {
		end = r.until
	}
	return visibility.RetryUntil(ctx, r.lifecycle.visible, end, r.q.RegionID, ids, func(ctx context.Context, ids []string) []Shown {
		return r.lifecycle.cloud.Instances(ctx, r.q.RegionID, ids)
	})
}
