package api

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/inventory"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
	"github.com/ecsd-io/ecsd/server/internal/modification"
)

// boundInventory narrows reads. Lists are compared again after the read: a page
// may continue a list that was begun under other limits.
type boundInventory struct{ inner Inventory }

func (b boundInventory) Get(ctx context.Context, regionID, instanceID string, maxStaleness time.Duration) (ecs.Instance, error) {
	if !limitsOf(ctx).SeesRegion(regionID) {
		return ecs.Instance{}, notSeen(regionID, instanceID)
	}
	i, err := b.inner.Get(ctx, regionID, instanceID, maxStaleness)
	if err == nil && !seesInstance(ctx, &i) {
		return ecs.Instance{}, notSeen(regionID, instanceID)
	}
	return i, err
}

func (b boundInventory) BatchGet(ctx context.Context, regionID string, ids []string, maxStaleness time.Duration) []ecs.Result[ecs.Instance] {
	if !limitsOf(ctx).SeesRegion(regionID) {
		hidden := make([]ecs.Result[ecs.Instance], len(ids))
		for i, id := range ids {
			hidden[i] = ecs.Result[ecs.Instance]{ID: id, Err: notSeen(regionID, id)}
		}
		return hidden
	}
	return narrowResults(ctx, regionID, b.inner.BatchGet(ctx, regionID, ids, maxStaleness))
}

// narrowResults replaces the instances that the caller may not see.
func narrowResults(ctx context.Context, regionID string, results []ecs.Result[ecs.Instance]) []ecs.Result[ecs.Instance] {
	if limitsOf(ctx).None() {
		return results
	}
	narrowed := make([]ecs.Result[ecs.Instance], len(results))
	for i, r := range results {
		if r.Err == nil && !seesInstance(ctx, &r.Value) {
			r = ecs.Result[ecs.Instance]{ID: r.ID, Err: notSeen(regionID, r.ID)}
		}
		narrowed[i] = r
	}
	return narrowed
}

func (b boundInventory) List(ctx context.Context, q ecs.Query, cursor ecs.Cursor, limit inventory.Limit, maxStaleness time.Duration) (inventory.List, error) {
	cursor.Regions = narrowCursor(ctx, cursor.Regions)
	if len(cursor.Regions) == 0 {
		return inventory.List{}, nil
	}
	q.Tags = narrowTags(ctx, q.Tags)
	list, err := b.inner.List(ctx, q, cursor, limit, maxStaleness)
	list.Instances = narrowInstances(ctx, list.Instances)
	return list, err
}

func (b boundInventory) ListExpiring(ctx context.Context, q ecs.Query, cursor ecs.Cursor, limit inventory.Limit, maxStaleness time.Duration) (inventory.Expiring, error) {
	cursor.Regions = narrowCursor(ctx, cursor.Regions)
	if len(cursor.Regions) == 0 {
		return inventory.Expiring{}, nil
	}
	q.Tags = narrowTags(ctx, q.Tags)
	list, err := b.inner.ListExpiring(ctx, q, cursor, limit, maxStaleness)
	list.Instances = narrowInstances(ctx, list.Instances)
	return list, err
}

// narrowCursor returns the positions in regions that the caller may see.
func narrowCursor(ctx context.Context, regions []ecs.RegionCursor) []ecs.RegionCursor {
	l := limitsOf(ctx)
	if len(l.Regions) == 0 {
		return regions
	}
	seen := make([]ecs.RegionCursor, 0, len(regions))
	for _, r := range regions {
		if l.SeesRegion(r.RegionID) {
			seen = append(seen, r)
		}
	}
	return seen
}

// boundLifecycle compares the instances of a change before it.
type boundLifecycle struct {
	bounds bounds
	inner  Lifecycle
}

func (b boundLifecycle) Run(ctx context.Context, q lifecycle.Launch) (lifecycle.Launched, error) {
	if err := launchWithin(ctx, q.Order); err != nil {
		return lifecycle.Launched{}, err
	}
	return b.inner.Run(ctx, q)
}

func (b boundLifecycle) Create(ctx context.Context, q lifecycle.Launch) (lifecycle.Launched, error) {
	if err := launchWithin(ctx, q.Order); err != nil {
		return lifecycle.Launched{}, err
	}
	return b.inner.Create(ctx, q)
}

func (b boundLifecycle) Quote(ctx context.Context, order ecs.LaunchOrder) (ecs.Quote, error) {
	if err := regionNotSeen(ctx, order.RegionID); err != nil {
		return ecs.Quote{}, err
	}
	return b.inner.Quote(ctx, order)
}

func (b boundLifecycle) Start(ctx context.Context, regionID string, ids []string, once lifecycle.Once, validateOnly bool) ([]ecs.Result[ecs.Transition], error) {
	return eachSeen(ctx, b.bounds, regionID, ids, once.RequestID != "", func(ids []string) ([]ecs.Result[ecs.Transition], error) {
		return b.inner.Start(ctx, regionID, ids, once, validateOnly)
	})
}

func (b boundLifecycle) Stop(ctx context.Context, regionID string, ids []string, options ecs.StopOptions, once lifecycle.Once, validateOnly bool) ([]ecs.Result[ecs.Transition], error) {
	return eachSeen(ctx, b.bounds, regionID, ids, once.RequestID != "", func(ids []string) ([]ecs.Result[ecs.Transition], error) {
		return b.inner.Stop(ctx, regionID, ids, options, once, validateOnly)
	})
}

func (b boundLifecycle) Reboot(ctx context.Context, regionID string, ids []string, force bool, once lifecycle.Once, validateOnly bool) ([]ecs.Result[ecs.Transition], error) {
	return eachSeen(ctx, b.bounds, regionID, ids, once.RequestID != "", func(ids []string) ([]ecs.Result[ecs.Transition], error) {
		return b.inner.Reboot(ctx, regionID, ids, force, once, validateOnly)
	})
}

func (b boundLifecycle) Reactivate(ctx context.Context, regionID string, ids []string, validateOnly bool) []ecs.Result[ecs.Transition] {
	results, _ := eachSeen(ctx, b.bounds, regionID, ids, false, withoutError(func(ids []string) []ecs.Result[ecs.Transition] {
		return b.inner.Reactivate(ctx, regionID, ids, validateOnly)
	})) // the function returns no error
	return results
}

func (b boundLifecycle) Release(ctx context.Context, q lifecycle.ReleaseRequest) ([]ecs.Result[lifecycle.Outcome], error) {
	return eachSeen(ctx, b.bounds, q.RegionID, q.IDs, q.RequestID != "", func(ids []string) ([]ecs.Result[lifecycle.Outcome], error) {
		q.IDs = ids
		return b.inner.Release(ctx, q)
	})
}

func (b boundLifecycle) CreateReleaseJob(ctx context.Context, q lifecycle.ReleaseRequest, note string) (lifecycle.ReleaseJobView, error) {
	if err := b.bounds.all(ctx, q.RegionID, q.IDs, q.RequestID != ""); err != nil {
		return lifecycle.ReleaseJobView{}, err
	}
	return b.inner.CreateReleaseJob(ctx, q, note)
}

func (b boundLifecycle) CheckReleaseJob(ctx context.Context, q lifecycle.ReleaseRequest) ([]ecs.Result[lifecycle.Outcome], error) {
	return eachSeen(ctx, b.bounds, q.RegionID, q.IDs, false, func(ids []string) ([]ecs.Result[lifecycle.Outcome], error) {
		q.IDs = ids
		return b.inner.CheckReleaseJob(ctx, q)
	})
}

func (b boundLifecycle) ReleaseJob(ctx context.Context, jobID string) (lifecycle.ReleaseJobView, []lifecycle.ReleaseItemView, error) {
	job, items, err := b.inner.ReleaseJob(ctx, jobID)
	if own := ownOnly(ctx); err == nil && own != "" && job.Caller != own {
		return lifecycle.ReleaseJobView{}, nil, ecs.Errorf(ecs.ReasonJobNotFound, "there is no release job %s", jobID)
	}
	return job, items, err
}

func (b boundLifecycle) FollowReleaseJob(ctx context.Context, jobID string, from lifecycle.ReleasePosition, send func(*lifecycle.ReleaseStep) error) error {
	if ownOnly(ctx) != "" {
		if _, _, err := b.ReleaseJob(ctx, jobID); err != nil {
			return err
		}
	}
	return b.inner.FollowReleaseJob(ctx, jobID, from, send)
}

func (b boundLifecycle) SetAutoReleaseTime(ctx context.Context, regionID, instanceID string, at time.Time, validateOnly bool) (ecs.Instance, error) {
	if err := b.bounds.one(ctx, regionID, instanceID, false); err != nil {
		return ecs.Instance{}, err
	}
	return b.inner.SetAutoReleaseTime(ctx, regionID, instanceID, at, validateOnly)
}

func (b boundLifecycle) AllocatePublicIPAddress(ctx context.Context, regionID, instanceID string, once lifecycle.Once, validateOnly bool) (address string, _ ecs.Instance, _ error) {
	if err := b.bounds.one(ctx, regionID, instanceID, once.RequestID != ""); err != nil {
		return "", ecs.Instance{}, err
	}
	return b.inner.AllocatePublicIPAddress(ctx, regionID, instanceID, once, validateOnly)
}

func (b boundLifecycle) SetDeletionProtection(ctx context.Context, regionID string, ids []string, on, validateOnly bool) []ecs.Result[ecs.Instance] {
	results, _ := eachSeen(ctx, b.bounds, regionID, ids, false, withoutError(func(ids []string) []ecs.Result[ecs.Instance] {
		return b.inner.SetDeletionProtection(ctx, regionID, ids, on, validateOnly)
	})) // the function returns no error
	return results
}

func (b boundLifecycle) SetTags(ctx context.Context, regionID string, ids []string, set []ecs.Tag, removeKeys []string, validateOnly bool) []ecs.Result[ecs.Instance] {
	results, _ := eachSeen(ctx, b.bounds, regionID, ids, false, withoutError(func(ids []string) []ecs.Result[ecs.Instance] {
		return b.inner.SetTags(ctx, regionID, ids, set, removeKeys, validateOnly)
	})) // the function returns no error
	return results
}

// boundModifications compares the instance of a modification before it.
type boundModifications struct {
	bounds bounds
	inner  Modifications
}

func (b boundModifications) Modify(ctx context.Context, q modification.Request) (ledger.Modification, error) {
	if err := b.bounds.one(ctx, q.RegionID, q.InstanceID, q.RequestID != ""); err != nil {
		return ledger.Modification{}, err
	}
	return b.inner.Modify(ctx, q)
}

func (b boundModifications) Plan(ctx context.Context, q modification.Request) (ledger.Modification, error) {
	if err := b.bounds.one(ctx, q.RegionID, q.InstanceID, false); err != nil {
		return ledger.Modification{}, err
	}
	return b.inner.Plan(ctx, q)
}

func (b boundModifications) List(ctx context.Context, f ledger.ModificationFilter, after ledger.Cursor, limit int) ([]ledger.Modification, error) {
	own := ownOnly(ctx)
	if own == "" {
		return b.inner.List(ctx, f, after, limit)
	}
	var seen []ledger.Modification
	for {
		page, err := b.inner.List(ctx, f, after, limit)
		if err != nil {
			return nil, err
		}
		for _, m := range page {
			if m.Caller == own && len(seen) < limit {
				seen = append(seen, m)
			}
		}
		if len(page) < limit || len(seen) == limit {
			return seen, nil
		}
		last := page[len(page)-1]
		after = ledger.Cursor{Time: last.CreateTime, ID: last.ID}
	}
}

func (b boundModifications) Resolve(ctx context.Context, id string, decision modification.Decided) (ledger.Modification, error) {
	decision.OnlyOf = ownOnly(ctx)
	return b.inner.Resolve(ctx, id, decision)
}
