package action

import (
	"slices"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

func untagResources(w *World, c *Call) *wire.Error {
	ids, keys := c.Params.List("ResourceId"), c.Params.List("TagKey")
	all, _, refusal := c.boolean("All")
	switch kind := c.Params.Get("ResourceType"); {
	case c.Denied:
		return errForbidden
	case refusal != nil:
		return refusal
	case kind == "":
		return errTagTypeMissing
	case kind != "instance":
		return errResourceType
	case len(ids) == 0:
		return wire.Missing("ResourceId.N")
	case len(ids) > maxTagged:
		return errTagManyIDs
	case len(keys) == 0 && !all:
		return errTagTagsMissing
	case len(keys) > maxTags:
		return errTagManyTags
	}
	_, err := w.Fleet.UpdateAll(c.Region.ID, unique(ids), func(i *fleet.Instance) error {
		var rest []fleet.Tag
		for _, t := range i.Tags {
			if len(keys) > 0 && !slices.Contains(keys, t.Key) {
				rest = append(rest, t)
			}
		}
		i.Tags = rest
		return nil
	})
	if err != nil {
		return errTagNoResource
	}
	c.open("UntagResources").Close()
	return nil
}

// tagsOfPage is the count of tags per page of ListTagResources.
const tagsOfPage = 50

// listTagResources lists the tags of the given resources, or the resources that have all of the given tags.
func listTagResources(w *World, c *Call) *wire.Error {
	ids := c.Params.List("ResourceId")
	switch kind := c.Params.Get("ResourceType"); {
	case c.Denied:
		return errForbidden
	case kind == "":
		return errTagTypeMissing
	case kind != "instance":
		return errResourceType
	case len(ids) > maxTagged:
		return errTagManyIDs
	}
	filter := &fleet.Filter{}
	if len(ids) > 0 {
		filter.IDs = ids
	}
	if refusal := readTags(c, filter); refusal != nil {
		return refusal
	}
	cursor, err := fleet.ParseToken(c.Params.Get("NextToken"))
	if err != nil {
		return wire.Invalid("NextToken")
	}
	// A page ends after an instance: tags are few, and a token points to one.
	out := c.open("ListTagResources")
	out.List("TagResources", "TagResource")
	listed := 0
	for listed < tagsOfPage {
		page := w.Fleet.PageAfter(c.Region.ID, filter, cursor, 1, 0)
		for _, i := range page.Instances {
			for _, t := range i.Tags {
				out.Item()
				out.Str("ResourceType", "instance")
				out.Str("ResourceId", i.ID)
				out.Str("TagKey", t.Key)
				out.Str("TagValue", t.Value)
				out.End()
				listed++
			}
		}
		if cursor = page.Next; cursor.Zero() {
			break
		}
	}
	out.End()
	out.Str("NextToken", cursor.Token())
	out.Close()
	return nil
}

// unique removes duplicates.
func unique(ids []string) []string {
	var list []string
	for _, id := range ids {
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}
