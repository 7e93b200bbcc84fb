package api

import (
	"context"
	"fmt"
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/access"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// The components behind the services are wrapped, so that each applies the
// limits of the caller: the regions and the tags that the access file gives it.
// They narrow lists and watches. A call on an instance reads it first and
// compares its tags. What a caller may not see does not exist for it. In the
// ledger it sees what it requested itself, because an entry has no tags.
//
// Each wrapper has every method of its component in writing, so that a new one
// does not compile before it has a rule.

// bounds reads what the limits of callers need.
type bounds struct{ inventory Inventory }

// bounded returns the components with the limits of callers applied.
func (c Components) bounded() Components {
	b := bounds{c.Inventory}
	c.Inventory = boundInventory{c.Inventory}
	c.Lifecycle = boundLifecycle{b, c.Lifecycle}
	c.Modifications = boundModifications{b, c.Modifications}
	records := boundRecords{c.RenewalRecords}
	c.Renewals = boundRenewals{b, records, c.Renewals}
	c.RenewalRecords, c.RenewalPreviews = records, boundPreviews{c.RenewalPreviews}
	c.AutoRenew = boundAutoRenew{b, c.AutoRenew}
	c.Spot = boundSpot{c.Spot}
	c.Disks = boundDisks{b, c.Disks}
	c.Catalog = boundCatalog{c.Catalog}
	c.Watcher = boundWatcher{b, c.Watcher}
	c.History = boundHistory{c.History}
	return c
}

// limitsOf returns the limits of the caller.
func limitsOf(ctx context.Context) access.Limits { return call.Identity(ctx).Limits() }

// ownOnly returns the name of a caller with limits, which sees only its own
// entries of the ledger; "" for a caller without limits.
func ownOnly(ctx context.Context) string {
	if limitsOf(ctx).None() {
		return ""
	}
	return call.Caller(ctx)
}

// notSeen is the error of an instance that the caller may not see: that of an
// instance that does not exist.
func notSeen(regionID, instanceID string) *ecs.Error {
	return ecs.Errorf(ecs.ReasonInstanceNotFound, "the cloud lists no such instance in %s", regionID).On(regionID, instanceID)
}

// regionNotSeen is the error of a region that the caller may not see, for calls
// on no instance.
func regionNotSeen(ctx context.Context, regionID string) error {
	l := limitsOf(ctx)
	if l.SeesRegion(regionID) {
		return nil
	}
	rule := fmt.Sprintf("must be a region of the caller: %s; got %s", strings.Join(l.Regions, ", "), quoted(regionID))
	e := ecs.Errorf(ecs.ReasonUnknownRegion, "region_id %s", rule)
	e.Violations = []ecs.Violation{{Field: "region_id", Rule: rule}}
	return e
}

// narrowRegions returns the regions that the caller may see.
func narrowRegions(ctx context.Context, ids []string) []string {
	l := limitsOf(ctx)
	if len(l.Regions) == 0 {
		return ids
	}
	seen := make([]string, 0, len(ids))
	for _, id := range ids {
		if l.SeesRegion(id) {
			seen = append(seen, id)
		}
	}
	return seen
}

// narrowTags adds the tags of the caller's limits to those of a query.
func narrowTags(ctx context.Context, tags []ecs.Tag) []ecs.Tag {
	l := limitsOf(ctx)
	if len(l.Tags) == 0 {
		return tags
	}
	narrowed := append([]ecs.Tag(nil), tags...)
	for _, tag := range l.Tags {
		if !(access.Limits{Tags: []ecs.Tag{tag}}).SeesTags(tags) {
			narrowed = append(narrowed, tag)
		}
	}
	return narrowed
}

// seesInstance reports whether the caller may see an instance.
func seesInstance(ctx context.Context, i *ecs.Instance) bool {
	l := limitsOf(ctx)
	return l.SeesRegion(i.RegionID) && l.SeesTags(i.Tags)
}

// narrowInstances returns the instances that the caller may see.
func narrowInstances(ctx context.Context, all []ecs.Instance) []ecs.Instance {
	if limitsOf(ctx).None() {
		return all
	}
	seen := make([]ecs.Instance, 0, len(all))
	for i := range all {
		if seesInstance(ctx, &all[i]) {
			seen = append(seen, all[i])
		}
	}
	return seen
}

// hidden returns the error of each instance that the caller may not see, nil
// for none. It costs a call per 100 instances if the caller has tags.
//
// An instance that does not exist is left to the component if the request may
// be a repeated one: its first execution may have released it.
func (b bounds) hidden(ctx context.Context, regionID string, ids []string, repeatable bool) map[string]error {
	l := limitsOf(ctx)
	if l.SeesRegion(regionID) && len(l.Tags) == 0 {
		return nil
	}
	errs := map[string]error{}
	if !l.SeesRegion(regionID) {
		for _, id := range ids {
			errs[id] = notSeen(regionID, id)
		}
		return errs
	}
	for _, r := range b.inventory.BatchGet(ctx, regionID, ids, 0) {
		switch {
		case r.Err == nil && l.SeesTags(r.Value.Tags):
		case r.Err == nil:
			errs[r.ID] = notSeen(regionID, r.ID)
		case ecs.HasReason(r.Err, ecs.ReasonInstanceNotFound) && repeatable:
		default:
			errs[r.ID] = r.Err
		}
	}
	return errs
}

// one returns the error of an instance that the caller may not see.
func (b bounds) one(ctx context.Context, regionID, id string, repeatable bool) error {
	return b.hidden(ctx, regionID, []string{id}, repeatable)[id]
}

// all returns the error of the first instance that the caller may not see.
func (b bounds) all(ctx context.Context, regionID string, ids []string, repeatable bool) error {
	hidden := b.hidden(ctx, regionID, ids, repeatable)
	for _, id := range ids {
		if err := hidden[id]; err != nil {
			return err
		}
	}
	return nil
}

// eachSeen calls a function with the instances that the caller may see, and adds
// the errors of the others, in request order.
func eachSeen[T any](
	ctx context.Context, b bounds, regionID string, ids []string, repeatable bool, do func(ids []string) ([]ecs.Result[T], error),
) ([]ecs.Result[T], error) {
	hidden := b.hidden(ctx, regionID, ids, repeatable)
	if len(hidden) == 0 {
		return do(ids)
	}
	var seen []string
	for _, id := range ids {
		if hidden[id] == nil {
			seen = append(seen, id)
		}
	}
	done := map[string]ecs.Result[T]{}
	if len(seen) > 0 {
		results, err := do(seen)
		if err != nil {
			return nil, err
		}
		for _, r := range results {
			done[r.ID] = r
		}
	}
	merged := make([]ecs.Result[T], len(ids))
	for i, id := range ids {
		r, ok := done[id]
		switch {
		case ok:
		case hidden[id] != nil:
			r = ecs.Result[T]{ID: id, Err: hidden[id]}
		default:
			r = ecs.Result[T]{ID: id, Err: notSeen(regionID, id)}
		}
		merged[i] = r
	}
	return merged, nil
}

// withoutError adapts a function that returns results only.
func withoutError[T any](do func(ids []string) []ecs.Result[T]) func([]string) ([]ecs.Result[T], error) {
	return func(ids []string) ([]ecs.Result[T], error) { return do(ids), nil }
}

// launchWithin returns the error of a launch that the caller would not see.
func launchWithin(ctx context.Context, order ecs.LaunchOrder) error {
	if err := regionNotSeen(ctx, order.RegionID); err != nil {
		return err
	}
	l := limitsOf(ctx)
	if l.SeesTags(order.Spec.Tags) {
		return nil
	}
	wanted := make([]string, len(l.Tags))
	for i, tag := range l.Tags {
		wanted[i] = tag.Key + "=" + tag.Value
	}
	rule := fmt.Sprintf("must have the tags of the caller's limits: %s", strings.Join(wanted, ", "))
	e := ecs.Errorf(ecs.ReasonInvalidField, "spec.tags %s", rule)
	e.Violations = []ecs.Violation{{Field: "spec.tags", Rule: rule}}
	return e
}
