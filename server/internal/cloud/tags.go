package cloud

import (
	"context"
	"fmt"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// maxTagged is how many instances one call tags.
	maxTagged = 50
	// maxTags is how many tags one call takes, and an instance holds.
	maxTags = 20
)

// TagInstances sets tags on instances: one result per ID, in request order, 50
// IDs per call. An existing key gets the new value. The cloud tags all of a
// call or none; an instance that does not exist or would hold more than 20 tags
// is excluded, and does not affect the others.
func (e *Edge) TagInstances(ctx context.Context, regionID string, ids []string, tags []ecs.Tag) []ecs.Result[struct{}] {
	keys := make([]string, len(tags))
	list := make([]sdkecs.TagResourcesTag, len(tags))
	for i, tag := range tags {
		keys[i], list[i] = tag.Key, sdkecs.TagResourcesTag{Key: tag.Key, Value: tag.Value}
	}
	why := func(i ecs.Instance, refused ecs.Reason) *ecs.Error {
		if refused == ecs.ReasonQuotaExceeded && tagsAfter(i.Tags, keys) > maxTags {
			return ecs.Errorf(ecs.ReasonQuotaExceeded, "the instance would hold more than %d tags", maxTags)
		}
		return nil
	}
	return e.retag(ctx, regionID, ids, "TagResources", keys, why, func(ids []string) requests.AcsRequest {
		r := sdkecs.CreateTagResourcesRequest()
		r.RegionId, r.ResourceType, r.ResourceId, r.Tag = regionID, "instance", &ids, &list
		return r
	})
}

// UntagInstances takes tags off instances, as TagInstances sets them. A key
// that an instance does not have is no error.
func (e *Edge) UntagInstances(ctx context.Context, regionID string, ids []string, keys []string) []ecs.Result[struct{}] {
	why := func(ecs.Instance, ecs.Reason) *ecs.Error { return nil }
	return e.retag(ctx, regionID, ids, "UntagResources", keys, why, func(ids []string) requests.AcsRequest {
		r := sdkecs.CreateUntagResourcesRequest()
		r.RegionId, r.ResourceType, r.ResourceId, r.TagKey = regionID, "instance", &ids, &keys
		return r
	})
}

func (e *Edge) retag(ctx context.Context, regionID string, ids []string, action string, keys []string, why diagnosis, write func(ids []string) requests.AcsRequest) []ecs.Result[struct{}] {
	return chunked(ids, regionID, maxTagged, func(ids []string, give func(string, struct{}, error)) {
		if err := checkKeys(keys); err != nil {
			giveAll(ids, give, err)
			return
		}
		ask := func(ids []string) error {
			err := e.do(ctx, operation{
				action: action, region: regionID,
				changes: true, many: len(ids) > 1, instances: ids,
				write: func() requests.AcsRequest { return write(ids) },
				read:  answer.RequestID,
			})
			if err != nil {
				return err
			}
			giveAll(ids, give, nil)
			return nil
		}
		exclude(ctx, e, regionID, ids, give, ask, why)
	})
}

// checkKeys refuses keys that the cloud would misread: no key at all leaves
// nothing to do, and an empty or repeated one is an error of the call.
func checkKeys(keys []string) error {
	rule := ""
	seen := make(map[string]bool, len(keys))
	for _, key := range keys {
		switch {
		case key == "":
			rule = "must have keys that are not empty"
		case seen[key]:
			rule = "must not name a key twice"
		}
		seen[key] = true
	}
	if len(keys) < 1 || len(keys) > maxTags {
		rule = fmt.Sprintf("must be 1 to %d", maxTags)
	}
	if rule == "" {
		return nil
	}
	failure := ecs.Errorf(ecs.ReasonInvalidField, "tags %s", rule)
	failure.Violations = []ecs.Violation{{Field: "tags", Rule: rule}}
	return failure
}

// tagsAfter counts the tags of an instance once these keys are set.
func tagsAfter(tags []ecs.Tag, keys []string) int {
	all := make(map[string]bool, len(tags)+len(keys))
	for _, tag := range tags {
		all[tag.Key] = true
	}
	for _, key := range keys {
		all[key] = true
	}
	return len(all)
}
