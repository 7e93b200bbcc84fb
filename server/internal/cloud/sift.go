package cloud

import (
	"context"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/cloud/refusal"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// judge says why the cloud would refuse a call for this instance, nil where
// nothing that a read shows speaks against it. Refused is the reason of the
// refusal that is looked into.
type judge func(i ecs.Instance, refused ecs.Reason) *ecs.Error

// sift makes one call for many ids of which the cloud does all or none. Where
// it refuses because of what some are, one read of them all tells which: those
// get their reason, and the others are asked again without them. So a chunk
// with bad ids costs three calls, however many are bad. What the read does not
// explain is found by halving.
//
// A judge must be sure: an instance that it names is not asked again, which
// can hold something back and never do something that was not to be done.
func sift[V any](ctx context.Context, e *Edge, regionID string, ids []string, give func(string, V, error), ask func(ids []string) error, why judge) {
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
		bad := verdictOn(read, refused, why)
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
		halve(first, &splits, ask, failed)
		halve(second, &splits, ask, failed)
		return
	}
	e.isolate(rest, ask, func(ids []string, err error) { giveAll(ids, give, err) })
}

// verdictOn gives the error of an instance that a call was refused for, nil
// where it seems good. Where it is what the cloud named, it is the cloud's own.
func verdictOn(read ecs.Result[ecs.Instance], refused *ecs.Error, why judge) *ecs.Error {
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
