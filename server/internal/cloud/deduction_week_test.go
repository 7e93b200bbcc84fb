package cloud_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
)

// A subscription bought for a week is deducted for on the first day after the
// creation, and each later week on the first day after it began. The forecast
// names that time before the simulator deducts.
func TestDeductions_FirstOfAWeek(t *testing.T) {
	utc8 := time.FixedZone("UTC+8", 8*60*60)
	for name, c := range map[string]struct{ bought, first, second string }{
		"in the afternoon":        {"2000-01-06 15:00", "2000-01-07 08:00", "2000-01-15 08:00"},
		"in the evening":          {"2000-01-09 20:00", "2000-01-10 08:00", "2000-01-18 08:00"},
		"before the hour":         {"2000-01-13 07:59", "2000-01-14 08:00", "2000-01-22 08:00"},
		"at night":                {"2000-01-29 01:28", "2000-01-30 08:00", "2000-02-07 08:00"},
		"at midnight":             {"2000-01-06 00:00", "2000-01-07 08:00", "2000-01-15 08:00"},
		"a minute before the day": {"2000-01-06 23:59", "2000-01-07 08:00", "2000-01-15 08:00"},
	} {
		t.Run(name, func(t *testing.T) {
			atBank(t, ecs.SiteChina, func(t *testing.T, b *bank) {
				at := func(text string) time.Time {
					parsed, err := time.ParseInLocation("2006-01-02 15:04", text, utc8)
					if err != nil {
						t.Fatal(err)
					}
					return parsed
				}
				b.sim.SetBalance(1_000_000)
				time.Sleep(time.Until(at(c.bought)))
				id := b.buyWeek(t)
				for i, want := range []string{c.first, c.second} {
					time.Sleep(time.Minute) // the list lags
					if got := b.next(id).In(utc8).Format("2006-01-02 15:04"); got != want {
						t.Errorf("deduction %d: forecast is %s, want %s", i+1, got, want)
					}
					time.Sleep(time.Until(at(want).Add(-time.Minute)))
					synctest.Wait()
					if n := len(b.deductions(id)); n != i {
						t.Errorf("%d deductions a minute before deduction %d", n, i+1)
					}
					time.Sleep(2 * time.Minute)
					synctest.Wait()
					if n := len(b.deductions(id)); n != i+1 {
						t.Fatalf("%d deductions after %s, want %d", n, want, i+1)
					}
				}
			})
		})
	}
}

// buyWeek buys an instance for a week that renews itself by the week.
func (b *bank) buyWeek(t *testing.T) string {
	t.Helper()
	network, err := b.sim.Network(hangzhou)
	if err != nil {
		t.Fatal(err)
	}
	week := ecs.Period{Count: 1, Unit: ecs.Week}
	order := launchOrder()
	order.Count = 1
	order.Spec.VSwitchID, order.Spec.ZoneID = network.VSwitches[0].VSwitchID, network.VSwitches[0].ZoneID
	order.Spec.SecurityGroupIDs = network.SecurityGroupIDs[:1]
	order.Spec.ChargeType, order.Spec.Period, order.Spec.AutoRenew, order.Spec.AutoRenewPeriod = ecs.ChargeSubscription, week, true, week
	launched, err := b.edge.RunInstances(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	return launched.InstanceIDs[0]
}

// next is when the next deduction is forecast.
func (b *bank) next(id string) time.Time {
	b.t.Helper()
	held := b.settings.Get(b.t.Context(), hangzhou, []string{id})[0]
	if held.Err != nil {
		b.t.Fatal(held.Err)
	}
	if held.Value.State != ecs.AutoRenewStateScheduled {
		b.t.Errorf("the state is %d, want scheduled", held.Value.State)
	}
	return held.Value.Next
}

// deductions are the automatic renewals that the simulator charged.
func (b *bank) deductions(id string) []simulator.Order {
	var all []simulator.Order
	for _, o := range b.sim.Ledger(simulator.LedgerFilter{InstanceID: id}) {
		if o.Action == "AutoRenew" {
			all = append(all, o)
		}
	}
	return all
}
