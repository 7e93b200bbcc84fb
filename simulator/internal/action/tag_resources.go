package action

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

const (
	maxTags        = 20 // per request and per resource
	maxTagged      = 50 // resources per request
	maxTagLength   = 128
	reservedPrefix = "acs:"
)

// taggedKind parses ResourceType. The kind is nil if the account has no resource of the type.
func taggedKind(c *Call) (*tagKind, *wire.Error) {
	name := c.Params.Get("ResourceType")
	kind, known := tagKinds()[name]
	switch {
	case c.Denied:
		return nil, errForbidden
	case name == "":
		return nil, errTagTypeMissing
	case !known:
		return nil, errResourceType
	}
	return kind, nil
}

func tagResources(w *World, c *Call) *wire.Error {
	ids, tags := c.Params.List("ResourceId"), c.Params.Pairs("Tag")
	kind, refusal := taggedKind(c)
	switch {
	case refusal != nil:
		return refusal
	case len(ids) == 0:
		return wire.Missing("ResourceId.N")
	case len(ids) > maxTagged:
		return errTagManyIDs
	case len(tags) == 0:
		return errTagTagsMissing
	case len(tags) > maxTags:
		return errTagManyTags
	}
	if refusal := checkTags(tags); refusal != nil {
		return refusal
	}
	refusal = changeTags(w, c, kind, ids, func(have []fleet.Tag) []fleet.Tag {
		for _, t := range tags {
			have = fleet.WithTag(have, t.Key, t.Value)
		}
		return have
	})
	if refusal != nil {
		return refusal
	}
	c.open("TagResources").Close()
	return nil
}

func untagResources(w *World, c *Call) *wire.Error {
	ids, keys := c.Params.List("ResourceId"), c.Params.List("TagKey")
	all, _, wrong := c.boolean("All")
	kind, refusal := taggedKind(c)
	switch {
	case refusal != nil:
		return refusal
	case wrong != nil:
		return wrong
	case len(ids) == 0:
		return wire.Missing("ResourceId.N")
	case len(ids) > maxTagged:
		return errTagManyIDs
	case len(keys) == 0 && !all:
		return errTagTagsMissing
	case len(keys) > maxTags:
		return errTagManyTags
	}
	refusal = changeTags(w, c, kind, ids, func(have []fleet.Tag) (rest []fleet.Tag) {
		for _, t := range have {
			if len(keys) > 0 && !slices.Contains(keys, t.Key) {
				rest = append(rest, t)
			}
		}
		return rest
	})
	if refusal != nil {
		return refusal
	}
	c.open("UntagResources").Close()
	return nil
}

// changeTags changes the tags of all resources, or of none if one of them is missing or would have too many.
func changeTags(w *World, c *Call, kind *tagKind, ids []string, change func([]fleet.Tag) []fleet.Tag) *wire.Error {
	if kind == nil {
		return errTagNoResource
	}
	for _, id := range ids {
		tags, ok := kind.tags(w, c, id)
		if !ok {
			return errTagNoResource
		}
		if len(change(tags)) > maxTags {
			return errTagQuota
		}
	}
	for _, id := range ids {
		kind.change(w, c, id, change)
	}
	return nil
}

func checkTags(tags []wire.Pair) *wire.Error {
	seen := map[string]bool{}
	for _, t := range tags {
		switch {
		case !t.HasKey:
			return errTagMismatch
		case t.Key == "", utf8.RuneCountInString(t.Key) > maxTagLength, reserved(t.Key):
			return errTagKey
		case utf8.RuneCountInString(t.Value) > maxTagLength, reserved(t.Value):
			return errTagValue
		case seen[t.Key]:
			return errTagDuplicate
		}
		seen[t.Key] = true
	}
	return nil
}

// reserved reports the cloud's reserved keys: the prefixes acs: and aliyun, and anything with a URL scheme.
func reserved(s string) bool {
	s = strings.ToLower(s)
	return strings.HasPrefix(s, reservedPrefix) || strings.HasPrefix(s, "aliyun") ||
		strings.Contains(s, "http://") || strings.Contains(s, "https://")
}
