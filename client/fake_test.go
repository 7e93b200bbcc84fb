package client_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type (
	instanceStream = grpc.ServerStreamingServer[ecsdv1.WatchInstancesResponse]
	reclaimStream  = grpc.ServerStreamingServer[ecsdv1.WatchReclaimsResponse]
)

// fake is a server with scripted behavior, over real gRPC.
type fake struct {
	ecsdv1.UnimplementedInstanceServiceServer
	ecsdv1.UnimplementedDiskServiceServer
	ecsdv1.UnimplementedSpotServiceServer

	watch    func(n int, req *ecsdv1.WatchInstancesRequest, stream instanceStream) error
	reclaims func(n int, req *ecsdv1.WatchReclaimsRequest, stream reclaimStream) error
	wait     func(ctx context.Context, n int, req *ecsdv1.WaitInstancesRequest) (*ecsdv1.WaitInstancesResponse, error)
	// fails is the error of every other call.
	fails error
	// pushback is the trailer of GetInstance that delays its retries, "" for none.
	pushback string

	mu    sync.Mutex
	calls []called
}

// called is a received call.
type called struct {
	method string
	at     time.Time
	token  string
	caller []string
}

// note counts the calls of a method, starting at 0.
func (f *fake) note(ctx context.Context, method, token string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.calls {
		if c.method == method {
			n++
		}
	}
	incoming, _ := metadata.FromIncomingContext(ctx)
	f.calls = append(f.calls, called{method, time.Now(), token, incoming.Get("ecsd-caller")})
	return n
}

func (f *fake) made() []called {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]called(nil), f.calls...)
}

func (f *fake) WatchInstances(req *ecsdv1.WatchInstancesRequest, stream instanceStream) error {
	return f.watch(f.note(stream.Context(), "WatchInstances", req.GetResumeToken()), req, stream)
}

func (f *fake) WatchReclaims(req *ecsdv1.WatchReclaimsRequest, stream reclaimStream) error {
	return f.reclaims(f.note(stream.Context(), "WatchReclaims", req.GetResumeToken()), req, stream)
}

func (f *fake) WaitInstances(ctx context.Context, req *ecsdv1.WaitInstancesRequest) (*ecsdv1.WaitInstancesResponse, error) {
	return f.wait(ctx, f.note(ctx, "WaitInstances", ""), req)
}

func (f *fake) GetInstance(ctx context.Context, _ *ecsdv1.GetInstanceRequest) (*ecsdv1.GetInstanceResponse, error) {
	f.note(ctx, "GetInstance", "")
	if f.pushback != "" {
		_ = grpc.SetTrailer(ctx, metadata.Pairs("grpc-retry-pushback-ms", f.pushback))
	}
	return nil, f.fails
}

func (f *fake) StartInstances(ctx context.Context, _ *ecsdv1.StartInstancesRequest) (*ecsdv1.StartInstancesResponse, error) {
	f.note(ctx, "StartInstances", "")
	return nil, f.fails
}

func (f *fake) SetTags(ctx context.Context, _ *ecsdv1.SetTagsRequest) (*ecsdv1.SetTagsResponse, error) {
	f.note(ctx, "SetTags", "")
	return nil, f.fails
}

func (f *fake) RunInstances(ctx context.Context, _ *ecsdv1.RunInstancesRequest) (*ecsdv1.RunInstancesResponse, error) {
	f.note(ctx, "RunInstances", "")
	return nil, f.fails
}

func (f *fake) CreateSnapshots(ctx context.Context, _ *ecsdv1.CreateSnapshotsRequest) (*ecsdv1.CreateSnapshotsResponse, error) {
	f.note(ctx, "CreateSnapshots", "")
	return nil, f.fails
}

// dial serves the fake and connects to it.
func (f *fake) dial(t testing.TB, options ...client.Option) *client.Client {
	t.Helper()
	listener := bufconn.Listen(1 << 16)
	server := grpc.NewServer(grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}))
	ecsdv1.RegisterInstanceServiceServer(server, f)
	ecsdv1.RegisterDiskServiceServer(server, f)
	ecsdv1.RegisterSpotServiceServer(server, f)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	dialer := grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) })
	c, err := client.Dial("passthrough:///fake", append([]client.Option{client.WithInsecure(), client.WithGRPC(dialer)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		server.Stop()
		if err := <-served; err != nil {
			t.Errorf("the fake server: %v", err)
		}
	})
	return c
}

// failure returns an error as the server sends it.
func failure(code codes.Code, reason string, retry time.Duration, details ...protoadapt.MessageV1) error {
	details = append(details, &errdetails.ErrorInfo{Domain: "ecsd", Reason: reason})
	if retry > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(retry)})
	}
	st, err := status.New(code, "because of "+reason).WithDetails(details...)
	if err != nil {
		panic(err)
	}
	return st.Err()
}

var draining = failure(codes.Unavailable, "SERVER_DRAINING", time.Second)

// The messages of a watch.

func instance(id, status string) *ecsdv1.Instance {
	return &ecsdv1.Instance{InstanceId: id, RegionId: "cn-hangzhou", Status: ecsdv1.InstanceStatus(ecsdv1.InstanceStatus_value["INSTANCE_STATUS_"+status])}
}

func snapshot(revision int64, instances ...*ecsdv1.Instance) *ecsdv1.WatchInstancesResponse {
	return &ecsdv1.WatchInstancesResponse{Revision: revision, Event: &ecsdv1.WatchInstancesResponse_Snapshot{Snapshot: &ecsdv1.WatchSnapshot{Instances: instances}}}
}

func complete(revision int64, token string) *ecsdv1.WatchInstancesResponse {
	return &ecsdv1.WatchInstancesResponse{Revision: revision, Event: &ecsdv1.WatchInstancesResponse_SnapshotComplete{SnapshotComplete: &ecsdv1.WatchSnapshotComplete{ResumeToken: token}}}
}

func changed(revision int64, i *ecsdv1.Instance) *ecsdv1.WatchInstancesResponse {
	return &ecsdv1.WatchInstancesResponse{Revision: revision, Event: &ecsdv1.WatchInstancesResponse_Changed{Changed: &ecsdv1.InstanceChanged{Instance: i}}}
}

func removed(revision int64, id string) *ecsdv1.WatchInstancesResponse {
	return &ecsdv1.WatchInstancesResponse{Revision: revision, Event: &ecsdv1.WatchInstancesResponse_Removed{Removed: &ecsdv1.InstanceRemoved{
		InstanceId: id, RegionId: "cn-hangzhou", Reason: ecsdv1.InstanceRemovalReason_INSTANCE_REMOVAL_REASON_RELEASED,
	}}}
}

func checkpoint(revision int64, token string) *ecsdv1.WatchInstancesResponse {
	return &ecsdv1.WatchInstancesResponse{Revision: revision, Event: &ecsdv1.WatchInstancesResponse_Checkpoint{Checkpoint: &ecsdv1.WatchCheckpoint{ResumeToken: token}}}
}

func send(stream instanceStream, messages ...*ecsdv1.WatchInstancesResponse) error {
	for _, m := range messages {
		if err := stream.Send(m); err != nil {
			return err
		}
	}
	return nil
}

// silent keeps a stream open and sends nothing.
func silent(stream grpc.ServerStream) error {
	<-stream.Context().Done()
	return stream.Context().Err()
}
