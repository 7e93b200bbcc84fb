package e2e_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// The balance covers one of two renewals. The dry run of one and the job of both show it, and the job renews what
// expires first.
func TestRenewal_BalanceCoversSome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{OrderLag: -1}, func(c *server.Config) { c.Billing = true })
	soon, later := time.Now().Add(3*24*time.Hour).UTC().Truncate(time.Minute), time.Now().Add(5*24*time.Hour).UTC().Truncate(time.Minute)
	second := w.seed(simulator.Seed{ExpireTime: &later})[0]
	first := w.seed(simulator.Seed{ExpireTime: &soon})[0]
	ctx := within(t, 60*time.Second)
	one := &ecsdv1.RenewInstanceRequest{
		InstanceId: first, Period: oneMonth, PriceLimit: &ecsdv1.RenewInstanceRequest_AnyPrice{AnyPrice: true}, ValidateOnly: true,
	}
	planned, err := w.renewals.RenewInstance(ctx, one)
	if err != nil {
		t.Fatal(err)
	}
	price := planned.GetRenewal().GetPrice()
	if plan := planned.GetPlan(); plan.GetCoveredCount() != 1 || plan.GetAvailableBalance() == nil || plan.GetTotalPrice().GetUnits() != price.GetUnits() {
		t.Errorf("the plan of one is %v, want its price and a balance that covers it", plan)
	}
	w.sim.SetBalance(control.Amount(price.GetUnits()*100) * 3 / 2)
	both := &ecsdv1.CreateRenewalJobRequest{
		RequestId: uuid.NewString(), Selection: inNext(14 * 24 * time.Hour), Term: forOneMonth, PriceLimit: upTo(&ecsdv1.Money{CurrencyCode: "CNY", Units: 10_000}),
	}
	made, err := w.renewals.CreateRenewalJob(ctx, both)
	if err != nil {
		t.Fatal(err)
	}
	if plan := made.GetPlan(); plan.CoveredCount == nil || plan.GetCoveredCount() != 1 {
		t.Errorf("the plan of the job is %v, want a balance that covers 1", plan)
	}
	_, last := watched(t, w, both)
	if r := last[first]; r.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_RENEWED {
		t.Errorf("what expires first is %v, want RENEWED", r)
	}
	if r := last[second]; r.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_FAILED || r.GetReason() != "INSUFFICIENT_BALANCE" {
		t.Errorf("what the balance does not cover is %v, want FAILED for INSUFFICIENT_BALANCE", r)
	}
}
