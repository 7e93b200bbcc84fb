package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

const (
	payAsYouGo   = "PostPaid"
	subscription = ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION
	running      = ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING
	stopped      = ecsdv1.InstanceStatus_INSTANCE_STATUS_STOPPED
	limited      = ecsdv1.SpotStrategy_SPOT_STRATEGY_WITH_PRICE_LIMIT
)

// atOnce is a cloud in which every operation completes at once.
func atOnce() simulator.Config {
	return simulator.Config{StartLatency: -1, StopLatency: -1, ListLag: -1, SnapshotLatency: -1}
}

// launch returns a valid request for n instances in the first region.
func (w *world) launch(n int32) *ecsdv1.RunInstancesRequest {
	w.t.Helper()
	network, err := w.sim.Network(hangzhou)
	if err != nil {
		w.t.Fatal(err)
	}
	return &ecsdv1.RunInstancesRequest{
		RegionId: hangzhou, Count: n, RequestId: uuid.NewString(),
		Spec: &ecsdv1.InstanceSpec{
			ImageId: "aliyun_3_x64_20G_alibase_20260122.vhd", InstanceType: "ecs.g7.large",
			VswitchId: network.VSwitches[0].VSwitchID, SecurityGroupIds: network.SecurityGroupIDs[:1],
			InstanceName: "web",
		},
	}
}

// read reads one instance.
func (w *world) read(id string) *ecsdv1.Instance {
	w.t.Helper()
	answer, err := w.instances.GetInstance(within(w.t, 20*time.Second), &ecsdv1.GetInstanceRequest{InstanceId: id})
	if err != nil {
		w.t.Fatal(err)
	}
	return answer.GetInstance()
}

// A launch creates the requested instances once. A retry finds them.
func TestRunInstances(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	request := w.launch(3)
	request.Spec.Tags = []*ecsdv1.Tag{{Key: "team", Value: "shop"}}
	request.Spec.Description, request.Spec.HostName = "made by a test", "shop"
	request.Spec.InternetMaxBandwidthOutMbps, request.Spec.DeletionProtection = 5, true
	request.Spec.AutoReleaseTime = timestamppb.New(time.Now().Add(2 * time.Hour))
	request.Spec.DataDisks = []*ecsdv1.DiskSpec{{Category: "cloud_essd", SizeGib: 100, KeepWithInstance: true}}

	rehearsal := proto.CloneOf(request)
	rehearsal.RequestId, rehearsal.ValidateOnly = "", true
	priced, err := w.instances.RunInstances(ctx, rehearsal)
	if err != nil {
		t.Fatal(err)
	}
	if quote := priced.GetQuote(); quote.GetPrice().GetCurrencyCode() != "CNY" || quote.GetCount() != 3 || quote.GetPeriod() != nil || len(priced.GetInstanceIds()) > 0 {
		t.Errorf("validate_only: %v", priced)
	}
	if made := w.sim.Instances(simulator.InstanceFilter{}); len(made) > 0 {
		t.Fatalf("a rehearsal made %v", made)
	}

	first, err := w.instances.RunInstances(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	if len(first.GetInstanceIds()) != 3 || len(first.GetInstances()) != 3 || first.GetQuote() != nil {
		t.Fatalf("the launch: %v", first)
	}
	instance := w.read(first.GetInstanceIds()[2])
	if instance.GetStatus() != running || instance.GetInstanceName() != "web" || instance.GetHostName() != "shop" ||
		len(instance.GetPublicIpAddresses()) != 1 || !instance.GetDeletionProtection() ||
		!instance.GetAutoReleaseTime().AsTime().Equal(request.GetSpec().GetAutoReleaseTime().AsTime().Truncate(time.Minute)) {
		t.Errorf("the launch made %v", instance)
	}
	tags := map[string]string{}
	for _, tag := range instance.GetTags() {
		tags[tag.GetKey()] = tag.GetValue()
	}
	if diff := cmp.Diff(map[string]string{"team": "shop", "ecsd:request-id": request.GetRequestId()}, tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	again, err := w.instances.RunInstances(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.GetInstanceIds(), again.GetInstanceIds()); diff != "" {
		t.Errorf("the same request again (-first +again):\n%s", diff)
	}
	other := proto.CloneOf(request)
	other.Count = 4
	_, err = w.instances.RunInstances(ctx, other)
	wantError(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")
	if made := w.sim.Instances(simulator.InstanceFilter{}); len(made) != 3 {
		t.Errorf("%d instances were made of 3", len(made))
	}
}

// A subscription is paid once, and its order ID is returned. A quote returns its price.
func TestRunInstances_Subscription(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	request := w.launch(2)
	request.Spec.ChargeType, request.Spec.Period, request.Spec.AutoRenew = subscription, oneMonth, true
	quoted, err := w.instances.QuoteInstances(ctx, &ecsdv1.QuoteInstancesRequest{RegionId: hangzhou, Spec: request.GetSpec(), Count: 2})
	if err != nil {
		t.Fatal(err)
	}
	if q := quoted.GetQuote(); q.GetPrice().GetUnits() <= 0 || q.GetPeriod().GetCount() != 1 || q.GetCount() != 2 {
		t.Errorf("the quote: %v", quoted)
	}
	balance := w.sim.Balance()
	_, err = w.instances.RunInstances(ctx, request)
	wantError(t, err, codes.InvalidArgument, "INVALID_FIELD")
	price := quoted.GetQuote().GetPrice()
	low := &ecsdv1.Money{CurrencyCode: price.GetCurrencyCode(), Units: price.GetUnits() - 1}
	request.PriceLimit = &ecsdv1.RunInstancesRequest_MaxPrice{MaxPrice: low}
	_, err = w.instances.RunInstances(ctx, request)
	if info := wantError(t, err, codes.FailedPrecondition, "PRICE_EXCEEDS_LIMIT"); info.GetMetadata()["price"] == "" || info.GetMetadata()["max_price"] == "" {
		t.Errorf("the error does not name both prices: %v", info)
	}
	if there := w.there(); len(there) > 0 || w.sim.Balance() != balance {
		t.Errorf("over the limit there are %v, paid %v", there, balance-w.sim.Balance())
	}
	request.RequestId, request.PriceLimit = uuid.NewString(), &ecsdv1.RunInstancesRequest_MaxPrice{MaxPrice: price}
	made, err := w.instances.RunInstances(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.instances.RunInstances(ctx, request); err != nil {
		t.Errorf("again: %v", err)
	}
	paid := balance - w.sim.Balance()
	if made.GetOrderId() == "" || int64(paid) != price.GetUnits()*100+int64(price.GetNanos())/10_000_000 {
		t.Errorf("order %q cost %v, the quote was %v", made.GetOrderId(), paid, price)
	}
	if instance := w.read(made.GetInstanceIds()[0]); instance.GetChargeType() != subscription || instance.GetExpireTime() == nil {
		t.Errorf("the launch made %v", instance)
	}
	weeks := proto.CloneOf(request.GetSpec())
	weeks.Period = &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_WEEK}
	_, err = w.instances.QuoteInstances(ctx, &ecsdv1.QuoteInstancesRequest{RegionId: hangzhou, Spec: weeks, Count: 1})
	wantError(t, err, codes.FailedPrecondition, "PRICE_UNAVAILABLE")

	w.sim.SetBalance(0)
	request.RequestId = uuid.NewString()
	_, err = w.instances.RunInstances(ctx, request)
	wantError(t, err, codes.FailedPrecondition, "INSUFFICIENT_BALANCE")
}

// Spot instances accept a price limit only in the account's own currency.
func TestRunInstances_Spot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	request := w.launch(1)
	request.Spec.Spot = &ecsdv1.SpotSettings{
		Strategy: limited, PriceLimit: &ecsdv1.Money{CurrencyCode: "CNY", Units: 3, Nanos: 250_000_000}, Duration: durationpb.New(0),
		InterruptionBehavior: ecsdv1.SpotInterruptionBehavior_SPOT_INTERRUPTION_BEHAVIOR_STOP,
	}
	made, err := w.instances.RunInstances(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	spot := w.read(made.GetInstanceIds()[0]).GetSpot()
	if spot.GetStrategy() != limited || spot.GetPriceLimit().GetUnits() != 3 || spot.GetPriceLimit().GetNanos() != 250_000_000 ||
		spot.GetDuration().AsDuration() != 0 || spot.GetInterruptionBehavior() != request.GetSpec().GetSpot().GetInterruptionBehavior() {
		t.Errorf("the spot settings are %v", spot)
	}
	request.RequestId = uuid.NewString()
	request.Spec.Spot.PriceLimit.CurrencyCode = "USD"
	_, err = w.instances.RunInstances(ctx, request)
	wantError(t, err, codes.FailedPrecondition, "CURRENCY_MISMATCH")
	request.RequestId = uuid.NewString()
	request.Spec.Spot.PriceLimit = &ecsdv1.Money{Nanos: 1_000_000}
	_, err = w.instances.RunInstances(ctx, request)
	wantError(t, err, codes.FailedPrecondition, "PRICE_EXCEEDS_LIMIT")
	if made := w.sim.Instances(simulator.InstanceFilter{}); len(made) != 1 {
		t.Errorf("%d instances were made of 1", len(made))
	}
}

// If stock is short, min_count accepts the available count.
func TestRunInstances_MinCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	request := w.launch(5)
	network, err := w.sim.Network(hangzhou)
	if err != nil {
		t.Fatal(err)
	}
	left := 3
	if err := w.sim.LimitStock(control.StockLimit{ZoneID: network.VSwitches[0].ZoneID, InstanceType: "ecs.g7.large", Left: &left}); err != nil {
		t.Fatal(err)
	}
	_, err = w.instances.RunInstances(ctx, request)
	wantError(t, err, codes.ResourceExhausted, "OUT_OF_STOCK")
	request.RequestId, request.MinCount = uuid.NewString(), 2
	made, err := w.instances.RunInstances(ctx, request)
	if err != nil || len(made.GetInstanceIds()) != 3 {
		t.Errorf("%v (%v), want the 3 that there are", made, err)
	}
}

// A launch by template uses the template's values.
func TestRunInstances_Template(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	request := w.launch(1)
	request.Spec = &ecsdv1.InstanceSpec{VswitchId: request.Spec.VswitchId, LaunchTemplate: &ecsdv1.LaunchTemplate{Template: &ecsdv1.LaunchTemplate_LaunchTemplateName{LaunchTemplateName: "web"}}}
	request.PriceLimit = &ecsdv1.RunInstancesRequest_AnyPrice{AnyPrice: true}
	made, err := w.instances.RunInstances(within(t, 60*time.Second), request)
	if err != nil {
		t.Fatal(err)
	}
	if instance := w.read(made.GetInstanceIds()[0]); instance.GetInstanceType() != "ecs.c7.large" || instance.GetInternetMaxBandwidthOutMbps() != 5 {
		t.Errorf("the template made %v", instance)
	}
}

// If the response to a launch is lost, the launch is found and not repeated.
func TestRunInstances_ResponseLost(t *testing.T) {
	t.Parallel()
	for _, kind := range []control.Kind{control.LostReply, control.Cut} {
		t.Run(string(kind), func(t *testing.T) {
			w := newWorld(t, atOnce(), nil)
			w.fault(simulator.Fault{Action: "RunInstances", Kind: kind, Count: 1})
			made, err := w.instances.RunInstances(within(t, 60*time.Second), w.launch(2))
			if err != nil || len(made.GetInstanceIds()) != 2 {
				t.Errorf("%v (%v), want 2 instances", made, err)
			}
			if there := w.sim.Instances(simulator.InstanceFilter{}); len(there) != 2 {
				t.Errorf("%d instances were made of 2", len(there))
			}
		})
	}
}

// CreateInstance creates one stopped instance, without a public address.
func TestCreateInstance(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	spec := w.launch(1).GetSpec()
	spec.InternetMaxBandwidthOutMbps = 5
	request := &ecsdv1.CreateInstanceRequest{Spec: spec, RequestId: uuid.NewString()}
	made, err := w.instances.CreateInstance(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.instances.CreateInstance(ctx, request)
	if err != nil || again.GetInstanceId() != made.GetInstanceId() {
		t.Errorf("again: %v (%v)", again, err)
	}
	id := made.GetInstanceId()
	if instance := w.read(id); instance.GetStatus() != stopped || len(instance.GetPublicIpAddresses()) > 0 {
		t.Errorf("the instance is %v", instance)
	}
	check, err := w.instances.AllocatePublicIpAddress(ctx, &ecsdv1.AllocatePublicIpAddressRequest{InstanceId: id, ValidateOnly: true})
	if err != nil || check.GetIpAddress() != "" || len(w.read(id).GetPublicIpAddresses()) > 0 {
		t.Errorf("validate_only: %v (%v)", check, err)
	}
	address, err := w.instances.AllocatePublicIpAddress(ctx, &ecsdv1.AllocatePublicIpAddressRequest{InstanceId: id})
	if err != nil || len(strings.Split(address.GetIpAddress(), ".")) != 4 || address.GetInstance().GetInstanceId() != id {
		t.Fatalf("an address: %v (%v)", address, err)
	}
	_, err = w.instances.AllocatePublicIpAddress(ctx, &ecsdv1.AllocatePublicIpAddressRequest{InstanceId: id})
	wantError(t, err, codes.FailedPrecondition, "PUBLIC_IP_ALLOCATED")
	started, err := w.instances.StartInstances(ctx, &ecsdv1.StartInstancesRequest{InstanceIds: []string{id}})
	if err != nil || started.GetResults()[0].GetTransition() == nil {
		t.Fatalf("start: %v (%v)", started, err)
	}
	if instance := w.read(id); instance.GetStatus() != running || len(instance.GetPublicIpAddresses()) != 1 {
		t.Errorf("the started instance is %v", instance)
	}
}

// An instance without bandwidth gets no public address. The dry run reports it as the call does.
func TestRunInstances_NoBandwidth(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	id := w.seed(simulator.Seed{ChargeType: payAsYouGo})[0]
	for _, validateOnly := range []bool{true, false} {
		_, err := w.instances.AllocatePublicIpAddress(within(t, 20*time.Second), &ecsdv1.AllocatePublicIpAddressRequest{InstanceId: id, ValidateOnly: validateOnly})
		if wantError(t, err, codes.FailedPrecondition, "UNSUPPORTED_OPERATION"); !strings.Contains(err.Error(), "spec.internet_max_bandwidth_out_mbps") {
			t.Errorf("validate_only %t: %v names no remedy", validateOnly, err)
		}
	}
}

// An instance type that the cloud does not sell is an invalid field.
func TestRunInstances_UnknownType(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 2*time.Minute)
	const unknown, again = "ecs.x9.large", "0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c11"
	spec := w.launch(1).GetSpec()
	spec.InstanceType = unknown
	for name, c := range map[string]struct {
		field string
		call  func() error
	}{
		"RunInstances": {"spec.instance_type", func() error {
			_, err := w.instances.RunInstances(ctx, &ecsdv1.RunInstancesRequest{Spec: spec, Count: 1, RequestId: uuid.NewString()})
			return err
		}},
		"RunInstances again": {"spec.instance_type", func() error {
			request := &ecsdv1.RunInstancesRequest{Spec: spec, Count: 1, RequestId: again}
			_, first := w.instances.RunInstances(ctx, request)
			_, second := w.instances.RunInstances(ctx, request)
			// A rejection is not stored: the cloud is called again.
			a, _ := detail[*errdetails.ErrorInfo](first)
			b, _ := detail[*errdetails.ErrorInfo](second)
			if a.GetMetadata()["ecs_request_id"] == b.GetMetadata()["ecs_request_id"] {
				t.Errorf("two tries have the same request of the cloud: %v", b.GetMetadata())
			}
			return second
		}},
		"RunInstances rehearsed": {"spec.instance_type", func() error {
			_, err := w.instances.RunInstances(ctx, &ecsdv1.RunInstancesRequest{Spec: spec, Count: 1, RequestId: uuid.NewString(), ValidateOnly: true})
			return err
		}},
		"CreateInstance": {"spec.instance_type", func() error {
			_, err := w.instances.CreateInstance(ctx, &ecsdv1.CreateInstanceRequest{Spec: spec, RequestId: uuid.NewString()})
			return err
		}},
		"QuoteInstances": {"spec.instance_type", func() error {
			_, err := w.instances.QuoteInstances(ctx, &ecsdv1.QuoteInstancesRequest{Spec: spec, Count: 1})
			return err
		}},
		"ListSpotPrices": {"instance_type", func() error {
			_, err := w.spot.ListSpotPrices(ctx, &ecsdv1.ListSpotPricesRequest{InstanceType: unknown})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.call()
			wantError(t, err, codes.InvalidArgument, "INVALID_FIELD")
			bad, _ := detail[*errdetails.BadRequest](err)
			if v := bad.GetFieldViolations(); len(v) != 1 || v[0].GetField() != c.field || !strings.Contains(v[0].GetDescription(), "does not exist") {
				t.Errorf("violations %v, want one of %s", v, c.field)
			}
		})
	}
	if made := w.sim.Instances(simulator.InstanceFilter{}); len(made) > 0 {
		t.Errorf("made %v", made)
	}
}

// No password and no user data appear in a log, a span, an error or a database, whatever fails.
func TestRunInstances_SecretsNotRecorded(t *testing.T) {
	t.Parallel()
	database := t.TempDir() + "/ecsd.db"
	w := newWorld(t, atOnce(), func(c *server.Config) { c.Database = "sqlite:" + database })
	const password, userData = "Correct-Horse-7-Staple", "#!/bin/sh\necho swordfish\n"
	var shown strings.Builder
	for _, kind := range []control.Kind{"", control.Reset, control.HTML, control.Throttled, control.Denied, control.NumericCode, control.Cut} {
		w.sim.ClearFaults()
		if kind != "" {
			w.fault(simulator.Fault{Action: "RunInstances", Kind: kind, Count: 1, RetryAfter: control.Duration(time.Millisecond)})
		}
		request := w.launch(1)
		request.Spec.Password, request.Spec.UserData = password, []byte(userData)
		patience := time.Minute
		if kind != "" {
			patience = 500 * time.Millisecond
		}
		answer, err := w.instances.RunInstances(within(t, patience), request)
		if kind == "" && err != nil {
			t.Fatal(err)
		}
		shown.WriteString(answer.String())
		if err != nil {
			shown.WriteString(err.Error())
		}
	}
	w.sim.ClearFaults()
	if err := w.finish(); err != nil {
		t.Fatal(err)
	}
	shown.WriteString(w.log.String())
	for _, span := range w.spans.GetSpans() {
		shown.WriteString(span.Name + span.Status.Description)
		for _, attribute := range span.Attributes {
			shown.WriteString(attribute.Value.String())
		}
		for _, event := range span.Events {
			for _, attribute := range event.Attributes {
				shown.WriteString(attribute.Value.String())
			}
		}
	}
	shown.WriteString(databaseText(t, database))
	for _, secret := range []string{password, "Correct-Horse", "swordfish", "IyEvYmluL3NoCmVjaG8gc3dvcmRmaXNo"} {
		if strings.Contains(shown.String(), secret) {
			t.Errorf("%q is shown", secret)
		}
	}
	if calls := w.log.lines(t, "call"); len(calls) == 0 || calls[0]["method"] != "ecsd.v1.InstanceService/RunInstances" {
		t.Errorf("the access log has %v", calls)
	}
}
