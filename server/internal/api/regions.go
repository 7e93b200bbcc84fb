package api

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// regions are those that the server serves; the first is the default.
type regions struct {
	ids []string
}

func newRegions(ids []string) regions { return regions{ids: slices.Clone(ids)} }

func (r regions) serves(id string) bool { return slices.Contains(r.ids, id) }

func (r regions) isDefault(id string) bool { return len(r.ids) > 0 && r.ids[0] == id }

// one checks a region_id; empty is the default region.
func (r regions) one(c *check, id string) string {
	if id == "" {
		id = r.ids[0]
	}
	c.region = id
	r.check(c, "region_id", id)
	return id
}

// many checks region_ids; empty are all.
func (r regions) many(c *check, ids []string) []string {
	if len(ids) == 0 {
		return r.ids
	}
	for i, id := range ids {
		at := fmt.Sprintf("region_ids[%d]", i)
		r.check(c, at, id)
		if first := slices.Index(ids, id); first < i {
			c.fail(at, "must not repeat region_ids[%d] (%s)", first, quoted(id))
		}
	}
	return ids
}

func (r regions) check(c *check, field, id string) {
	if !r.serves(id) {
		c.failAs(ecs.ReasonUnknownRegion, field, "must be a region that this server serves: %s; got %s", strings.Join(r.ids, ", "), quoted(id))
	}
}
