package action

import (
	"cmp"
	"slices"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// oldTags returns the actions for tags of the oldest SDKs, which have no others. They take one resource.
func oldTags() map[string]Action {
	return map[string]Action{
		"AddTags":      {Handler: addTags},
		"RemoveTags":   {Handler: removeTags},
		"DescribeTags": {Handler: describeTags},
	}
}

// readOldTags parses the resource and the tags of AddTags and RemoveTags.
func readOldTags(c *Call) (*tagKind, []wire.Pair, *wire.Error) {
	tags := c.Params.Pairs("Tag")
	switch {
	case c.Denied:
		return nil, nil, errForbidden
	case c.Params.Get("ResourceType") == "":
		return nil, nil, wire.Missing("ResourceType")
	case c.Params.Get("ResourceId") == "":
		return nil, nil, wire.Missing("ResourceId")
	case len(tags) == 0:
		return nil, nil, wire.Missing("Tag.1.Key")
	case len(tags) > maxTags:
		return nil, nil, errTagCount
	}
	kind, refusal := taggedKind(c)
	return kind, tags, refusal
}

func addTags(w *World, c *Call) *wire.Error {
	kind, tags, refusal := readOldTags(c)
	if refusal != nil {
		return refusal
	}
	if refusal := checkTags(tags); refusal != nil {
		return refusal
	}
	refusal = changeTags(w, c, kind, []string{c.Params.Get("ResourceId")}, func(have []fleet.Tag) []fleet.Tag {
		for _, t := range tags {
			have = fleet.WithTag(have, t.Key, t.Value)
		}
		return have
	})
	if refusal != nil {
		return refusal
	}
	c.open(c.Name).Close()
	return nil
}

// removeTags removes the tags with the given keys, and if a value is given, only with that value.
func removeTags(w *World, c *Call) *wire.Error {
	kind, tags, refusal := readOldTags(c)
	if refusal != nil {
		return refusal
	}
	if slices.ContainsFunc(tags, func(t wire.Pair) bool { return t.Key == "" }) {
		return errTagMismatch
	}
	refusal = changeTags(w, c, kind, []string{c.Params.Get("ResourceId")}, func(have []fleet.Tag) []fleet.Tag {
		return slices.DeleteFunc(slices.Clone(have), func(h fleet.Tag) bool {
			return slices.ContainsFunc(tags, func(t wire.Pair) bool { return t.Key == h.Key && (!t.HasValue || t.Value == h.Value) })
		})
	})
	if refusal != nil {
		return refusal
	}
	c.open(c.Name).Close()
	return nil
}

// countedKinds are the counts of a tag by resource type, with the names of the response.
var countedKinds = []struct{ kind, name string }{
	{"instance", "Instance"}, {"disk", "Disk"}, {"image", "Image"}, {"snapshot", "Snapshot"}, {"securitygroup", "Securitygroup"},
	{"keypair", "KeyPair"}, {"launchtemplate", "LaunchTemplate"}, {"eni", "Eni"}, {"ddh", "Ddh"}, {"volume", "Volume"},
	{"reservedinstance", "ReservedInstance"}, {"snapshotpolicy", "SnapshotPolicy"},
}

// describeTags lists each tag once, with the counts of the resources that have it.
func describeTags(w *World, c *Call) *wire.Error {
	number, refusal := c.number("PageNumber", 1, 1, 1<<24)
	if refusal != nil {
		return refusal
	}
	size, refusal := c.number("PageSize", tagsOfPage, 1, 100)
	if refusal != nil {
		return refusal
	}
	want, refusal := tagFilters(c)
	kinds, only := tagKinds(), c.Params.Get("ResourceType")
	if _, known := kinds[only]; only != "" && !known {
		return errResourceType
	}
	switch {
	case c.Denied:
		return errForbidden
	case refusal != nil:
		return refusal
	}
	counts := map[fleet.Tag]map[string]int64{}
	for _, counted := range countedKinds {
		kind := kinds[counted.kind]
		if kind == nil || !is(only, counted.kind) {
			continue
		}
		kind.each(w, c, 0, func(_ uint64, id string, tags []fleet.Tag) bool {
			if !is(c.Params.Get("ResourceId"), id) {
				return true
			}
			for _, t := range tags {
				if len(want) > 0 && !slices.ContainsFunc(want, func(f fleet.TagFilter) bool { return tagged([]fleet.TagFilter{f}, []fleet.Tag{t}) }) {
					continue
				}
				if counts[t] == nil {
					counts[t] = map[string]int64{}
				}
				counts[t][counted.kind]++
			}
			return true
		})
	}
	var all []fleet.Tag
	for t := range counts {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b fleet.Tag) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Value, b.Value)) })
	win := window{number: number, size: size, skip: (number - 1) * size}
	page, _ := pageOf(win, all)
	out := c.open(c.Name)
	win.writeNumbers(out, len(all))
	out.List("Tags", "Tag")
	for _, t := range page {
		out.Item()
		out.Str("TagKey", t.Key)
		out.Str("TagValue", t.Value)
		out.Str("Key", t.Key)
		out.Str("Value", t.Value)
		out.Object("ResourceTypeCount")
		for _, counted := range countedKinds {
			out.Int(counted.name, counts[t][counted.kind])
		}
		out.End()
		out.End()
	}
	out.End()
	out.Close()
	return nil
}
