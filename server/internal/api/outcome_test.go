package api

import (
	"context"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/disk"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

// lost is what a component returns for a call that got no reply.
var lost = &ecs.Error{Reason: ecs.ReasonOutcomeUnknown, Message: "no reply", Retry: ecs.RetryBackoff, RetryAfter: 3 * time.Second, Effect: ecs.EffectUnknown}

// replyless are components of a cloud that never replies.
type replyless struct {
	Lifecycle
	Disks
}

func (replyless) Run(context.Context, lifecycle.Launch) (lifecycle.Launched, error) {
	return lifecycle.Launched{}, lost
}

func (replyless) AllocatePublicIPAddress(context.Context, string, string, lifecycle.Once, bool) (string, ecs.Instance, error) {
	return "", ecs.Instance{}, lost
}

func (replyless) CreateSnapshots(_ context.Context, _ string, ids []string, _ disk.SnapshotOptions, _ string) []ecs.Result[string] {
	return []ecs.Result[string]{{ID: ids[0], Err: lost}}
}

// An unknown outcome is retryable only under a request_id: without one a retry
// may have the effect twice. Its code is not UNAVAILABLE, which proxies retry.
func TestOutcomeUnknown_RetryableWithRequestID(t *testing.T) {
	conn := dialComponents(t, Components{Lifecycle: replyless{}, Disks: replyless{}})
	for name, c := range map[string]struct {
		method    string
		req       proto.Message
		retryable bool
	}{
		"with a request_id": {ecsdv1.InstanceService_RunInstances_FullMethodName, run(func(*ecsdv1.RunInstancesRequest, *ecsdv1.InstanceSpec) {}), true},
		"without":           {ecsdv1.InstanceService_AllocatePublicIpAddress_FullMethodName, &ecsdv1.AllocatePublicIpAddressRequest{InstanceId: "i-1"}, false},
	} {
		var trailer metadata.MD
		err := conn.Invoke(t.Context(), c.method, c.req, &ecsdv1.GetInstanceResponse{}, grpc.Trailer(&trailer))
		if status.Code(err) != codes.Unknown || detail[*errdetails.ErrorInfo](t, err).GetReason() != "OUTCOME_UNKNOWN" {
			t.Errorf("%s: got %v, want UNKNOWN", name, err)
			continue
		}
		var delay *durationpb.Duration
		for _, d := range status.Convert(err).Details() {
			if retry, ok := d.(*errdetails.RetryInfo); ok {
				delay = retry.GetRetryDelay()
			}
		}
		if (delay != nil) != c.retryable || (len(trailer.Get("grpc-retry-pushback-ms")) > 0) != c.retryable {
			t.Errorf("%s: RetryInfo %v, trailer %v, want them: %t", name, delay, trailer, c.retryable)
		}
	}
	for name, c := range map[string]struct {
		requestID string
		retryable bool
	}{"items with a request_id": {goodID, true}, "items without": {"", false}} {
		resp, err := ecsdv1.NewDiskServiceClient(conn).CreateSnapshots(t.Context(), &ecsdv1.CreateSnapshotsRequest{DiskIds: []string{"d-1"}, RequestId: c.requestID})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		item := resp.GetResults()[0].GetError()
		if item.GetReason() != "OUTCOME_UNKNOWN" || codes.Code(item.GetCode()) != codes.Unknown || (item.GetRetryAfter() != nil) != c.retryable {
			t.Errorf("%s: %v, want OUTCOME_UNKNOWN with retry_after: %t", name, item, c.retryable)
		}
	}
}

// The delay of RetryInfo is also in the trailer that gRPC libraries follow, of
// calls and of streams.
func TestStatus_Pushback(t *testing.T) {
	wait := &ecs.Error{Reason: ecs.ReasonThrottled, Message: "m", Retry: ecs.RetryWait, RetryAfter: 1500 * time.Millisecond}
	for name, c := range map[string]struct {
		err  error
		want []string
	}{
		"retryable": {wait, []string{"1500"}},
		"final":     {ecs.Errorf(ecs.ReasonInstanceNotFound, "gone"), nil},
	} {
		conn := serve(t, Components{}, grpc.ChainUnaryInterceptor(UnaryErrors, func(context.Context, any, *grpc.UnaryServerInfo, grpc.UnaryHandler) (any, error) {
			return nil, c.err
		}), grpc.ChainStreamInterceptor(StreamErrors, func(any, grpc.ServerStream, *grpc.StreamServerInfo, grpc.StreamHandler) error {
			return c.err
		}))
		var trailer metadata.MD
		if _, err := ecsdv1.NewCatalogServiceClient(conn).ListRegions(t.Context(), &ecsdv1.ListRegionsRequest{}, grpc.Trailer(&trailer)); err == nil {
			t.Errorf("%s: the call succeeded", name)
		}
		if got := trailer.Get("grpc-retry-pushback-ms"); len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
			t.Errorf("%s: the trailer of a call has %q, want %q", name, got, c.want)
		}
		stream, err := ecsdv1.NewInstanceServiceClient(conn).WatchInstances(t.Context(), &ecsdv1.WatchInstancesRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stream.Recv(); err == nil {
			t.Errorf("%s: the stream goes on", name)
		}
		if got := stream.Trailer().Get("grpc-retry-pushback-ms"); len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
			t.Errorf("%s: the trailer of a stream has %q, want %q", name, got, c.want)
		}
	}
}
