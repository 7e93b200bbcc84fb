package cloud_test

import (
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
)

func TestRegions(t *testing.T) {
	_, edge := simulated(t, simulator.Config{}, cloud.Config{})
	if !edge.LastAnswer().IsZero() {
		t.Error("LastAnswer is set before the first answer")
	}
	regions, err := edge.Regions(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(regions) == 0 || regions[0].ID == "" || regions[0].RawStatus == "" || regions[0].Endpoint == "" {
		t.Errorf("Regions = %+v", regions)
	}
	if edge.LastAnswer().IsZero() {
		t.Error("LastAnswer is not set after an answer")
	}
}

func TestInstances_AllPages(t *testing.T) {
	sim, edge := simulated(t, simulator.Config{}, cloud.Config{})
	want := seed(t, sim, simulator.Seed{Count: 250})
	seed(t, sim, simulator.Seed{Count: 3, RegionID: shanghai})
	got := make(map[string]int)
	cursor, pages := "", 0
	for {
		page, err := edge.InstancePage(soon(t), hangzhou, ecs.Query{}, cursor, 100)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, instance := range page.Instances {
			got[instance.ID]++
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	for _, id := range want {
		if got[id] != 1 {
			t.Errorf("%s was listed %d times, want once", id, got[id])
		}
	}
	if len(got) != 250 || pages != 3 || calls(sim, "DescribeInstances") != 3 {
		t.Errorf("%d instances in %d pages and %d calls, want 250, 3, 3", len(got), pages, calls(sim, "DescribeInstances"))
	}
}
