package subject

import (
	"context"
	"fmt"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/ecsd-io/ecsd/client/conformance/subjectpb"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// measure times calls of the bare stub and of the client, which alternate.
func (s *subject) measure(ctx context.Context, m *subjectpb.Measure) (*subjectpb.Event, error) {
	conn, err := grpc.NewClient(m.GetTarget(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stubs := []ecsdv1.InstanceServiceClient{ecsdv1.NewInstanceServiceClient(conn), s.client(m.GetClient()).Instances()}
	var took [2][]time.Duration
	for range 2 * m.GetCalls() {
		for i, stub := range stubs {
			began := time.Now()
			if _, err := stub.GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: "i-1"}); err != nil {
				return nil, err
			}
			took[i] = append(took[i], time.Since(began))
		}
	}
	median := func(all []time.Duration) int64 {
		timed := slices.Sorted(slices.Values(all[m.GetCalls():]))
		return int64(timed[len(timed)/2])
	}
	text := fmt.Sprintf("%d %d", median(took[0]), median(took[1]))
	return &subjectpb.Event{Event: &subjectpb.Event_Value{Value: &subjectpb.Value{Text: text}}}, nil
}
