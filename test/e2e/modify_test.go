package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

const (
	byUse    = ecsdv1.ChargeType_CHARGE_TYPE_PAY_AS_YOU_GO
	byPeriod = ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION
)

func oneMonthOf(id string) *ecsdv1.ModifyChargeTypeRequest {
	return &ecsdv1.ModifyChargeTypeRequest{
		InstanceId: id, ChargeType: byPeriod, Period: &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH},
		PriceLimit: &ecsdv1.ModifyChargeTypeRequest_AnyPrice{AnyPrice: true}, RequestId: uuid.NewString(),
	}
}

func typeOf(id, instanceType string) *ecsdv1.ModifyInstanceTypeRequest {
	return &ecsdv1.ModifyInstanceTypeRequest{
		InstanceId: id, InstanceType: instanceType, RequestId: uuid.NewString(),
		PriceLimit: &ecsdv1.ModifyInstanceTypeRequest_AnyPrice{AnyPrice: true},
	}
}

// cost is what the orders of an action have cost.
func (w *world) cost(action string) (sum control.Amount, orders int) {
	for _, o := range w.sim.Ledger(simulator.LedgerFilter{}) {
		if o.Action == action {
			sum, orders = sum+o.Amount, orders+1
		}
	}
	return sum, orders
}

// A pay-as-you-go instance becomes a subscription for the price of the dry run, and
// pay-as-you-go again for the refund that the response reports. The account has
// paid the difference.
func TestModifyChargeType(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{ByHand: true}, nil)
	id := w.seed(simulator.Seed{ChargeType: "PostPaid"})[0]
	request := oneMonthOf(id)
	dry := proto.CloneOf(request)
	dry.ValidateOnly = true
	plan, err := w.instances.ModifyChargeType(t.Context(), dry)
	if err != nil {
		t.Fatal(err)
	}
	planned := plan.GetModification()
	if planned.GetState() != ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_PLANNED || planned.GetPrice().GetUnits() != 300 || planned.GetPrice().GetNanos() != 400_000_000 {
		t.Errorf("planned %v, want a price of 300.40", planned)
	}
	if _, orders := w.cost("ModifyInstanceChargeType"); orders != 0 {
		t.Errorf("the dry run made %d orders", orders)
	}
	response, err := w.instances.ModifyChargeType(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	m := response.GetModification()
	if m.GetState() != ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_SUCCEEDED || !proto.Equal(m.GetPrice(), planned.GetPrice()) || m.GetOrderId() == "" {
		t.Errorf("got %v", m)
	}
	if !proto.Equal(m.GetAfter(), planned.GetAfter()) || m.GetBefore().GetChargeType() != byUse {
		t.Errorf("from %v to %v, planned %v", m.GetBefore(), m.GetAfter(), planned.GetAfter())
	}
	again, err := w.instances.ModifyChargeType(t.Context(), request)
	if err != nil || !proto.Equal(again, response) {
		t.Errorf("again: %v, %v, want %v", again, err, response)
	}
	if paid, orders := w.cost("ModifyInstanceChargeType"); paid != 300_40 || orders != 1 {
		t.Errorf("%d orders for %s, want one for the price", orders, paid)
	}
	other := oneMonthOf(id)
	other.RequestId, other.Period.Count = request.GetRequestId(), 2
	_, err = w.instances.ModifyChargeType(t.Context(), other)
	wantError(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")
	_, err = w.instances.ModifyChargeType(t.Context(), oneMonthOf(id))
	wantError(t, err, codes.FailedPrecondition, "NOT_PAY_AS_YOU_GO")

	if _, err := w.sim.Advance(10 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	back := &ecsdv1.ModifyChargeTypeRequest{InstanceId: id, ChargeType: byUse, RequestId: uuid.NewString()}
	response, err = w.instances.ModifyChargeType(t.Context(), back)
	if err != nil {
		t.Fatal(err)
	}
	refunded, orders := w.cost("ModifyInstanceChargeType")
	m = response.GetModification()
	cents := control.Amount(m.GetRefund().GetUnits()*100 + int64(m.GetRefund().GetNanos()/10_000_000))
	if orders != 2 || cents <= 0 || refunded != 300_40-cents || m.GetPrice() != nil || m.GetAfter().GetChargeType() != byUse {
		t.Errorf("%d orders, %s paid, response %v", orders, refunded, m)
	}
	_, err = w.instances.ModifyChargeType(t.Context(), &ecsdv1.ModifyChargeTypeRequest{InstanceId: id, ChargeType: byUse, RequestId: uuid.NewString()})
	wantError(t, err, codes.FailedPrecondition, "NOT_SUBSCRIPTION")
}

// A subscription is upgraded while it runs, for the price of the dry run, and
// downgraded only while it is stopped. A pay-as-you-go instance changes its type
// for the price of an hour.
func TestModifyInstanceType(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	paid := w.seed(simulator.Seed{InstanceType: "ecs.g7.large"})[0]
	hourly := w.seed(simulator.Seed{InstanceType: "ecs.g7.large", ChargeType: "PostPaid", Status: "Stopped"})[0]
	stopped := w.seed(simulator.Seed{InstanceType: "ecs.g7.large", Status: "Stopped"})[0]

	upgrade := typeOf(paid, "ecs.g7.xlarge")
	dry := proto.CloneOf(upgrade)
	dry.ValidateOnly = true
	plan, err := w.instances.ModifyInstanceType(t.Context(), dry)
	if err != nil {
		t.Fatal(err)
	}
	response, err := w.instances.ModifyInstanceType(t.Context(), upgrade)
	if err != nil {
		t.Fatal(err)
	}
	m := response.GetModification()
	cost, orders := w.cost("ModifyPrepayInstanceSpec")
	if orders != 1 || m.GetPrice().GetUnits()*100+int64(m.GetPrice().GetNanos()/10_000_000) != int64(cost) || !proto.Equal(m.GetPrice(), plan.GetModification().GetPrice()) {
		t.Errorf("%d orders for %s, price %v, planned %v", orders, cost, m.GetPrice(), plan.GetModification().GetPrice())
	}
	if m.GetAfter().GetInstanceType() != "ecs.g7.xlarge" || m.GetOrderId() == "" {
		t.Errorf("got %v", m)
	}
	_, err = w.instances.ModifyInstanceType(t.Context(), typeOf(paid, "ecs.g7.xlarge"))
	wantError(t, err, codes.FailedPrecondition, "UNSUPPORTED_OPERATION")
	_, err = w.instances.ModifyInstanceType(t.Context(), typeOf(paid, "ecs.c7.large"))
	wantError(t, err, codes.FailedPrecondition, "INCORRECT_INSTANCE_STATUS")

	response, err = w.instances.ModifyInstanceType(t.Context(), typeOf(stopped, "ecs.c7.large"))
	if err != nil {
		t.Fatal(err)
	}
	if total, orders := w.cost("ModifyPrepayInstanceSpec"); orders != 2 || total >= cost || response.GetModification().GetPrice().GetUnits() != 0 {
		t.Errorf("%d orders, %s in sum, want a refund: %v", orders, total, response)
	}

	limited := typeOf(hourly, "ecs.g7.xlarge")
	limited.PriceLimit = &ecsdv1.ModifyInstanceTypeRequest_MaxPrice{MaxPrice: &ecsdv1.Money{CurrencyCode: "CNY", Units: 1}}
	_, err = w.instances.ModifyInstanceType(t.Context(), limited)
	wantError(t, err, codes.FailedPrecondition, "PRICE_EXCEEDS_LIMIT")
	response, err = w.instances.ModifyInstanceType(t.Context(), typeOf(hourly, "ecs.g7.xlarge"))
	if err != nil || response.GetModification().GetAfter().GetInstanceType() != "ecs.g7.xlarge" || response.GetModification().GetPrice().GetUnits() != 1 {
		t.Errorf("pay-as-you-go: %v, %v, want a price of an hour over CNY 1", response, err)
	}
	_, err = w.instances.ModifyInstanceType(t.Context(), typeOf(hourly, "ecs.none.large"))
	if err == nil {
		t.Error("a type that is not sold was accepted")
	}
}

// The reply of the order is lost. The effect that a read shows settles it, and
// nothing is paid twice.
func TestModify_LostReply(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	id := w.seed(simulator.Seed{ChargeType: "PostPaid"})[0]
	w.fault(simulator.Fault{Action: "ModifyInstanceChargeType", Kind: "lost_reply", Count: 1})
	response, err := w.instances.ModifyChargeType(t.Context(), oneMonthOf(id))
	if err != nil || response.GetModification().GetState() != ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_SUCCEEDED {
		t.Errorf("got %v, %v", response, err)
	}
	if _, orders := w.cost("ModifyInstanceChargeType"); orders != 1 {
		t.Errorf("%d orders, want 1", orders)
	}
}

// With billing, the order in the bill settles a lost reply, and the modification has its ID.
func TestModify_LostReplyWithBilling(t *testing.T) {
	w := newWorld(t, simulator.Config{OrderLag: -1}, func(c *server.Config) { c.Billing = true })
	id := w.seed(simulator.Seed{ChargeType: "PostPaid"})[0]
	w.fault(simulator.Fault{Action: "ModifyInstanceChargeType", Kind: "lost_reply", Count: 1})
	response, err := w.instances.ModifyChargeType(t.Context(), oneMonthOf(id))
	if err != nil || response.GetModification().GetState() != ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_SUCCEEDED {
		t.Fatalf("got %v, %v", response, err)
	}
	if _, orders := w.cost("ModifyInstanceChargeType"); orders != 1 {
		t.Errorf("%d orders, want 1", orders)
	}
	if got, want := response.GetModification().GetOrderId(), w.sim.Ledger(simulator.LedgerFilter{})[0].OrderID; got != want {
		t.Errorf("order %q, the bill has %q", got, want)
	}
}

// A refusal of the cloud is returned, and the same request tries again.
func TestModify_InsufficientBalance(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	id := w.seed(simulator.Seed{ChargeType: "PostPaid"})[0]
	w.sim.SetBalance(1)
	request := oneMonthOf(id)
	_, err := w.instances.ModifyChargeType(t.Context(), request)
	wantError(t, err, codes.FailedPrecondition, "INSUFFICIENT_BALANCE")
	w.sim.SetBalance(1_000_00)
	if _, err := w.instances.ModifyChargeType(t.Context(), request); err != nil {
		t.Errorf("with money: %v", err)
	}
	if _, orders := w.cost("ModifyInstanceChargeType"); orders != 1 {
		t.Errorf("%d orders, want 1", orders)
	}
}

// A modification waits for no renewal of the instance, and a renewal for no
// modification: the second is refused and nothing is paid for it.
func TestModify_BesideARenewal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{RenewLag: 4 * time.Second}, nil)
	renewal, upgraded := w.seed(simulator.Seed{})[0], w.seed(simulator.Seed{})[0]
	renew := func(id string) error {
		_, err := w.renewals.RenewInstance(t.Context(), &ecsdv1.RenewInstanceRequest{
			InstanceId: id, Period: oneMonth, PriceLimit: &ecsdv1.RenewInstanceRequest_AnyPrice{AnyPrice: true}, RequestId: uuid.NewString(),
		})
		return err
	}
	done := make(chan error, 2)
	go func() { done <- renew(renewal) }()
	w.wait("the renewal is paid", func() bool { _, n := w.cost("RenewInstance"); return n == 1 })
	_, err := w.instances.ModifyInstanceType(t.Context(), typeOf(renewal, "ecs.g7.xlarge"))
	wantError(t, err, codes.Aborted, "RENEWAL_IN_PROGRESS")

	go func() {
		_, err := w.instances.ModifyInstanceType(t.Context(), typeOf(upgraded, "ecs.g7.xlarge"))
		done <- err
	}()
	w.wait("the upgrade is paid", func() bool { _, n := w.cost("ModifyPrepayInstanceSpec"); return n == 1 })
	wantError(t, renew(upgraded), codes.Aborted, "OPERATION_IN_PROGRESS")
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if _, n := w.cost("RenewInstance"); n != 1 {
		t.Errorf("%d renewals, want 1", n)
	}
	if err := renew(upgraded); err != nil {
		t.Errorf("renew after the upgrade: %v", err)
	}
}

func TestReactivateInstances(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	ids := w.seed(simulator.Seed{Count: 2, ChargeType: "PostPaid", Status: "Stopped"})
	if err := w.sim.Change(ids[0], simulator.Change{LockReasons: &[]string{"financial"}}); err != nil {
		t.Fatal(err)
	}
	response, err := w.instances.ReactivateInstances(t.Context(), &ecsdv1.ReactivateInstancesRequest{InstanceIds: append(ids, "i-none")})
	if err != nil {
		t.Fatal(err)
	}
	results := response.GetResults()
	if to := results[0].GetTransition().GetCurrentStatus(); to != ecsdv1.InstanceStatus_INSTANCE_STATUS_STARTING && to != ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING {
		t.Errorf("in arrears: %v", results[0])
	}
	for n, want := range map[int]string{1: "INCORRECT_INSTANCE_STATUS", 2: "INSTANCE_NOT_FOUND"} {
		if got := results[n].GetError().GetReason(); got != want {
			t.Errorf("%s: %s, want %s", results[n].GetInstanceId(), got, want)
		}
	}
	w.sim.SetBalance(1)
	if err := w.sim.Change(ids[1], simulator.Change{LockReasons: &[]string{"financial"}}); err != nil {
		t.Fatal(err)
	}
	response, err = w.instances.ReactivateInstances(t.Context(), &ecsdv1.ReactivateInstancesRequest{InstanceIds: ids[1:]})
	if err != nil || response.GetResults()[0].GetError().GetReason() != "INSUFFICIENT_BALANCE" {
		t.Errorf("without money: %v, %v", response, err)
	}
}

// Bad input of modifications names the field, and reaches nothing.
func TestModify_BadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	w.sim.ResetStats()
	const id = "i-bp1aet7s13lfpjop0001"
	for name, test := range map[string]struct {
		request proto.Message
		field   string
		reason  string
	}{
		"no charge type":      {&ecsdv1.ModifyChargeTypeRequest{InstanceId: id, RequestId: uuid.NewString()}, "charge_type", "INVALID_FIELD"},
		"unknown charge type": {&ecsdv1.ModifyChargeTypeRequest{InstanceId: id, ChargeType: 9, RequestId: uuid.NewString()}, "charge_type", "INVALID_FIELD"},
		"no price limit":      {changed(oneMonthOf(id), func(q *ecsdv1.ModifyChargeTypeRequest) { q.PriceLimit = nil }), "max_price", "INVALID_FIELD"},
		"any price is false": {changed(oneMonthOf(id), func(q *ecsdv1.ModifyChargeTypeRequest) {
			q.PriceLimit = &ecsdv1.ModifyChargeTypeRequest_AnyPrice{}
		}), "any_price", "INVALID_FIELD"},
		"limit of nothing": {changed(oneMonthOf(id), func(q *ecsdv1.ModifyChargeTypeRequest) {
			q.PriceLimit = &ecsdv1.ModifyChargeTypeRequest_MaxPrice{MaxPrice: &ecsdv1.Money{CurrencyCode: "CNY"}}
		}), "max_price", "INVALID_FIELD"},
		"no period":  {changed(oneMonthOf(id), func(q *ecsdv1.ModifyChargeTypeRequest) { q.Period = nil }), "period", "INVALID_FIELD"},
		"two years":  {changed(oneMonthOf(id), func(q *ecsdv1.ModifyChargeTypeRequest) { q.Period.Count = 24 }), "period", "PERIOD_NOT_SOLD"},
		"no request": {changed(oneMonthOf(id), func(q *ecsdv1.ModifyChargeTypeRequest) { q.RequestId = "" }), "request_id", "INVALID_FIELD"},
		"no id":      {changed(oneMonthOf(id), func(q *ecsdv1.ModifyChargeTypeRequest) { q.InstanceId = "" }), "instance_id", "INVALID_FIELD"},
		"a region":   {changed(oneMonthOf(id), func(q *ecsdv1.ModifyChargeTypeRequest) { q.RegionId = "mars-1" }), "region_id", "UNKNOWN_REGION"},
		"period of pay-as-you-go": {changed(oneMonthOf(id), func(q *ecsdv1.ModifyChargeTypeRequest) {
			q.ChargeType, q.PriceLimit = byUse, nil
		}), "period", "INVALID_FIELD"},
		"limit of pay-as-you-go": {changed(oneMonthOf(id), func(q *ecsdv1.ModifyChargeTypeRequest) {
			q.ChargeType, q.Period = byUse, nil
		}), "any_price", "INVALID_FIELD"},
		"no type":        {typeOf(id, ""), "instance_type", "INVALID_FIELD"},
		"malformed type": {typeOf(id, "large"), "instance_type", "INVALID_FIELD"},
		"type without limit": {changed(typeOf(id, "ecs.g7.large"), func(q *ecsdv1.ModifyInstanceTypeRequest) {
			q.PriceLimit = nil
		}), "max_price", "INVALID_FIELD"},
		"reactivate nothing": {&ecsdv1.ReactivateInstancesRequest{}, "instance_ids", "INVALID_FIELD"},
	} {
		var err error
		switch q := test.request.(type) {
		case *ecsdv1.ModifyChargeTypeRequest:
			_, err = w.instances.ModifyChargeType(t.Context(), q)
		case *ecsdv1.ModifyInstanceTypeRequest:
			_, err = w.instances.ModifyInstanceType(t.Context(), q)
		case *ecsdv1.ReactivateInstancesRequest:
			_, err = w.instances.ReactivateInstances(t.Context(), q)
		}
		t.Run(name, func(t *testing.T) {
			wantError(t, err, codes.InvalidArgument, test.reason)
			bad, _ := detail[*errdetails.BadRequest](err)
			if !slices.ContainsFunc(bad.GetFieldViolations(), func(v *errdetails.BadRequest_FieldViolation) bool {
				return v.GetField() == test.field || strings.HasPrefix(v.GetField(), test.field+".")
			}) {
				t.Errorf("no violation of %s in %v", test.field, bad.GetFieldViolations())
			}
		})
	}
	if calls := w.sim.Stats().Calls; calls != 0 {
		t.Errorf("%d calls reached the cloud", calls)
	}
}

func changed[M proto.Message](m M, f func(M)) M {
	f(m)
	return m
}

// A watch sees a modification soon after it, without a poll.
func TestModify_Watched(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	id := w.seed(simulator.Seed{ChargeType: "PostPaid"})[0]
	stream, err := w.instances.WatchInstances(t.Context(), &ecsdv1.WatchInstancesRequest{InstanceIds: []string{id}})
	if err != nil {
		t.Fatal(err)
	}
	changes, complete := make(chan *ecsdv1.Instance, 10), make(chan struct{})
	go func() {
		for {
			message, err := stream.Recv()
			if err != nil {
				close(changes)
				return
			}
			if message.GetSnapshotComplete() != nil {
				close(complete)
			}
			if c := message.GetChanged(); c != nil {
				changes <- c.GetInstance()
			}
		}
	}()
	<-complete // a snapshot that is read after the change shows it as no change
	if _, err := w.instances.ModifyChargeType(t.Context(), oneMonthOf(id)); err != nil {
		t.Fatal(err)
	}
	timeout := time.After(20 * time.Second)
	for {
		select {
		case i := <-changes:
			if i.GetChargeType() == byPeriod {
				return
			}
		case <-timeout:
			t.Fatal("the watch did not show the subscription")
		}
	}
}
