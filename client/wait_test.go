package client_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

var waiting = &ecsdv1.WaitInstancesRequest{InstanceIds: []string{"i-1"}, Status: ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING}

var arrived = &ecsdv1.WaitInstancesResponse{Results: []*ecsdv1.InstanceResult{{InstanceId: "i-1"}}}

// Wait survives a server that is unreachable for an hour.
func TestWait_OutlastsOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		f := &fake{wait: func(_ context.Context, n int, _ *ecsdv1.WaitInstancesRequest) (*ecsdv1.WaitInstancesResponse, error) {
			switch {
			case time.Since(began) > time.Hour:
				return arrived, nil
			case n%2 == 0:
				return nil, draining
			}
			return nil, failure(codes.ResourceExhausted, "TOO_MANY_WATCHES", time.Minute)
		}}
		results, err := f.dial(t).Wait(t.Context(), waiting)
		if err != nil || len(results) != 1 || results[0].GetInstanceId() != "i-1" {
			t.Errorf("got %v, %v", results, err)
		}
		if n := len(f.made()); n > 600 {
			t.Errorf("%d calls in an hour", n)
		}
	})
}

// One call takes at most five minutes. Wait repeats it as long as its context permits.
func TestWait_OutlastsOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		f := &fake{wait: func(ctx context.Context, n int, _ *ecsdv1.WaitInstancesRequest) (*ecsdv1.WaitInstancesResponse, error) {
			if n == 3 {
				return arrived, nil
			}
			<-ctx.Done()
			return nil, failure(codes.DeadlineExceeded, "DEADLINE_EXCEEDED", time.Second)
		}}
		if _, err := f.dial(t).Wait(t.Context(), waiting); err != nil {
			t.Fatal(err)
		}
		if after := time.Since(began); after != 15*time.Minute {
			t.Errorf("it took %s", after)
		}
	})
}

// At the caller's deadline the error lists the pending instances.
func TestWait_Deadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pending := &errdetails.ErrorInfo{Domain: "ecsd", Reason: "DEADLINE_EXCEEDED", Metadata: map[string]string{"pending_instance_ids": "i-1"}}
		st, _ := status.New(codes.DeadlineExceeded, "late").WithDetails(pending)
		f := &fake{wait: func(ctx context.Context, _ int, _ *ecsdv1.WaitInstancesRequest) (*ecsdv1.WaitInstancesResponse, error) {
			deadline, _ := ctx.Deadline()
			time.Sleep(time.Until(deadline) - time.Second)
			return nil, st.Err()
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
		defer cancel()
		_, err := f.dial(t).Wait(ctx, waiting)
		e := client.ErrorOf(err)
		if e == nil || e.Code != codes.DeadlineExceeded || e.Metadata["pending_instance_ids"] != "i-1" || len(f.made()) != 1 {
			t.Errorf("got %+v after %d calls", e, len(f.made()))
		}
	})
}

// If the server is unreachable until the deadline, the error is DEADLINE_EXCEEDED and names the failure.
func TestWait_ServerUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{wait: func(context.Context, int, *ecsdv1.WaitInstancesRequest) (*ecsdv1.WaitInstancesResponse, error) {
			return nil, failure(codes.Unavailable, "STORE_UNAVAILABLE", 10*time.Second)
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := f.dial(t).Wait(ctx, waiting)
		if !errors.Is(err, context.DeadlineExceeded) || status.Code(err) != codes.DeadlineExceeded || !strings.Contains(err.Error(), "STORE_UNAVAILABLE") {
			t.Errorf("got %v", err)
		}
	})
}

// If the last call itself reaches the deadline without an answer, the error names the failure before it.
func TestWait_SilentAfterFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{wait: func(ctx context.Context, made int, _ *ecsdv1.WaitInstancesRequest) (*ecsdv1.WaitInstancesResponse, error) {
			if made <= 4 { // One call: gRPC itself tries it four times.
				return nil, failure(codes.Unavailable, "STORE_UNAVAILABLE", 10*time.Second)
			}
			<-ctx.Done()
			return nil, status.FromContextError(ctx.Err()).Err()
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := f.dial(t).Wait(ctx, waiting)
		if !errors.Is(err, context.DeadlineExceeded) || status.Code(err) != codes.DeadlineExceeded || !strings.Contains(err.Error(), "STORE_UNAVAILABLE") {
			t.Errorf("got %v", err)
		}
	})
}

// A permanent failure is returned at once.
func TestWait_PermanentError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{wait: func(context.Context, int, *ecsdv1.WaitInstancesRequest) (*ecsdv1.WaitInstancesResponse, error) {
			return nil, failure(codes.InvalidArgument, "INVALID_FIELD", 0)
		}}
		if _, err := f.dial(t).Wait(t.Context(), waiting); client.Reason(err) != ecsdv1.ErrorReason_ERROR_REASON_INVALID_FIELD || len(f.made()) != 1 {
			t.Errorf("got %v after %d calls", err, len(f.made()))
		}
	})
}
