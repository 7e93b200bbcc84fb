package inventory_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/inventory"
)

type outlookStore struct {
	settings map[inventory.InstanceKey]ecs.AutoRenewStatus
	open     map[inventory.InstanceKey]bool
}

func (s outlookStore) AutoRenewStatuses(context.Context) (map[inventory.InstanceKey]ecs.AutoRenewStatus, error) {
	return s.settings, nil
}

func (s outlookStore) OpenRenewals(context.Context) (map[inventory.InstanceKey]bool, error) {
	return s.open, nil
}

// Each subscription is counted in every window that it expires in, by what will
// renew it, with the price of a month if one is known.
func TestOutlook(t *testing.T) {
	const day = 24 * time.Hour
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	key := func(id string) inventory.InstanceKey {
		return inventory.InstanceKey{RegionID: "cn-a", InstanceID: id}
	}
	expiries := map[inventory.InstanceKey]time.Duration{
		key("gone"): -day, key("hours"): 6 * time.Hour, key("auto"): 2 * day, key("job"): 5 * day, key("later"): 20 * day,
	}
	o := &inventory.Outlook{
		Each: func(window ecs.Window, visit func(inventory.InstanceKey, time.Time)) {
			for k, in := range expiries {
				if window.Contains(now.Add(in)) {
					visit(k, now.Add(in))
				}
			}
		},
		Store: outlookStore{
			settings: map[inventory.InstanceKey]ecs.AutoRenewStatus{
				key("gone"): ecs.AutoRenewNever, key("hours"): ecs.AutoRenewOff, key("auto"): ecs.AutoRenewOn, key("job"): ecs.AutoRenewOn,
			},
			open: map[inventory.InstanceKey]bool{key("job"): true},
		},
		Clock: func() time.Time { return now }, Regions: []string{"cn-a", "cn-b"},
	}
	o.Priced(key("hours"), ecs.Period{Count: 1, Unit: ecs.Month}, ecs.Money{CurrencyCode: "CNY", Units: 100, Nanos: 500_000_000})
	o.Priced(key("job"), ecs.Period{Count: 1, Unit: ecs.Year}, ecs.Money{CurrencyCode: "CNY", Units: 1206})
	o.Priced(key("auto"), ecs.Period{Count: 1, Unit: ecs.Week}, ecs.Money{CurrencyCode: "CNY", Units: 7})
	got, err := o.Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[inventory.ExpiringKey]int{}
	for _, region := range []string{"cn-a", "cn-b"} {
		for _, within := range []string{"expired", "1d", "3d", "7d", "14d", "30d"} {
			want[inventory.ExpiringKey{RegionID: region, Within: within, RenewedBy: "none"}] = 0
		}
	}
	for within, by := range map[string][]string{
		"expired": {"none"}, "1d": {"none"}, "3d": {"none", "auto_renew"}, "7d": {"none", "auto_renew", "job"},
		"14d": {"none", "auto_renew", "job"}, "30d": {"none", "auto_renew", "job", "unknown"},
	} {
		for _, b := range by {
			want[inventory.ExpiringKey{RegionID: "cn-a", Within: within, RenewedBy: b}] = 1
		}
	}
	if diff := cmp.Diff(want, got.Instances); diff != "" {
		t.Errorf("instances (-want +got):\n%s", diff)
	}
	cost := map[inventory.CostKey]float64{}
	for within, sum := range map[string]float64{"1d": 100.5, "3d": 100.5, "7d": 201, "14d": 201, "30d": 201} {
		cost[inventory.CostKey{CurrencyCode: "CNY", Within: within}] = sum
	}
	if diff := cmp.Diff(cost, got.Cost); diff != "" {
		t.Errorf("cost (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"expired": 1, "1d": 0, "3d": 1, "7d": 1, "14d": 1, "30d": 2}, got.Unpriced); diff != "" {
		t.Errorf("unpriced (-want +got):\n%s", diff)
	}
}
