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

func TestListExpiringInstances(t *testing.T) {
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
	for _, instance := range answer.GetInstances() {
		got = append(got, instance.GetInstanceId())
	}
	slices.Reverse(soon)
	if diff := cmp.Diff(soon, got); diff != "" || answer.GetNextPageToken() != "" {
		t.Errorf("what expires within 14 days, the first first (-want +got):\n%s", diff)
	}
}
