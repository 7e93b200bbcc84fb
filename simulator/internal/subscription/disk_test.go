package subscription_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/clock"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/market"
	"github.com/ecsd-io/ecsd/simulator/internal/storage"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/usage"
)

// A change of the disks of a subscription pays the difference until its expiry, and back again refunds at most that.
func TestOrderDisks(t *testing.T) {
	now := beijing("2026-11-20 12:00")
	c := clock.New(func() time.Time { return now }, now, 0)
	f, a, disks := fleet.New(nil), account.New(1000_00, 1), storage.New(0)
	engine := subscription.New(subscription.Rules{StopAfter: time.Hour, ReleaseAfter: time.Hour}, c, f, a, disks, usage.NewMeter(disks, market.New(0), now))
	i := &fleet.Instance{
		ID: "i-1", Region: catalog.FindRegion("cn-hangzhou"), Type: catalog.FindInstanceType("ecs.g7.large"),
		Image: catalog.Images[0], ChargeType: fleet.PrePaid, Status: fleet.Running, Spot: fleet.Spot{Strategy: "NoSpot"},
	}
	month := subscription.Period{Count: 1, Unit: catalog.Month}
	attach := func(gib int) func() error {
		return func() error {
			system := storage.DefaultSystem()
			system.ID = storage.SystemID(i.ID)
			disks.Attach(i.ID, []storage.Disk{system, {ID: "d-2", Category: "cloud_ssd", GiB: gib}})
			return nil
		}
	}
	if _, err := engine.Buy([]*fleet.Instance{i}, subscription.Purchase{Period: month, Bill: catalog.Bill(disks.Setup(i), 1, catalog.Month)}, now); err != nil {
		t.Fatal(err)
	}
	order := func(gib int) (control.Order, error) {
		undo := func() { _ = attach(20)() }
		return engine.OrderDisks(subscription.DiskOrder{Action: "ResizeDisk", RegionID: "cn-hangzhou", InstanceID: "i-1", Change: attach(gib), Undo: undo}, now)
	}
	up, err := order(300)
	if err != nil || up.Amount != 310_00 || up.Type != control.OrderUpgrade { // 31 days of 300.00 a month
		t.Errorf("300 GiB: %v, %v, want an upgrade for 310.00", up, err)
	}
	down, err := order(100)
	if err != nil || -down.Amount > 310_00*2/3 || -down.Amount < 190_00 || down.Type != control.OrderDowngrade {
		t.Errorf("back to 100 GiB: %v, %v, want a refund of two thirds at most", down, err)
	}
	if _, err := order(30_000); !errors.Is(err, account.ErrBalance) || disks.Of(i)[1].GiB != 20 {
		t.Errorf("beyond the balance: %v, %d GiB, want ErrBalance and the change undone", err, disks.Of(i)[1].GiB)
	}
	if b := a.Balance(); b != 1000_00-260_40-up.Amount-down.Amount {
		t.Errorf("balance %s", b)
	}
}
