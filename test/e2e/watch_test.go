package e2e_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
)

// mark reads up to the next mark and returns its token.
func mark(stream interface {
	Recv() (*ecsdv1.WatchInstancesResponse, error)
},
) (token string, err error) {
	for {
		m, err := stream.Recv()
		if err != nil {
			return "", err
		}
		if token := m.GetSnapshotComplete().GetResumeToken() + m.GetCheckpoint().GetResumeToken(); token != "" {
			return token, nil
		}
	}
}

// An invalid watch returns an error with its reason at once: no message comes before it, and no other watch is started
// instead.
func TestWatchInstances_BadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	id := w.seed(simulator.Seed{})[0]
	ctx := within(t, 2*time.Minute)
	good, err := w.instances.WatchInstances(ctx, &ecsdv1.WatchInstancesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	token, err := mark(good)
	if err != nil {
		t.Fatal(err)
	}
	tampered := []byte(token)
	tampered[5]++
	for name, c := range map[string]struct {
		request *ecsdv1.WatchInstancesRequest
		code    codes.Code
		reason  string
	}{
		"a malformed token":           {&ecsdv1.WatchInstancesRequest{ResumeToken: "%%%"}, codes.InvalidArgument, "INVALID_RESUME_TOKEN"},
		"a foreign token":             {&ecsdv1.WatchInstancesRequest{ResumeToken: "bm8gdG9rZW4"}, codes.InvalidArgument, "INVALID_RESUME_TOKEN"},
		"a tampered token":            {&ecsdv1.WatchInstancesRequest{ResumeToken: string(tampered)}, codes.InvalidArgument, "INVALID_RESUME_TOKEN"},
		"a token of another filter":   {&ecsdv1.WatchInstancesRequest{ResumeToken: token, InstanceIds: []string{id}}, codes.InvalidArgument, "INVALID_RESUME_TOKEN"},
		"too many ids":                {&ecsdv1.WatchInstancesRequest{InstanceIds: manyIDs(1001)}, codes.ResourceExhausted, "TOO_MANY_WATCHED_IDS"},
		"a malformed id":              {&ecsdv1.WatchInstancesRequest{InstanceIds: []string{"web_1"}}, codes.InvalidArgument, "INVALID_FIELD"},
		"an unknown region":           {&ecsdv1.WatchInstancesRequest{RegionIds: []string{"mars-1"}}, codes.InvalidArgument, "UNKNOWN_REGION"},
		"a heartbeat that is too low": {&ecsdv1.WatchInstancesRequest{HeartbeatInterval: durationpb.New(999 * time.Millisecond)}, codes.InvalidArgument, "INVALID_FIELD"},
		"one that is too long":        {&ecsdv1.WatchInstancesRequest{HeartbeatInterval: durationpb.New(5*time.Minute + 1)}, codes.InvalidArgument, "INVALID_FIELD"},
		"one below nothing":           {&ecsdv1.WatchInstancesRequest{HeartbeatInterval: durationpb.New(-time.Second)}, codes.InvalidArgument, "INVALID_FIELD"},
		"no way of delivery":          {&ecsdv1.WatchInstancesRequest{Delivery: 99}, codes.InvalidArgument, "INVALID_FIELD"},
	} {
		t.Run(name, func(t *testing.T) {
			stream, err := w.instances.WatchInstances(ctx, c.request)
			if err != nil {
				t.Fatal(err)
			}
			m, err := stream.Recv()
			if m != nil {
				t.Errorf("first came %v", m)
			}
			wantError(t, err, c.code, c.reason)
		})
	}
	reclaims, err := w.spot.WatchReclaims(ctx, &ecsdv1.WatchReclaimsRequest{ResumeToken: token})
	if err != nil {
		t.Fatal(err)
	}
	_, err = reclaims.Recv()
	wantError(t, err, codes.InvalidArgument, "INVALID_RESUME_TOKEN")
}

// A checkpoint arrives at every heartbeat, not at every other one.
func TestHeartbeats(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	stream, err := w.instances.WatchInstances(within(t, 30*time.Second), &ecsdv1.WatchInstancesRequest{HeartbeatInterval: durationpb.New(time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mark(stream); err != nil {
		t.Fatal(err)
	}
	const beats = 4
	began := time.Now()
	for range beats {
		if _, err := mark(stream); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < (beats-1)*time.Second || took > (2*beats-1)*time.Second {
		t.Errorf("%d heartbeats of a second took %s", beats, took)
	}
}

// A watch on a connection that reaches its maximum age ends with a last checkpoint and a reason, before the connection
// is closed. It can be resumed.
func TestWatchInstances_AgedConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, func(c *server.Config) {
		c.Limits.ConnectionAge, c.Limits.AgeGrace = 100*time.Millisecond, 5*time.Second
	})
	id := w.seed(simulator.Seed{})[0]
	ctx, token := within(t, time.Minute), ""
	for n := range 2 {
		request := &ecsdv1.WatchInstancesRequest{InstanceIds: []string{id}, ResumeToken: token, HeartbeatInterval: durationpb.New(time.Minute)}
		token = follow(ctx, t, w.instances, request)
		if token == "" {
			t.Fatalf("watch %d has no last checkpoint", n)
		}
	}
}

// The same holds for the watch of a running job.
func TestWatchRenewalJob_AgedConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{RenewLag: time.Hour}, func(c *server.Config) {
		c.Limits.ConnectionAge, c.Limits.AgeGrace = 100*time.Millisecond, 5*time.Second
	})
	ctx, id := within(t, time.Minute), w.seed(simulator.Seed{})[0]
	job, err := w.renewals.CreateRenewalJob(ctx, &ecsdv1.CreateRenewalJobRequest{
		RequestId:  uuid.NewString(),
		Selection:  byID([]string{id}),
		Term:       forOneMonth,
		PriceLimit: &ecsdv1.CreateRenewalJobRequest_MaxTotalPrice{MaxTotalPrice: &ecsdv1.Money{CurrencyCode: "CNY", Units: 100_000}},
	})
	if err != nil {
		t.Fatal(err)
	}
	stream, err := w.renewals.WatchRenewalJob(ctx, &ecsdv1.WatchRenewalJobRequest{JobId: job.GetJob().GetJobId()})
	count := 0
	for ; err == nil; count++ {
		_, err = stream.Recv()
	}
	if wantError(t, err, codes.Unavailable, "SERVER_DRAINING"); count < 2 {
		t.Error("the watch reported nothing")
	}
}

// follow reads a watch to its end, which must be a drain, and returns the token of the checkpoint before it.
func follow(ctx context.Context, t *testing.T, instances ecsdv1.InstanceServiceClient, request *ecsdv1.WatchInstancesRequest) (token string) {
	t.Helper()
	stream, err := instances.WatchInstances(ctx, request)
	for err == nil {
		var m *ecsdv1.WatchInstancesResponse
		if m, err = stream.Recv(); err == nil {
			token = m.GetCheckpoint().GetResumeToken()
		}
	}
	wantError(t, err, codes.Unavailable, "SERVER_DRAINING")
	if retry, ok := detail[*errdetails.RetryInfo](err); !ok || retry.GetRetryDelay().AsDuration() <= 0 {
		t.Errorf("it does not say when to come back: %v", err)
	}
	return token
}

func manyIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("i-bp1%017d", i)
	}
	return ids
}
