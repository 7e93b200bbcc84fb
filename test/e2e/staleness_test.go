package e2e_test

import (
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

// Reads that permit staleness return the state of a poll, without a call to the cloud.
func TestMaxStaleness(t *testing.T) {
	t.Parallel()
	sim := newCloud(t, simulator.Config{})
	ids, err := sim.Seed(simulator.Seed{RegionID: hangzhou, Count: 250, Tags: map[string]string{"env": "prod"}})
	if err != nil {
		t.Fatal(err)
	}
	w := newService(t, sim, nil)
	ctx := within(t, 2*time.Minute)
	hour := durationpb.New(time.Hour)
	w.wait("the memory is filled", func() bool {
		list, err := w.instances.ListInstances(ctx, &ecsdv1.ListInstancesRequest{RegionIds: []string{hangzhou}, MaxStaleness: hour})
		return err == nil && len(list.GetInstances()) == 100
	})
	w.sim.ResetStats()
	one, err := w.instances.GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: ids[7], MaxStaleness: hour})
	if err != nil || one.GetInstance().GetInstanceId() != ids[7] || time.Since(one.GetInstance().GetObservedTime().AsTime()) > time.Minute {
		t.Errorf("GetInstance: %v (%v)", one, err)
	}
	batch, err := w.instances.BatchGetInstances(ctx, &ecsdv1.BatchGetInstancesRequest{InstanceIds: ids, MaxStaleness: hour})
	if err != nil || len(batch.GetResults()) != 250 || batch.GetResults()[249].GetInstance().GetInstanceId() != ids[249] {
		t.Errorf("BatchGetInstances: %d results (%v)", len(batch.GetResults()), err)
	}
	request := &ecsdv1.ListInstancesRequest{
		RegionIds: []string{hangzhou}, MaxStaleness: hour,
		Filter: &ecsdv1.InstanceFilter{Tags: []*ecsdv1.Tag{{Key: "env", Value: "prod"}}},
	}
	listed := 0
	for {
		page, err := w.instances.ListInstances(ctx, request)
		if err != nil {
			t.Fatal(err)
		}
		listed += len(page.GetInstances())
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			break
		}
	}
	// The probe of readiness reads the regions from time to time.
	calls := func() int64 { return w.sim.Stats().Calls - w.sim.Stats().Actions["DescribeRegions"].Calls }
	if listed != 250 || calls() != 0 {
		t.Errorf("listed %d of 250 with %d calls to the cloud, want none: %v", listed, calls(), w.sim.Stats().Actions)
	}
	if _, err := w.instances.GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: ids[7], MaxStaleness: durationpb.New(time.Nanosecond)}); err != nil || calls() != 1 {
		t.Errorf("a read of now: %v, %d calls", err, calls())
	}
	_, err = w.instances.GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: ids[7], MaxStaleness: durationpb.New(-time.Second)})
	wantError(t, err, codes.InvalidArgument, "INVALID_FIELD")
}
