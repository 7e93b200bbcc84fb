package cloud

import (
	"context"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/cloud/refusal"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// diagnosis returns the error with which the cloud would refuse a call for this
// instance, nil if the read shows none. Refused is the reason of the refusal
// under examination.
type diagnosis func(i ecs.Instance, refused ecs.Reason) *ecs.Error

// exclude makes one all-or-none call for many IDs. If the cloud refuses it because
// of some IDs, one read of all identifies them: those get their reason, and the
// call is retried without them. So a chunk with bad IDs costs three calls,
// however many are bad. Bisection finds the IDs that the read does not explain.
//
// A diagnosis must be sure: an instance that it names is not sent again. An error
// of a diagnosis can omit an instance, but never cause an unwanted call.
func exclude[V any](ctx context.Context, e *Edge, regionID string, ids []string, give func(string, V, error), ask func(ids []string) error, why diagnosis) {
	err := ask(ids)
	refused := ecs.AsError(err)
	switch {
	case refused == nil:
		return
	case len(ids) == 1 || !refusal.OfOne(refused):
		giveAll(ids, give, err)
		return
	}
	var rest []string
	for _, read := range e.Instances(call.InLane(ctx, call.Write), regionID, ids) {
		bad := diagnose(read, refused, why)
		if bad == nil {
			rest = append(rest, read.ID)
			continue
		}
		var none V
		give(read.ID, none, bad)
	}
	if len(rest) == 0 {
		return
	}
	if len(rest) == len(ids) {
		// The same call would be refused the same way: begin with halves.
		first, second := rest[:len(rest)/2], rest[len(rest)/2:]
		failed := func(ids []string, err error) { giveAll(ids, give, err) }
		splits := maxSplits - 2
		bisectWithin(first, &splits, ask, failed)
		bisectWithin(second, &splits, ask, failed)
		return
	}
	e.bisect(rest, ask, func(ids []string, err error) { giveAll(ids, give, err) })
}

// diagnose returns the error of an instance in a refused call, nil if it seems
// good. If the reason matches that of the cloud, the error is the cloud's.
func diagnose(read ecs.Result[ecs.Instance], refused *ecs.Error, why diagnosis) *ecs.Error {
	var bad *ecs.Error
	if read.Err == nil {
		bad = why(read.Value, refused.Reason)
	} else if ecs.HasReason(read.Err, ecs.ReasonInstanceNotFound) {
		bad = ecs.AsError(read.Err)
	}
	if bad != nil && bad.Reason == refused.Reason {
		return refused
	}
	return bad
}
