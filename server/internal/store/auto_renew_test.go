package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// The desired setting is read as it was written, of the requested region only.
func TestDesiredAutoRenew(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		want := map[string]ecs.DesiredAutoRenew{}
		var desired []ecs.DesiredAutoRenew
		var ids []string
		for i := range 250 {
			w := ecs.DesiredAutoRenew{
				RegionID: "cn-hangzhou", InstanceID: fmt.Sprintf("i-%03d", i), Status: ecs.AutoRenewOn,
				Period: ecs.Period{Count: 3, Unit: ecs.Month}, Caller: "team-a", RequestTime: start, OnTime: start,
			}
			ids, desired, want[w.InstanceID] = append(ids, w.InstanceID), append(desired, w), w
		}
		other := desired[0]
		other.RegionID, other.Status = "cn-shanghai", ecs.AutoRenewOff
		for _, some := range [][]ecs.DesiredAutoRenew{desired, {other}, nil} {
			if err := s.SaveDesiredAutoRenew(t.Context(), some); err != nil {
				t.Fatal(err)
			}
		}
		again := desired[7]
		again.Status, again.Period, again.Caller = ecs.AutoRenewNever, ecs.Period{}, "team-b"
		again.RequestTime, again.OnTime = start.Add(time.Hour), time.Time{}
		if err := s.SaveDesiredAutoRenew(t.Context(), []ecs.DesiredAutoRenew{again}); err != nil {
			t.Fatal(err)
		}
		want[again.InstanceID] = again
		got, err := s.DesiredAutoRenew(t.Context(), "cn-hangzhou", append(ids, "i-nobody"))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("(-want +got):\n%s%v", diff, err)
		}
	})
}
