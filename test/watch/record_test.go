package watch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/test/lib/promise"
)

const (
	heartbeat = time.Second
	patience  = 5 * heartbeat / 2
)

// recorder is a client that records every message.
type recorder struct {
	addresses []string
	request   *ecsdv1.WatchInstancesRequest
	// life is how long a stream lasts until the client disconnects, 0 for no limit; pause is the time between two
	// reads.
	life, pause time.Duration

	report promise.Report
	// first is the token of the first snapshot, token the newest token.
	first, token string
	at           int64
}

func newRecorder(delivery ecsdv1.WatchDelivery, addresses ...string) *recorder {
	return &recorder{
		addresses: addresses, at: -1,
		request: &ecsdv1.WatchInstancesRequest{Delivery: delivery, HeartbeatInterval: durationpb.New(heartbeat)},
		report: promise.Report{
			EveryChange: delivery == ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE,
			Heartbeat:   heartbeat,
			Matches:     func(string, string) bool { return true },
			Reported:    func(state string) string { before, _, _ := strings.Cut(state, " "); return before },
		},
	}
}

// begin starts the recorders. The returned function ends them.
func begin(t *testing.T, recorders []*recorder) (end func()) {
	ctx, stop := context.WithCancel(t.Context())
	var watchers sync.WaitGroup
	for _, r := range recorders {
		watchers.Go(func() {
			if err := r.run(ctx); err != nil {
				t.Errorf("a watch ended for good: %v", err)
			}
		})
	}
	return func() {
		stop()
		watchers.Wait()
	}
}

// run watches until ctx ends, rotating through the addresses.
func (r *recorder) run(ctx context.Context) error {
	for n := 0; ctx.Err() == nil; n++ {
		if err := r.stream(ctx, r.addresses[n%len(r.addresses)]); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

// stream makes one call. It returns an error only if a client cannot continue after it.
func (r *recorder) stream(ctx context.Context, address string) error {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	if r.life > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.life)
		defer cancel()
	}
	// A client leaves a server that is silent for longer than promised.
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	watchdog := time.AfterFunc(patience, leave)
	defer watchdog.Stop()
	r.request.ResumeToken = r.token
	recorded := promise.Stream{Resumed: r.at, Began: time.Now()}
	defer func() {
		recorded.Ended = time.Now()
		r.report.Streams = append(r.report.Streams, recorded)
	}()
	stream, err := ecsdv1.NewInstanceServiceClient(conn).WatchInstances(ctx, r.request)
	for err == nil {
		var message *ecsdv1.WatchInstancesResponse
		if message, err = stream.Recv(); err != nil {
			break
		}
		watchdog.Reset(patience)
		recorded.Messages = append(recorded.Messages, r.record(message)...)
		time.Sleep(r.pause)
	}
	recorded.End = reason(err)
	switch recorded.End {
	case "SERVER_DRAINING", "SERVER_OVERLOADED", "CLOUD_UNREACHABLE", "THROTTLED", "STORE_UNAVAILABLE":
		return nil
	case "", "DEADLINE_EXCEEDED", "CANCELLED":
		// The connection broke, or the client disconnected.
		recorded.Cut = !errors.Is(err, io.EOF)
		return nil
	}
	return err
}

func reason(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

// record records a message, and the token that resumes after it.
func (r *recorder) record(m *ecsdv1.WatchInstancesResponse) []promise.Message {
	one := promise.Message{Revision: m.GetRevision(), Received: time.Now()}
	switch e := m.GetEvent().(type) {
	case *ecsdv1.WatchInstancesResponse_Waiting:
		one.Kind = promise.Waiting
	case *ecsdv1.WatchInstancesResponse_Snapshot:
		var all []promise.Message
		for _, i := range e.Snapshot.GetInstances() {
			one.Kind, one.ID, one.State = promise.Snapshot, i.GetInstanceId(), state(i)
			all = append(all, one)
		}
		return all
	case *ecsdv1.WatchInstancesResponse_SnapshotComplete:
		one.Kind, one.Observed = promise.SnapshotComplete, e.SnapshotComplete.GetObservedTime().AsTime()
		one.Degraded = degraded(e.SnapshotComplete.GetDegraded())
		r.token, r.at = e.SnapshotComplete.GetResumeToken(), m.GetRevision()
		if r.first == "" {
			r.first = r.token
		}
	case *ecsdv1.WatchInstancesResponse_Checkpoint:
		one.Kind, one.Observed = promise.Checkpoint, e.Checkpoint.GetObservedTime().AsTime()
		one.Degraded = degraded(e.Checkpoint.GetDegraded())
		r.token, r.at = e.Checkpoint.GetResumeToken(), m.GetRevision()
	case *ecsdv1.WatchInstancesResponse_Changed:
		i := e.Changed.GetInstance()
		one.Kind, one.ID, one.State = promise.Changed, i.GetInstanceId(), state(i)
		one.Previous, one.Skipped = statusText(e.Changed.GetPreviousStatus()), int(e.Changed.GetSkipped())
	case *ecsdv1.WatchInstancesResponse_Removed:
		one.Kind, one.ID = promise.Released, e.Removed.GetInstanceId()
		if e.Removed.GetReason() == ecsdv1.InstanceRemovalReason_INSTANCE_REMOVAL_REASON_FILTERED_OUT {
			one.Kind = promise.FilteredOut
		}
	}
	return []promise.Message{one}
}

func degraded(regions []*ecsdv1.DegradedRegion) []string {
	var ids []string
	for _, d := range regions {
		ids = append(ids, d.GetRegionId())
	}
	return ids
}

// state returns the compared fields of an instance. The part before the space is the one that previous_status reports.
func state(i *ecsdv1.Instance) string {
	return fmt.Sprintf("%s %s", statusText(i.GetStatus()), i.GetInstanceName())
}

func statusText(s ecsdv1.InstanceStatus) string {
	if s == ecsdv1.InstanceStatus_INSTANCE_STATUS_UNSPECIFIED {
		return ""
	}
	return s.String()
}

// history returns everything that the server ever found, from a watch of every change that resumes at the token of the
// first snapshot.
func history(ctx context.Context, address string, from *recorder) (promise.History, error) {
	var first []promise.Message
	for _, s := range from.report.Streams {
		if slices.ContainsFunc(s.Messages, func(m promise.Message) bool { return m.Kind == promise.SnapshotComplete }) {
			first = s.Messages
			break
		}
	}
	begin := promise.Revision{}
	all := newRecorder(ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE, address)
	before := map[string]string{}
	for _, m := range first {
		if m.Kind == promise.Snapshot {
			begin.Number = m.Revision
			begin.Changes = append(begin.Changes, promise.Change{ID: m.ID, After: m.State})
			before[m.ID] = m.State
		}
		if m.Kind == promise.SnapshotComplete {
			begin.Number = m.Revision
			break
		}
	}
	all.token, all.at = from.first, begin.Number
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if err := all.stream(ctx, address); err != nil {
		return nil, err
	}
	h := promise.History{begin}
	for _, m := range all.report.Streams[0].Messages {
		if m.Mark() {
			continue
		}
		if last := &h[len(h)-1]; last.Number != m.Revision {
			h = append(h, promise.Revision{Number: m.Revision})
		}
		last := &h[len(h)-1]
		last.Changes = append(last.Changes, promise.Change{ID: m.ID, Before: before[m.ID], After: m.State})
		before[m.ID] = m.State
	}
	return h, nil
}
