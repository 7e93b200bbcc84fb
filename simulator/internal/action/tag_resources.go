package action

import (
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

func tagResources(w *World, c *Call) *wire.Error {
	ids, tags := c.Params.List("ResourceId"), c.Params.Pairs("Tag")
	switch kind := c.Params.Get("ResourceType"); {
	case c.Denied:
		return errForbidden
	case kind == "":
		return errTagTypeMissing
	case kind != "instance":
		return errResourceType
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
	for _, id := range ids {
		i, ok := w.Fleet.Find(c.Region.ID, id)
		if !ok {
			return errTagNoResource
		}
		if tagsAfter(i, tags) > maxTags {
			return errTagQuota
		}
	}
	for _, id := range ids {
		_, err := w.Fleet.Update(id, func(i *fleet.Instance) {
			for _, t := range tags {
				i.SetTag(t.Key, t.Value)
			}
		})
		if err != nil {
			return errTagNoResource // released in between
		}
	}
	c.open("TagResources").Close()
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

func tagsAfter(i *fleet.Instance, tags []wire.Pair) int {
	n := len(i.Tags)
	for _, t := range tags {
		known := false
		for _, have := range i.Tags {
			known = known || have.Key == t.Key
		}
		if !known {
			n++
		}
	}
	return n
}
