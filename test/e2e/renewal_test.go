package e2e_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

var oneMonth = &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH}

// The main job: find expiring instances, price them, renew them, see the charge, retry and see no second charge.
func TestMainJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	expire := time.Now().Add(3 * 24 * time.Hour).UTC().Truncate(time.Minute)
	id := w.seed(simulator.Seed{ExpireTime: &expire})[0]
	ctx := within(t, 2*time.Minute)

	list, err := w.renewals.ListExpiringInstances(ctx, &ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(14 * 24 * time.Hour)}})
	if err != nil || len(list.GetExpiringInstances()) != 1 || list.GetExpiringInstances()[0].GetInstance().GetInstanceId() != id {
		t.Fatalf("what expires: %v (%v)", list, err)
	}
	quotes, err := w.renewals.QuoteRenewals(ctx, &ecsdv1.QuoteRenewalsRequest{InstanceIds: []string{id}, Period: oneMonth})
	if err != nil {
		t.Fatal(err)
	}
	price := quotes.GetResults()[0].GetQuote().GetPrice()
	if price.GetCurrencyCode() != "CNY" || price.GetUnits() <= 0 {
		t.Fatalf("quote: %v", quotes)
	}
	if diff := cmp.Diff([]*ecsdv1.Money{price}, quotes.GetTotals(), protocmp.Transform()); diff != "" {
		t.Errorf("the total of one quote (-want +got):\n%s", diff)
	}

	request := &ecsdv1.RenewInstanceRequest{InstanceId: id, Period: oneMonth, PriceLimit: &ecsdv1.RenewInstanceRequest_MaxPrice{MaxPrice: price}, RequestId: uuid.NewString()}
	check := &ecsdv1.RenewInstanceRequest{InstanceId: id, Period: oneMonth, PriceLimit: &ecsdv1.RenewInstanceRequest_MaxPrice{MaxPrice: price}, RequestId: uuid.NewString(), ValidateOnly: true}
	planned, err := w.renewals.RenewInstance(ctx, check)
	if err != nil || planned.GetRenewal().GetState() != ecsdv1.RenewalState_RENEWAL_STATE_PLANNED {
		t.Errorf("validate_only: %v (%v)", planned, err)
	}
	if orders := w.sim.Ledger(simulator.LedgerFilter{}); len(orders) != 0 {
		t.Fatalf("a quote and a check cost %v", orders)
	}
	balance := w.sim.Balance()
	first, err := w.renewals.RenewInstance(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	renewal, orders := first.GetRenewal(), w.sim.Ledger(simulator.LedgerFilter{InstanceID: id})
	if len(orders) != 1 || orders[0].OrderID != renewal.GetOrderId() || w.sim.Balance() != balance-orders[0].Amount {
		t.Errorf("the ledger has %v, the renewal %v", orders, renewal)
	}
	if renewal.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_RENEWED ||
		!renewal.GetExpireTimeBefore().AsTime().Equal(expire) || !renewal.GetExpireTimeAfter().AsTime().After(expire.Add(27*24*time.Hour)) {
		t.Errorf("the renewal is %v", renewal)
	}
	list, err = w.renewals.ListExpiringInstances(ctx, &ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(60 * 24 * time.Hour)}})
	if err != nil || len(list.GetExpiringInstances()) != 1 {
		t.Fatalf("what expires after the renewal: %v (%v)", list, err)
	}
	if recent := list.GetExpiringInstances()[0].GetRecentRenewal(); recent.GetRenewalId() != renewal.GetRenewalId() || recent.GetRequestId() != request.GetRequestId() ||
		!recent.GetExpireTimeBefore().AsTime().Equal(expire) || recent.GetPaymentTime() == nil {
		t.Errorf("the recent renewal is %v, want %v", recent, renewal)
	}
	again, err := w.renewals.RenewInstance(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again, sameAnswer); diff != "" {
		t.Errorf("the same request again (-first +again):\n%s", diff)
	}
	if orders := w.sim.Ledger(simulator.LedgerFilter{}); len(orders) != 1 {
		t.Errorf("asking again paid again: %v", orders)
	}
	request.Period = &ecsdv1.Period{Count: 2, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH}
	_, err = w.renewals.RenewInstance(ctx, request)
	wantError(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")
}

// Renewals that must not be paid are not.
func TestRenewInstance_Rejected(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	subscription := w.seed(simulator.Seed{})[0]
	onDemand := w.seed(simulator.Seed{ChargeType: "PostPaid"})[0]
	plenty := &ecsdv1.Money{CurrencyCode: "CNY", Units: 1e6}
	for _, c := range []struct {
		name    string
		id      string
		max     *ecsdv1.Money
		balance control.Amount
		code    codes.Code
		reason  string
	}{
		{"pay-as-you-go", onDemand, plenty, 0, codes.FailedPrecondition, "NOT_SUBSCRIPTION"},
		{"unknown", "i-bp1nobody", plenty, 0, codes.NotFound, "INSTANCE_NOT_FOUND"},
		{"too dear", subscription, &ecsdv1.Money{CurrencyCode: "CNY", Units: 1}, 0, codes.FailedPrecondition, "PRICE_EXCEEDS_LIMIT"},
		{"another currency", subscription, &ecsdv1.Money{CurrencyCode: "USD", Units: 1e6}, 0, codes.FailedPrecondition, "CURRENCY_MISMATCH"},
		{"no money", subscription, plenty, -1, codes.FailedPrecondition, "INSUFFICIENT_BALANCE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.balance != 0 {
				w.sim.SetBalance(0)
			}
			_, err := w.renewals.RenewInstance(within(t, 30*time.Second), &ecsdv1.RenewInstanceRequest{
				InstanceId: c.id,
				Period:     oneMonth,
				PriceLimit: &ecsdv1.RenewInstanceRequest_MaxPrice{MaxPrice: c.max},
				RequestId:  uuid.NewString(),
			})
			wantError(t, err, c.code, c.reason)
		})
	}
	if orders := w.sim.Ledger(simulator.LedgerFilter{}); len(orders) != 0 {
		t.Errorf("refused renewals cost %v", orders)
	}
}

// The response to the order is lost after the cloud charged: the same token is sent again, and the ledger has one
// charge.
func TestRenewInstance_ResponseLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	id := w.seed(simulator.Seed{})[0]
	w.fault(simulator.Fault{Action: "RenewInstance", Kind: control.LostReply, Count: 1})
	answer, err := w.renewals.RenewInstance(within(t, 50*time.Second), &ecsdv1.RenewInstanceRequest{
		InstanceId: id,
		Period:     oneMonth,
		RequestId:  uuid.NewString(),
		PriceLimit: anyPrice,
	})
	orders := w.sim.Ledger(simulator.LedgerFilter{})
	if err != nil || answer.GetRenewal().GetState() != ecsdv1.RenewalState_RENEWAL_STATE_RENEWED || len(orders) != 1 {
		t.Errorf("after a lost reply: %v (%v), ledger %v", answer, err, orders)
	}
	// The expiry proves the payment; no paid call is sent to learn its order ID.
	if calls := w.sim.Stats().Actions["RenewInstance"].Calls; calls != 1 {
		t.Errorf("%d paid calls, want 1", calls)
	}
}

// After the caller's deadline the renewal continues, and the same request_id returns its outcome.
func TestRenew_OutlivesCaller(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{ByHand: true, Start: time.Now(), RenewLag: time.Hour}, nil)
	id := w.seed(simulator.Seed{})[0]
	request := &ecsdv1.RenewInstanceRequest{InstanceId: id, Period: oneMonth, RequestId: uuid.NewString(), PriceLimit: anyPrice}
	// On busy cores the response may be later than its caller. The next call learns of the same renewal.
	var err error
	for deadline := 700 * time.Millisecond; deadline < time.Minute; deadline *= 2 {
		_, err = w.renewals.RenewInstance(within(t, deadline), request)
		if len(status.Convert(err).Details()) > 0 {
			break
		}
	}
	info := wantError(t, err, codes.DeadlineExceeded, "DEADLINE_EXCEEDED")
	if got := info.GetMetadata(); got["state"] != "VERIFYING" || got["attempts"] != "1" || got["renewal_id"] == "" {
		t.Errorf("at its deadline the renewal is reported with %v", got)
	}
	if _, err := w.sim.Advance(2 * time.Hour); err != nil {
		t.Fatal(err)
	}
	answer, err := w.renewals.RenewInstance(within(t, 30*time.Second), request)
	if err != nil || answer.GetRenewal().GetState() != ecsdv1.RenewalState_RENEWAL_STATE_RENEWED {
		t.Errorf("retry: %v (%v)", answer, err)
	}
	if orders := w.sim.Ledger(simulator.LedgerFilter{}); len(orders) != 1 {
		t.Errorf("the ledger has %v, want one order", orders)
	}
}

// Requests survive a restart: at a new process, the same request_id returns the first response.
func TestRenewInstance_Restart(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + t.TempDir() + "/ecsd.db"
	onDisk := func(c *server.Config) { c.Database = database }
	sim := newCloud(t, simulator.Config{})
	w := newService(t, sim, onDisk)
	request := &ecsdv1.RenewInstanceRequest{InstanceId: w.seed(simulator.Seed{})[0], Period: oneMonth, RequestId: uuid.NewString(), PriceLimit: anyPrice}
	first, err := w.renewals.RenewInstance(within(t, 30*time.Second), request)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.finish(); err != nil {
		t.Fatal(err)
	}
	w = newService(t, sim, onDisk)
	again, err := w.renewals.RenewInstance(within(t, 30*time.Second), request)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again, sameAnswer); diff != "" {
		t.Errorf("retry after a restart (-first +again):\n%s", diff)
	}
	if orders := w.sim.Ledger(simulator.LedgerFilter{}); len(orders) != 1 {
		t.Errorf("the ledger has %v, want one order", orders)
	}
}

func TestAutoRenew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	ids := w.seed(simulator.Seed{Count: 2})
	onDemand := w.seed(simulator.Seed{ChargeType: "PostPaid"})[0]
	ctx := within(t, 2*time.Minute)
	asked := []string{ids[0], onDemand, "i-bp1nobody", ids[1]}
	three := &ecsdv1.Period{Count: 3, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH}
	set, err := w.renewals.SetAutoRenew(ctx, &ecsdv1.SetAutoRenewRequest{
		InstanceIds: asked, Status: ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_AUTO_RENEWAL, Period: three,
	})
	if err != nil {
		t.Fatal(err)
	}
	read, err := w.renewals.BatchGetAutoRenewSettings(ctx, &ecsdv1.BatchGetAutoRenewSettingsRequest{InstanceIds: asked})
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range asked {
		got, held := set.GetResults()[i], read.GetResults()[i]
		if got.GetInstanceId() != id || held.GetInstanceId() != id {
			t.Errorf("result %d is of %s and %s, asked was %s", i, got.GetInstanceId(), held.GetInstanceId(), id)
		}
		switch id {
		case onDemand:
			if got.GetError().GetReason() != "NOT_SUBSCRIPTION" {
				t.Errorf("pay-as-you-go: %v", got)
			}
		case "i-bp1nobody":
			if got.GetError().GetReason() != "INSTANCE_NOT_FOUND" {
				t.Errorf("unknown: %v", got)
			}
		default:
			want := &ecsdv1.AutoRenewSetting{
				InstanceId: id, Status: ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_AUTO_RENEWAL, ProviderStatus: "AutoRenewal", Period: three,
				AutoRenewState: ecsdv1.AutoRenewState_AUTO_RENEW_STATE_SCHEDULED, NextDeductionTime: firstDeduction(t, w, id),
			}
			if diff := cmp.Diff([]*ecsdv1.AutoRenewSetting{want, want}, []*ecsdv1.AutoRenewSetting{got.GetSetting(), held.GetSetting()}, protocmp.Transform()); diff != "" {
				t.Errorf("set and read of %s (-want +got):\n%s", id, diff)
			}
		}
	}
	off, err := w.renewals.SetAutoRenew(ctx, &ecsdv1.SetAutoRenewRequest{
		InstanceIds: ids[:1], Status: ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_MANUAL_WITH_REMINDERS,
	})
	if err != nil || off.GetResults()[0].GetSetting().GetStatus() != ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_MANUAL_WITH_REMINDERS {
		t.Errorf("switched off: %v (%v)", off, err)
	}
}

// firstDeduction returns nine days before the expiry, at 08:00 UTC+8.
func firstDeduction(t *testing.T, w *world, id string) *timestamppb.Timestamp {
	t.Helper()
	i, err := w.sim.Instance(id)
	if err != nil {
		t.Fatal(err)
	}
	year, month, day := i.ExpireTime.In(time.FixedZone("UTC+8", 8*60*60)).Date()
	return timestamppb.New(time.Date(year, month, day-9, 0, 0, 0, 0, time.UTC))
}
