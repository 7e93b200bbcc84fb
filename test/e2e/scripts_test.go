package e2e_test

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// scripts are the functions of the cloud's guides. Each test shows that the RPC which replaces a function has the same
// outcome; test/seeds shows it for the function itself, with the vendor's SDK.
var scripts = []struct {
	functions []string
	test      func(*testing.T)
}{
	{[]string{"_send_request", "OpenApiCaller"}, scriptError},
	{[]string{"hello_aliyun_regions", "_print_region_id"}, scriptRegions},
	{[]string{"list_instances", "_print_instance_id"}, scriptList},
	{[]string{"get_instance_detail_by_id", "describe_instance_detail"}, scriptDetail},

	{[]string{"create_after_pay_instance"}, scriptCreateAfterPay},
	{[]string{"create_prepay_instance"}, scriptCreatePrepay},
	{[]string{"create_instance_action"}, func(t *testing.T) { scriptCreateAndStart(t, false) }},
	{[]string{"create_prepay_instance_action"}, func(t *testing.T) { scriptCreateAndStart(t, true) }},
	{[]string{"start_instance"}, scriptStart},
	{[]string{"check_instance_running"}, scriptRunning},
	{[]string{"batch_create_instance", "build_request", "_execute_request"}, scriptBatch},
	{[]string{"batch_create_instance_with_public_ip"}, scriptBatchWithAddress},
	{[]string{"batch_create_instance_with_auto_release_time"}, scriptBatchWithRelease},

	{[]string{"stop_instance"}, scriptStop},
	{[]string{"release_instance"}, scriptRelease},
	{[]string{"set_instance_auto_release_time", "check_auto_release_time_ready"}, scriptAutoRelease},

	{[]string{"describe_need_renew_instance"}, scriptNeedRenew},
	{[]string{"renew_instance", "check_instance_need_renew", "_renew_instance_action"}, scriptRenew},
	{[]string{"renew_job"}, scriptRenewJob},
	{[]string{"describe_instance_auto_renew_setting", "describe_auto_renew"}, scriptAutoRenewOf},
	{[]string{"setting_instance_auto_renew"}, scriptSetAutoRenew},

	{[]string{"DescribeZonesSample"}, scriptSpotZones},
	{[]string{"DescribeSpotPriceHistorySample"}, scriptSpotPrices},
	{[]string{"CreateInstaneSample"}, scriptSpotCreate},
	{[]string{"DescribeInstancesSample"}, scriptSpotLocks},
}

var (
	tableRow = regexp.MustCompile("(?m)^\\| (`[^|]*) \\|")
	quoted   = regexp.MustCompile("`([^`]+)`")
)

// TestScripts also compares the functions above with those of the document's tables.
func TestScripts(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/from-scripts.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, row := range tableRow.FindAllStringSubmatch(string(page), -1) {
		for _, name := range quoted.FindAllStringSubmatch(row[1], -1) {
			listed = append(listed, name[1])
		}
	}
	var tested []string
	for _, s := range scripts {
		tested = append(tested, s.functions...)
	}
	slices.Sort(listed)
	slices.Sort(tested)
	if diff := cmp.Diff(tested, listed); diff != "" {
		t.Errorf("functions in the tables of docs/from-scripts.md (-tested +listed):\n%s", diff)
	}
	for _, s := range scripts {
		t.Run(s.functions[0], s.test)
	}
}

// scriptWorld returns a world in which every operation completes at once, and a context.
func scriptWorld(t *testing.T) (*world, context.Context) {
	return newWorld(t, atOnce(), nil), within(t, 60*time.Second)
}

// must returns the response of a call that must succeed.
func must[A any](t *testing.T) func(A, error) A {
	return func(answer A, err error) A {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

// ofGuides is the instance that the guides launch.
func (w *world) ofGuides() *ecsdv1.InstanceSpec {
	spec := w.launch(1).GetSpec()
	spec.ImageId, spec.InstanceType = "centos_7_03_64_20G_alibase_20170818.vhd", "ecs.n4.small"
	spec.SystemDisk = &ecsdv1.DiskSpec{Category: "cloud_ssd", SizeGib: 40}
	return spec
}

// create calls CreateInstance with a new request ID.
func (w *world) create(ctx context.Context, spec *ecsdv1.InstanceSpec) (*ecsdv1.CreateInstanceResponse, error) {
	return w.instances.CreateInstance(ctx, &ecsdv1.CreateInstanceRequest{
		RegionId: hangzhou, Spec: spec, RequestId: uuid.NewString(), PriceLimit: &ecsdv1.CreateInstanceRequest_AnyPrice{AnyPrice: true},
	})
}

// there returns the IDs of the instances in the cloud.
func (w *world) there() []string { return instanceIDs(w.sim.Instances(simulator.InstanceFilter{})) }

func scriptRegions(t *testing.T) {
	w, ctx := scriptWorld(t)
	var got []string
	for _, region := range must[*ecsdv1.ListRegionsResponse](t)(w.catalog.ListRegions(ctx, &ecsdv1.ListRegionsRequest{})).GetRegions() {
		got = append(got, region.GetRegionId())
	}
	if diff := cmp.Diff([]string{hangzhou, shanghai}, got); diff != "" {
		t.Errorf("regions (-want +got):\n%s", diff)
	}
}

// The script lists ten of the twelve; ecsd lists all.
func scriptList(t *testing.T) {
	w, ctx := scriptWorld(t)
	mine := w.seed(simulator.Seed{Count: 12})
	w.seed(simulator.Seed{Count: 3, RegionID: shanghai})
	request := &ecsdv1.ListInstancesRequest{RegionIds: []string{hangzhou}, PageSize: 10}
	var got []string
	for more := true; more; more = request.PageToken != "" {
		page := must[*ecsdv1.ListInstancesResponse](t)(w.instances.ListInstances(ctx, request))
		for _, i := range page.GetInstances() {
			got = append(got, i.GetInstanceId())
		}
		request.PageToken = page.GetNextPageToken()
	}
	slices.Sort(mine)
	slices.Sort(got)
	if diff := cmp.Diff(mine, got); diff != "" {
		t.Errorf("instances (-want +got):\n%s", diff)
	}
}

func scriptDetail(t *testing.T) {
	w, ctx := scriptWorld(t)
	id := w.seed(simulator.Seed{ChargeType: payAsYouGo, Status: "Stopped", NamePrefix: "batch", Tags: map[string]string{"team": "data"}})[0]
	found := w.read(id)
	if found.GetInstanceName() != "batch-001" || found.GetStatus() != stopped || found.GetRegionId() != hangzhou || found.GetTags()[0].GetKey() != "team" {
		t.Errorf("the instance: %v", found)
	}
	_, err := w.instances.GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: nobody})
	wantError(t, err, codes.NotFound, "INSTANCE_NOT_FOUND")
}

// The script logs an error and returns nothing; ecsd returns the error to the caller.
func scriptError(t *testing.T) {
	w, ctx := scriptWorld(t)
	id := w.seed(simulator.Seed{ChargeType: payAsYouGo})[0]
	w.fault(simulator.Fault{Action: "ModifyInstanceAutoReleaseTime", Kind: control.Denied})
	_, err := w.instances.SetAutoReleaseTime(ctx, &ecsdv1.SetAutoReleaseTimeRequest{
		InstanceId: id, Setting: releaseAt(time.Now().Add(time.Hour)),
	})
	if info := wantError(t, err, codes.PermissionDenied, "CLOUD_PERMISSION_DENIED"); info.GetMetadata()["ecs_request_id"] == "" {
		t.Errorf("the error does not name the cloud's request: %v", info)
	}
}

func scriptCreateAfterPay(t *testing.T) {
	w, ctx := scriptWorld(t)
	id := must[*ecsdv1.CreateInstanceResponse](t)(w.create(ctx, w.ofGuides())).GetInstanceId()
	made := w.read(id)
	if made.GetStatus() != stopped || made.GetChargeType() != ecsdv1.ChargeType_CHARGE_TYPE_PAY_AS_YOU_GO ||
		made.GetInstanceType() != "ecs.n4.small" || len(made.GetPublicIpAddresses()) > 0 {
		t.Errorf("the instance: %v", made)
	}
	if w.sim.Balance() != simulator.DefaultBalance {
		t.Errorf("it cost something: %v", w.sim.Ledger(simulator.LedgerFilter{}))
	}
}

func scriptCreatePrepay(t *testing.T) {
	w, ctx := scriptWorld(t)
	spec := w.ofGuides()
	spec.ChargeType, spec.Period = subscription, oneMonth
	made := must[*ecsdv1.CreateInstanceResponse](t)(w.create(ctx, spec))
	orders := w.sim.Ledger(simulator.LedgerFilter{InstanceID: made.GetInstanceId()})
	if len(orders) != 1 || orders[0].OrderID != made.GetOrderId() || orders[0].Period != 1 || orders[0].Amount <= 0 {
		t.Errorf("the orders are %v, the answer %v", orders, made)
	}
	if w.read(made.GetInstanceId()).GetChargeType() != subscription {
		t.Errorf("the instance is no subscription")
	}

	w.sim.SetBalance(1_00)
	_, err := w.create(ctx, spec)
	wantError(t, err, codes.FailedPrecondition, "INSUFFICIENT_BALANCE")
	if there := w.there(); len(there) != 1 {
		t.Errorf("without money there are %v", there)
	}
}

func scriptCreateAndStart(t *testing.T, prepaid bool) {
	w, ctx := scriptWorld(t)
	spec := w.ofGuides()
	if prepaid {
		spec.ChargeType, spec.Period = subscription, oneMonth
	}
	id := must[*ecsdv1.CreateInstanceResponse](t)(w.create(ctx, spec)).GetInstanceId()
	started := must[*ecsdv1.StartInstancesResponse](t)(w.instances.StartInstances(ctx, &ecsdv1.StartInstancesRequest{InstanceIds: []string{id}}))
	if started.GetResults()[0].GetTransition() == nil || w.read(id).GetStatus() != running {
		t.Errorf("started: %v, the instance: %v", started, w.read(id))
	}
}

func scriptStart(t *testing.T) {
	w, ctx := scriptWorld(t)
	id := w.seed(simulator.Seed{ChargeType: payAsYouGo, Status: "Stopped"})[0]
	start := &ecsdv1.StartInstancesRequest{InstanceIds: []string{id}}
	must[*ecsdv1.StartInstancesResponse](t)(w.instances.StartInstances(ctx, start))
	if status := w.read(id).GetStatus(); status != running {
		t.Errorf("it is %s", status)
	}
	again := must[*ecsdv1.StartInstancesResponse](t)(w.instances.StartInstances(ctx, start)).GetResults()[0].GetError()
	if again.GetReason() != "INCORRECT_INSTANCE_STATUS" || again.GetEcsCode() != "IncorrectInstanceStatus" {
		t.Errorf("what runs was started: %v", again)
	}
}

// One call counts all instances, and waits no longer than the caller's deadline for those that stay down.
func scriptRunning(t *testing.T) {
	w, ctx := scriptWorld(t)
	ids := append(w.seed(simulator.Seed{Count: 2, ChargeType: payAsYouGo}), w.seed(simulator.Seed{ChargeType: payAsYouGo, Status: "Stopped"})...)
	var got []ecsdv1.InstanceStatus
	for _, r := range must[*ecsdv1.BatchGetInstancesResponse](t)(w.instances.BatchGetInstances(ctx, &ecsdv1.BatchGetInstancesRequest{InstanceIds: ids})).GetResults() {
		got = append(got, r.GetInstance().GetStatus())
	}
	if diff := cmp.Diff([]ecsdv1.InstanceStatus{running, running, stopped}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	soon, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err := w.instances.WaitInstances(soon, &ecsdv1.WaitInstancesRequest{InstanceIds: ids, Status: running})
	if err == nil {
		t.Error("the wait for a stopped instance ended well")
	}
}

// batch launches two instances and checks that both exist and run.
func (w *world) batch(ctx context.Context, change func(*ecsdv1.InstanceSpec)) []*ecsdv1.Instance {
	w.t.Helper()
	request := w.launch(2)
	request.Spec = w.ofGuides()
	request.Spec.InstanceName = "Instance12-04"
	change(request.Spec)
	ids := must[*ecsdv1.RunInstancesResponse](w.t.(*testing.T))(w.instances.RunInstances(ctx, request)).GetInstanceIds()
	if len(ids) != 2 {
		w.t.Fatalf("made %v", ids)
	}
	pair := []*ecsdv1.Instance{w.read(ids[0]), w.read(ids[1])}
	for _, i := range pair {
		if i.GetStatus() != running || i.GetInstanceName() != "Instance12-04" {
			w.t.Errorf("made %v", i)
		}
	}
	return pair
}

func scriptBatch(t *testing.T) {
	w, ctx := scriptWorld(t)
	w.batch(ctx, func(*ecsdv1.InstanceSpec) {})
}

func scriptBatchWithAddress(t *testing.T) {
	w, ctx := scriptWorld(t)
	pair := w.batch(ctx, func(s *ecsdv1.InstanceSpec) { s.InternetMaxBandwidthOutMbps = 1 })
	a, b := pair[0].GetPublicIpAddresses(), pair[1].GetPublicIpAddresses()
	if len(a) != 1 || len(b) != 1 || a[0] == b[0] {
		t.Errorf("addresses %v and %v", a, b)
	}
}

func scriptBatchWithRelease(t *testing.T) {
	w, ctx := scriptWorld(t)
	tooSoon := w.launch(2)
	tooSoon.Spec.AutoReleaseTime = timestamppb.New(time.Now().Add(29 * time.Minute))
	_, err := w.instances.RunInstances(ctx, tooSoon)
	wantError(t, err, codes.InvalidArgument, "INVALID_FIELD")
	if there := w.there(); len(there) > 0 {
		t.Errorf("a refused launch made %v", there)
	}
	w.batch(ctx, func(s *ecsdv1.InstanceSpec) { s.AutoReleaseTime = timestamppb.New(time.Now().Add(2 * time.Hour)) })
	w.advance(118 * time.Minute)
	if there := w.there(); len(there) != 2 {
		t.Errorf("before their time there are %v", there)
	}
	w.advance(3 * time.Minute)
	if there := w.there(); len(there) > 0 {
		t.Errorf("after their time there are %v", there)
	}
}

// advance advances the cloud's clock.
func (w *world) advance(d time.Duration) {
	w.t.Helper()
	if _, err := w.sim.Advance(d); err != nil {
		w.t.Fatal(err)
	}
}

func scriptStop(t *testing.T) {
	w, ctx := scriptWorld(t)
	for _, force := range []bool{false, true} {
		id := w.seed(simulator.Seed{ChargeType: payAsYouGo})[0]
		stop := &ecsdv1.StopInstancesRequest{InstanceIds: []string{id}, Force: force}
		must[*ecsdv1.StopInstancesResponse](t)(w.instances.StopInstances(ctx, stop))
		if status := w.read(id).GetStatus(); status != stopped {
			t.Errorf("force %t: it is %s", force, status)
		}
		again := must[*ecsdv1.StopInstancesResponse](t)(w.instances.StopInstances(ctx, stop)).GetResults()[0].GetError()
		if again.GetReason() != "INCORRECT_INSTANCE_STATUS" {
			t.Errorf("force %t: a stopped instance was stopped: %v", force, again)
		}
	}
}

// Running instances stay and stopped ones are released. With force, running ones are released too, but neither
// subscriptions nor protected instances.
func scriptRelease(t *testing.T) {
	w, ctx := scriptWorld(t)
	release := func(id string, force bool) *ecsdv1.InstanceReleaseResult {
		t.Helper()
		return must[*ecsdv1.ReleaseInstancesResponse](t)(w.instances.ReleaseInstances(ctx, &ecsdv1.ReleaseInstancesRequest{
			InstanceIds: []string{id}, Force: force, RequestId: uuid.NewString(),
		})).GetResults()[0]
	}
	busy, idle := w.seed(simulator.Seed{ChargeType: payAsYouGo})[0], w.seed(simulator.Seed{ChargeType: payAsYouGo, Status: "Stopped"})[0]
	paid, protected := w.seed(simulator.Seed{})[0], w.seed(simulator.Seed{ChargeType: payAsYouGo})[0]
	on := true
	if err := w.sim.Change(protected, control.Change{DeletionProtection: &on}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id     string
		force  bool
		reason string
	}{
		{busy, false, "INCORRECT_INSTANCE_STATUS"}, {idle, false, ""}, {busy, true, ""},
		{paid, true, "SUBSCRIPTION_NOT_EXPIRED"}, {protected, true, "DELETION_PROTECTED"},
	} {
		r := release(c.id, c.force)
		if r.GetError().GetReason() != c.reason || r.GetRelease().GetReleased() != (c.reason == "") ||
			slices.Contains(w.there(), c.id) != (c.reason != "") {
			t.Errorf("%s with force %t: %v, want the reason %q", c.id, c.force, r, c.reason)
		}
	}
}

func scriptAutoRelease(t *testing.T) {
	w, ctx := scriptWorld(t)
	kept, gone, paid := w.seed(simulator.Seed{ChargeType: payAsYouGo})[0], w.seed(simulator.Seed{ChargeType: payAsYouGo})[0], w.seed(simulator.Seed{})[0]
	send := func(request *ecsdv1.SetAutoReleaseTimeRequest) (*timestamppb.Timestamp, error) {
		response, err := w.instances.SetAutoReleaseTime(ctx, request)
		return response.GetInstance().GetAutoReleaseTime(), err
	}
	set := func(id string, due time.Time) (*timestamppb.Timestamp, error) {
		return send(&ecsdv1.SetAutoReleaseTimeRequest{InstanceId: id, Setting: releaseAt(due)})
	}
	due := time.Now().Add(time.Hour)
	for _, id := range []string{kept, gone} {
		if at := must[*timestamppb.Timestamp](t)(set(id, due)); !at.AsTime().Equal(due.Truncate(time.Minute)) {
			t.Errorf("set to %s, want %s", at.AsTime(), due.Truncate(time.Minute))
		}
	}
	cancel := &ecsdv1.SetAutoReleaseTimeRequest_ClearAutoReleaseTime{ClearAutoReleaseTime: true}
	if at := must[*timestamppb.Timestamp](t)(send(&ecsdv1.SetAutoReleaseTimeRequest{InstanceId: kept, Setting: cancel})); at != nil {
		t.Errorf("cancelled, it is %s", at.AsTime())
	}
	for _, ahead := range []time.Duration{29 * time.Minute, 3 * 366 * 24 * time.Hour} {
		_, err := set(gone, time.Now().Add(ahead))
		wantError(t, err, codes.InvalidArgument, "INVALID_FIELD")
	}
	_, err := set(paid, due)
	wantError(t, err, codes.FailedPrecondition, "NOT_PAY_AS_YOU_GO")
	w.advance(61 * time.Minute)
	if there := w.there(); !slices.Equal(there, []string{kept, paid}) {
		t.Errorf("an hour later there are %v, want %s and %s", there, kept, paid)
	}
}

func scriptSpotZones(t *testing.T) {
	w, ctx := scriptWorld(t)
	zones := must[*ecsdv1.ListSpotZonesResponse](t)(w.spot.ListSpotZones(ctx, &ecsdv1.ListSpotZonesRequest{})).GetZones()
	if !slices.ContainsFunc(zones, func(z *ecsdv1.SpotZone) bool {
		return strings.HasPrefix(z.GetZoneId(), hangzhou) && slices.Contains(z.GetInstanceTypes(), "ecs.sn2.medium")
	}) {
		t.Errorf("no zone sells ecs.sn2.medium: %v", zones)
	}
}

func scriptSpotPrices(t *testing.T) {
	w, ctx := scriptWorld(t)
	network, err := w.sim.Network(hangzhou)
	if err != nil {
		t.Fatal(err)
	}
	zone := network.VSwitches[0].ZoneID
	prices := must[*ecsdv1.ListSpotPricesResponse](t)(w.spot.ListSpotPrices(ctx, &ecsdv1.ListSpotPricesRequest{
		InstanceType: "ecs.sn2.medium", ZoneIds: []string{zone}, NetworkType: ecsdv1.NetworkType_NETWORK_TYPE_VPC,
	})).GetZones()
	if len(prices) != 1 || prices[0].GetZoneId() != zone || len(prices[0].GetPoints()) <= 100 { // more than one page
		t.Fatalf("prices: %v", prices)
	}
	wantSummary(t, prices[0])
	for _, p := range prices[0].GetPoints() {
		if micros(p.GetPrice()) <= 0 || micros(p.GetPrice()) > micros(p.GetListPrice()) {
			t.Errorf("point %v", p)
		}
	}
}

func scriptSpotCreate(t *testing.T) {
	w, ctx := scriptWorld(t)
	spec := w.ofGuides()
	spec.InstanceType = "ecs.sn2.medium"
	spec.Spot = &ecsdv1.SpotSettings{Strategy: limited, PriceLimit: &ecsdv1.Money{CurrencyCode: "CNY", Nanos: 10_000_000}}
	_, err := w.create(ctx, spec)
	wantError(t, err, codes.FailedPrecondition, "PRICE_EXCEEDS_LIMIT")
	if there := w.there(); len(there) > 0 {
		t.Errorf("a low bid made %v", there)
	}
	spec.Spot.PriceLimit = &ecsdv1.Money{CurrencyCode: "CNY", Nanos: 569_000_000}
	made := w.read(must[*ecsdv1.CreateInstanceResponse](t)(w.create(ctx, spec)).GetInstanceId())
	if made.GetSpot().GetStrategy() != limited || made.GetSpot().GetPriceLimit().GetNanos() != 569_000_000 {
		t.Errorf("the instance: %v", made)
	}
}

func scriptSpotLocks(t *testing.T) {
	w, ctx := scriptWorld(t)
	ids := w.seed(simulator.Seed{Count: 2, ChargeType: payAsYouGo, SpotStrategy: "SpotAsPriceGo"})
	locked := func() []string {
		var found []string
		for _, i := range must[*ecsdv1.ListInstancesResponse](t)(w.instances.ListInstances(ctx, &ecsdv1.ListInstancesRequest{
			Filter: &ecsdv1.InstanceFilter{LockReasons: []ecsdv1.LockReason{ecsdv1.LockReason_LOCK_REASON_RECYCLING}},
		})).GetInstances() {
			found = append(found, i.GetInstanceId())
		}
		return found
	}
	if before := locked(); len(before) > 0 {
		t.Errorf("locked before: %v", before)
	}
	if err := w.sim.Change(ids[1], control.Change{Reclaim: true}); err != nil {
		t.Fatal(err)
	}
	if now := locked(); !slices.Equal(now, ids[1:]) {
		t.Errorf("locked: %v, want %v", now, ids[1:])
	}
	w.advance(5 * time.Minute)
	if there := w.there(); !slices.Equal(there, ids[:1]) || len(locked()) > 0 {
		t.Errorf("after the notice there are %v", there)
	}
}
