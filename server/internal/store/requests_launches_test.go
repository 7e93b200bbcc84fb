package store_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

func TestRecentLaunches(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		made := launch("a")
		made.State = ecs.RequestDone
		var ids []string
		for i := range 120 { // more than one statement takes
			ids = append(ids, fmt.Sprintf("i-%03d", i))
			made.Items = append(made.Items, ecs.RequestItem{InstanceID: ids[i], State: ecs.ItemMade})
		}
		released := launch("b")
		released.Action = "DeleteInstances"
		released.Items = []ecs.RequestItem{
			{InstanceID: "i-000", State: ecs.ItemReleased}, {InstanceID: "i-001", State: ecs.ItemDeleting},
			{InstanceID: "i-002", State: ecs.ItemKept}, {InstanceID: "i-other", State: ecs.ItemKept},
		}
		for _, r := range []ecs.RequestRecord{made, released} {
			if err := s.CreateRequest(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		job, items := releaseJob("j", "i-003", "i-004", "i-005")
		items[0].State, items[1].State = ecs.ReleaseReleased, ecs.ReleaseReleasing
		if err := s.CreateReleaseJob(t.Context(), job, items); err != nil {
			t.Fatal(err)
		}
		asked := append(slices.Clone(ids), "i-other", "i-never")
		recent, err := s.RecentLaunches(t.Context(), asked, made.UpdateTime)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Sorted(maps.Keys(recent)); !slices.Equal(got, append([]string{"i-002"}, ids[5:]...)) {
			t.Errorf("got %v, want all launched ones without the four that a release was sent for", got)
		}
		if at := recent["i-119"]; !at.Equal(made.UpdateTime) {
			t.Errorf("launched at %v, want %v", at, made.UpdateTime)
		}
		late, err := s.RecentLaunches(t.Context(), asked, made.UpdateTime.Add(time.Millisecond))
		if err != nil || len(late) != 0 {
			t.Errorf("since after the launch: got %v, %v, want none", late, err)
		}
	})
}
