package cloud_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// switched responds to a start, stop or reboot for each ID separately: bad IDs
// with their code, the others with 200.
func switched(q url.Values, bad map[string]string) (int, string) {
	var items []string
	for _, id := range listed(q, "InstanceId") {
		code, message := "200", "success"
		if bad[id] != "" {
			code, message = bad[id], "refused"
		}
		items = append(items, fmt.Sprintf(`{"InstanceId":%q,"Code":%q,"Message":%q,"PreviousStatus":"Stopped","CurrentStatus":"Starting"}`, id, code, message))
	}
	return accepted(`"InstanceResponses":{"InstanceResponse":[` + strings.Join(items, ",") + `]}`)
}

func TestStart_ThousandInTenCalls(t *testing.T) {
	ids := instanceIDs(1000)
	cloud, edge := document(t, func(_ int, q url.Values) (int, string) { return switched(q, nil) })
	results := edge.StartInstances(soon(t), hangzhou, ids, false)
	for i, r := range results {
		if r.ID != ids[i] || r.Err != nil || r.Value.Previous != ecs.StatusStopped || r.Value.Current != ecs.StatusStarting || r.Value.RawCurrent != "Starting" {
			t.Fatalf("result %d is %+v", i, r)
		}
	}
	if got := cloud.calls(); got != 10 {
		t.Errorf("%d calls, want 10", got)
	}
	for _, q := range cloud.of("StartInstances") {
		wants(t, q, map[string]string{"BatchOptimization": "SuccessFirst", "DryRun": "", "ClientToken": "", "InstanceIds": ""})
		if n := len(listed(q, "InstanceId")); n != 100 {
			t.Errorf("%d ids in a call, want 100", n)
		}
	}
}

func TestStart_BadIDsAffectNoOther(t *testing.T) {
	ids := instanceIDs(1000)
	bad := make(map[string]string)
	for i := range 10 {
		bad[ids[i*100+7]] = []string{"IncorrectInstanceStatus", "InvalidInstanceId.NotFound", "OperationDenied.NoStock", "InstanceLockedForSecurity", "DiskInArrears"}[i%5]
	}
	reasons := map[string]ecs.Reason{
		"IncorrectInstanceStatus": ecs.ReasonIncorrectStatus, "InvalidInstanceId.NotFound": ecs.ReasonInstanceNotFound,
		"OperationDenied.NoStock": ecs.ReasonOutOfStock, "InstanceLockedForSecurity": ecs.ReasonInstanceLocked, "DiskInArrears": ecs.ReasonAccountRestricted,
	}
	cloud, edge := document(t, func(_ int, q url.Values) (int, string) { return switched(q, bad) })
	failed := 0
	for i, r := range edge.StartInstances(soon(t), hangzhou, ids, false) {
		code := bad[ids[i]]
		if reasonOf(t, r.Err) != reasons[code] {
			t.Errorf("%s with code %q: %v", r.ID, code, r.Err)
		}
		if r.Err == nil {
			continue
		}
		failed++
		if e := ecs.AsError(r.Err); e.InstanceID != r.ID || e.RegionID != hangzhou || e.Cloud.Code != code || e.Cloud.RequestID != requestID || e.Effect != ecs.EffectNone {
			t.Errorf("the error of %s is %+v", r.ID, e)
		}
	}
	if failed != 10 || cloud.calls() != 10 {
		t.Errorf("%d failed in %d calls, want 10 in 10", failed, cloud.calls())
	}
}

// A cloud that refuses all for one, although requested not to, costs one read
// and one more call per chunk.
func TestPower_CloudRefusesAllForOne(t *testing.T) {
	ids := instanceIDs(1000)
	instances := make(map[string]string)
	bad := make(map[string]ecs.Reason)
	for i, id := range ids {
		instances[id] = `"Status":"Stopped"`
		switch i % 200 {
		case 7:
			delete(instances, id)
			bad[id] = ecs.ReasonInstanceNotFound
		case 107:
			instances[id] = `"Status":"Running"`
			bad[id] = ecs.ReasonIncorrectStatus
		}
	}
	cloud, edge := document(t, func(_ int, q url.Values) (int, string) {
		if q.Get("Action") == "DescribeInstances" {
			return described(q, instances)
		}
		for _, id := range listed(q, "InstanceId") {
			if bad[id] == ecs.ReasonInstanceNotFound {
				return refused(404, "InvalidInstanceId.NotFound", "The specified InstanceId does not exist.")
			} else if bad[id] != "" {
				return refused(403, "IncorrectInstanceStatus", "The current status of the resource does not support this operation.")
			}
		}
		return switched(q, nil)
	})
	for i, r := range edge.StartInstances(soon(t), hangzhou, ids, false) {
		if r.ID != ids[i] || reasonOf(t, r.Err) != bad[r.ID] {
			t.Errorf("result %d, %s: %v, want %q", i, r.ID, r.Err, bad[r.ID])
		}
	}
	if got := cloud.calls(); len(bad) != 10 || got > 30 {
		t.Errorf("%d calls for %d bad of 1,000, want at most 30", got, len(bad))
	}
}

func TestStopAndReboot_Options(t *testing.T) {
	cloud, edge := document(t, func(_ int, q url.Values) (int, string) { return switched(q, nil) })
	ids := instanceIDs(1)
	edge.StopInstances(soon(t), hangzhou, ids, ecs.StopOptions{}, false)
	edge.StopInstances(soon(t), hangzhou, ids, ecs.StopOptions{Force: true, Mode: ecs.StoppedStopCharging}, false)
	edge.RebootInstances(soon(t), hangzhou, ids, false, false)
	edge.RebootInstances(soon(t), hangzhou, ids, true, false)
	stops, reboots := cloud.of("StopInstances"), cloud.of("RebootInstances")
	wants(t, stops[0], map[string]string{"ForceStop": "", "StoppedMode": "", "BatchOptimization": "SuccessFirst"})
	wants(t, stops[1], map[string]string{"ForceStop": "true", "StoppedMode": "StopCharging"})
	wants(t, reboots[0], map[string]string{"ForceReboot": "", "BatchOptimization": "SuccessFirst"})
	wants(t, reboots[1], map[string]string{"ForceReboot": "true"})
}

// The cloud reports success for a dry run of SuccessFirst, whatever it finds.
func TestRelease_DryRunChecksTogether(t *testing.T) {
	ids := instanceIDs(3)
	instances := map[string]string{ids[0]: `"Status":"Stopped"`, ids[1]: `"Status":"Running"`, ids[2]: `"Status":"Stopped"`}
	cloud, edge := document(t, func(_ int, q url.Values) (int, string) {
		if q.Get("Action") == "DescribeInstances" {
			return described(q, instances)
		}
		if q.Get("BatchOptimization") == "AllTogether" && slices.Contains(listed(q, "InstanceId"), ids[1]) {
			return refused(403, "IncorrectInstanceStatus", "The current status of the resource does not support this operation.")
		}
		return refused(400, "DRYRUN.SUCCESS", "The request has been validated by DryRun.")
	})
	results := edge.StartInstances(soon(t), hangzhou, ids, true)
	for i, want := range []ecs.Reason{"", ecs.ReasonIncorrectStatus, ""} {
		if reasonOf(t, results[i].Err) != want {
			t.Errorf("%s: %v, want %q", ids[i], results[i].Err, want)
		}
	}
	for _, q := range cloud.of("StartInstances") {
		wants(t, q, map[string]string{"DryRun": "true"})
	}
}

// The first start may have been carried out: a refusal of the second may be an
// effect of the first.
func TestStart_RefusalAfterNoResponse(t *testing.T) {
	ids := instanceIDs(3)
	bad := map[string]string{ids[1]: "IncorrectInstanceStatus", ids[2]: "InvalidInstanceId.NotFound"}
	cloud, edge := document(t, func(n int, q url.Values) (int, string) {
		if n == 1 {
			return 0, ""
		}
		return switched(q, bad)
	})
	results := edge.StartInstances(soon(t), hangzhou, ids, false)
	if results[0].Err != nil {
		t.Errorf("%s: %v", ids[0], results[0].Err)
	}
	if e := ecs.AsError(results[1].Err); e == nil || e.Reason != ecs.ReasonOutcomeUnknown || e.Effect != ecs.EffectUnknown {
		t.Errorf("%s: %+v, want OUTCOME_UNKNOWN", ids[1], e)
	}
	if reasonOf(t, results[2].Err) != ecs.ReasonInstanceNotFound {
		t.Errorf("%s: %v", ids[2], results[2].Err)
	}
	if cloud.calls() != 2 {
		t.Errorf("%d calls, want 2", cloud.calls())
	}
}

func TestReboot_NoResponseNotRetried(t *testing.T) {
	ids := instanceIDs(2)
	for name, answer := range map[string]func(int, url.Values) (int, string){
		"broken connection": always(0, ""),
		"server error": func(int, url.Values) (int, string) {
			return refused(http.StatusInternalServerError, "InternalError", "The request processing has failed due to some unknown error.")
		},
	} {
		cloud, edge := document(t, answer)
		for _, r := range edge.RebootInstances(soon(t), hangzhou, ids, false, false) {
			if e := ecs.AsError(r.Err); e == nil || e.Reason != ecs.ReasonOutcomeUnknown || e.Effect != ecs.EffectUnknown {
				t.Errorf("%s: %s: %+v, want OUTCOME_UNKNOWN", name, r.ID, e)
			}
		}
		if cloud.calls() != 1 {
			t.Errorf("%s: the reboot was sent %d times", name, cloud.calls())
		}
	}
}

// An ID that the response omits, or with an unreadable result, has no known
// outcome.
func TestRelease_SilenceOnOneIDIsUnknown(t *testing.T) {
	ids := instanceIDs(4)
	_, edge := document(t, func(_ int, q url.Values) (int, string) {
		return accepted(fmt.Sprintf(`"InstanceResponses":{"InstanceResponse":[{"InstanceId":%q,"Code":200},{"InstanceId":%q,"Code":500},{"InstanceId":%q,"Code":"InternalError","Message":"%%s"}]}`,
			ids[0], ids[1], ids[2]))
	})
	results := edge.StartInstances(soon(t), hangzhou, ids, false)
	if results[0].Err != nil {
		t.Errorf("a numeric 200: %v", results[0].Err)
	}
	for _, r := range results[1:] {
		if e := ecs.AsError(r.Err); e == nil || e.Reason != ecs.ReasonOutcomeUnknown || e.Effect != ecs.EffectUnknown {
			t.Errorf("%s: %+v, want OUTCOME_UNKNOWN", r.ID, e)
		}
	}
}

func TestGet_BadIDsNeverSent(t *testing.T) {
	cloud, edge := document(t, func(_ int, q url.Values) (int, string) { return switched(q, nil) })
	results := edge.StartInstances(soon(t), hangzhou, []string{"i-1", "d_2", "i-1", "i-3,i-4"}, false)
	for i, want := range []ecs.Reason{"", ecs.ReasonInvalidField, "", ecs.ReasonInvalidField} {
		if reasonOf(t, results[i].Err) != want {
			t.Errorf("result %d: %v, want %q", i, results[i].Err, want)
		}
	}
	if sent := listed(cloud.of("StartInstances")[0], "InstanceId"); !slices.Equal(sent, []string{"i-1"}) {
		t.Errorf("sent %v", sent)
	}
	for _, r := range edge.StartInstances(soon(t), "cn-elsewhere", []string{"i-1"}, false) {
		if reasonOf(t, r.Err) != ecs.ReasonUnknownRegion {
			t.Errorf("in a region that is not served: %v", r.Err)
		}
	}
	if cloud.calls() != 1 {
		t.Errorf("%d calls, want 1", cloud.calls())
	}
}

// A failure of the whole call is not bisected, and changed nothing.
func TestPower_RefusalOfTheWholeCall(t *testing.T) {
	ids := instanceIDs(100)
	for code, want := range map[string]ecs.Reason{"InvalidParameter": ecs.ReasonInvalidField, "Forbidden.RAM": ecs.ReasonCloudPermissionDenied, "InsufficientBalance": ecs.ReasonInsufficientBalance} {
		endpoint, edge := document(t, func(int, url.Values) (int, string) { return refused(403, code, "refused") })
		for _, r := range edge.StartInstances(soon(t), hangzhou, ids, false) {
			if e := ecs.AsError(r.Err); e == nil || e.Reason != want || e.Effect != ecs.EffectNone {
				t.Fatalf("%s: %s: %+v", code, r.ID, e)
			}
		}
		if endpoint.calls() != 1 {
			t.Errorf("%s: %d calls, want 1", code, endpoint.calls())
		}
	}
}

func TestLaunch_DryRunWithoutResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		edge, _ := overPipes(t, documentWith(always(0, "")), cloud.Config{})
		results := edge.StopInstances(t.Context(), hangzhou, instanceIDs(1), ecs.StopOptions{}, true)
		released := edge.DeleteInstances(t.Context(), hangzhou, instanceIDs(1), ecs.DeleteOptions{}, "", true)
		for _, err := range []error{results[0].Err, released[0].Err} {
			if e := ecs.AsError(err); e == nil || e.Reason != ecs.ReasonCloudUnreachable || e.Effect != ecs.EffectNone {
				t.Errorf("%+v", e)
			}
		}
	})
}
