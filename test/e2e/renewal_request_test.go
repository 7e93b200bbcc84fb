package e2e_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

// A renewal with an expected expiry is made only while the instance expires then, so that a client that creates a new
// request_id per attempt pays once.
func TestRenewInstance_ExpectedExpireTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	expire := time.Now().Add(3 * 24 * time.Hour).UTC().Truncate(24 * time.Hour).Add(16 * time.Hour)
	id := w.seed(simulator.Seed{ExpireTime: &expire})[0]
	ctx := within(t, 60*time.Second)
	renew := func(expected time.Time) (*ecsdv1.Renewal, error) {
		resp, err := w.renewals.RenewInstance(ctx, &ecsdv1.RenewInstanceRequest{
			InstanceId:         id,
			Period:             oneMonth,
			RequestId:          uuid.NewString(),
			ExpectedExpireTime: timestamppb.New(expected),
			PriceLimit:         anyPrice,
		})
		return resp.GetRenewal(), err
	}
	first, err := renew(expire)
	if err != nil {
		t.Fatal(err)
	}
	if first.GetPaymentTime() == nil {
		t.Errorf("a renewal that was paid has no payment time: %v", first)
	}
	_, err = renew(expire)
	wantError(t, err, codes.FailedPrecondition, "ALREADY_RENEWED")
	if n := len(w.sim.Ledger(simulator.LedgerFilter{})); n != 1 {
		t.Errorf("%d charges after the second try, want 1", n)
	}
	second, err := renew(first.GetExpireTimeAfter().AsTime())
	if err != nil {
		t.Fatalf("a second period on purpose: %v", err)
	}
	if !second.GetExpireTimeAfter().AsTime().After(first.GetExpireTimeAfter().AsTime()) {
		t.Errorf("the second period ends at %v, the first at %v", second.GetExpireTimeAfter().AsTime(), first.GetExpireTimeAfter().AsTime())
	}
	if n := len(w.sim.Ledger(simulator.LedgerFilter{})); n != 2 {
		t.Errorf("%d charges after a second period, want 2", n)
	}
}

// If nothing was paid, a retry of the same request tries again.
func TestRenewInstance_TriesAgainAfterARefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{Balance: -1}, nil)
	expire := time.Now().Add(3 * 24 * time.Hour).UTC().Truncate(time.Minute)
	id := w.seed(simulator.Seed{ExpireTime: &expire})[0]
	ctx := within(t, 60*time.Second)
	request := &ecsdv1.RenewInstanceRequest{InstanceId: id, Period: oneMonth, RequestId: uuid.NewString(), PriceLimit: anyPrice}
	_, err := w.renewals.RenewInstance(ctx, request)
	wantError(t, err, codes.FailedPrecondition, "INSUFFICIENT_BALANCE")
	w.sim.SetBalance(1_000_000)
	resp, err := w.renewals.RenewInstance(ctx, request)
	if err != nil || resp.GetRenewal().GetState() != ecsdv1.RenewalState_RENEWAL_STATE_RENEWED {
		t.Errorf("with money: %v (%v)", resp, err)
	}
}

// 12 months and 1 year are one request.
func TestRenewInstance_YearIsTwelveMonths(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	expire := time.Now().Add(3 * 24 * time.Hour).UTC().Truncate(time.Minute)
	id := w.seed(simulator.Seed{ExpireTime: &expire})[0]
	ctx := within(t, 60*time.Second)
	request := &ecsdv1.RenewInstanceRequest{
		InstanceId: id,
		Period:     &ecsdv1.Period{Count: 12, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH},
		RequestId:  uuid.NewString(),
		PriceLimit: anyPrice,
	}
	first, err := w.renewals.RenewInstance(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	request.Period = &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_YEAR}
	again, err := w.renewals.RenewInstance(ctx, request)
	if err != nil || again.GetRenewal().GetRenewalId() != first.GetRenewal().GetRenewalId() {
		t.Errorf("1 year after 12 months: %v (%v)", again, err)
	}
	if n := len(w.sim.Ledger(simulator.LedgerFilter{})); n != 1 {
		t.Errorf("%d charges, want 1", n)
	}
}

// An instance that is set not to be renewed is left out of a window.
func TestRenewalJob_SetNotToRenew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	expire := time.Now().Add(3 * 24 * time.Hour).UTC().Truncate(time.Minute)
	id := w.seed(simulator.Seed{ExpireTime: &expire, RenewalStatus: "NotRenewal"})[0]
	ctx := within(t, 60*time.Second)
	plan, err := w.renewals.PreviewRenewals(ctx, &ecsdv1.PreviewRenewalsRequest{Job: &ecsdv1.CreateRenewalJobRequest{
		Selection:  inNext(14 * 24 * time.Hour),
		Term:       forOneMonth,
		PriceLimit: anyTotal,
	}})
	if err != nil {
		t.Fatal(err)
	}
	if r := plan.GetRenewals()[0]; r.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_SKIPPED || r.GetReason() != "SET_NOT_TO_RENEW" {
		t.Errorf("the plan has %v", r)
	}
	_, err = w.renewals.RenewInstance(ctx, &ecsdv1.RenewInstanceRequest{InstanceId: id, Period: oneMonth, RequestId: uuid.NewString(), ValidateOnly: true, PriceLimit: anyPrice})
	wantError(t, err, codes.FailedPrecondition, "SET_NOT_TO_RENEW")
}
