package runner

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/ecsd-io/ecsd/client/conformance/subjectpb"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// Overhead returns the median duration of a unary call of the bare generated stub and of the client, of calls that alternate.
func (r *Runner) Overhead(ctx context.Context, subject *Subject, calls uint32) (bare, client time.Duration, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, err
	}
	server := grpc.NewServer()
	ecsdv1.RegisterInstanceServiceServer(server, fixed{})
	var served sync.WaitGroup
	defer served.Wait()
	defer server.Stop()
	served.Go(func() { _ = server.Serve(listener) })
	p, err := start(cmp.Or(subject.Measured, subject.Run), r.Folder)
	if err != nil {
		return 0, 0, err
	}
	target := listener.Addr().String()
	connect, err := p.send(&subjectpb.Command{Command: &subjectpb.Command_Connect{Connect: &subjectpb.Connect{Target: target}}})
	if err != nil {
		return 0, 0, err
	}
	measure, err := p.send(&subjectpb.Command{Command: &subjectpb.Command_Measure{Measure: &subjectpb.Measure{Client: connect.id, Target: target, Calls: calls}}})
	if err != nil {
		return 0, 0, err
	}
	events, _, ok := measure.end(limited(ctx, longLimit))
	if !ok {
		p.kill()
		return 0, 0, fmt.Errorf("no end within %s", longLimit)
	}
	if err := p.stop(); err != nil {
		return 0, 0, err
	}
	end := events[len(events)-1]
	if _, err := fmt.Sscan(end.GetValue().GetText(), (*int64)(&bare), (*int64)(&client)); err != nil || bare <= 0 {
		return 0, 0, fmt.Errorf("it ended with %v, want two durations", end)
	}
	return bare, client, nil
}

// fixed serves one instance.
type fixed struct {
	ecsdv1.UnimplementedInstanceServiceServer
}

// GetInstance returns the instance that is asked for.
func (fixed) GetInstance(_ context.Context, r *ecsdv1.GetInstanceRequest) (*ecsdv1.GetInstanceResponse, error) {
	return &ecsdv1.GetInstanceResponse{Instance: &ecsdv1.Instance{
		InstanceId: r.GetInstanceId(), RegionId: region, ZoneId: region + "-h", InstanceName: "web-1", Status: ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING,
	}}, nil
}
