package lifecycle

import (
	"context"
	"sync"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// maxSingles is how many calls on one instance or disk each run concurrently
// for one request.
const maxSingles = 4

// SetDeletionProtection protects instances from release, or no longer, and
// returns them as the cloud then shows them.
func (l *Lifecycle) SetDeletionProtection(ctx context.Context, regionID string, ids []string, on, validateOnly bool) []Shown {
	return l.set(call.InLane(ctx, call.Write), regionID, ids, change{
		allowed: func(i ecs.Instance) error {
			if !on {
				return nil
			}
			return payAsYouGo(i, "deletion protection")
		},
		differs: func(i ecs.Instance) string {
			switch {
			case i.DeletionProtection == on:
				return ""
			case on:
				return "the cloud shows it as not protected"
			}
			return "the cloud shows it as protected"
		},
		make: func(ctx context.Context, ids []string) map[string]error {
			return singly(ids, func(id string) error { return l.cloud.SetDeletionProtection(ctx, regionID, id, on) })
		},
	}, validateOnly)
}

// singly makes one call per ID, some concurrently, and returns the errors by
// ID.
func singly(ids []string, do func(id string) error) map[string]error {
	var (
		group  rescue.Group
		mu     sync.Mutex
		failed = map[string]error{}
	)
	group.SetLimit(maxSingles)
	for _, id := range ids {
		group.Go(func() error {
			if err := do(id); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed[id] = err
			}
			return nil
		})
	}
	_ = group.Wait() // every error is kept beside its id
	return failed
}
