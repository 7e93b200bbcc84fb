package cloud_test

import (
	"net/url"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const stopped, running = `"Status":"Stopped","InstanceChargeType":"PostPaid"`, `"Status":"Running","InstanceChargeType":"PostPaid"`

// fleet responds to reads, and releases all of a call or refuses it for the
// first bad ID, as the cloud does.
type fleet struct {
	instances map[string]string
	bad       map[string]string
}

func (f fleet) answer(_ int, q url.Values) (int, string) {
	if q.Get("Action") == "DescribeInstances" {
		return described(q, f.instances)
	}
	ids := listed(q, "InstanceId")
	if ids == nil {
		ids = listed(q, "ResourceId")
	}
	for _, id := range ids {
		if code := f.bad[id]; code != "" {
			return refused(403, code, "The operation is not permitted.")
		}
	}
	return accepted(`"TaskGroupId":"t-1"`)
}

func TestRelease_ThousandInTenCalls(t *testing.T) {
	ids := instanceIDs(1000)
	endpoint, edge := document(t, fleet{}.answer)
	for i, r := range edge.DeleteInstances(soon(t), hangzhou, ids, ecs.DeleteOptions{Force: true, TerminateSubscription: true}, "release-1", false) {
		if r.ID != ids[i] || r.Err != nil {
			t.Fatalf("result %d: %+v", i, r)
		}
	}
	tokens := make(map[string]bool)
	for _, q := range endpoint.of("DeleteInstances") {
		wants(t, q, map[string]string{"Force": "true", "TerminateSubscription": "true", "DryRun": ""})
		tokens[q.Get("ClientToken")] = true
	}
	if endpoint.calls() != 10 || len(tokens) != 10 || tokens[""] || tokens["release-1"] {
		t.Errorf("%d calls under %d tokens, want 10 under 10 of their own", endpoint.calls(), len(tokens))
	}
}

// Ten bad IDs of every kind, spread over a thousand, cost at most 30 calls and
// do not affect the others.
func TestRelease_BadIDsAffectNoOther(t *testing.T) {
	kinds := []struct {
		fields, code string
		reason       ecs.Reason
	}{
		{"", "InvalidInstanceId.NotFound", ecs.ReasonInstanceNotFound},
		{running, "IncorrectInstanceStatus", ecs.ReasonIncorrectStatus},
		{stopped + `,"DeletionProtection":true`, "InvalidOperation.DeletionProtection", ecs.ReasonDeletionProtected},
		{`"Status":"Stopped","InstanceChargeType":"PrePaid","ExpiredTime":"2099-01-01T16:00Z"`, "ChargeTypeViolation", ecs.ReasonSubscriptionNotExpired},
		{stopped + `,"OperationLocks":{"LockReason":[{"LockReason":"security"}]}`, "InstanceLockedForSecurity", ecs.ReasonInstanceLocked},
	}
	ids := instanceIDs(1000)
	f := fleet{make(map[string]string), make(map[string]string)}
	want := make(map[string]ecs.Reason)
	for i, id := range ids {
		f.instances[id] = stopped
		if i%100 != 42 {
			continue
		}
		kind := kinds[i/100%5]
		f.instances[id], f.bad[id], want[id] = kind.fields, kind.code, kind.reason
		if kind.fields == "" {
			delete(f.instances, id)
		}
	}
	endpoint, edge := document(t, f.answer)
	for _, r := range edge.DeleteInstances(soon(t), hangzhou, ids, ecs.DeleteOptions{}, "release-2", false) {
		if reasonOf(t, r.Err) != want[r.ID] {
			t.Errorf("%s: %v, want %q", r.ID, r.Err, want[r.ID])
		}
		if e := ecs.AsError(r.Err); e != nil && (e.Effect != ecs.EffectNone || e.InstanceID != r.ID || e.Cloud.Code != f.bad[r.ID]) {
			t.Errorf("%s: %+v", r.ID, e)
		}
	}
	if endpoint.calls() > 30 {
		t.Errorf("%d calls, want at most 30", endpoint.calls())
	}
	tokens := make(map[string]string)
	for _, q := range endpoint.of("DeleteInstances") {
		sent := q.Encode()
		if before, again := tokens[q.Get("ClientToken")]; again {
			t.Errorf("the token %s came for two sets of ids: %s and %s", q.Get("ClientToken"), before, sent)
		}
		tokens[q.Get("ClientToken")] = sent
	}
}

// Whether a subscription has ended is for the cloud's clock to say.
func TestRelease_SubscriptionsLeftToCloud(t *testing.T) {
	ids := instanceIDs(3)
	subscription := `"Status":"Stopped","InstanceChargeType":"PrePaid","ExpiredTime":"2099-01-01T16:00Z"`
	f := fleet{map[string]string{ids[0]: subscription, ids[1]: subscription, ids[2]: running},
		map[string]string{ids[1]: "ChargeTypeViolation", ids[2]: "IncorrectInstanceStatus"}}
	_, edge := document(t, f.answer)
	results := edge.DeleteInstances(soon(t), hangzhou, ids, ecs.DeleteOptions{TerminateSubscription: true}, "release-8", false)
	for i, want := range []ecs.Reason{"", ecs.ReasonSubscriptionNotExpired, ecs.ReasonIncorrectStatus} {
		if reasonOf(t, results[i].Err) != want {
			t.Errorf("%s: %v, want %q", ids[i], results[i].Err, want)
		}
	}
}

func TestRelease_TokenOfIDs(t *testing.T) {
	ids := instanceIDs(2)
	endpoint, edge := document(t, fleet{}.answer)
	for _, c := range []struct {
		ids   []string
		token string
	}{{ids, "a"}, {[]string{ids[1], ids[0]}, "a"}, {ids, "b"}, {ids[:1], "a"}} {
		edge.DeleteInstances(soon(t), hangzhou, c.ids, ecs.DeleteOptions{}, c.token, false)
	}
	tokens := make([]string, 4)
	for i, q := range endpoint.of("DeleteInstances") {
		tokens[i] = q.Get("ClientToken")
	}
	if tokens[0] != tokens[1] || tokens[0] == tokens[2] || tokens[0] == tokens[3] || len(tokens[0]) > 64 {
		t.Errorf("tokens %q: the same only for the same ids under the same token", tokens)
	}
}

// All of a chunk is bad, for different reasons: nothing is sent again.
func TestRelease_OnlyBadIDs(t *testing.T) {
	ids := instanceIDs(2)
	f := fleet{map[string]string{ids[0]: running, ids[1]: stopped + `,"DeletionProtection":true`},
		map[string]string{ids[0]: "IncorrectInstanceStatus", ids[1]: "InvalidOperation.DeletionProtection"}}
	endpoint, edge := document(t, f.answer)
	results := edge.DeleteInstances(soon(t), hangzhou, ids, ecs.DeleteOptions{}, "release-3", false)
	for i, want := range []ecs.Reason{ecs.ReasonIncorrectStatus, ecs.ReasonDeletionProtected} {
		if reasonOf(t, results[i].Err) != want {
			t.Errorf("%s: %v, want %s", ids[i], results[i].Err, want)
		}
	}
	if got := len(endpoint.of("DeleteInstances")); got != 1 {
		t.Errorf("%d calls to release, want 1", got)
	}
}

// Bisection finds, within a bound, the bad IDs that a read does not show.
func TestRelease_BisectsWhenAReadShowsNothing(t *testing.T) {
	ids := instanceIDs(100)
	f := fleet{make(map[string]string), map[string]string{ids[63]: "DependencyViolation.RouteEntry"}}
	for _, id := range ids {
		f.instances[id] = stopped
	}
	endpoint, edge := document(t, f.answer)
	for _, r := range edge.DeleteInstances(soon(t), hangzhou, ids, ecs.DeleteOptions{}, "release-4", false) {
		want := ecs.Reason("")
		if r.ID == ids[63] {
			want = ecs.ReasonResourceInUse
		}
		if reasonOf(t, r.Err) != want {
			t.Errorf("%s: %v, want %q", r.ID, r.Err, want)
		}
	}
	if got := endpoint.calls(); got > 17 {
		t.Errorf("%d calls to find one of 100, want at most 17", got)
	}
	for _, id := range ids {
		f.bad[id] = "DependencyViolation.RouteEntry"
	}
	endpoint, edge = document(t, f.answer)
	for _, r := range edge.DeleteInstances(soon(t), hangzhou, ids, ecs.DeleteOptions{}, "release-5", false) {
		if reasonOf(t, r.Err) != ecs.ReasonResourceInUse {
			t.Errorf("%s: %v", r.ID, r.Err)
		}
	}
	if got := endpoint.calls(); got > 31 {
		t.Errorf("%d calls where all of 100 are bad, want at most 31", got)
	}
}

// An instance too young to be released delays no other, and is retried when it
// is alone.
func TestRelease_YoungInstance(t *testing.T) {
	ids := instanceIDs(4)
	f := fleet{make(map[string]string), map[string]string{ids[1]: "IncorrectInstanceStatus.Initializing"}}
	for _, id := range ids {
		f.instances[id] = stopped
	}
	synctest.Test(t, func(t *testing.T) {
		endpoint := documentWith(f.answer)
		edge, _ := overPipes(t, endpoint, cloud.Config{})
		for _, r := range edge.DeleteInstances(t.Context(), hangzhou, ids, ecs.DeleteOptions{}, "release-6", false) {
			want := ecs.Reason("")
			if r.ID == ids[1] {
				want = ecs.ReasonOperationInProgress
			}
			if reasonOf(t, r.Err) != want {
				t.Errorf("%s: %v, want %q", r.ID, r.Err, want)
			}
		}
		alone := 0
		for _, q := range endpoint.of("DeleteInstances") {
			if slices.Equal(listed(q, "InstanceId"), ids[1:2]) {
				alone++
			}
		}
		if alone != 4 || endpoint.calls() > 10 {
			t.Errorf("%d tries alone of %d calls, want 4 of at most 10", alone, endpoint.calls())
		}
	})
}

func TestRelease_NeedsToken(t *testing.T) {
	endpoint, edge := document(t, fleet{}.answer)
	for _, r := range edge.DeleteInstances(soon(t), hangzhou, instanceIDs(3), ecs.DeleteOptions{}, "", false) {
		if reasonOf(t, r.Err) != ecs.ReasonClientTokenRejected {
			t.Errorf("%s: %v", r.ID, r.Err)
		}
	}
	if endpoint.calls() != 0 {
		t.Errorf("%d calls without a token", endpoint.calls())
	}
}

func TestRelease_DryRun(t *testing.T) {
	ids := instanceIDs(3)
	f := fleet{map[string]string{ids[0]: stopped, ids[1]: running, ids[2]: stopped}, map[string]string{ids[1]: "IncorrectInstanceStatus"}}
	endpoint, edge := document(t, func(n int, q url.Values) (int, string) {
		if status, body := f.answer(n, q); status != 200 || q.Get("Action") == "DescribeInstances" {
			return status, body
		}
		return refused(400, "DRYRUN.SUCCESS", "The request has been validated.")
	})
	results := edge.DeleteInstances(soon(t), hangzhou, ids, ecs.DeleteOptions{}, "", true)
	for i, want := range []ecs.Reason{"", ecs.ReasonIncorrectStatus, ""} {
		if reasonOf(t, results[i].Err) != want {
			t.Errorf("%s: %v, want %q", ids[i], results[i].Err, want)
		}
	}
	for _, q := range endpoint.of("DeleteInstances") {
		wants(t, q, map[string]string{"DryRun": "true", "ClientToken": ""})
	}
}

// Without a response the outcome is unknown, and no bad ID is searched: a
// second call for others would be a second release.
func TestRelease_NoResponseIsUnknown(t *testing.T) {
	ids := instanceIDs(3)
	synctest.Test(t, func(t *testing.T) {
		endpoint := documentWith(func(n int, q url.Values) (int, string) {
			return firstSilent(n, 404, "InvalidInstanceId.NotFound")
		})
		edge, _ := overPipes(t, endpoint, cloud.Config{})
		for _, r := range edge.DeleteInstances(t.Context(), hangzhou, ids, ecs.DeleteOptions{Force: true}, "release-7", false) {
			if e := ecs.AsError(r.Err); e == nil || e.Reason != ecs.ReasonOutcomeUnknown || e.Effect != ecs.EffectUnknown {
				t.Errorf("%s: %+v, want OUTCOME_UNKNOWN", r.ID, e)
			}
		}
		asked := endpoint.of("DeleteInstances")
		if len(asked) != 2 || endpoint.calls() != 2 || asked[0].Get("ClientToken") != asked[1].Get("ClientToken") {
			t.Errorf("%d calls, want 2 under one token", endpoint.calls())
		}
	})
}

func TestTags_Fifties(t *testing.T) {
	ids := instanceIDs(120)
	full := `"Status":"Running","Tags":{"Tag":[`
	for i := range 20 {
		if i > 0 {
			full += ","
		}
		full += `{"TagKey":"k` + string(rune('a'+i)) + `","TagValue":"v"}`
	}
	full += "]}"
	f := fleet{make(map[string]string), map[string]string{ids[3]: "InvalidResourceId.NotFound", ids[70]: "QuotaExceed.Tags"}}
	for _, id := range ids {
		f.instances[id] = running
	}
	delete(f.instances, ids[3])
	f.instances[ids[70]] = full
	endpoint, edge := document(t, f.answer)
	tags := []ecs.Tag{{Key: "team", Value: "web"}, {Key: "stage"}}
	want := map[string]ecs.Reason{ids[3]: ecs.ReasonInstanceNotFound, ids[70]: ecs.ReasonQuotaExceeded}
	for i, r := range edge.TagInstances(soon(t), hangzhou, ids, tags) {
		if r.ID != ids[i] || reasonOf(t, r.Err) != want[r.ID] {
			t.Errorf("result %d, %s: %v, want %q", i, r.ID, r.Err, want[r.ID])
		}
	}
	if got := endpoint.calls(); got > 7 {
		t.Errorf("%d calls, want at most 7", got)
	}
	for _, q := range endpoint.of("TagResources") {
		wants(t, q, map[string]string{"ResourceType": "instance", "Tag.1.Key": "team", "Tag.1.Value": "web", "Tag.2.Key": "stage", "RegionId": hangzhou})
		if n := len(listed(q, "ResourceId")); n > 50 {
			t.Errorf("%d ids in a call, want at most 50", n)
		}
	}
	edge.UntagInstances(soon(t), hangzhou, ids[:1], []string{"team"})
	wants(t, endpoint.of("UntagResources")[0], map[string]string{"ResourceType": "instance", "ResourceId.1": ids[0], "TagKey.1": "team", "All": ""})
}

// An UntagResources without keys might be read as all of them.
func TestTags_CannotBeSent(t *testing.T) {
	endpoint, edge := document(t, fleet{}.answer)
	for _, keys := range [][]string{nil, {""}, {"a", "a"}, make([]string, 21)} {
		for _, r := range edge.UntagInstances(soon(t), hangzhou, instanceIDs(1), keys) {
			if reasonOf(t, r.Err) != ecs.ReasonInvalidField {
				t.Errorf("%q: %v", keys, r.Err)
			}
		}
	}
	if endpoint.calls() != 0 {
		t.Errorf("%d calls", endpoint.calls())
	}
}

func TestAutoReleaseTime_SetAndCancelled(t *testing.T) {
	endpoint, edge := document(t, func(n int, q url.Values) (int, string) {
		switch n {
		case 1, 2:
			return accepted("")
		}
		return refused(403, "ChargeTypeViolation", "The operation is not permitted due to charge type of the instance.")
	})
	at := time.Date(2026, 12, 1, 8, 15, 59, 999, time.UTC)
	if err := edge.SetAutoReleaseTime(soon(t), hangzhou, "i-1", at); err != nil {
		t.Error(err)
	}
	if err := edge.SetAutoReleaseTime(soon(t), hangzhou, "i-1", time.Time{}); err != nil {
		t.Error(err)
	}
	if err := edge.SetAutoReleaseTime(soon(t), hangzhou, "i-1", at); reasonOf(t, err) != ecs.ReasonNotPayAsYouGo {
		t.Errorf("of a subscription: %v", err)
	}
	asked := endpoint.of("ModifyInstanceAutoReleaseTime")
	wants(t, asked[0], map[string]string{"InstanceId": "i-1", "AutoReleaseTime": "2026-12-01T08:15:00Z"})
	wants(t, asked[1], map[string]string{"InstanceId": "i-1", "AutoReleaseTime": ""})
}

func TestDeletionProtection_SentEitherWay(t *testing.T) {
	endpoint, edge := document(t, func(int, url.Values) (int, string) { return accepted("") })
	for _, on := range []bool{true, false} {
		if err := edge.SetDeletionProtection(soon(t), hangzhou, "i-1", on); err != nil {
			t.Error(err)
		}
	}
	asked := endpoint.of("ModifyInstanceAttribute")
	wants(t, asked[0], map[string]string{"InstanceId": "i-1", "DeletionProtection": "true", "InstanceName": "", "Password": ""})
	wants(t, asked[1], map[string]string{"DeletionProtection": "false"})
	if err := edge.SetDeletionProtection(soon(t), hangzhou, "web 1", true); reasonOf(t, err) != ecs.ReasonInvalidField {
		t.Errorf("of no id: %v", err)
	}
}

func TestPublicAddress(t *testing.T) {
	_, edge := document(t, func(int, url.Values) (int, string) { return accepted(`"IpAddress":"203.0.113.7"`) })
	if address, err := edge.AllocatePublicIPAddress(soon(t), hangzhou, "i-1"); err != nil || address != "203.0.113.7" {
		t.Errorf("%q, %v", address, err)
	}
	_, edge = document(t, func(int, url.Values) (int, string) {
		return refused(403, "AllocatedAlready", "There is an IpAddress allocated already for the specified instance.")
	})
	_, err := edge.AllocatePublicIPAddress(soon(t), hangzhou, "i-1")
	if e := ecs.AsError(err); e == nil || e.Reason != ecs.ReasonPublicIPAllocated || e.InstanceID != "i-1" || e.Effect != ecs.EffectNone {
		t.Errorf("a second one: %+v", e)
	}
	// The first try may have allocated it.
	_, edge = document(t, func(n int, _ url.Values) (int, string) { return firstSilent(n, 403, "AllocatedAlready") })
	_, err = edge.AllocatePublicIPAddress(soon(t), hangzhou, "i-1")
	if e := ecs.AsError(err); e == nil || e.Reason != ecs.ReasonOutcomeUnknown || e.Effect != ecs.EffectUnknown {
		t.Errorf("after a call without an answer: %+v", e)
	}
}
