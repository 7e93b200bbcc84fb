package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
)

// changes lists all changes of a request, in pages of two.
func (w *world) changes(request *ecsdv1.ListChangesRequest) []*ecsdv1.InstanceChange {
	w.t.Helper()
	var all []*ecsdv1.InstanceChange
	for request.PageSize = 2; ; {
		page, err := w.instances.ListChanges(within(w.t, 20*time.Second), request)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, page.GetChanges()...)
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return all
		}
	}
}

// story describes the changes of an instance, each with its cause.
func story(changes []*ecsdv1.InstanceChange) string {
	var lines []string
	for _, c := range changes {
		short := func(s ecsdv1.InstanceStatus) string { return strings.TrimPrefix(s.String(), "INSTANCE_STATUS_") }
		line := strings.TrimPrefix(c.GetKind().String(), "INSTANCE_CHANGE_KIND_")
		if c.GetKind() == ecsdv1.InstanceChangeKind_INSTANCE_CHANGE_KIND_CHANGED {
			line = strings.Join(c.GetChangedFields(), ",")
			if c.GetPreviousStatus() != c.GetInstance().GetStatus() {
				line = short(c.GetPreviousStatus()) + "->" + short(c.GetInstance().GetStatus())
			}
		}
		if cause := c.GetCause(); cause != nil {
			line += fmt.Sprintf(" by %s %s %s", cause.GetCaller(), cause.GetRpc(), cause.GetAction())
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}

// The list of changes has what ecsd caused, for its callers, and what others did
// without a cause.
func TestListChanges(t *testing.T) {
	t.Parallel()
	sim := simulator.Config{StopLatency: 6 * time.Second, StartLatency: -1, ListLag: -1}
	w := newWorld(t, sim, func(c *server.Config) { c.PollInterval = time.Second })
	console := newService(t, w.sim, nil) // has a database of its own, so that w does not know what it does
	began := time.Now()
	ids := w.seed(simulator.Seed{Count: 3, ChargeType: payAsYouGo})
	ours, theirs, released := ids[0], ids[1], ids[2]
	renewed := w.seed(simulator.Seed{})[0]
	until := func(what string, request *ecsdv1.ListChangesRequest, want string) {
		t.Helper()
		var got string
		for deadline := time.Now().Add(30 * time.Second); got != want && time.Now().Before(deadline); <-time.After(100 * time.Millisecond) {
			got = story(w.changes(request))
		}
		if got != want {
			t.Errorf("%s: %s\nwant %s", what, got, want)
		}
	}
	of := func(id string) *ecsdv1.ListChangesRequest {
		return &ecsdv1.ListChangesRequest{InstanceIds: []string{id}}
	}
	for _, id := range append(slices.Clone(ids), renewed) {
		until("a new instance", of(id), "ADDED")
	}
	as := func(caller string) context.Context {
		return metadata.AppendToOutgoingContext(within(t, 2*time.Minute), "ecsd-caller", caller, "x-request-id", "rpc-of-"+caller)
	}
	requestID := uuid.NewString()
	must[*ecsdv1.StopInstancesResponse](t)(w.instances.StopInstances(as("ops"), &ecsdv1.StopInstancesRequest{InstanceIds: []string{ours}, RequestId: requestID}))
	must[*ecsdv1.StopInstancesResponse](t)(console.instances.StopInstances(as("someone"), &ecsdv1.StopInstancesRequest{InstanceIds: []string{theirs}}))
	must[*ecsdv1.ReleaseInstancesResponse](t)(w.instances.ReleaseInstances(as("janitor"), &ecsdv1.ReleaseInstancesRequest{InstanceIds: []string{released}, Force: true, RequestId: uuid.NewString()}))
	must[*ecsdv1.SetTagsResponse](t)(w.instances.SetTags(as("labels"), &ecsdv1.SetTagsRequest{InstanceIds: []string{renewed}, Tags: []*ecsdv1.Tag{{Key: "team", Value: "x"}}}))
	const stop = "ADDED; RUNNING->STOPPING by ops StopInstances StopInstances; STOPPING->STOPPED by ops StopInstances StopInstances"
	until("a stop by ecsd", of(ours), stop)
	until("a stop outside", of(theirs), "ADDED; RUNNING->STOPPING; STOPPING->STOPPED")
	until("a release by ecsd", of(released), "ADDED; RELEASED by janitor ReleaseInstances DeleteInstances")
	until("tags by ecsd", of(renewed), "ADDED; tags by labels SetTags TagResources")
	renewal := must[*ecsdv1.RenewInstanceResponse](t)(w.renewals.RenewInstance(as("billing"), &ecsdv1.RenewInstanceRequest{
		InstanceId: renewed, RequestId: uuid.NewString(), Period: oneMonth, PriceLimit: &ecsdv1.RenewInstanceRequest_AnyPrice{AnyPrice: true},
	})).GetRenewal()
	until("a renewal by ecsd", of(renewed), "ADDED; tags by labels SetTags TagResources; expire_time by billing  RenewInstance")
	must[*ecsdv1.ModifyInstanceTypeResponse](t)(w.instances.ModifyInstanceType(as("sizing"), &ecsdv1.ModifyInstanceTypeRequest{
		InstanceId: ours, InstanceType: "ecs.g7.2xlarge", RequestId: uuid.NewString(),
		PriceLimit: &ecsdv1.ModifyInstanceTypeRequest_AnyPrice{AnyPrice: true},
	}))
	until("a new type by ecsd", of(ours), stop+"; instance_type,cpu,memory_mib by sizing ModifyInstanceType ModifyInstanceSpec")
	made := must[*ecsdv1.RunInstancesResponse](t)(w.instances.RunInstances(as("deploy"), w.launch(1))).GetInstances()[0].GetInstanceId()
	until("a launch by ecsd", of(made), "ADDED by deploy RunInstances RunInstances")

	cause := w.changes(of(ours))[1].GetCause()
	if cause.GetRequestId() != requestID || cause.GetCallId() != "rpc-of-ops" || cause.GetCallTime().AsTime().Before(began.Add(-time.Minute)) {
		t.Errorf("the cause of the stop is %v, want request %s and RPC rpc-of-ops", cause, requestID)
	}
	changes := w.changes(of(renewed))
	if cause := changes[len(changes)-1].GetCause(); cause.GetRenewalId() != renewal.GetRenewalId() || cause.GetJobId() != renewal.GetJobId() {
		t.Errorf("the cause of the renewal is %v, want renewal %s of job %s", cause, renewal.GetRenewalId(), renewal.GetJobId())
	}
	last := changes[len(changes)-1].GetFoundTime()
	if later := w.changes(&ecsdv1.ListChangesRequest{InstanceIds: []string{renewed}, StartTime: last}); len(later) != 1 {
		t.Errorf("%d changes from the last one on, want 1", len(later))
	}
	if earlier := w.changes(&ecsdv1.ListChangesRequest{InstanceIds: []string{renewed}, EndTime: last}); len(earlier) != len(changes)-1 {
		t.Errorf("%d changes before the last one, want %d", len(earlier), len(changes)-1)
	}
	if elsewhere := w.changes(&ecsdv1.ListChangesRequest{InstanceIds: ids, RegionIds: []string{shanghai}}); len(elsewhere) != 0 {
		t.Errorf("%d changes in another region, want none", len(elsewhere))
	}
	if all := w.changes(&ecsdv1.ListChangesRequest{StartTime: timestamppb.New(began.Add(-time.Hour))}); len(all) < 10 {
		t.Errorf("%d changes in all, want at least 10", len(all))
	}
}
