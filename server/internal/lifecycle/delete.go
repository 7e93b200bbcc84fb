package lifecycle

import (
	"context"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

// delete releases the instances that may go, and waits until they are gone.
func (r *release) delete(ctx context.Context, ids []string) error {
	defer func() { r.hold.end() }()
	bare, err := r.unprotect(ctx, ids)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		r.protectAgain(ctx, ids)
		return err
	}
	ids = bare
	if len(ids) == 0 {
		return nil
	}
	// On disk before a byte leaves: these may be gone from here on.
	before := map[string]string{}
	for _, id := range ids {
		it := r.item(id)
		before[id] = it.state
		it.state = ecs.ItemDeleting
		it.Sends++
	}
	token, err := r.journal.intend(ctx, ids)
	if err != nil {
		for _, id := range ids {
			r.item(id).state = before[id]
		}
		r.protectAgain(ctx, ids)
		return err
	}

	refused := r.send(ctx, ids, token)
	r.explainRefusals(ctx, refused)
	r.lifecycle.touch(r.q.RegionID, ids)
	var sent, kept []string
	for _, id := range ids {
		err := refused[id]
		if err == nil || ecs.AsRefusal(err).Effect == ecs.EffectUnknown || ecs.HasReason(err, ecs.ReasonInstanceNotFound) {
			sent = append(sent, id)
			continue
		}
		kept = append(kept, id)
		r.item(id).state = ecs.ItemKept
		r.keep(id, err)
	}
	r.protectAgain(ctx, kept)
	if err := r.journal.store(ctx, kept); err != nil {
		return err
	}
	return r.confirm(ctx, sent, refused)
}

// explainRefusals makes a refusal retryable if it was caused by a transient
// status that began after the instance was read.
func (r *release) explainRefusals(ctx context.Context, refused map[string]error) {
	var ids []string
	for id, err := range refused {
		if e := ecs.AsRefusal(err); e.Reason == ecs.ReasonIncorrectStatus && e.Effect == ecs.EffectNone {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return
	}
	for _, read := range r.lifecycle.cloud.Instances(ctx, r.q.RegionID, ids) {
		if read.Err == nil && passing(read.Value.Status) {
			refused[read.ID] = inTransition(read.Value, "cannot release")
		}
	}
}

// send sends the releases, and returns the refusals by ID. A subscription is
// released only by a call with TerminateSubscription.
func (r *release) send(ctx context.Context, ids []string, clientToken string) map[string]error {
	ctx, cancel := r.lifecycle.committed(ctx)
	defer cancel()
	refused := map[string]error{}
	for _, group := range r.groups(ids) {
		answers := r.lifecycle.cloud.DeleteInstances(ctx, r.q.RegionID, group.ids, group.options, clientToken, false)
		for id, err := range errorsOf(answers) {
			refused[id] = ecs.Lagging(r.item(id).Outcome.Instance, err)
		}
	}
	return refused
}

// deleteGroup holds the instances that one call may release.
type deleteGroup struct {
	options ecs.DeleteOptions
	ids     []string
}

func (r *release) groups(ids []string) []deleteGroup {
	payg := deleteGroup{options: ecs.DeleteOptions{Force: r.q.Force}}
	paid := deleteGroup{options: ecs.DeleteOptions{Force: r.q.Force, TerminateSubscription: true}}
	for _, id := range ids {
		if r.item(id).Outcome.Instance.ChargeType == ecs.ChargePayAsYouGo {
			payg.ids = append(payg.ids, id)
		} else {
			paid.ids = append(paid.ids, id)
		}
	}
	return slices.DeleteFunc([]deleteGroup{payg, paid}, func(g deleteGroup) bool { return len(g.ids) == 0 })
}

// confirm reads until the instances are gone, because the cloud carries out an
// accepted release some time later. One that is still there at the end gets a
// retryable error; a retry of the request settles it.
func (r *release) confirm(ctx context.Context, ids []string, refused map[string]error) error {
	sent := time.Now()
	for len(ids) > 0 {
		var gone, there []string
		for _, read := range r.lifecycle.cloud.Instances(ctx, r.q.RegionID, ids) {
			if ecs.HasReason(read.Err, ecs.ReasonInstanceNotFound) {
				gone = append(gone, read.ID)
			} else {
				there = append(there, read.ID)
			}
		}
		r.released(ctx, gone)
		ids = there
		if len(ids) == 0 || time.Since(sent) >= r.lifecycle.config.SettleWindow {
			break
		}
		if err := sleep.For(ctx, settleOften); err != nil {
			return err
		}
	}
	for _, id := range ids {
		if refused[id] != nil {
			r.keep(id, refused[id])
			continue
		}
		e := ecs.Errorf(ecs.ReasonOperationInProgress,
			"the cloud accepted the release of instance %s but still shows it%s", id, r.advice)
		e.Retry, e.Effect = ecs.RetryBackoff, ecs.EffectUnknown
		r.keep(id, e.On(r.q.RegionID, id))
	}
	return nil
}

// released records the instances that are gone.
func (r *release) released(ctx context.Context, ids []string) {
	if len(ids) == 0 {
		return
	}
	for _, id := range ids {
		it := r.item(id)
		it.state, it.Outcome.Released = ecs.ItemReleased, true
		r.results[id] = ecs.Result[Outcome]{ID: id, Value: it.Outcome}
	}
	r.hold.drop(ctx, ids)
	if err := r.journal.store(ctx, ids); err != nil {
		// It is DELETING on disk, and the next call reads that it is gone.
		r.lifecycle.config.Logger.Warn("a release is not recorded", "request_id", r.q.RequestID, "instances", len(ids), "error", err)
	}
}
