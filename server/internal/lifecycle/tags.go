package lifecycle

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

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
			switch {
			case len(removeKeys) == 0:
				return errorsOf(l.cloud.TagInstances(ctx, regionID, ids, set))
			case len(set) == 0:
				return errorsOf(l.cloud.UntagInstances(ctx, regionID, ids, removeKeys))
			}
			return l.retag(ctx, regionID, ids, set, removeKeys)
		},
	}, validateOnly)
}

// retag removes tags, to free their slots, and then sets others. If the process
// dies between the two, the intents set them.
func (l *Lifecycle) retag(ctx context.Context, regionID string, ids []string, set []ecs.Tag, removeKeys []string) map[string]error {
	detail, err := json.Marshal(set)
	var h *hold
	if err == nil {
		h, err = l.intend(ctx, tagIntents(regionID, ids, string(detail)))
	}
	if err != nil {
		failed := map[string]error{}
		for _, id := range ids {
			failed[id] = err
		}
		return failed
	}
	defer h.end()
	failed := errorsOf(l.cloud.UntagInstances(ctx, regionID, ids, removeKeys))
	rest := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return failed[id] != nil })
	if len(rest) > 0 {
		maps.Copy(failed, errorsOf(l.cloud.TagInstances(ctx, regionID, rest, set)))
	}
	h.drop(ctx, slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return failed[id] != nil && ecs.AsRefusal(failed[id]).Effect == ecs.EffectUnknown
	}))
	return failed
}

func tagIntents(regionID string, ids []string, detail string) []ecs.SettingIntent {
	requestID := uuid.NewString() // SetTags has none
	intents := make([]ecs.SettingIntent, len(ids))
	for i, id := range ids {
		intents[i] = ecs.SettingIntent{RequestID: requestID, RegionID: regionID, InstanceID: id, Setting: ecs.SettingTags, Detail: detail}
	}
	return intents
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
