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

// sightsOf are what is seen at first sight of so many subscriptions.
func sightsOf(n int) (sights []ecs.AutoRenewSight, ids []string) {
	for i := range n {
		id := fmt.Sprintf("i-%03d", i)
		sights = append(sights, ecs.AutoRenewSight{RegionID: "cn-hangzhou", InstanceID: id, ExpireTime: start, Status: ecs.AutoRenewOff})
		ids = append(ids, id)
	}
	return sights, ids
}

func saveSights(t *testing.T, s *store.Store, past time.Time, sights ...ecs.AutoRenewSight) {
	t.Helper()
	if err := s.SaveAutoRenewSights(t.Context(), sights, past); err != nil {
		t.Fatal(err)
	}
}

func wantSights(t *testing.T, s *store.Store, ids []string, want map[string]ecs.AutoRenewSight) {
	t.Helper()
	got, err := s.AutoRenewSights(t.Context(), "cn-hangzhou", ids)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
}

// What was seen last is read as it was written, of the region that was asked and
// no other, and what is long past is dropped.
func TestAutoRenewSights(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		sights, ids := sightsOf(250)
		other := sights[0]
		other.RegionID, other.Status = "cn-shanghai", ecs.AutoRenewOn
		old, at := other, start.Add(-time.Millisecond)
		old.RegionID, old.InstanceID, old.ExpireTime = "cn-hangzhou", "i-old", at
		want := map[string]ecs.AutoRenewSight{}
		for _, sight := range sights {
			want[sight.InstanceID] = sight
		}
		saveSights(t, s, at, sights...)
		saveSights(t, s, at, other)
		saveSights(t, s, at, old)
		saveSights(t, s, start) // nothing was seen, nothing is written
		ids = append(ids, "i-old", "i-nobody")
		want["i-old"] = old
		wantSights(t, s, ids, want)

		switched, moved := sights[7], sights[8]
		switched.Status, switched.ChangeTime = ecs.AutoRenewOn, start.Add(time.Hour)
		moved.ExpireTime, moved.ChangeTime = start.Add(30*24*time.Hour), start.Add(time.Hour)
		saveSights(t, s, start, switched, moved)
		want["i-007"], want["i-008"] = switched, moved
		delete(want, "i-old")
		wantSights(t, s, ids, want)
	})
}

// Of replicas that see one change, the first says when it was, also where they
// see it at once.
func TestAutoRenewSightsOfReplicas(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		sights, ids := sightsOf(250)
		saveSights(t, s, time.Time{}, sights...)
		want := map[string]ecs.AutoRenewSight{}
		seen := func(at time.Time) []ecs.AutoRenewSight {
			all := make([]ecs.AutoRenewSight, len(sights))
			for i, sight := range sights {
				sight.Status, sight.ChangeTime = ecs.AutoRenewOn, at
				all[i] = sight
			}
			return all
		}
		for _, sight := range seen(start.Add(time.Hour)) {
			want[sight.InstanceID] = sight
		}
		saveSights(t, s, time.Time{}, seen(start.Add(time.Hour))...)
		var replicas errgroup.Group
		for i := range 4 {
			replicas.Go(func() error {
				return s.SaveAutoRenewSights(t.Context(), seen(start.Add(time.Duration(2+i)*time.Hour)), start)
			})
		}
		if err := replicas.Wait(); err != nil {
			t.Error(err)
		}
		wantSights(t, s, ids, want)
	})
}

// What was seen outlives the process.
func TestAutoRenewSightsLast(t *testing.T) {
	for name, address := range lasting {
		t.Run(name, func(t *testing.T) {
			sights, ids := sightsOf(1)
			sights[0].ChangeTime = start.Add(time.Hour)
			address := address(t)
			before, err := store.Open(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			saveSights(t, before, start, sights...)
			if err := before.Close(); err != nil {
				t.Fatal(err)
			}
			wantSights(t, open(t, address), ids, map[string]ecs.AutoRenewSight{ids[0]: sights[0]})
		})
	}
}
