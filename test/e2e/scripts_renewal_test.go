package e2e_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

// due returns an expiry in the window of a script's test, 10 to 20 days ahead.
func due(days int) *time.Time {
	at := time.Now().Add(time.Duration(days) * 24 * time.Hour).UTC().Truncate(time.Minute)
	return &at
}

// expiring returns all instances that expire in the window.
func (w *world) expiring(t *testing.T, filter *ecsdv1.InstanceFilter) []string {
	t.Helper()
	request := &ecsdv1.ListExpiringInstancesRequest{
		ExpireStartTime: timestamppb.New(*due(10)), WindowEnd: &ecsdv1.ListExpiringInstancesRequest_ExpireEndTime{ExpireEndTime: timestamppb.New(*due(20))}, Filter: filter, PageSize: 40,
	}
	var found []string
	for more := true; more; more = request.PageToken != "" {
		page := must[*ecsdv1.ListExpiringInstancesResponse](t)(w.renewals.ListExpiringInstances(within(t, 30*time.Second), request))
		for _, i := range page.GetExpiringInstances() {
			found = append(found, i.GetInstance().GetInstanceId())
		}
		request.PageToken = page.GetNextPageToken()
	}
	slices.Sort(found)
	return found
}

// renew calls RenewInstance for one month.
func (w *world) renew(t *testing.T, id, requestID string) (*ecsdv1.Renewal, error) {
	answer, err := w.renewals.RenewInstance(within(t, 30*time.Second), &ecsdv1.RenewInstanceRequest{InstanceId: id, Period: oneMonth, RequestId: requestID, PriceLimit: anyPrice})
	return answer.GetRenewal(), err
}

func scriptNeedRenew(t *testing.T) {
	w := newWorld(t, atOnce(), nil)
	network, err := w.sim.Network(hangzhou)
	if err != nil {
		t.Fatal(err)
	}
	w.seed(simulator.Seed{ExpireTime: due(5)})
	w.seed(simulator.Seed{ExpireTime: due(25)})
	w.seed(simulator.Seed{ChargeType: payAsYouGo})
	first := w.seed(simulator.Seed{ExpireTime: due(15), SecurityGroupIDs: network.SecurityGroupIDs[:1]})
	second := w.seed(simulator.Seed{ExpireTime: due(15), SecurityGroupIDs: network.SecurityGroupIDs[1:2]})
	both := slices.Sorted(slices.Values(append(slices.Clone(first), second...)))
	if diff := cmp.Diff(both, w.expiring(t, nil)); diff != "" {
		t.Errorf("in the window (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(second, w.expiring(t, &ecsdv1.InstanceFilter{SecurityGroupId: network.SecurityGroupIDs[1]})); diff != "" {
		t.Errorf("of the second group (-want +got):\n%s", diff)
	}
}

// An instance that expires in the window is renewed, and then no longer does. Pay-as-you-go is rejected and pays
// nothing.
func scriptRenew(t *testing.T) {
	w := newWorld(t, atOnce(), nil)
	id, onDemand := w.seed(simulator.Seed{ExpireTime: due(15)})[0], w.seed(simulator.Seed{ChargeType: payAsYouGo})[0]
	_, err := w.renew(t, onDemand, uuid.NewString())
	wantError(t, err, codes.FailedPrecondition, "NOT_SUBSCRIPTION")
	if orders := w.sim.Ledger(simulator.LedgerFilter{}); len(orders) > 0 {
		t.Errorf("a refusal cost %v", orders)
	}
	renewal := must[*ecsdv1.Renewal](t)(w.renew(t, id, uuid.NewString()))
	orders := w.sim.Ledger(simulator.LedgerFilter{InstanceID: id})
	if len(orders) != 1 || orders[0].OrderID != renewal.GetOrderId() || orders[0].Period != 1 || orders[0].PeriodUnit != "Month" {
		t.Errorf("the orders are %v, the renewal %v", orders, renewal)
	}
	if left := w.expiring(t, nil); len(left) > 0 {
		t.Errorf("still in the window: %v", left)
	}
}

// A hundred and one instances expire in the window. The job renews each once, even if it runs twice, and none without
// funds.
func scriptRenewJob(t *testing.T) {
	w := newWorld(t, atOnce(), nil)
	w.seed(simulator.Seed{ExpireTime: due(25)})
	ids := slices.Sorted(slices.Values(w.seed(simulator.Seed{Count: 101, ExpireTime: due(15)})))
	wish := uuid.New()
	job := func() (refused int) {
		for _, id := range ids {
			if _, err := w.renew(t, id, uuid.NewSHA1(wish, []byte(id)).String()); err != nil {
				wantError(t, err, codes.FailedPrecondition, "INSUFFICIENT_BALANCE")
				refused++
			}
		}
		return refused
	}
	if diff := cmp.Diff(ids, w.expiring(t, nil)); diff != "" {
		t.Fatalf("in the window (-want +got):\n%s", diff)
	}
	if first, second := job(), job(); first+second > 0 {
		t.Errorf("%d and %d were refused", first, second)
	}
	var paid []string
	for _, order := range w.sim.Ledger(simulator.LedgerFilter{}) {
		paid = append(paid, order.InstanceID)
	}
	slices.Sort(paid)
	if diff := cmp.Diff(ids, paid); diff != "" {
		t.Errorf("paid for, run twice (-want +got):\n%s", diff)
	}
	if left := w.expiring(t, nil); len(left) > 0 {
		t.Errorf("still in the window: %v", left)
	}

	ids = w.seed(simulator.Seed{ExpireTime: due(15)})
	w.sim.SetBalance(0)
	if job() != 1 {
		t.Error("it was renewed without money")
	}
	if left := w.expiring(t, nil); !slices.Equal(left, ids) {
		t.Errorf("without money, in the window are %v, want %v", left, ids)
	}
}

// A new subscription is not renewed automatically. A pay-as-you-go instance fails the script's whole query, and here
// only its own result.
func scriptAutoRenewOf(t *testing.T) {
	w := newWorld(t, atOnce(), nil)
	ids := append(w.seed(simulator.Seed{Count: 2}), w.seed(simulator.Seed{ChargeType: payAsYouGo})...)
	results := must[*ecsdv1.BatchGetAutoRenewSettingsResponse](t)(w.renewals.BatchGetAutoRenewSettings(within(t, 30*time.Second),
		&ecsdv1.BatchGetAutoRenewSettingsRequest{InstanceIds: ids})).GetResults()
	for i, r := range results[:2] {
		if r.GetInstanceId() != ids[i] || r.GetSetting().GetStatus() != ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_MANUAL_WITH_REMINDERS || r.GetSetting().GetPeriod().GetCount() != 0 {
			t.Errorf("setting %v", r)
		}
	}
	if reason := results[2].GetError().GetReason(); reason != "NOT_SUBSCRIPTION" {
		t.Errorf("pay-as-you-go: %v", results[2])
	}
}

// Automatic renewal is set on for both and off for one, which retains its period. An instance with it on is paid for on
// the ninth day before its expiry, or on a later day that finds funds.
func scriptSetAutoRenew(t *testing.T) {
	w := newWorld(t, atOnce(), nil)
	ids := w.seed(simulator.Seed{Count: 2, ExpireTime: due(20), RenewalDuration: 6})
	set := func(status ecsdv1.AutoRenewStatus, period *ecsdv1.Period, ids ...string) {
		t.Helper()
		for i, r := range must[*ecsdv1.SetAutoRenewResponse](t)(w.renewals.SetAutoRenew(within(t, 30*time.Second),
			&ecsdv1.SetAutoRenewRequest{InstanceIds: ids, Status: status, Period: period})).GetResults() {
			if r.GetInstanceId() != ids[i] || r.GetSetting().GetStatus() != status {
				t.Errorf("set: %v, want %s", r, status)
			}
		}
	}
	set(ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_AUTO_RENEWAL, &ecsdv1.Period{Count: 2, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH}, ids...)
	set(ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_MANUAL_WITH_REMINDERS, nil, ids[1])
	off, err := w.sim.Instance(ids[1])
	if err != nil || off.RenewalStatus != "Normal" || off.RenewalDuration != 2 {
		t.Errorf("switched off: %+v (%v)", off, err)
	}
	w.advance(10 * 24 * time.Hour)
	w.sim.SetBalance(0)
	w.advance(3 * 24 * time.Hour)
	if orders := w.sim.Ledger(simulator.LedgerFilter{}); len(orders) > 0 {
		t.Errorf("without money, or too early, it cost %v", orders)
	}
	w.sim.SetBalance(simulator.DefaultBalance)
	w.advance(24 * time.Hour)
	orders := w.sim.Ledger(simulator.LedgerFilter{})
	if len(orders) != 1 || orders[0].InstanceID != ids[0] || orders[0].Action != "AutoRenew" || orders[0].Period != 2 {
		t.Errorf("orders %v, want one of two months for %s", orders, ids[0])
	}
}
