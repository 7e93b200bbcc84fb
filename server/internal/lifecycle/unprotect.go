package lifecycle

import (
	"context"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// unprotect switches the protection off where the request says so, waits until
// that shows, and returns what may be released.
func (r *release) unprotect(ctx context.Context, ids []string) []string {
	var protected []string
	for _, id := range ids {
		if r.item(id).Fate.Instance.DeletionProtection {
			protected = append(protected, id)
		}
	}
	if len(protected) == 0 {
		return ids
	}
	refused := singly(protected, func(id string) error { return r.cloud.SetDeletionProtection(ctx, r.q.RegionID, id, false) })
	shown := r.readBack(ctx, r.q.RegionID, protected, func(i ecs.Instance) string {
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
	return bare
}

// protectAgain gives back the protection of what was not released after all.
func (r *release) protectAgain(ctx context.Context, ids []string) {
	ctx, cancel := r.committed(ctx)
	defer cancel()
	were := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !r.item(id).Fate.Instance.DeletionProtection })
	for id := range singly(were, func(id string) error { return r.cloud.SetDeletionProtection(ctx, r.q.RegionID, id, true) }) {
		told := *refusalOf(r.results[id].Err)
		told.Message += "; its deletion protection was switched off for the release and could not be switched on again"
		r.keep(id, &told)
	}
}
