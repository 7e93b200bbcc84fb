package cloud_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

func TestGet_LoneReadSentAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, edge := bubbled(t, simulator.Config{}, cloud.Config{})
		id := seed(t, sim, simulator.Seed{})[0]
		began := time.Now()
		for range 3 {
			if got := edge.Instances(t.Context(), hangzhou, []string{id})[0]; got.Err != nil || got.Value.ID != id {
				t.Fatal(got.Err)
			}
		}
		if took, n := time.Since(began), calls(sim, "DescribeInstances"); took != 0 || n != 3 {
			t.Errorf("three reads in a row waited %s and made %d calls, want no wait and 3", took, n)
		}
	})
}

func TestGet_ThousandReadsInFifteenCalls(t *testing.T) {
	sim, edge := simulated(t, simulator.Config{}, cloud.Config{})
	ids := seed(t, sim, simulator.Seed{Count: 1000})
	ctx := soon(t)
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() {
			if got := edge.Instances(ctx, hangzhou, []string{id})[0]; got.Err != nil || got.Value.ID != id {
				t.Errorf("%s: got %q, %v", id, got.Value.ID, got.Err)
			}
		})
	}
	all.Wait()
	if n := calls(sim, "DescribeInstances"); n > 15 {
		t.Errorf("1,000 reads at a time made %d calls, want 15 at most", n)
	}
}

func TestGet_CancellationAffectsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &stub{answer: func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(500 * time.Millisecond):
				list(w, idsOf(r)...)
			case <-r.Context().Done():
				t.Error("a call was broken off that others waited for")
			}
		}}
		edge, _ := overPipes(t, server, cloud.Config{})
		read := func(ctx context.Context, id string) <-chan error {
			result := make(chan error, 1)
			go func() { result <- edge.Instances(ctx, hangzhou, []string{id})[0].Err }()
			synctest.Wait()
			return result
		}
		first := read(t.Context(), "i-first") // the others gather behind it
		impatient, cancel := context.WithCancel(t.Context())
		gone, stayed := read(impatient, "i-gone"), read(t.Context(), "i-stayed")
		time.Sleep(700 * time.Millisecond) // both are under way
		began := time.Now()
		cancel()
		if err := <-gone; reasonOf(t, err) != ecs.ReasonCancelled || !errors.Is(err, context.Canceled) || time.Since(began) != 0 {
			t.Errorf("the one that left got %v after %s, want CANCELLED at once", err, time.Since(began))
		}
		if err := errors.Join(<-first, <-stayed); err != nil {
			t.Errorf("the others got %v", err)
		}
		if n := len(server.asked()); n != 2 {
			t.Errorf("%d calls, want 2", n)
		}
	})
}

// idsOf returns the IDs of a DescribeInstances request.
func idsOf(r *http.Request) (ids []string) {
	_ = json.Unmarshal([]byte(r.URL.Query().Get("InstanceIds")), &ids)
	return ids
}

// list responds to DescribeInstances with bare instances.
func list(w http.ResponseWriter, ids ...string) {
	type instance struct{ InstanceId string } //nolint:revive // the cloud's spelling
	page := make([]instance, len(ids))
	for i, id := range ids {
		page[i].InstanceId = id
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"RequestId": "R1", "Instances": map[string]any{"Instance": page}})
}

func TestGet_AbsentInstanceAffectsNoOther(t *testing.T) {
	sim, edge := simulated(t, simulator.Config{}, cloud.Config{})
	ids := seed(t, sim, simulator.Seed{Count: 3})
	asked := []string{ids[0], "i-absent", ids[1], "no id at all", ids[2], ids[0]}
	want := []ecs.Reason{"", ecs.ReasonInstanceNotFound, "", ecs.ReasonInvalidField, "", ""}
	for i, result := range edge.Instances(soon(t), hangzhou, asked) {
		if result.ID != asked[i] || reasonOf(t, result.Err) != want[i] || (want[i] == "" && result.Value.ID != asked[i]) {
			t.Errorf("%q: got %q, %v, want reason %q", asked[i], result.Value.ID, result.Err, want[i])
		}
	}
	if n := calls(sim, "DescribeInstances"); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

// TestGet_BadIDAffectsNoOther: if the cloud refuses a whole call because of one ID,
// the others are requested again without it, in few calls.
func TestGet_BadIDAffectsNoOther(t *testing.T) {
	bad := map[string]bool{"i-0042": true, "i-0077": true}
	server := &stub{answer: func(w http.ResponseWriter, r *http.Request) {
		ids := idsOf(r)
		if slices.ContainsFunc(ids, func(id string) bool { return bad[id] }) {
			refuses(http.StatusNotFound, "InvalidInstanceId.NotFound", "The specified InstanceId does not exist.")(w, r)
			return
		}
		list(w, ids...)
	}}
	edge := edgeTo(t, server, cloud.Config{})
	ids := make([]string, 100)
	for i := range ids {
		ids[i] = fmt.Sprintf("i-%04d", i)
	}
	for _, result := range edge.Instances(soon(t), hangzhou, ids) {
		want := ecs.Reason("")
		if bad[result.ID] {
			want = ecs.ReasonInstanceNotFound
		}
		if reasonOf(t, result.Err) != want {
			t.Errorf("%s: %v, want reason %q", result.ID, result.Err, want)
		}
	}
	if n := len(server.asked()); n > 29 {
		t.Errorf("%d calls to find 2 bad ids of 100, want 29 at most", n)
	}
}

// TestBisect_FailureOfTheWholeCall: a failure that lies in no id must not
// multiply the calls.
func TestBisect_FailureOfTheWholeCall(t *testing.T) {
	ids := make([]string, 100)
	for i := range ids {
		ids[i] = fmt.Sprintf("i-%04d", i)
	}
	for code, tries := range map[string]int{"InvalidParameter": 1, "Forbidden.RAM": 1, "InternalError": 4, "Strange.New": 1} {
		synctest.Test(t, func(t *testing.T) {
			server := &stub{answer: refuses(http.StatusBadRequest, code, "no")}
			edge, _ := overPipes(t, server, cloud.Config{})
			for _, result := range edge.Instances(t.Context(), hangzhou, ids) {
				if result.Err == nil {
					t.Fatalf("%s: no error", code)
				}
			}
			if n := len(server.asked()); n != tries {
				t.Errorf("%s: %d calls for 100 ids, want %d", code, n, tries)
			}
		})
	}
}

func TestAutoRenew_PayAsYouGoAffectsNoOther(t *testing.T) {
	sim, edge := simulated(t, simulator.Config{}, cloud.Config{})
	ids := seed(t, sim, simulator.Seed{Count: 120})
	payg := seed(t, sim, simulator.Seed{ChargeType: "PostPaid"})[0]
	ids = slices.Insert(ids, 30, payg, "i-absent")
	for _, result := range edge.AutoRenewSettings(soon(t), hangzhou, ids) {
		want := map[string]ecs.Reason{payg: ecs.ReasonNotSubscription, "i-absent": ecs.ReasonInstanceNotFound}[result.ID]
		if reasonOf(t, result.Err) != want {
			t.Errorf("%s: %v, want reason %q", result.ID, result.Err, want)
		}
	}
}

// TestPermission_DeniedIsNotEmptyFleet: the cloud returns 403 to a RAM user without permission, and returned an empty list
// until 2025-12-20.
func TestPermission_DeniedIsNotEmptyFleet(t *testing.T) {
	for _, kind := range []control.Kind{control.Denied, control.DeniedEmpty} {
		t.Run(string(kind), func(t *testing.T) {
			sim, edge := simulated(t, simulator.Config{}, cloud.Config{})
			id := seed(t, sim, simulator.Seed{})[0]
			if page, err := edge.InstancePage(soon(t), shanghai, ecs.Query{}, "", 10); err != nil || len(page.Instances) != 0 {
				t.Errorf("an empty region: %v", err)
			}
			fault(t, sim, simulator.Fault{Kind: kind})
			if _, err := edge.InstancePage(soon(t), hangzhou, ecs.Query{}, "", 10); reasonOf(t, err) != ecs.ReasonCloudPermissionDenied {
				t.Errorf("a list without permission: got %v, want CLOUD_PERMISSION_DENIED", err)
			}
			if err := edge.Instances(soon(t), hangzhou, []string{id})[0].Err; reasonOf(t, err) != ecs.ReasonCloudPermissionDenied {
				t.Errorf("a read without permission: got %v, want CLOUD_PERMISSION_DENIED", err)
			}
		})
	}
}

func TestCall_UnknownRegionNotSent(t *testing.T) {
	sim, edge := simulated(t, simulator.Config{}, cloud.Config{})
	_, page := edge.InstancePage(soon(t), "cn-elsewhere", ecs.Query{}, "", 10)
	_, price := edge.RenewalPrice(soon(t), "cn-elsewhere", "i-1", oneMonth)
	read := edge.Instances(soon(t), "cn-elsewhere", []string{"i-1"})[0].Err
	for _, err := range []error{page, price, read} {
		if reasonOf(t, err) != ecs.ReasonUnknownRegion {
			t.Errorf("got %v, want UNKNOWN_REGION", err)
		}
	}
	if n := sim.Stats().Calls; n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

func TestEdge_Closed(t *testing.T) {
	_, edge := simulated(t, simulator.Config{}, cloud.Config{})
	if err := edge.Close(); err != nil {
		t.Fatal(err)
	}
	_, renewed := edge.Renew(soon(t), order("i-1"))
	for _, err := range []error{edge.Ping(soon(t)), edge.Instances(soon(t), hangzhou, []string{"i-1"})[0].Err, renewed} {
		if failure := ecs.AsError(err); failure == nil || failure.Reason != ecs.ReasonServerDraining || failure.Effect != ecs.EffectNone {
			t.Errorf("got %v, want SERVER_DRAINING", err)
		}
	}
}
