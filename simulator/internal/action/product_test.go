package action_test

import (
	"testing"

	"github.com/ecsd-io/ecsd/simulator/internal/action"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// The region of an instance is known whatever its ID looks like; instances of the first years have IDs without the
// letters of a region.
func TestRegionOf(t *testing.T) {
	shanghai := catalog.FindRegion("cn-shanghai")
	w := &action.World{Fleet: fleet.New(nil), Regions: []*catalog.Region{catalog.FindRegion("cn-hangzhou"), shanghai}}
	const old = "AY121018033933eae8689"
	if err := w.Fleet.Add(&fleet.Instance{ID: old, Region: shanghai}); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		old: "cn-shanghai", "d-uf6000000000000000000": "cn-shanghai", "i-bp1000000000000000000": "cn-hangzhou",
		"i-2ze000000000000000000": "", "AY0": "", "": "", // Beijing is not served
	} {
		got := ""
		if r := w.RegionOf(id); r != nil {
			got = r.ID
		}
		if got != want {
			t.Errorf("region of %q: got %q, want %q", id, got, want)
		}
	}
}
