package e2e_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// withParts adds a system disk, a data disk and bandwidth to a launch.
func withParts(r *ecsdv1.RunInstancesRequest) *ecsdv1.RunInstancesRequest {
	disk := func(gib int32) *ecsdv1.DiskSpec { return &ecsdv1.DiskSpec{Category: "cloud_essd", SizeGib: gib} }
	r.Spec.SystemDisk, r.Spec.DataDisks = disk(100), []*ecsdv1.DiskSpec{disk(500)}
	r.Spec.InternetChargeType = ecsdv1.InternetChargeType_INTERNET_CHARGE_TYPE_PAY_BY_BANDWIDTH
	r.Spec.InternetMaxBandwidthOutMbps = 5
	return r
}

func fen(m *ecsdv1.Money) control.Amount {
	return control.Amount(m.GetUnits()*100 + int64(m.GetNanos())/10_000_000)
}

// The quote, the dry run and the charge of a renewal are one amount: that of the instance, its disks and its bandwidth.
func TestRenewal_CostOfDisksAndBandwidth(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	launch := withParts(w.launch(1))
	launch.Spec.ChargeType, launch.Spec.Period = subscription, oneMonth
	launch.PriceLimit = &ecsdv1.RunInstancesRequest_AnyPrice{AnyPrice: true}
	made, err := w.instances.RunInstances(ctx, launch)
	if err != nil {
		t.Fatal(err)
	}
	id := made.GetInstanceIds()[0]
	quotes, err := w.renewals.QuoteRenewals(ctx, &ecsdv1.QuoteRenewalsRequest{InstanceIds: []string{id}, Period: oneMonth})
	if err != nil {
		t.Fatal(err)
	}
	if got := fen(quotes.GetTotals()[0]); got != 975_40 {
		t.Errorf("quote %s, want 975.40", got)
	}
	renewed, err := w.renewals.RenewInstance(ctx, &ecsdv1.RenewInstanceRequest{
		InstanceId: id, Period: oneMonth, RequestId: uuid.NewString(),
		PriceLimit: &ecsdv1.RenewInstanceRequest_MaxPrice{MaxPrice: quotes.GetTotals()[0]},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := fen(renewed.GetRenewal().GetPrice()); got != 975_40 {
		t.Errorf("price of the renewal %s, want 975.40", got)
	}
	if orders := w.sim.Ledger(simulator.LedgerFilter{Action: "RenewInstance"}); len(orders) != 1 || orders[0].Amount != 975_40 {
		t.Errorf("charged %v, want 975.40", orders)
	}
}

// The dry run and the charge of a change to a subscription are one amount: that of the instance, its system disk and its
// bandwidth, without the data disk, which stays pay-as-you-go.
func TestModifyChargeType_CostOfBandwidth(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	made, err := w.instances.RunInstances(ctx, withParts(w.launch(1)))
	if err != nil {
		t.Fatal(err)
	}
	request := oneMonthOf(made.GetInstanceIds()[0])
	dry := proto.CloneOf(request)
	dry.ValidateOnly = true
	planned, err := w.instances.ModifyChargeType(ctx, dry)
	if err != nil {
		t.Fatal(err)
	}
	if got := fen(planned.GetModification().GetPrice()); got != 475_40 {
		t.Errorf("price of the dry run %s, want 475.40", got)
	}
	if _, err := w.instances.ModifyChargeType(ctx, request); err != nil {
		t.Fatal(err)
	}
	if paid, orders := w.cost("ModifyInstanceChargeType"); paid != 475_40 || orders != 1 {
		t.Errorf("%d orders for %s, want one for 475.40", orders, paid)
	}
}
