package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// observationsOf returns the first observations of n subscriptions.
func observationsOf(n int) (observations []ecs.AutoRenewObservation, ids []string) {
	for i := range n {
		id := fmt.Sprintf("i-%03d", i)
		observations = append(observations, ecs.AutoRenewObservation{RegionID: "cn-hangzhou", InstanceID: id, ExpireTime: start, Status: ecs.AutoRenewOff})
		ids = append(ids, id)
	}
	return observations, ids
}

func saveObservations(t *testing.T, s *store.Store, past time.Time, observations ...ecs.AutoRenewObservation) {
	t.Helper()
	if err := s.SaveAutoRenewObservations(t.Context(), observations, past); err != nil {
		t.Fatal(err)
	}
}

func wantObservations(t *testing.T, s *store.Store, ids []string, want map[string]ecs.AutoRenewObservation) {
	t.Helper()
	got, err := s.AutoRenewObservations(t.Context(), "cn-hangzhou", ids)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
}

// The last observation is read as it was written, of the requested region and
// no other, and an old one is dropped.
func TestAutoRenewObservations(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		observations, ids := observationsOf(250)
		other := observations[0]
		other.RegionID, other.Status = "cn-shanghai", ecs.AutoRenewOn
		old, at := other, start.Add(-time.Millisecond)
		old.RegionID, old.InstanceID, old.ExpireTime = "cn-hangzhou", "i-old", at
		want := map[string]ecs.AutoRenewObservation{}
		for _, observation := range observations {
			want[observation.InstanceID] = observation
		}
		saveObservations(t, s, at, observations...)
		saveObservations(t, s, at, other)
		saveObservations(t, s, at, old)
		saveObservations(t, s, start) // nothing was seen, nothing is written
		ids = append(ids, "i-old", "i-nobody")
		want["i-old"] = old
		wantObservations(t, s, ids, want)

		switched, moved := observations[7], observations[8]
		switched.Status, switched.ChangeTime = ecs.AutoRenewOn, start.Add(time.Hour)
		moved.ExpireTime, moved.ChangeTime = start.Add(30*24*time.Hour), start.Add(time.Hour)
		saveObservations(t, s, start, switched, moved)
		want["i-007"], want["i-008"] = switched, moved
		delete(want, "i-old")
		wantObservations(t, s, ids, want)
	})
}

// If replicas observe one change, the time of the first is recorded, even if
// they observe it at once.
func TestAutoRenewObservationsOfReplicas(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		observations, ids := observationsOf(250)
		saveObservations(t, s, time.Time{}, observations...)
		want := map[string]ecs.AutoRenewObservation{}
		seen := func(at time.Time) []ecs.AutoRenewObservation {
			all := make([]ecs.AutoRenewObservation, len(observations))
			for i, observation := range observations {
				observation.Status, observation.ChangeTime = ecs.AutoRenewOn, at
				all[i] = observation
			}
			return all
		}
		for _, observation := range seen(start.Add(time.Hour)) {
			want[observation.InstanceID] = observation
		}
		saveObservations(t, s, time.Time{}, seen(start.Add(time.Hour))...)
		var replicas errgroup.Group
		for i := range 4 {
			replicas.Go(func() error {
				return s.SaveAutoRenewObservations(t.Context(), seen(start.Add(time.Duration(2+i)*time.Hour)), start)
			})
		}
		if err := replicas.Wait(); err != nil {
			t.Error(err)
		}
		wantObservations(t, s, ids, want)
	})
}

// Observations outlive the process.
func TestAutoRenewObservationsLast(t *testing.T) {
	for name, address := range lasting {
		t.Run(name, func(t *testing.T) {
			observations, ids := observationsOf(1)
			observations[0].ChangeTime = start.Add(time.Hour)
			address := address(t)
			before, err := store.Open(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			saveObservations(t, before, start, observations...)
			if err := before.Close(); err != nil {
				t.Fatal(err)
			}
			wantObservations(t, open(t, address), ids, map[string]ecs.AutoRenewObservation{ids[0]: observations[0]})
		})
	}
}
