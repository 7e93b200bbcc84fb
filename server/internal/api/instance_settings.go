package api

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/access"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func (s *instanceService) SetAutoReleaseTime(ctx context.Context, req *ecsdv1.SetAutoReleaseTimeRequest) (*ecsdv1.SetAutoReleaseTimeResponse, error) {
	var c check
	region := s.regions.one(&c, req.GetRegionId())
	c.instanceID("instance_id", req.GetInstanceId())
	at := c.autoReleaseSetting(req, s.clock.Now())
	if err := c.err(); err != nil {
		return nil, err
	}
	instance, err := s.lifecycle.SetAutoReleaseTime(ctx, region, req.GetInstanceId(), at, req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &ecsdv1.SetAutoReleaseTimeResponse{Instance: s.account.instanceProto(&instance)}, nil
}

// autoReleaseSetting returns the time to set, zero to cancel.
func (c *check) autoReleaseSetting(req *ecsdv1.SetAutoReleaseTimeRequest, now time.Time) time.Time {
	switch setting := req.GetSetting().(type) {
	case *ecsdv1.SetAutoReleaseTimeRequest_AutoReleaseTime:
		if t := setting.AutoReleaseTime; t.CheckValid() != nil || t.GetSeconds() < 0 {
			c.fail("auto_release_time", "must be a valid time; to cancel, set clear_auto_release_time")
			return time.Time{}
		}
		at := c.minute("auto_release_time", setting.AutoReleaseTime)
		c.autoRelease("auto_release_time", at, now)
		return at
	case *ecsdv1.SetAutoReleaseTimeRequest_ClearAutoReleaseTime:
		if !setting.ClearAutoReleaseTime {
			c.fail("clear_auto_release_time", "must be true to cancel the automatic release, or unset")
		}
	default:
		c.fail("auto_release_time", "or clear_auto_release_time is required: the time to set, or true to cancel")
	}
	return time.Time{}
}

//nolint:revive // the contract's spelling
func (s *instanceService) AllocatePublicIpAddress(ctx context.Context, req *ecsdv1.AllocatePublicIpAddressRequest) (*ecsdv1.AllocatePublicIpAddressResponse, error) {
	var c check
	region := s.regions.one(&c, req.GetRegionId())
	c.instanceID("instance_id", req.GetInstanceId())
	once := onceFor(ctx, &c, "AllocatePublicIpAddress", region, req)
	if err := c.err(); err != nil {
		return nil, err
	}
	address, instance, err := s.lifecycle.AllocatePublicIPAddress(ctx, region, req.GetInstanceId(), once, req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &ecsdv1.AllocatePublicIpAddressResponse{IpAddress: address, Instance: s.account.instanceProto(&instance)}, nil
}

func (s *instanceService) SetDeletionProtection(ctx context.Context, req *ecsdv1.SetDeletionProtectionRequest) (*ecsdv1.SetDeletionProtectionResponse, error) {
	var c check
	region, ids := s.many(&c, req)
	if req.DeletionProtection == nil {
		c.fail("deletion_protection", "is required: true to protect the instances, false to remove their protection")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	shown := s.lifecycle.SetDeletionProtection(ctx, region, ids, req.GetDeletionProtection(), req.GetValidateOnly())
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &ecsdv1.SetDeletionProtectionResponse{Results: s.account.instanceResults(shown)}, nil
}

func (s *instanceService) SetTags(ctx context.Context, req *ecsdv1.SetTagsRequest) (*ecsdv1.SetTagsResponse, error) {
	var c check
	region, ids := s.many(&c, req)
	set := c.newTags("tags", req.GetTags())
	remove := c.removedKeys(req.GetRemoveTagKeys(), set)
	if len(req.GetTags()) == 0 && len(remove) == 0 {
		c.fail("tags", "or remove_tag_keys is required: what to set, or what to take off")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := s.mayChangeTags(ctx, set, remove); err != nil {
		return nil, err
	}
	shown := s.lifecycle.SetTags(ctx, region, ids, set, remove, req.GetValidateOnly())
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &ecsdv1.SetTagsResponse{Results: s.account.instanceResults(shown)}, nil
}

// mayChangeTags returns the error of a caller without access.admin that changes
// a tag that limits use: it could give itself or others an instance.
func (s *instanceService) mayChangeTags(ctx context.Context, set []ecs.Tag, remove []string) error {
	id := call.Identity(ctx)
	if s.tagKey == nil || id == nil || id.Has(access.AccessAdmin) {
		return nil
	}
	keys := slices.Clone(remove)
	for _, tag := range set {
		keys = append(keys, tag.Key)
	}
	for _, key := range keys {
		if s.tagKey(key) {
			e := ecs.Errorf(ecs.ReasonPermissionDenied, "the tag %s decides who sees an instance; the call requires the scope %s to change it, which the caller does not have", quoted(key), access.AccessAdmin)
			e.Facts = map[string]string{"scope": string(access.AccessAdmin)}
			return e
		}
	}
	return nil
}

// removedKeys checks the keys of tags to be removed.
func (c *check) removedKeys(keys []string, set []ecs.Tag) []string {
	for i, key := range keys {
		if slices.ContainsFunc(set, func(t ecs.Tag) bool { return t.Key == key }) {
			c.fail(fmt.Sprintf("remove_tag_keys[%d]", i), "must not be a key that is set too; got %s", quoted(key))
		}
	}
	return c.list("remove_tag_keys", keys, maxTags, func(at, key string) {
		if c.tagKey(at, key); key == "" || utf8.RuneCountInString(key) > maxTagText {
			c.fail(at, "must not be empty, and at most %d characters", maxTagText)
		}
	})
}
