package api

import (
	"context"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/disk"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/history"
	"github.com/ecsd-io/ecsd/server/internal/spot"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// boundSpot refuses regions outside the limits; offers have no tags.
type boundSpot struct{ inner Spot }

func (b boundSpot) Zones(ctx context.Context, regionID string, types ...string) ([]spot.Zone, error) {
	if err := regionNotSeen(ctx, regionID); err != nil {
		return nil, err
	}
	return b.inner.Zones(ctx, regionID, types...)
}

func (b boundSpot) Prices(ctx context.Context, q spot.PriceRequest) (spot.History, error) {
	if err := regionNotSeen(ctx, q.RegionID); err != nil {
		return spot.History{}, err
	}
	return b.inner.Prices(ctx, q)
}

func (b boundSpot) Advice(ctx context.Context, regionID string, q ecs.SpotAdviceQuery) ([]ecs.SpotAdvice, error) {
	if err := regionNotSeen(ctx, regionID); err != nil {
		return nil, err
	}
	return b.inner.Advice(ctx, regionID, q)
}

// boundCatalog refuses regions outside the limits. The list of the regions is
// public.
type boundCatalog struct{ inner Catalog }

func (b boundCatalog) Regions(ctx context.Context) ([]ecs.Region, error) { return b.inner.Regions(ctx) }

func (b boundCatalog) Zones(ctx context.Context, regionID string) ([]ecs.Zone, error) {
	if err := regionNotSeen(ctx, regionID); err != nil {
		return nil, err
	}
	return b.inner.Zones(ctx, regionID)
}

func (b boundCatalog) InstanceTypes(ctx context.Context, regionID string, q ecs.TypeQuery, cursor string, limit int) (ecs.TypePage, error) {
	if err := regionNotSeen(ctx, regionID); err != nil {
		return ecs.TypePage{}, err
	}
	return b.inner.InstanceTypes(ctx, regionID, q, cursor, limit)
}

func (b boundCatalog) Stock(ctx context.Context, regionID string, q ecs.StockQuery) ([]ecs.Stock, error) {
	if err := regionNotSeen(ctx, regionID); err != nil {
		return nil, err
	}
	return b.inner.Stock(ctx, regionID, q)
}

// boundDisks narrows disks and snapshots. A caller with tags sees a disk that
// has them, or that is attached to an instance that it sees, and a snapshot that
// has them, or that is of such a disk.
type boundDisks struct {
	bounds bounds
	inner  Disks
}

func (b boundDisks) List(ctx context.Context, regionID string, q ecs.DiskQuery, cursor string, limit int) (ecs.DiskPage, error) {
	if !limitsOf(ctx).SeesRegion(regionID) {
		return ecs.DiskPage{}, nil
	}
	page, err := b.inner.List(ctx, regionID, q, cursor, limit)
	if err != nil || len(limitsOf(ctx).Tags) == 0 {
		return page, err
	}
	page.Disks, err = b.narrow(ctx, regionID, page.Disks)
	return page, err
}

// narrow returns the disks that the caller may see. It costs a call per 100
// instances.
func (b boundDisks) narrow(ctx context.Context, regionID string, disks []ecs.Disk) ([]ecs.Disk, error) {
	l := limitsOf(ctx)
	asked := map[string]bool{}
	var instances []string
	for _, d := range disks {
		if d.InstanceID != "" && !l.SeesTags(d.Tags) && !asked[d.InstanceID] {
			asked[d.InstanceID] = true
			instances = append(instances, d.InstanceID)
		}
	}
	hidden := map[string]error{}
	if len(instances) > 0 {
		hidden = b.bounds.hidden(ctx, regionID, instances, false)
	}
	var seen []ecs.Disk
	for _, d := range disks {
		if l.SeesTags(d.Tags) || d.InstanceID != "" && hidden[d.InstanceID] == nil {
			seen = append(seen, d)
		} else if err := hidden[d.InstanceID]; err != nil && !ecs.HasReason(err, ecs.ReasonInstanceNotFound) {
			return nil, err
		}
	}
	return seen, nil
}

func (b boundDisks) ListSnapshots(ctx context.Context, regionID string, q ecs.SnapshotQuery, cursor string, limit int) (ecs.SnapshotPage, error) {
	l := limitsOf(ctx)
	if !l.SeesRegion(regionID) {
		return ecs.SnapshotPage{}, nil
	}
	page, err := b.inner.ListSnapshots(ctx, regionID, q, cursor, limit)
	if err != nil || len(l.Tags) == 0 {
		return page, err
	}
	asked := map[string]bool{}
	var disks []string
	for _, s := range page.Snapshots {
		if s.DiskID != "" && !l.SeesTags(s.Tags) && !asked[s.DiskID] {
			asked[s.DiskID] = true
			disks = append(disks, s.DiskID)
		}
	}
	visible, err := b.visible(ctx, regionID, disks)
	if err != nil {
		return ecs.SnapshotPage{}, err
	}
	var seen []ecs.Snapshot
	for _, s := range page.Snapshots {
		if l.SeesTags(s.Tags) || visible[s.DiskID] {
			seen = append(seen, s)
		}
	}
	page.Snapshots = seen
	return page, nil
}

// visible returns which disks the caller may see. It costs two calls per 100.
func (b boundDisks) visible(ctx context.Context, regionID string, ids []string) (map[string]bool, error) {
	visible := map[string]bool{}
	for len(ids) > 0 {
		n := min(len(ids), maxFilterIDs)
		page, err := b.inner.List(ctx, regionID, ecs.DiskQuery{IDs: ids[:n]}, "", n)
		if err != nil {
			return nil, err
		}
		seen, err := b.narrow(ctx, regionID, page.Disks)
		if err != nil {
			return nil, err
		}
		for _, d := range seen {
			visible[d.ID] = true
		}
		ids = ids[n:]
	}
	return visible, nil
}

// within calls a function with the disks that the caller may see.
func (b boundDisks) within(ctx context.Context, regionID string, ids []string, do func(ids []string) []ecs.Result[string]) []ecs.Result[string] {
	l := limitsOf(ctx)
	if l.SeesRegion(regionID) && len(l.Tags) == 0 {
		return do(ids)
	}
	var visible map[string]bool
	var failed error
	if l.SeesRegion(regionID) {
		visible, failed = b.visible(ctx, regionID, ids)
	}
	var seen []string
	for _, id := range ids {
		if visible[id] {
			seen = append(seen, id)
		}
	}
	done := map[string]ecs.Result[string]{}
	if len(seen) > 0 {
		for _, r := range do(seen) {
			done[r.ID] = r
		}
	}
	merged := make([]ecs.Result[string], len(ids))
	for i, id := range ids {
		r, ok := done[id]
		switch {
		case ok:
		case failed != nil:
			r = ecs.Result[string]{ID: id, Err: failed}
		default:
			r = ecs.Result[string]{ID: id, Err: ecs.Errorf(ecs.ReasonResourceNotFound, "the cloud lists no such disk").On(regionID, "")}
		}
		merged[i] = r
	}
	return merged
}

func (b boundDisks) CreateSnapshots(ctx context.Context, regionID string, diskIDs []string, options disk.SnapshotOptions, requestID string) []ecs.Result[string] {
	return b.within(ctx, regionID, diskIDs, func(ids []string) []ecs.Result[string] {
		return b.inner.CreateSnapshots(ctx, regionID, ids, options, requestID)
	})
}

func (b boundDisks) CheckSnapshots(ctx context.Context, regionID string, diskIDs []string) []ecs.Result[string] {
	return b.within(ctx, regionID, diskIDs, func(ids []string) []ecs.Result[string] { return b.inner.CheckSnapshots(ctx, regionID, ids) })
}

// boundWatcher narrows watches. Limits are a part of the filter, so that the
// resume token of a watch under other limits does not fit.
type boundWatcher struct {
	bounds bounds
	inner  Watcher
}

func (b boundWatcher) Watch(ctx context.Context, f *watch.Filter, d watch.Delivery, resumeToken string, beat watch.Heartbeat) (*watch.Subscription, error) {
	regions := narrowRegions(ctx, f.Regions)
	if len(regions) == 0 {
		return nil, regionNotSeen(ctx, f.Regions[0])
	}
	narrowed := *f
	narrowed.Regions, narrowed.Query.Tags = regions, narrowTags(ctx, f.Query.Tags)
	return b.inner.Watch(ctx, &narrowed, d, resumeToken, beat)
}

func (b boundWatcher) Wait(ctx context.Context, regionID string, ids []string, want ecs.Status) ([]ecs.Result[ecs.Instance], error) {
	results, err := eachSeen(ctx, b.bounds, regionID, ids, false, func(ids []string) ([]ecs.Result[ecs.Instance], error) {
		return b.inner.Wait(ctx, regionID, ids, want)
	})
	return narrowResults(ctx, regionID, results), err
}

func (b boundWatcher) Reserve(ctx context.Context) (release func(), err error) {
	return b.inner.Reserve(ctx)
}

// boundHistory narrows the list of changes.
type boundHistory struct{ inner History }

// List reads on until a page has a change that the caller may see, because the
// position of the next page is that of the last change.
func (b boundHistory) List(ctx context.Context, q changelog.Query) (history.Page, error) {
	regions := narrowRegions(ctx, q.RegionIDs)
	if len(regions) == 0 && len(q.RegionIDs) > 0 {
		return history.Page{}, nil
	}
	q.RegionIDs = regions
	for {
		page, err := b.inner.List(ctx, q)
		if err != nil || limitsOf(ctx).None() {
			return page, err
		}
		var seen []history.Change
		for _, c := range page.Changes {
			if seesChange(ctx, c) {
				seen = append(seen, c)
			}
		}
		if len(seen) > 0 || !page.More || len(page.Changes) == 0 {
			page.Changes = seen
			return page, nil
		}
		q.After = page.Changes[len(page.Changes)-1].Cursor()
	}
}

// seesChange reports whether the caller may see a change: it sees the instance
// before it and after it. A change of a tag that its limits use is not seen, as
// one side of it is another caller's.
func seesChange(ctx context.Context, c history.Change) bool {
	return (c.Before == nil || seesInstance(ctx, c.Before)) && (c.After == nil || seesInstance(ctx, c.After))
}
