package e2e_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

func TestListRegions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	answer, err := w.catalog.ListRegions(t.Context(), &ecsdv1.ListRegionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	served := map[string]bool{}
	for _, region := range answer.GetRegions() {
		if region.GetServed() {
			served[region.GetRegionId()] = region.GetIsDefault()
		}
		if region.GetLocalName() == "" || region.GetStatus() == ecsdv1.RegionStatus_REGION_STATUS_UNSPECIFIED {
			t.Errorf("region without a name or status: %v", region)
		}
	}
	if diff := cmp.Diff(map[string]bool{hangzhou: true, shanghai: false}, served); diff != "" {
		t.Errorf("served regions and which is the default (-want +got):\n%s", diff)
	}
}

func TestGetInstance(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	id := w.seed(simulator.Seed{NamePrefix: "web", RegionID: shanghai, Tags: map[string]string{"env": "prod"}})[0]
	answer, err := w.instances.GetInstance(t.Context(), &ecsdv1.GetInstanceRequest{RegionId: shanghai, InstanceId: id})
	if err != nil {
		t.Fatal(err)
	}
	held, err := w.sim.Instance(id)
	if err != nil {
		t.Fatal(err)
	}
	got := answer.GetInstance()
	for _, field := range []struct {
		name      string
		got, want any
	}{
		{"instance_id", got.GetInstanceId(), id},
		{"instance_name", got.GetInstanceName(), held.InstanceName},
		{"region_id", got.GetRegionId(), shanghai},
		{"zone_id", got.GetZoneId(), held.ZoneID},
		{"status", got.GetStatus(), ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING},
		{"charge_type", got.GetChargeType(), ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION},
		{"expire_time", got.GetExpireTime().AsTime(), *held.ExpireTime},
		{"instance_type", got.GetInstanceType(), held.InstanceType},
	} {
		if diff := cmp.Diff(field.want, field.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", field.name, diff)
		}
	}
	if age := time.Since(got.GetObservedTime().AsTime()); age < 0 || age > time.Minute {
		t.Errorf("observed %v ago", age)
	}

	_, err = w.instances.GetInstance(t.Context(), &ecsdv1.GetInstanceRequest{InstanceId: "i-bp1nobody"})
	info := wantError(t, err, codes.NotFound, "INSTANCE_NOT_FOUND")
	if meta := info.GetMetadata(); meta["region_id"] != hangzhou || meta["instance_id"] != "i-bp1nobody" {
		t.Errorf("the error names %v", meta)
	}
}

func TestBatchGetInstances(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	ids := w.seed(simulator.Seed{Count: 250})
	asked := slices.Concat(ids[:120], []string{"i-bp1nobody"}, ids[120:])
	w.sim.ResetStats()
	answer, err := w.instances.BatchGetInstances(t.Context(), &ecsdv1.BatchGetInstancesRequest{InstanceIds: asked})
	if err != nil {
		t.Fatal(err)
	}
	for i, result := range answer.GetResults() {
		if result.GetInstanceId() != asked[i] {
			t.Fatalf("result %d is of %s, asked was %s", i, result.GetInstanceId(), asked[i])
		}
		if i == 120 {
			if result.GetError().GetReason() != "INSTANCE_NOT_FOUND" || codes.Code(result.GetError().GetCode()) != codes.NotFound {
				t.Errorf("the unknown id got %v", result)
			}
		} else if result.GetInstance().GetInstanceId() != asked[i] {
			t.Errorf("result %d: %v", i, result)
		}
	}
	if got, calls := len(answer.GetResults()), w.sim.Stats().Actions["DescribeInstances"].Calls; got != len(asked) || calls != 3 {
		t.Errorf("%d ids got %d results in %d calls, want 3 calls", len(asked), got, calls)
	}
}

// All pages of all regions return each instance once, and apply the filter.
func TestListInstances(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	want := w.seed(simulator.Seed{Count: 230, Tags: map[string]string{"env": "prod"}})
	want = append(want, w.seed(simulator.Seed{Count: 40, RegionID: shanghai, ChargeType: "PostPaid", Tags: map[string]string{"env": "prod"}})...)
	w.seed(simulator.Seed{Count: 30, Tags: map[string]string{"env": "dev"}})
	var got []string
	request := &ecsdv1.ListInstancesRequest{
		Filter: &ecsdv1.InstanceFilter{Tags: []*ecsdv1.Tag{{Key: "env", Value: "prod"}}}, PageSize: 70,
	}
	for pages := 0; pages == 0 || request.PageToken != ""; pages++ {
		answer, err := w.instances.ListInstances(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(answer.GetInstances()); n > 70 || pages > 20 {
			t.Fatalf("page %d has %d instances", pages, n)
		}
		for _, instance := range answer.GetInstances() {
			got = append(got, instance.GetInstanceId())
			if expires := instance.GetExpireTime() != nil; expires != (instance.GetChargeType() == ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION) {
				t.Errorf("%s: expiry %v of %v", instance.GetInstanceId(), instance.GetExpireTime(), instance.GetChargeType())
			}
		}
		request.PageToken = answer.GetNextPageToken()
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the pages together (-want +got):\n%s", diff)
	}
}

// waitForMemory waits until the polls have seen a number of instances.
func (w *world) waitForMemory(t *testing.T, count int) {
	t.Helper()
	ctx := within(t, 2*time.Minute)
	w.wait("the memory is filled", func() bool {
		list, err := w.instances.ListInstances(ctx, &ecsdv1.ListInstancesRequest{MaxStaleness: durationpb.New(time.Hour)})
		return err == nil && len(list.GetInstances()) == count
	})
}

// The order of expiry holds over pages and regions, read from the cloud or from memory.
func TestListExpiringInstances_OrderAndForecast(t *testing.T) {
	t.Parallel()
	w := &world{sim: newCloud(t, simulator.Config{}), t: t}
	day := 24 * time.Hour
	expiry := func(n int) *time.Time {
		expire := time.Now().Add(time.Duration(n)*day + 6*time.Hour).UTC().Truncate(time.Minute)
		return &expire
	}
	// Created in the opposite order, because the cloud lists by creation.
	for n := 12; n >= 0; n-- {
		w.seed(simulator.Seed{RegionID: []string{hangzhou, shanghai}[n%2], Count: 1 + n%3, ExpireTime: expiry(n - 2), RenewalStatus: []string{"AutoRenewal", "Normal"}[n%2]})
	}
	w = newService(t, w.sim, nil)
	w.waitForMemory(t, 25)
	for _, staleness := range []*durationpb.Duration{nil, durationpb.New(time.Hour)} {
		var last *ecsdv1.Instance
		seen := map[string]bool{}
		req := &ecsdv1.ListExpiringInstancesRequest{
			WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(14 * day)}, PageSize: 4, MaxStaleness: staleness,
		}
		for more := true; more; more = req.PageToken != "" {
			page, err := w.renewals.ListExpiringInstances(within(t, 20*time.Second), req)
			if err != nil {
				t.Fatal(err)
			}
			if page.GetLedgerUnavailable() {
				t.Error("the ledger is unavailable")
			}
			for _, e := range page.GetExpiringInstances() {
				i, runsOn := e.GetInstance(), time.Duration(0)
				expire := i.GetExpireTime().AsTime()
				if last != nil && (expire.Before(last.GetExpireTime().AsTime()) || expire.Equal(last.GetExpireTime().AsTime()) && i.GetInstanceId() <= last.GetInstanceId()) {
					t.Errorf("%s of %s comes after %s of %s", i.GetInstanceId(), expire, last.GetInstanceId(), last.GetExpireTime().AsTime())
				}
				last, seen[i.GetInstanceId()] = i, true
				// The simulator has stopped what expired.
				if e.GetAutoRenewStatus() == ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_AUTO_RENEWAL && expire.After(time.Now()) {
					runsOn = 15 * day
				}
				if got := e.GetStopTime().AsTime(); !got.Equal(expire.Add(runsOn)) {
					t.Errorf("%s expires at %s and stops at %s, want %s after it", e.GetAutoRenewStatus(), expire, got, runsOn)
				}
				if got := e.GetReleaseTime().AsTime(); !got.Equal(expire.Add(runsOn + 15*day)) {
					t.Errorf("%s expires at %s and is released at %s", e.GetAutoRenewStatus(), expire, got)
				}
			}
			req.PageToken = page.GetNextPageToken()
		}
		if len(seen) != 25 {
			t.Errorf("staleness %v: %d instances, want 25", staleness, len(seen))
		}
		w.sim.ResetStats()
	}
	again, err := w.renewals.ListExpiringInstances(within(t, 20*time.Second), &ecsdv1.ListExpiringInstancesRequest{
		WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(14 * day)}, MaxStaleness: durationpb.New(time.Hour),
	})
	if calls := w.sim.Stats().Actions["DescribeInstanceAutoRenewAttribute"].Calls; err != nil || len(again.GetExpiringInstances()) != 25 || calls != 0 {
		t.Errorf("%d instances again, %d reads of settings (%v), want 25 and none", len(again.GetExpiringInstances()), calls, err)
	}
}

func TestListExpiringInstances_ByAutoRenewStatus(t *testing.T) {
	t.Parallel()
	w := &world{sim: newCloud(t, simulator.Config{}), t: t}
	expire := time.Now().Add(72 * time.Hour).UTC().Truncate(time.Minute)
	w.seed(simulator.Seed{ExpireTime: &expire, Count: 3})
	want := w.seed(simulator.Seed{ExpireTime: &expire, Count: 2, RenewalStatus: "NotRenewal"})
	w = newService(t, w.sim, nil)
	slices.Sort(want)
	filter := &ecsdv1.InstanceFilter{AutoRenewStatuses: []ecsdv1.AutoRenewStatus{ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_NOT_RENEWED}}
	ctx := within(t, 2*time.Minute)
	w.waitForMemory(t, 5)
	for _, staleness := range []*durationpb.Duration{nil, durationpb.New(time.Hour)} {
		list, err := w.renewals.ListExpiringInstances(ctx, &ecsdv1.ListExpiringInstancesRequest{
			WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(100 * time.Hour)}, Filter: filter, MaxStaleness: staleness,
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range list.GetExpiringInstances() {
			got = append(got, e.GetInstance().GetInstanceId())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("expiring (-want +got):\n%s", diff)
		}
		all, err := w.instances.ListInstances(ctx, &ecsdv1.ListInstancesRequest{Filter: filter, MaxStaleness: staleness})
		if err != nil {
			t.Fatal(err)
		}
		got = nil
		for _, i := range all.GetInstances() {
			got = append(got, i.GetInstanceId())
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("listed (-want +got):\n%s", diff)
		}
	}
	plan, err := w.renewals.PreviewRenewals(ctx, &ecsdv1.PreviewRenewalsRequest{Job: &ecsdv1.CreateRenewalJobRequest{
		Selection: inWindow(&ecsdv1.ExpiryWindow{End: &ecsdv1.ExpiryWindow_Within{Within: durationpb.New(100 * time.Hour)}, Filter: filter}),
		Term:      forOneMonth, PriceLimit: anyTotal,
	}})
	if err != nil || len(plan.GetRenewals()) != 2 {
		t.Errorf("a job over the filter plans %d renewals (%v), want 2", len(plan.GetRenewals()), err)
	}
}

func TestListExpiringInstances(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	day := 24 * time.Hour
	at := func(after time.Duration) *time.Time {
		expire := time.Now().Add(after).UTC().Truncate(time.Minute)
		return &expire
	}
	soon := w.seed(simulator.Seed{ExpireTime: at(13 * day)})
	soon = append(soon, w.seed(simulator.Seed{RegionID: shanghai, ExpireTime: at(2 * day)})...)
	w.seed(simulator.Seed{ExpireTime: at(15 * day)})
	soon = append(soon, w.seed(simulator.Seed{ExpireTime: at(-2 * day)})...) // can still be renewed
	w.seed(simulator.Seed{ExpireTime: at(-16 * day)})
	w.seed(simulator.Seed{ChargeType: "PostPaid"})
	answer, err := w.renewals.ListExpiringInstances(t.Context(), &ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(14 * day)}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range answer.GetExpiringInstances() {
		got = append(got, i.GetInstance().GetInstanceId())
	}
	slices.Reverse(soon)
	if diff := cmp.Diff(soon, got); diff != "" || answer.GetNextPageToken() != "" {
		t.Errorf("what expires within 14 days, the first first (-want +got):\n%s", diff)
	}
}
