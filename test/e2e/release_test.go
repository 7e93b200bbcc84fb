package e2e_test

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// Each guard prevents a harmful release, names the field that permits it, and is overridden by that field only.
func TestRelease_Guards(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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

// A release job makes a snapshot of every disk first. Instances without a complete snapshot are not released.
func TestReleaseJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	request := w.launch(1)
	request.Spec.DataDisks = []*ecsdv1.DiskSpec{{Category: "cloud_essd", SizeGib: 20, KeepWithInstance: true}}
	made, err := w.instances.RunInstances(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	id := made.GetInstanceIds()[0]
	release := func() *ecsdv1.GetReleaseJobResponse {
		t.Helper()
		created, err := w.instances.CreateReleaseJob(ctx, &ecsdv1.CreateReleaseJobRequest{InstanceIds: []string{id, nobody}, RequestId: uuid.NewString(), Force: true, Note: "ticket 1"})
		if err != nil {
			t.Fatal(err)
		}
		_ = w.watchReleaseJob(ctx, created.GetJob().GetJobId(), "")
		got, err := w.instances.GetReleaseJob(ctx, &ecsdv1.GetReleaseJobRequest{JobId: created.GetJob().GetJobId()})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	w.fault(simulator.Fault{Action: "CreateSnapshot", Kind: control.Failed, HTTPStatus: 403, Code: "QuotaExceed.Snapshot"})
	failed := release()
	states := func(got *ecsdv1.GetReleaseJobResponse) map[string]*ecsdv1.ReleaseJobItem {
		byID := map[string]*ecsdv1.ReleaseJobItem{}
		for _, i := range got.GetItems() {
			byID[i.GetInstanceId()] = i
		}
		return byID
	}
	if i := states(failed)[id]; i.GetState() != ecsdv1.ReleaseState_RELEASE_STATE_FAILED || i.GetError().GetReason() != "SNAPSHOT_FAILED" ||
		failed.GetJob().GetState() != ecsdv1.ReleaseJobState_RELEASE_JOB_STATE_FAILED {
		t.Errorf("without a snapshot: %v", failed)
	}
	w.read(id)

	w.sim.ClearFaults()
	done := release()
	if j := done.GetJob(); j.GetState() != ecsdv1.ReleaseJobState_RELEASE_JOB_STATE_PARTIAL || j.GetNote() != "ticket 1" || j.GetEndTime() == nil || !j.GetForce() {
		t.Errorf("the job: %v", j)
	}
	if i := states(done)[nobody]; i.GetState() != ecsdv1.ReleaseState_RELEASE_STATE_SKIPPED || i.GetError().GetReason() != "INSTANCE_NOT_FOUND" {
		t.Errorf("an instance that does not exist: %v", i)
	}
	item := states(done)[id]
	if item.GetState() != ecsdv1.ReleaseState_RELEASE_STATE_RELEASED || item.GetInstanceName() != "web" || len(item.GetDisks()) != 2 || slices.Contains(w.there(), id) {
		t.Fatalf("the release: %v", item)
	}
	kept := 0
	for _, d := range item.GetDisks() {
		if d.GetOutcome() == ecsdv1.DiskOutcome_DISK_OUTCOME_KEPT {
			kept++
		}
		saved, err := w.disks.ListSnapshots(ctx, &ecsdv1.ListSnapshotsRequest{SnapshotIds: []string{d.GetSnapshotId()}})
		if err != nil || len(saved.GetSnapshots()) != 1 || saved.GetSnapshots()[0].GetStatus() != ecsdv1.SnapshotStatus_SNAPSHOT_STATUS_ACCOMPLISHED {
			t.Errorf("the snapshot of %s: %v (%v)", d.GetDiskId(), saved, err)
		}
	}
	if kept != 1 {
		t.Errorf("%d disks are kept, want the data disk: %v", kept, item)
	}
	_, err = w.instances.GetReleaseJob(ctx, &ecsdv1.GetReleaseJobRequest{JobId: uuid.NewString()})
	wantError(t, err, codes.NotFound, "JOB_NOT_FOUND")
}

// watchReleaseJob reads a watch of a job to its end, and returns its messages.
func (w *world) watchReleaseJob(ctx context.Context, jobID, resumeToken string) (messages []*ecsdv1.WatchReleaseJobResponse) {
	w.t.Helper()
	stream, err := w.instances.WatchReleaseJob(ctx, &ecsdv1.WatchReleaseJobRequest{JobId: jobID, ResumeToken: resumeToken, HeartbeatInterval: durationpb.New(time.Second)})
	for err == nil {
		var m *ecsdv1.WatchReleaseJobResponse
		if m, err = stream.Recv(); err == nil {
			messages = append(messages, m)
		}
	}
	if !errors.Is(err, io.EOF) {
		w.t.Errorf("watch of a release job: %v", err)
	}
	return messages
}

// A watch of a release job shows each instance to its end, sends heartbeats, and resumes after its token.
func TestWatchReleaseJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{StartLatency: -1, StopLatency: -1, ListLag: -1, SnapshotLatency: 3 * time.Second}, nil)
	ctx := within(t, 60*time.Second)
	id := w.seed(simulator.Seed{ChargeType: payAsYouGo, Status: "Stopped"})[0]
	check := &ecsdv1.CreateReleaseJobRequest{InstanceIds: []string{id}, ValidateOnly: true}
	shown, err := w.instances.CreateReleaseJob(ctx, check)
	if err != nil || shown.GetJob() != nil || len(shown.GetResults()[0].GetRelease().GetDisks()) == 0 {
		t.Errorf("validate_only: %v (%v)", shown, err)
	}
	created, err := w.instances.CreateReleaseJob(ctx, &ecsdv1.CreateReleaseJobRequest{InstanceIds: []string{id}, RequestId: uuid.NewString()})
	if err != nil {
		t.Fatal(err)
	}
	messages := w.watchReleaseJob(ctx, created.GetJob().GetJobId(), "")
	var states []ecsdv1.ReleaseState
	beats := 0
	for _, m := range messages {
		if len(m.GetItems()) == 0 {
			beats++
		}
		for _, i := range m.GetItems() {
			states = append(states, i.GetState())
		}
		if m.GetJob().GetJobId() == "" || m.GetResumeToken() == "" {
			t.Errorf("a message without its job or token: %v", m)
		}
	}
	if last := messages[len(messages)-1].GetJob().GetState(); last != ecsdv1.ReleaseJobState_RELEASE_JOB_STATE_SUCCEEDED || !slices.IsSorted(states) || beats == 0 {
		t.Errorf("the job ends %s after %v, %d heartbeats", last, states, beats)
	}
	for _, m := range w.watchReleaseJob(ctx, created.GetJob().GetJobId(), messages[len(messages)-1].GetResumeToken()) {
		if len(m.GetItems()) > 0 {
			t.Errorf("resumed at the end: %v", m)
		}
	}
	stream, err := w.instances.WatchReleaseJob(ctx, &ecsdv1.WatchReleaseJobRequest{JobId: uuid.NewString(), ResumeToken: messages[0].GetResumeToken()})
	if err == nil {
		_, err = stream.Recv()
	}
	wantError(t, err, codes.InvalidArgument, "INVALID_RESUME_TOKEN")
}

// A server stops in the middle of a release job: the next one finishes it, without a second snapshot of a disk.
func TestReleaseJob_Restart(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "ecsd.db")
	setup := func(c *server.Config) { c.Database = database }
	sim := newCloud(t, simulator.Config{StartLatency: -1, StopLatency: -1, ListLag: -1, SnapshotLatency: 2 * time.Second})
	first := newService(t, sim, setup)
	ctx := within(t, 60*time.Second)
	id := first.seed(simulator.Seed{ChargeType: payAsYouGo, Status: "Stopped"})[0]
	on := true
	if err := first.sim.Change(id, control.Change{DeletionProtection: &on}); err != nil {
		t.Fatal(err)
	}
	request := &ecsdv1.CreateReleaseJobRequest{InstanceIds: []string{id}, OverrideDeletionProtection: true, RequestId: uuid.NewString()}
	created, err := first.instances.CreateReleaseJob(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	first.wait("a snapshot is made", func() bool { return first.sim.Stats().Actions["CreateSnapshot"].Calls > 0 })
	if err := first.finish(); err != nil {
		t.Fatal(err)
	}
	next := newService(t, sim, setup)
	again, err := next.instances.CreateReleaseJob(ctx, request)
	if err != nil || again.GetJob().GetJobId() != created.GetJob().GetJobId() {
		t.Fatalf("the same request after a restart: %v (%v), want job %s", again, err, created.GetJob().GetJobId())
	}
	messages := next.watchReleaseJob(ctx, created.GetJob().GetJobId(), "")
	if job := messages[len(messages)-1].GetJob(); job.GetState() != ecsdv1.ReleaseJobState_RELEASE_JOB_STATE_SUCCEEDED || slices.Contains(next.there(), id) {
		t.Errorf("the job: %v", job)
	}
	done, err := next.instances.GetReleaseJob(ctx, &ecsdv1.GetReleaseJobRequest{JobId: created.GetJob().GetJobId()})
	if err != nil {
		t.Fatal(err)
	}
	saved, err := next.disks.ListSnapshots(ctx, &ecsdv1.ListSnapshotsRequest{RegionIds: []string{hangzhou}})
	if disks := len(done.GetItems()[0].GetDisks()); err != nil || len(saved.GetSnapshots()) != disks {
		t.Errorf("%d snapshots (%v), want one of each of %d disks", len(saved.GetSnapshots()), err, disks)
	}
}
