package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// What was asked for last of an instance is read as it was written, of the
// region that was asked and no other.
func TestAutoRenewWishes(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		want := map[string]ecs.AutoRenewWish{}
		var wishes []ecs.AutoRenewWish
		var ids []string
		for i := range 250 {
			w := ecs.AutoRenewWish{
				RegionID: "cn-hangzhou", InstanceID: fmt.Sprintf("i-%03d", i), Status: ecs.AutoRenewOn,
				Period: ecs.Period{Count: 3, Unit: ecs.Month}, Caller: "team-a", AskTime: start, OnTime: start,
			}
			ids, wishes, want[w.InstanceID] = append(ids, w.InstanceID), append(wishes, w), w
		}
		other := wishes[0]
		other.RegionID, other.Status = "cn-shanghai", ecs.AutoRenewOff
		for _, some := range [][]ecs.AutoRenewWish{wishes, {other}, nil} {
			if err := s.SaveAutoRenewWishes(t.Context(), some); err != nil {
				t.Fatal(err)
			}
		}
		again := wishes[7]
		again.Status, again.Period, again.Caller = ecs.AutoRenewNever, ecs.Period{}, "team-b"
		again.AskTime, again.OnTime = start.Add(time.Hour), time.Time{}
		if err := s.SaveAutoRenewWishes(t.Context(), []ecs.AutoRenewWish{again}); err != nil {
			t.Fatal(err)
		}
		want[again.InstanceID] = again
		got, err := s.AutoRenewWishes(t.Context(), "cn-hangzhou", append(ids, "i-nobody"))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("(-want +got):\n%s%v", diff, err)
		}
	})
}
