package lifecycle

import (
	"context"
	"fmt"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// maxTags is how many tags the cloud keeps on an instance.
const maxTags = 20

// SetTags sets some tags of instances, takes others away by key, leaves the
// rest, and returns the instances as the cloud then shows them. No key is in
// both set and removeKeys.
func (l *Lifecycle) SetTags(ctx context.Context, regionID string, ids []string, set []ecs.Tag, removeKeys []string, validateOnly bool) []Shown {
	return l.set(call.InLane(ctx, call.Write), regionID, ids, change{
		allowed: func(i ecs.Instance) error {
			if n := tagsAfter(i.Tags, set, removeKeys); n > maxTags {
				return ecs.Errorf(ecs.ReasonQuotaExceeded, "instance %s would have %d tags; the cloud keeps at most %d", i.ID, n, maxTags).On(regionID, i.ID)
			}
			return nil
		},
		differs: func(i ecs.Instance) string {
			for _, tag := range set {
				if !slices.Contains(i.Tags, tag) {
					return fmt.Sprintf("the tag %q is not as asked", tag.Key)
				}
			}
			for _, tag := range i.Tags {
				if slices.Contains(removeKeys, tag.Key) {
					return fmt.Sprintf("the tag %q is still there", tag.Key)
				}
			}
			return ""
		},
		make: func(ctx context.Context, ids []string) map[string]error {
			failed := map[string]error{}
			// What goes, goes first, to make room for what comes.
			if len(removeKeys) > 0 {
				failed = errorsOf(l.cloud.UntagInstances(ctx, regionID, ids, removeKeys))
			}
			if len(set) > 0 {
				ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return failed[id] != nil })
				if len(ids) > 0 {
					for id, err := range errorsOf(l.cloud.TagInstances(ctx, regionID, ids, set)) {
						failed[id] = err
					}
				}
			}
			return failed
		},
	}, validateOnly)
}

// tagsAfter counts the keys that an instance would have.
func tagsAfter(held, set []ecs.Tag, removeKeys []string) int {
	keys := map[string]bool{}
	for _, tag := range held {
		keys[tag.Key] = true
	}
	for _, key := range removeKeys {
		delete(keys, key)
	}
	for _, tag := range set {
		keys[tag.Key] = true
	}
	return len(keys)
}
