package action

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// tagsOfPage is the count of tags per page of ListTagResources.
const tagsOfPage = 50

// tagPattern is a TagFilter.N: a key, and values of which one must match. Both may be a part of the text, and * matches
// any characters.
type tagPattern struct {
	key    string
	values []string
}

func (p tagPattern) match(t fleet.Tag) bool {
	return like(p.key, t.Key) && (len(p.values) == 0 || slices.ContainsFunc(p.values, func(v string) bool { return like(v, t.Value) }))
}

func like(pattern, s string) bool {
	if strings.Contains(pattern, "*") {
		return nameMatches(pattern, s)
	}
	return strings.Contains(s, pattern)
}

func tagPatterns(c *Call) ([]tagPattern, *wire.Error) {
	var list []tagPattern
	for n := 1; n <= maxTags; n++ {
		prefix := "TagFilter." + strconv.Itoa(n)
		key, sent := c.Params.Lookup(prefix + ".TagKey")
		values := c.Params.List(prefix + ".TagValues")
		switch {
		case !sent && len(values) == 0:
			return list, nil
		case key == "":
			return nil, errTagMismatch
		}
		list = append(list, tagPattern{key, values})
	}
	return list, nil
}

// listTagResources lists the tags of the given resources, or of those that have all of the given tags. With patterns it
// lists the tags that match one of them.
func listTagResources(w *World, c *Call) *wire.Error {
	ids := c.Params.List("ResourceId")
	kind, refusal := taggedKind(c)
	switch {
	case refusal != nil:
		return refusal
	case len(ids) > maxTagged:
		return errTagManyIDs
	}
	tags, refusal := tagFilters(c)
	if refusal != nil {
		return refusal
	}
	patterns, refusal := tagPatterns(c)
	switch {
	case refusal != nil:
		return refusal
	case len(ids)+len(tags)+len(patterns) == 0:
		return errTagNothing
	}
	cursor, err := fleet.ParseToken(c.Params.Get("NextToken"))
	if err != nil {
		return errTagToken
	}
	// A page ends after a resource: tags are few, and a token points to one.
	out := c.open("ListTagResources")
	out.List("TagResources", "TagResource")
	listed, next := 0, fleet.Cursor{}
	last := cursor.After
	visit := func(position uint64, id string, have []fleet.Tag) bool {
		rows := matchingTags(have, tags, patterns)
		switch {
		case len(ids) > 0 && !slices.Contains(ids, id), len(rows) == 0:
			return true
		case listed >= tagsOfPage:
			next = fleet.Cursor{After: last, Listed: 1}
			return false
		}
		for _, t := range rows {
			out.Item()
			out.Str("ResourceType", c.Params.Get("ResourceType"))
			out.Str("ResourceId", id)
			out.Str("TagKey", t.Key)
			out.Str("TagValue", t.Value)
			out.End()
			listed++
		}
		last = position
		return true
	}
	if kind != nil {
		eachTagged(w, c, kind, ids, cursor.After, visit)
	}
	out.End()
	out.Str("NextToken", next.Token())
	out.Close()
	return nil
}

// eachTagged visits the named resources in the order of their IDs, or all of a kind.
func eachTagged(w *World, c *Call, kind *tagKind, ids []string, from uint64, visit tagVisit) {
	if len(ids) == 0 {
		kind.each(w, c, from, visit)
		return
	}
	for n, id := range slices.Sorted(slices.Values(unique(ids))) {
		tags, ok := kind.tags(w, c, id)
		if position := uint64(n + 1); ok && position > from && !visit(position, id, tags) {
			return
		}
	}
}

// matchingTags returns the tags of a resource to list; none if it lacks one of the wanted tags.
func matchingTags(have []fleet.Tag, wanted []fleet.TagFilter, patterns []tagPattern) []fleet.Tag {
	if !tagged(wanted, have) {
		return nil
	}
	if len(patterns) == 0 {
		return have
	}
	var rows []fleet.Tag
	for _, t := range have {
		if slices.ContainsFunc(patterns, func(p tagPattern) bool { return p.match(t) }) {
			rows = append(rows, t)
		}
	}
	return rows
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
