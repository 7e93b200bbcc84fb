package api

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// pendingForEver is a watcher in which no instance gets the status, and that
// takes a number of watches.
type pendingForEver struct {
	Watcher
	free, released int
}

func (*pendingForEver) Wait(ctx context.Context, _ string, ids []string, _ ecs.Status) ([]ecs.Result[ecs.Instance], error) {
	<-ctx.Done()
	results := make([]ecs.Result[ecs.Instance], len(ids))
	for i, id := range ids {
		results[i] = ecs.Result[ecs.Instance]{ID: id, Err: ctx.Err()}
	}
	return results, nil
}

func (w *pendingForEver) Reserve(context.Context) (func(), error) {
	if w.free == 0 {
		return nil, ecs.Errorf(ecs.ReasonTooManyWatchesOfCaller, "too many")
	}
	w.free--
	return func() { w.released++ }, nil
}

// The error at the deadline of WaitInstances fits into the headers of every
// client, whatever the number of IDs.
func TestWaitInstances_ErrorSize(t *testing.T) {
	for _, count := range []int{1, 100, 400, 1000} {
		synctest.Test(t, func(t *testing.T) {
			ids := make([]string, count)
			for i := range ids {
				ids[i] = fmt.Sprintf("i-bp1%017d", i)
			}
			s := &instanceService{watches: watches{watcher: &pendingForEver{}}, regions: newRegions([]string{"cn-hangzhou"})}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := UnaryErrors(ctx, nil, &grpc.UnaryServerInfo{}, func(ctx context.Context, _ any) (any, error) {
				return s.WaitInstances(ctx, &ecsdv1.WaitInstancesRequest{InstanceIds: ids, Status: ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING})
			})
			st := status.Convert(err)
			if size := proto.Size(st.Proto()); size > 4096 {
				t.Errorf("the error of %d IDs has %d bytes, want at most 4096", count, size)
			}
			var info *errdetails.ErrorInfo
			for _, d := range st.Details() {
				if i, ok := d.(*errdetails.ErrorInfo); ok {
					info = i
				}
			}
			if got := info.GetMetadata()["pending_instances"]; got != fmt.Sprint(count) {
				t.Errorf("the error of %d IDs counts %q", count, got)
			}
			named := strings.Split(info.GetMetadata()["pending_instance_ids"], ",")
			if len(named) < min(count, 40) || named[0] != ids[0] {
				t.Errorf("the error of %d IDs names %d", count, len(named))
			}
		})
	}
}

// jobOf is a job that changes once and then runs on.
type jobOf struct {
	Renewals
	changes time.Duration
}

func (j jobOf) Follow(ctx context.Context, jobID string, _ renewal.Position, send func(*renewal.Step) error) error {
	for _, pause := range []time.Duration{0, j.changes} {
		time.Sleep(pause)
		step := &renewal.Step{Value: renewal.Progress{Renewals: []ledger.Renewal{{}}}}
		step.Value.Job.ID = jobID
		if err := send(step); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

// sent is a stream that notes when a message with how many renewals was sent.
type sent struct {
	grpc.ServerStreamingServer[ecsdv1.WatchRenewalJobResponse]
	ctx      context.Context
	began    time.Time
	messages []string
}

func (s *sent) Context() context.Context { return s.ctx }

func (s *sent) SendMsg(message any) error {
	m := new(ecsdv1.WatchRenewalJobResponse)
	if err := proto.Unmarshal(message.(*prepared).wire.Materialize(), m); err != nil {
		return err
	}
	s.messages = append(s.messages, fmt.Sprint(time.Since(s.began), " ", m.GetJob().GetJobId(), " ", len(m.GetRenewals()), " ", m.GetResumeToken() != ""))
	return nil
}

// A job watch is never silent for longer than its heartbeat, and sends nothing
// after its end.
func TestWatchRenewalJob_Heartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 27*time.Second)
		defer cancel()
		watcher := &pendingForEver{free: 1}
		s := &renewalService{renewals: jobOf{changes: 13 * time.Second}, watcher: watcher}
		const job = "6b1c1a1e-6c0a-4d0e-9d8b-0d3a5a1c0001"
		stream := &sent{ctx: ctx, began: time.Now()}
		request := &ecsdv1.WatchRenewalJobRequest{JobId: job, HeartbeatInterval: durationpb.New(5 * time.Second)}
		if err := s.WatchRenewalJob(request, stream); err == nil {
			t.Error("the watch ended without an error")
		}
		time.Sleep(time.Minute)
		want := fmt.Sprint([]string{"0s " + job + " 1 true", "5s " + job + " 0 true", "10s " + job + " 0 true", "13s " + job + " 1 true", "18s " + job + " 0 true", "23s " + job + " 0 true"})
		if got := fmt.Sprint(stream.messages); got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
		if watcher.released != 1 {
			t.Errorf("the watch was released %d times, want once", watcher.released)
		}
		if err := s.WatchRenewalJob(request, stream); !ecs.HasReason(err, ecs.ReasonTooManyWatchesOfCaller) {
			t.Errorf("a watch too many gets %v", err)
		}
	})
}

var _ Watcher = (*watch.Service)(nil)

func TestWatchFilter_AutoRenewStatusesAreRefused(t *testing.T) {
	var c check
	c.watchFilter([]string{"cn-hangzhou"}, &ecsdv1.WatchInstancesRequest{Filter: &ecsdv1.InstanceFilter{
		AutoRenewStatuses: []ecsdv1.AutoRenewStatus{ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_AUTO_RENEWAL},
	}})
	err := c.err()
	if !ecs.HasReason(err, ecs.ReasonInvalidField) || !strings.Contains(err.Error(), "filter.auto_renew_statuses must be empty: a watch does not read") {
		t.Errorf("got %v, want INVALID_FIELD of filter.auto_renew_statuses", err)
	}
}
