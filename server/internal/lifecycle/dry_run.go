package lifecycle

import (
	"context"
	"errors"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// dryRun runs the cloud's own checks and reads the price. It makes nothing and
// stores nothing.
func (l *Lifecycle) dryRun(ctx context.Context, action string, q Launch) (Launched, error) {
	if _, err := l.stored(ctx, q.key(action)); err != nil && !errors.Is(err, ecs.ErrNoRecord) {
		return Launched{}, l.toCaller(err, q.Order.RegionID, q.RequestID)
	}
	if _, err := l.admit(ctx, q); err != nil {
		return Launched{}, l.toCaller(err, q.Order.RegionID, q.RequestID)
	}
	order := q.Order
	order.DryRun = true
	if _, err := l.call(ctx, action, order); err != nil {
		return Launched{}, err
	}
	if order.Spec.Type == "" {
		return Launched{}, nil // a template's type has no price until it is known
	}
	quote, err := l.cloud.InstancePrice(ctx, q.Order)
	if ecs.HasReason(err, ecs.ReasonPriceUnavailable) {
		return Launched{}, nil
	}
	if err != nil {
		return Launched{}, err
	}
	return Launched{Price: &quote}, nil
}

// dryRunRelease evaluates the guards as a release does, sends a dry run to the
// cloud, and lists the disks. It changes nothing and stores nothing.
func (l *Lifecycle) dryRunRelease(ctx context.Context, q ReleaseRequest, ids []string) (map[string]ecs.Result[Outcome], error) {
	r := &release{lifecycle: l, q: q, items: map[string]*item{}, results: map[string]ecs.Result[Outcome]{}}
	going, err := r.evaluate(ctx, ids)
	if err != nil {
		return nil, err
	}
	refused := map[string]error{}
	for _, group := range r.groups(going) {
		for id, err := range errorsOf(l.cloud.DeleteInstances(ctx, q.RegionID, group.ids, group.options, "", true)) {
			if !q.OverrideDeletionProtection || !ecs.HasReason(err, ecs.ReasonDeletionProtected) {
				refused[id] = err
			}
		}
	}
	going = slices.DeleteFunc(going, func(id string) bool { return refused[id] != nil })
	for id, err := range r.listDisks(ctx, going) {
		refused[id] = err
	}
	for _, id := range going {
		r.results[id] = ecs.Result[Outcome]{ID: id, Value: r.item(id).Outcome}
	}
	for id, err := range refused {
		r.keep(id, err)
	}
	return r.results, nil
}
