package client_test

import (
	"context"
	"net"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// fleet is the server of the examples: two web servers with a fixed short history.
type fleet struct {
	ecsdv1.UnimplementedRenewalServiceServer

	fake
}

// serveFleet serves a fleet at the returned address until stop.
func serveFleet() (address string, stop func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	f := &fleet{}
	f.watch, f.reclaims, f.wait = f.watchFleet, f.watchSpot, f.waitFleet
	server := grpc.NewServer()
	ecsdv1.RegisterInstanceServiceServer(server, f)
	ecsdv1.RegisterSpotServiceServer(server, f)
	ecsdv1.RegisterRenewalServiceServer(server, f)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	return listener.Addr().String(), func() {
		server.Stop()
		if err := <-served; err != nil {
			panic(err)
		}
	}
}

var eight = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

func web(id, name, status string) *ecsdv1.Instance {
	i := instance(id, status)
	i.InstanceName = name
	return i
}

func (f *fleet) GetInstance(_ context.Context, req *ecsdv1.GetInstanceRequest) (*ecsdv1.GetInstanceResponse, error) {
	if req.GetInstanceId() != "i-bp1web001" {
		return nil, failure(codes.NotFound, "INSTANCE_NOT_FOUND", 0)
	}
	return &ecsdv1.GetInstanceResponse{Instance: web("i-bp1web001", "web-001", "RUNNING")}, nil
}

// Pages of one instance.
func (f *fleet) ListInstances(_ context.Context, req *ecsdv1.ListInstancesRequest) (*ecsdv1.ListInstancesResponse, error) {
	if req.GetPageToken() == "" {
		return &ecsdv1.ListInstancesResponse{Instances: []*ecsdv1.Instance{web("i-bp1web001", "web-001", "RUNNING")}, NextPageToken: "second"}, nil
	}
	return &ecsdv1.ListInstancesResponse{Instances: []*ecsdv1.Instance{web("i-bp1web002", "web-002", "STOPPED")}}, nil
}

// Pages of one instance.
func (f *fleet) ListExpiringInstances(_ context.Context, req *ecsdv1.ListExpiringInstancesRequest) (*ecsdv1.ListExpiringInstancesResponse, error) {
	page := func(id, next string, day int) (*ecsdv1.ListExpiringInstancesResponse, error) {
		i := web(id, "", "RUNNING")
		i.ExpireTime = timestamppb.New(eight.AddDate(0, 0, day))
		return &ecsdv1.ListExpiringInstancesResponse{ExpiringInstances: []*ecsdv1.ExpiringInstance{{Instance: i}}, NextPageToken: next}, nil
	}
	if req.GetPageToken() == "" {
		return page("i-bp1web001", "second", 3)
	}
	return page("i-bp1web002", "", 5)
}

// A renewal at 260 CNY that needs two tries.
func (f *fleet) RenewInstance(ctx context.Context, req *ecsdv1.RenewInstanceRequest) (*ecsdv1.RenewInstanceResponse, error) {
	if f.note(ctx, "RenewInstance", "") == 0 {
		return nil, failure(codes.Unavailable, "STORE_UNAVAILABLE", time.Millisecond)
	}
	return &ecsdv1.RenewInstanceResponse{Renewal: &ecsdv1.Renewal{
		RequestId: req.GetRequestId(), InstanceId: req.GetInstanceId(), State: ecsdv1.RenewalState_RENEWAL_STATE_RENEWED,
		Price: &ecsdv1.Money{CurrencyCode: "CNY", Units: 260},
	}}, nil
}

func (f *fleet) StartInstances(context.Context, *ecsdv1.StartInstancesRequest) (*ecsdv1.StartInstancesResponse, error) {
	return nil, failure(codes.InvalidArgument, "INVALID_FIELD", 0, &errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "instance_ids", Description: "must have 1 to 1000 ids; got 0"}},
	})
}

func (f *fleet) waitFleet(context.Context, int, *ecsdv1.WaitInstancesRequest) (*ecsdv1.WaitInstancesResponse, error) {
	return &ecsdv1.WaitInstancesResponse{Results: []*ecsdv1.InstanceResult{
		{InstanceId: "i-bp1web001", Result: &ecsdv1.InstanceResult_Instance{Instance: web("i-bp1web001", "web-001", "RUNNING")}},
		{InstanceId: "i-bp1nosuch", Result: &ecsdv1.InstanceResult_Error{Error: &ecsdv1.ItemError{Code: int32(codes.NotFound), Reason: "INSTANCE_NOT_FOUND"}}},
	}}, nil
}

func (f *fleet) watchFleet(n int, _ *ecsdv1.WatchInstancesRequest, stream instanceStream) error {
	if n == 0 {
		first := complete(1, "t1")
		first.GetSnapshotComplete().ObservedTime = timestamppb.New(eight)
		second := checkpoint(2, "t2")
		second.GetCheckpoint().ObservedTime = timestamppb.New(eight.Add(30 * time.Second))
		if err := send(stream, snapshot(1, web("i-bp1web001", "web-001", "RUNNING"), web("i-bp1web002", "web-002", "RUNNING")), first,
			changed(2, web("i-bp1web001", "web-001", "STOPPED")), second, changed(3, web("i-bp1web001", "web-001", "RUNNING"))); err != nil {
			return err
		}
		return failure(codes.Unavailable, "SERVER_DRAINING", 0)
	}
	third := checkpoint(3, "t3")
	third.GetCheckpoint().Degraded = []*ecsdv1.DegradedRegion{{RegionId: "cn-hangzhou", Error: &ecsdv1.ItemError{Code: int32(codes.ResourceExhausted), Reason: "THROTTLED"}}}
	_ = send(stream, removed(3, "i-bp1web002"), third)
	return silent(stream)
}

func (f *fleet) watchSpot(_ int, _ *ecsdv1.WatchReclaimsRequest, stream reclaimStream) error {
	first := notice(1, "i-bp1spot01")
	first.GetNotice().ObservedTime = timestamppb.New(eight)
	first.GetNotice().ReleaseTimeEstimate = timestamppb.New(eight.Add(5 * time.Minute))
	_ = tell(stream, first, reclaimCheckpoint(1, "t1"), released(2, "i-bp1spot01"), reclaimCheckpoint(2, "t2"))
	return silent(stream)
}
