package lifecycle

import (
	"context"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// unprotect switches the protection off if the request allows it, waits until
// that shows, and returns the instances that may be released. The intent to
// switch it on again is stored before; r.hold holds it. Its error is that of
// the whole release, with nothing switched off.
func (r *release) unprotect(ctx context.Context, ids []string) ([]string, error) {
	var protected []string
	var intents []ecs.SettingIntent
	for _, id := range ids {
		if r.item(id).Outcome.Instance.DeletionProtection {
			protected = append(protected, id)
			intents = append(intents, ecs.SettingIntent{
				RequestID: r.q.RequestID, RegionID: r.q.RegionID, InstanceID: id, Setting: ecs.SettingDeletionProtection,
			})
		}
	}
	if len(protected) == 0 {
		return ids, nil
	}
	var err error
	if r.hold, err = r.lifecycle.intend(ctx, intents); err != nil {
		return nil, err
	}
	refused := singly(protected, func(id string) error { return r.lifecycle.cloud.SetDeletionProtection(ctx, r.q.RegionID, id, false) })
	shown := r.lifecycle.readBack(ctx, r.q.RegionID, protected, func(i ecs.Instance) string {
		if i.DeletionProtection {
			return "the cloud shows it as protected"
		}
		return ""
	}, refused)
	var bare, kept []string
	for _, id := range ids {
		if err := shown[id].Err; err != nil {
			kept = append(kept, id)
			r.keep(id, err)
			continue
		}
		bare = append(bare, id)
	}
	if ctx.Err() == nil {
		r.protectAgain(ctx, kept)
	}
	return bare, nil
}

// protectAgain switches the protection on again for instances that stay.
func (r *release) protectAgain(ctx context.Context, ids []string) {
	ctx, cancel := r.lifecycle.committed(ctx)
	defer cancel()
	were := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !r.item(id).Outcome.Instance.DeletionProtection })
	failed := singly(were, func(id string) error { return r.lifecycle.cloud.SetDeletionProtection(ctx, r.q.RegionID, id, true) })
	for id, err := range failed {
		r.lifecycle.config.Logger.Warn("deletion protection not restored, retrying", "request_id", r.q.RequestID, "region_id", r.q.RegionID, "instance_id", id, "error", err)
		told := *ecs.AsRefusal(r.results[id].Err)
		told.Message += "; its deletion protection was switched off for the release and could not be switched on again yet: ecsd keeps trying"
		r.keep(id, &told)
	}
	r.hold.drop(ctx, slices.DeleteFunc(were, func(id string) bool { return failed[id] != nil }))
}
