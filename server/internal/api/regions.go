package api

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// regions are the served regions; the first is the default.
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
	if r.check(c, "region_id", id) {
		c.region = id
	}
	return id
}

// many checks region_ids; empty are all.
func (r regions) many(c *check, ids []string) []string {
	if len(ids) == 0 {
		return r.ids
	}
	return c.list("region_ids", ids, maxRegionIDs, func(at, id string) { r.check(c, at, id) })
}

// check reports whether the server serves a region.
func (r regions) check(c *check, field, id string) bool {
	if !r.serves(id) {
		c.failAs(ecs.ReasonUnknownRegion, field, "must be a region that this server serves: %s; got %s", r.named(), quoted(id))
		return false
	}
	return true
}

// named lists the first regions that are served.
func (r regions) named() string {
	const most = 10
	if len(r.ids) <= most {
		return strings.Join(r.ids, ", ")
	}
	return strings.Join(r.ids[:most], ", ") + fmt.Sprintf(" and %d more (CatalogService/ListRegions lists them)", len(r.ids)-most)
}
