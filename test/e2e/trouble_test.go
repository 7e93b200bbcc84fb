package e2e_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// A region that cannot be read is listed with its error; the other regions are returned.
func TestRegion_Unreachable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind   control.Kind
		code   codes.Code
		reason string
	}{
		{control.Reset, codes.Unavailable, "CLOUD_UNREACHABLE"},
		{control.HTML, codes.Unavailable, "CLOUD_UNREACHABLE"},
		{control.Denied, codes.PermissionDenied, "CLOUD_PERMISSION_DENIED"},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			t.Parallel()
			sim := newCloud(t, simulator.Config{})
			for _, region := range []string{hangzhou, shanghai} {
				if _, err := sim.Seed(simulator.Seed{RegionID: region}); err != nil {
					t.Fatal(err)
				}
			}
			w := newService(t, sim, nil)
			want := w.sim.Instances(simulator.InstanceFilter{RegionID: hangzhou})[0].InstanceID
			w.fault(simulator.Fault{RegionID: shanghai, Kind: c.kind})
			answer, err := w.instances.ListInstances(within(t, 30*time.Second), &ecsdv1.ListInstancesRequest{})
			if err != nil {
				t.Fatal(err)
			}
			if got := answer.GetInstances(); len(got) != 1 || got[0].GetInstanceId() != want {
				t.Errorf("the other region gave %v", got)
			}
			if len(answer.GetUnreachableRegions()) != 1 {
				t.Fatalf("unreachable: %v", answer.GetUnreachableRegions())
			}
			failed := answer.GetUnreachableRegions()[0]
			if failed.GetRegionId() != shanghai || failed.GetError().GetReason() != c.reason || codes.Code(failed.GetError().GetCode()) != c.code {
				t.Errorf("unreachable: %v, want %s with %s", failed, shanghai, c.reason)
			}
		})
	}
}

// The caller does not see transient failures of the cloud.
func TestCloud_TransientFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	id := w.seed(simulator.Seed{})[0]
	for _, kind := range []control.Kind{control.Failed, control.Reset, control.Cut, control.HTML, control.NumericCode, control.LostReply} {
		w.fault(simulator.Fault{Action: "DescribeInstances", Kind: kind, Count: 1})
		if _, err := w.instances.GetInstance(within(t, 30*time.Second), &ecsdv1.GetInstanceRequest{InstanceId: id}); err != nil {
			t.Errorf("one %s fault reached the caller: %v", kind, err)
		}
	}
}

// A deadline and a cancellation end the call to the cloud.
func TestDeadline_ReachesCloud(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	w.seed(simulator.Seed{})
	w.fault(simulator.Fault{Action: "DescribeInstances", Kind: control.Slow, Delay: control.Duration(time.Minute)})
	began := time.Now()
	_, err := w.instances.ListInstances(within(t, 300*time.Millisecond), &ecsdv1.ListInstancesRequest{RegionIds: []string{hangzhou}})
	if code := status.Code(err); code != codes.DeadlineExceeded || time.Since(began) > 10*time.Second {
		t.Errorf("past its deadline the call got %v after %v", err, time.Since(began))
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if _, err := w.instances.ListInstances(ctx, &ecsdv1.ListInstancesRequest{}); status.Code(err) != codes.Canceled {
		t.Errorf("a cancelled call got %v", err)
	}
}

// One call above the limit is rejected at once with a retry delay.
func TestOverload(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, func(c *server.Config) { c.MaxCalls = 1 })
	id := w.seed(simulator.Seed{})[0]
	w.fault(simulator.Fault{Action: "DescribeInstances", Kind: control.Slow, When: control.Before, Delay: control.Duration(time.Minute)})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := w.instances.GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: id})
		first <- err
	}()
	w.waitForFault()
	_, err := w.instances.GetInstance(t.Context(), &ecsdv1.GetInstanceRequest{InstanceId: id})
	wantError(t, err, codes.ResourceExhausted, "SERVER_OVERLOADED")
	if retry, found := detail[*errdetails.RetryInfo](err); !found || retry.GetRetryDelay().AsDuration() <= 0 {
		t.Errorf("no time to come back: %v", retry)
	}
	cancel()
	if err := <-first; status.Code(err) != codes.Canceled {
		t.Errorf("the call within the limit ended with %v, its caller cancelled it", err)
	}
}

// A request larger than the limit is rejected.
func TestMessageSize(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, func(c *server.Config) { c.Limits.Message = 1000 })
	_, err := w.instances.GetInstance(t.Context(), &ecsdv1.GetInstanceRequest{InstanceId: string(make([]byte, 2000))})
	if status.Code(err) != codes.ResourceExhausted {
		t.Errorf("a request over the limit got %v", err)
	}
}
