package e2e_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// Each guard prevents a harmful release, names the field that permits it, and is overridden by that field only.
func TestRelease_Guards(t *testing.T) {
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	seed := func(s simulator.Seed) string { return w.seed(s)[0] }
	idle := seed(simulator.Seed{ChargeType: payAsYouGo, Status: "Stopped"})
	busy := seed(simulator.Seed{ChargeType: payAsYouGo})
	protected := seed(simulator.Seed{ChargeType: payAsYouGo, Status: "Stopped"})
	on := true
	if err := w.sim.Change(protected, control.Change{DeletionProtection: &on}); err != nil {
		t.Fatal(err)
	}
	paid := seed(simulator.Seed{Status: "Stopped"})
	past := time.Now().Add(-48 * time.Hour).UTC().Truncate(time.Minute)
	expired := seed(simulator.Seed{Status: "Stopped", ExpireTime: &past})

	asked := []string{busy, protected, paid, nobody, idle, expired}
	request := &ecsdv1.ReleaseInstancesRequest{InstanceIds: asked, RequestId: uuid.NewString()}
	rehearsal := proto.CloneOf(request)
	rehearsal.ValidateOnly = true
	shown, err := w.instances.ReleaseInstances(ctx, rehearsal)
	if err != nil {
		t.Fatal(err)
	}
	wantReleases(t, shown.GetResults(), asked, false)
	if disks := shown.GetResults()[4].GetRelease().GetDisks(); len(disks) == 0 || disks[0].GetOutcome() != ecsdv1.DiskOutcome_DISK_OUTCOME_DELETED {
		t.Errorf("a rehearsal shows the disks %v", disks)
	}
	if left := w.sim.Instances(simulator.InstanceFilter{}); len(left) != 5 {
		t.Fatalf("a rehearsal left %d instances of 5", len(left))
	}
	answer, err := w.instances.ReleaseInstances(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	wantReleases(t, answer.GetResults(), asked, true)
	left := w.sim.Instances(simulator.InstanceFilter{})
	if ids := instanceIDs(left); len(ids) != 3 || slices.Contains(ids, idle) || slices.Contains(ids, expired) {
		t.Errorf("the guards left %v", ids)
	}

	all, err := w.instances.ReleaseInstances(ctx, &ecsdv1.ReleaseInstancesRequest{
		InstanceIds: []string{busy, protected}, RequestId: uuid.NewString(), Force: true, OverrideDeletionProtection: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all.GetResults() {
		if !r.GetRelease().GetReleased() {
			t.Errorf("%v", r)
		}
	}
	// The cloud itself retains paid instances, whatever this request permits.
	kept, err := w.instances.ReleaseInstances(ctx, &ecsdv1.ReleaseInstancesRequest{
		InstanceIds: []string{paid}, RequestId: uuid.NewString(), AllowUnexpiredSubscription: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if e := kept.GetResults()[0].GetError(); e.GetReason() != "SUBSCRIPTION_NOT_EXPIRED" || e.GetEcsCode() == "" {
		t.Errorf("a subscription that is paid for: %v", kept.GetResults()[0])
	}
}

// wantReleases checks the results of the guards' instances, in order.
func wantReleases(t *testing.T, results []*ecsdv1.InstanceReleaseResult, asked []string, released bool) {
	t.Helper()
	type outcome struct {
		ID, Reason, Field string
		Released          bool
	}
	var got []outcome
	for _, r := range results {
		o := outcome{ID: r.GetInstanceId(), Reason: r.GetError().GetReason(), Released: r.GetRelease().GetReleased()}
		for _, p := range r.GetError().GetPreconditions() {
			o.Field += p.GetField()
		}
		got = append(got, o)
	}
	want := []outcome{
		{ID: asked[0], Reason: "INCORRECT_INSTANCE_STATUS", Field: "force"},
		{ID: asked[1], Reason: "DELETION_PROTECTED", Field: "override_deletion_protection"},
		{ID: asked[2], Reason: "SUBSCRIPTION_NOT_EXPIRED", Field: "allow_unexpired_subscription"},
		{ID: asked[3], Reason: "INSTANCE_NOT_FOUND"},
		{ID: asked[4], Released: released},
		{ID: asked[5], Released: released},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func instanceIDs(instances []control.Instance) []string {
	ids := make([]string, len(instances))
	for i, instance := range instances {
		ids[i] = instance.InstanceID
	}
	return ids
}

// A request above the server's limit is rejected as a whole, unless the request itself names the count.
func TestRelease_Limit(t *testing.T) {
	w := newWorld(t, atOnce(), func(c *server.Config) { c.MaxRelease = 3 })
	ctx := within(t, 60*time.Second)
	ids := w.seed(simulator.Seed{Count: 4, ChargeType: payAsYouGo, Status: "Stopped"})
	request := &ecsdv1.ReleaseInstancesRequest{InstanceIds: ids, RequestId: uuid.NewString()}
	_, err := w.instances.ReleaseInstances(ctx, request)
	wantError(t, err, codes.FailedPrecondition, "RELEASE_LIMIT_EXCEEDED")
	failure, _ := detail[*errdetails.PreconditionFailure](err)
	if v := failure.GetViolations(); len(v) != 1 || v[0].GetType() != "RELEASE_LIMIT_EXCEEDED" || v[0].GetDescription() != "max_instances must be at least 4 to release 4 instances in one call" {
		t.Errorf("precondition: %v", failure)
	}
	if left := w.sim.Instances(simulator.InstanceFilter{}); len(left) != 4 {
		t.Fatalf("%d instances of 4 are left", len(left))
	}
	request.MaxInstances = 4
	first, err := w.instances.ReleaseInstances(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.instances.ReleaseInstances(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	for i := range ids {
		if !first.GetResults()[i].GetRelease().GetReleased() || !again.GetResults()[i].GetRelease().GetReleased() {
			t.Errorf("released: %v, and again: %v", first.GetResults()[i], again.GetResults()[i])
		}
	}
	other := proto.CloneOf(request)
	other.Force = true
	_, err = w.instances.ReleaseInstances(ctx, other)
	wantError(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")
}

// With snapshot_disks every disk gets a snapshot first. Instances without a complete snapshot are not released.
func TestRelease_SnapshotsFirst(t *testing.T) {
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	request := w.launch(1)
	request.Spec.DataDisks = []*ecsdv1.DiskSpec{{Category: "cloud_essd", SizeGib: 20, KeepWithInstance: true}}
	made, err := w.instances.RunInstances(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	id := made.GetInstanceIds()[0]
	w.fault(simulator.Fault{Action: "CreateSnapshot", Kind: control.Failed, HTTPStatus: 403, Code: "QuotaExceed.Snapshot"})
	release := &ecsdv1.ReleaseInstancesRequest{InstanceIds: []string{id}, RequestId: uuid.NewString(), Force: true, SnapshotDisks: true}
	answer, err := w.instances.ReleaseInstances(ctx, release)
	if err != nil {
		t.Fatal(err)
	}
	if e := answer.GetResults()[0].GetError(); e.GetReason() != "SNAPSHOT_FAILED" || codes.Code(e.GetCode()) != codes.FailedPrecondition {
		t.Errorf("without a snapshot: %v", answer.GetResults()[0])
	}
	w.read(id)

	w.sim.ClearFaults()
	answer, err = w.instances.ReleaseInstances(ctx, release)
	if err != nil {
		t.Fatal(err)
	}
	fates := answer.GetResults()[0].GetRelease()
	if !fates.GetReleased() || len(fates.GetDisks()) != 2 {
		t.Fatalf("the release: %v", answer)
	}
	for _, d := range fates.GetDisks() {
		want := ecsdv1.DiskOutcome_DISK_OUTCOME_DELETED
		if d.GetDisk().GetDiskType() == ecsdv1.DiskType_DISK_TYPE_DATA {
			want = ecsdv1.DiskOutcome_DISK_OUTCOME_KEPT
		}
		if d.GetOutcome() != want || d.GetSnapshotId() == "" {
			t.Errorf("disk %v", d)
		}
		saved, err := w.disks.ListSnapshots(ctx, &ecsdv1.ListSnapshotsRequest{SnapshotIds: []string{d.GetSnapshotId()}})
		if err != nil || len(saved.GetSnapshots()) != 1 || saved.GetSnapshots()[0].GetStatus() != ecsdv1.SnapshotStatus_SNAPSHOT_STATUS_ACCOMPLISHED {
			t.Errorf("the snapshot of %s: %v (%v)", d.GetDisk().GetDiskId(), saved, err)
		}
	}
}
