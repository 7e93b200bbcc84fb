package watch

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Wait returns when every instance has the status or cannot get there any
// more, with one result an id in the order asked. When ctx ends first, those
// still on their way have its error. What was so before the call says nothing:
// each is read once since.
func (r *Room) Wait(ctx context.Context, regionID string, ids []string, want ecs.Status) ([]ecs.Result[ecs.Instance], error) {
	s, err := r.begin(ctx, Filter{Regions: []string{regionID}, IDs: ids}, Latest, "")
	if err != nil {
		return nil, err
	}
	if err := r.join(s); err != nil {
		return nil, err
	}
	defer s.Close()
	region := r.regions[regionID]
	results := make(map[string]ecs.Result[ecs.Instance], len(ids))
	settle := func(id string, i *ecs.Instance, err error) {
		results[id] = ecs.Result[ecs.Instance]{ID: id, Err: err}
		if i != nil {
			results[id] = ecs.Result[ecs.Instance]{ID: id, Value: *i, Err: err}
		}
	}
	look := func(i *ecs.Instance) {
		switch {
		case i.Status == want:
			settle(i.ID, i, nil)
		case i.LockedFor(ecs.LockRecycling) && want != ecs.StatusStopped, stuck(i, want):
			settle(i.ID, nil, ecs.Errorf(ecs.ReasonInstanceLocked, "instance %s is locked and cannot become what is waited for", i.ID).On(regionID, i.ID))
		}
	}
	known, old := map[string]bool{}, map[string]bool{}
	began := time.Now()
	for len(results) < len(ids) {
		// Who is waited for is read often, for as long as somebody waits.
		region.fast.add(open(ids, results), time.Now().Add(touchedFor))
		pause := touchedFor / 2
		if len(old) > 0 {
			pause = r.config.FastInterval / 10 // nobody is woken by what stays as it is
		}
		b, err := s.Next(ctx, pause)
		if err != nil {
			if ctx.Err() == nil {
				return nil, err
			}
			for _, id := range open(ids, results) {
				settle(id, nil, ctx.Err())
			}
			break
		}
		for _, item := range b.Snapshot {
			known[item.Instance.ID], old[item.Instance.ID] = true, true
		}
		for _, e := range b.Events {
			known[e.Change.InstanceID] = true
			delete(old, e.Change.InstanceID)
			if _, settled := results[e.Change.InstanceID]; settled {
				continue
			}
			if e.Kind == Released {
				settle(e.Change.InstanceID, nil, notFound(regionID, e.Change.InstanceID))
				continue
			}
			look(e.Change.After)
		}
		if b.First {
			r.refuseUnknown(ctx, regionID, ids, known, settle)
		}
		for id, i := range r.Seen(regionID, slices.Collect(maps.Keys(old)), time.Since(began)) {
			delete(old, id)
			look(&i)
		}
	}
	ordered := make([]ecs.Result[ecs.Instance], len(ids))
	for i, id := range ids {
		ordered[i] = results[id]
	}
	return ordered, nil
}

// refuseUnknown asks the cloud once for those that the memory does not know: a
// new one will be seen soon, one that does not exist never will.
func (r *Room) refuseUnknown(ctx context.Context, regionID string, ids []string, known map[string]bool, settle func(string, *ecs.Instance, error)) {
	var unknown []string
	for _, id := range ids {
		if !known[id] {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) == 0 {
		return
	}
	for _, result := range r.cloud.Instances(ctx, regionID, unknown) {
		if ecs.HasReason(result.Err, ecs.ReasonInstanceNotFound) {
			settle(result.ID, nil, result.Err)
		}
	}
}

func open(ids []string, settled map[string]ecs.Result[ecs.Instance]) []string {
	var left []string
	for _, id := range ids {
		if _, ok := settled[id]; !ok {
			left = append(left, id)
		}
	}
	return left
}

// stuck reports whether a lock keeps the instance from the status.
func stuck(i *ecs.Instance, want ecs.Status) bool {
	if want != ecs.StatusRunning && want != ecs.StatusStarting {
		return false
	}
	return i.LockedFor(ecs.LockFinancial) || i.LockedFor(ecs.LockSecurity) || i.LockedFor(ecs.LockRefunded) ||
		i.LockedFor(ecs.LockDedicatedHostFinancial)
}

func notFound(regionID, id string) *ecs.Error {
	return ecs.Errorf(ecs.ReasonInstanceNotFound, "instance %s was released", id).On(regionID, id)
}
