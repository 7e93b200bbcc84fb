package e2e_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

const nobody = "i-bp1nobody000000000000"

// Stop, start and reboot return one result per ID, in request order. One bad ID does not affect the others. A dry run
// changes nothing.
func TestPower(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	ids := w.seed(simulator.Seed{Count: 2, ChargeType: payAsYouGo})
	asked := []string{ids[0], nobody, ids[1]}

	check, err := w.instances.StopInstances(ctx, &ecsdv1.StopInstancesRequest{InstanceIds: asked, ValidateOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	wantTransitions(t, "a rehearsed stop", check.GetResults(), asked)
	if status := w.read(ids[0]).GetStatus(); status != running {
		t.Fatalf("a rehearsal left the instance %s", status)
	}
	stop, err := w.instances.StopInstances(ctx, &ecsdv1.StopInstancesRequest{
		InstanceIds: asked, Force: true, StoppedMode: ecsdv1.StoppedMode_STOPPED_MODE_STOP_CHARGING,
	})
	if err != nil {
		t.Fatal(err)
	}
	wantTransitions(t, "stop", stop.GetResults(), asked)
	if before := stop.GetResults()[0].GetTransition().GetPreviousStatus(); before != running {
		t.Errorf("it was %s before the stop", before)
	}
	if instance := w.read(ids[0]); instance.GetStatus() != stopped || instance.GetStoppedMode() != ecsdv1.StoppedMode_STOPPED_MODE_STOP_CHARGING {
		t.Errorf("the stopped instance is %v", instance)
	}
	reboot, err := w.instances.RebootInstances(ctx, &ecsdv1.RebootInstancesRequest{InstanceIds: ids[:1]})
	if err != nil {
		t.Fatal(err)
	}
	if e := reboot.GetResults()[0].GetError(); e.GetReason() != "INCORRECT_INSTANCE_STATUS" || codes.Code(e.GetCode()) != codes.FailedPrecondition || e.GetRetryAfter() != nil {
		t.Errorf("a reboot of a stopped instance: %v", e)
	}
	start, err := w.instances.StartInstances(ctx, &ecsdv1.StartInstancesRequest{InstanceIds: asked})
	if err != nil {
		t.Fatal(err)
	}
	wantTransitions(t, "start", start.GetResults(), asked)
	again, err := w.instances.StartInstances(ctx, &ecsdv1.StartInstancesRequest{InstanceIds: ids[:1]})
	if err != nil {
		t.Fatal(err)
	}
	if e := again.GetResults()[0].GetError(); e.GetReason() != "INCORRECT_INSTANCE_STATUS" {
		t.Errorf("a start of a running instance: %v", again.GetResults()[0])
	}
	reboot, err = w.instances.RebootInstances(ctx, &ecsdv1.RebootInstancesRequest{InstanceIds: asked, Force: true})
	if err != nil {
		t.Fatal(err)
	}
	wantTransitions(t, "reboot", reboot.GetResults(), asked)
}

// wantTransitions checks that all results are successes, except for the unknown ID.
func wantTransitions(t *testing.T, what string, results []*ecsdv1.InstanceTransitionResult, asked []string) {
	t.Helper()
	if len(results) != len(asked) {
		t.Fatalf("%s: %d results for %d ids", what, len(results), len(asked))
	}
	for i, r := range results {
		switch {
		case r.GetInstanceId() != asked[i]:
			t.Errorf("%s: result %d is of %s, want %s", what, i, r.GetInstanceId(), asked[i])
		case r.GetInstanceId() == nobody && (r.GetError().GetReason() != "INSTANCE_NOT_FOUND" || codes.Code(r.GetError().GetCode()) != codes.NotFound):
			t.Errorf("%s of nobody: %v", what, r)
		case r.GetInstanceId() != nobody && r.GetTransition() == nil:
			t.Errorf("%s: %v", what, r)
		}
	}
}

// A thousand instances start in ten calls. If ten of them are bad, the other 990 start nevertheless, in at most thirty
// calls.
func TestPower_ThousandInstances(t *testing.T) {
	t.Parallel()
	for _, bad := range []int{0, 10} {
		w := newWorld(t, atOnce(), nil)
		ids := w.seed(simulator.Seed{Count: 1000, ChargeType: payAsYouGo, Status: "Stopped"})
		if err := error(nil); bad > 0 {
			spread := len(ids) / bad
			for i := range bad {
				switch id := &ids[i*spread+i]; i % 3 {
				case 0:
					*id = nobody[:len(nobody)-1] + string(rune('a'+i))
				case 1:
					status := "Running"
					err = w.sim.Change(*id, control.Change{Status: &status})
				case 2:
					err = w.sim.Change(*id, control.Change{LockReasons: &[]string{"security"}})
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		answer, err := w.instances.StartInstances(within(t, 60*time.Second), &ecsdv1.StartInstancesRequest{InstanceIds: ids})
		if err != nil {
			t.Fatal(err)
		}
		started, failed := 0, 0
		for i, r := range answer.GetResults() {
			if r.GetInstanceId() != ids[i] {
				t.Fatalf("result %d is of %s, want %s", i, r.GetInstanceId(), ids[i])
			}
			if r.GetError() == nil {
				started++
			} else {
				failed++
			}
		}
		// The cost of this call alone, from its log line: the polls continue beside it.
		calls, most := w.log.lines(t, "call")[0]["cloud_calls"].(float64), 10.0
		if bad > 0 {
			most = 30
		}
		t.Logf("%d started, %d failed, %v calls", started, failed, calls)
		if started != 1000-bad || failed != bad || calls > most {
			t.Errorf("%d started and %d failed in %v calls, want %d, %d and at most %v", started, failed, calls, 1000-bad, bad, most)
		}
		if there := w.sim.Instances(simulator.InstanceFilter{Status: "Running"}); len(there) < 1000-bad {
			t.Errorf("%d instances run", len(there))
		}
	}
}

// A caller without permission gets the error for each ID.
func TestPower_NoPermission(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ids := w.seed(simulator.Seed{Count: 3})
	w.fault(simulator.Fault{Kind: control.Denied})
	answer, err := w.instances.RebootInstances(within(t, 30*time.Second), &ecsdv1.RebootInstancesRequest{InstanceIds: ids})
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(answer.GetResults(), func(r *ecsdv1.InstanceTransitionResult) bool {
		return r.GetError().GetReason() != "CLOUD_PERMISSION_DENIED"
	}) {
		t.Errorf("%v", answer)
	}
}

// A reboot without a response is retried with its request_id, and happens once.
func TestRebootInstances_RetriedWithTheSameRequestID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	id := w.seed(simulator.Seed{})[0]
	w.advance(2 * time.Minute) // a start time has whole minutes
	w.fault(simulator.Fault{Action: "RebootInstances", Kind: control.LostReply, Count: 1})
	request := &ecsdv1.RebootInstancesRequest{InstanceIds: []string{id}, RequestId: uuid.NewString()}
	for range 3 {
		reboot, err := w.instances.RebootInstances(ctx, request)
		if err != nil || reboot.GetResults()[0].GetTransition() == nil {
			t.Fatalf("reboot: %v (%v)", reboot, err)
		}
	}
	if sent := w.sim.Stats().Actions["RebootInstances"].Calls; sent != 1 {
		t.Errorf("%d reboots sent, want 1", sent)
	}
	request.Force = true
	_, err := w.instances.RebootInstances(ctx, request)
	wantError(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")
}
