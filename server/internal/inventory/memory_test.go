package inventory_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/inventory"
)

// fakeMemory has seen the instances of the regions that are in it, a minute ago.
type fakeMemory map[string][]string

func (m fakeMemory) Seen(regionID string, ids []string, maxStaleness time.Duration) map[string]ecs.Instance {
	seen := map[string]ecs.Instance{}
	for _, id := range ids {
		if maxStaleness >= time.Minute && slices.Contains(m[regionID], id) {
			seen[id] = ecs.Instance{ID: id, Name: "seen"}
		}
	}
	return seen
}

func (m fakeMemory) SeenAll(regionID string, _ ecs.Query, maxStaleness time.Duration, after string, limit int) ([]ecs.Instance, bool) {
	ids, ok := m[regionID]
	var page []ecs.Instance
	for _, id := range ids {
		if id > after && len(page) < limit {
			page = append(page, ecs.Instance{ID: id, Name: "seen"})
		}
	}
	return page, ok && maxStaleness >= time.Minute
}

// cloudOfIDs returns any ID and no list.
type cloudOfIDs struct{ asked []string }

func (c *cloudOfIDs) Instances(_ context.Context, _ string, ids []string) []ecs.Result[ecs.Instance] {
	c.asked = append(c.asked, ids...)
	results := make([]ecs.Result[ecs.Instance], len(ids))
	for i, id := range ids {
		results[i] = ecs.Result[ecs.Instance]{ID: id, Value: ecs.Instance{ID: id, Name: "read"}}
	}
	return results
}

func (*cloudOfIDs) InstancePage(context.Context, string, ecs.Query, string, int) (ecs.Page, error) {
	return ecs.Page{}, errDown
}

func TestBatchGet_FromMemory(t *testing.T) {
	cloud := &cloudOfIDs{}
	v := inventory.New(cloud, nil, fakeMemory{"r": {"i-1", "i-3"}})
	for _, c := range []struct {
		staleness time.Duration
		want      string
		asked     string
	}{
		{0, "i-1 read, i-2 read, i-3 read", "i-1 i-2 i-3"},
		{time.Second, "i-1 read, i-2 read, i-3 read", "i-1 i-2 i-3"},
		{time.Hour, "i-1 seen, i-2 read, i-3 seen", "i-2"},
	} {
		cloud.asked = nil
		var got []string
		for _, r := range v.BatchGet(t.Context(), "r", []string{"i-1", "i-2", "i-3"}, c.staleness) {
			got = append(got, r.ID+" "+r.Value.Name)
		}
		if strings.Join(got, ", ") != c.want || strings.Join(cloud.asked, " ") != c.asked {
			t.Errorf("within %s: %v, asked %v; want %s, asked %s", c.staleness, got, cloud.asked, c.want, c.asked)
		}
	}
}

// A list from memory continues from memory, however old it has become.
func TestList_FromMemory(t *testing.T) {
	memory := fakeMemory{"r": nil}
	for n := range 250 {
		memory["r"] = append(memory["r"], fmt.Sprintf("i-%03d", n))
	}
	v := inventory.New(&cloudOfIDs{}, nil, memory)
	cursor := ecs.Cursor{Regions: []ecs.RegionCursor{{RegionID: "r"}, {RegionID: "unseen"}}}
	staleness := time.Hour
	var ids, unreachable []string
	for len(cursor.Regions) > 0 {
		list, err := v.List(t.Context(), ecs.Query{}, cursor, inventory.Limit{Count: 70}, staleness)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range list.Instances {
			ids = append(ids, i.ID)
		}
		for _, f := range list.Unreachable {
			unreachable = append(unreachable, f.RegionID)
		}
		cursor, staleness = list.Next, time.Second
	}
	if !slices.Equal(ids, memory["r"]) || !slices.Equal(unreachable, []string{"unseen"}) {
		t.Errorf("listed %d of %d, unreachable %v", len(ids), len(memory["r"]), unreachable)
	}
}
