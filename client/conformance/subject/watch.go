package subject

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"google.golang.org/protobuf/proto"

	"github.com/ecsd-io/ecsd/client"
	"github.com/ecsd-io/ecsd/client/conformance/subjectpb"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

func (s *subject) watch(ctx context.Context, id uint64, w *subjectpb.Watch) (*subjectpb.Event, error) {
	c := s.client(w.GetClient())
	switch w.GetSubject() {
	case subjectpb.Watch_SUBJECT_INSTANCES:
		request := &ecsdv1.WatchInstancesRequest{}
		return follow(ctx, s, id, w, request, func() iter.Seq2[client.Event, error] { return c.Watch(ctx, request) })
	case subjectpb.Watch_SUBJECT_RECLAIMS:
		request := &ecsdv1.WatchReclaimsRequest{}
		return follow(ctx, s, id, w, request, func() iter.Seq2[client.ReclaimEvent, error] { return c.WatchReclaims(ctx, request) })
	case subjectpb.Watch_SUBJECT_RENEWAL_JOB:
		request := &ecsdv1.WatchRenewalJobRequest{}
		return follow(ctx, s, id, w, request, func() iter.Seq2[client.RenewalJobEvent, error] { return c.WatchRenewalJob(ctx, request) })
	case subjectpb.Watch_SUBJECT_RELEASE_JOB:
		request := &ecsdv1.WatchReleaseJobRequest{}
		return follow(ctx, s, id, w, request, func() iter.Seq2[client.ReleaseJobEvent, error] { return c.WatchReleaseJob(ctx, request) })
	}
	return nil, fmt.Errorf("unknown watch %s", w.GetSubject())
}

// follow reports the events of an iteration.
func follow[E any](ctx context.Context, s *subject, id uint64, w *subjectpb.Watch, request proto.Message, watch func() iter.Seq2[E, error]) (*subjectpb.Event, error) {
	if err := proto.Unmarshal(w.GetRequest(), request); err != nil {
		return nil, err
	}
	s.mu.Lock()
	credits := s.credits[id]
	s.mu.Unlock()
	credit, count := w.GetCredit(), int64(0)
	for event, err := range watch() {
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			return done(), nil
		}
		if err != nil {
			return nil, err
		}
		count++
		o := observed(event)
		if w.GetCountOnly() {
			o.Count = count
		}
		if !w.GetCountOnly() || o.GetKind() == "checkpoint" {
			s.write(&subjectpb.Event{Id: id, Event: &subjectpb.Event_Observed{Observed: o}})
		}
		if w.GetCredit() == 0 {
			continue
		}
		for credit--; credit == 0; {
			select {
			case more := <-credits:
				credit += more
			case <-ctx.Done():
				return done(), nil
			}
		}
	}
	return done(), nil
}

func observed(event any) *subjectpb.Observed {
	switch e := event.(type) {
	case *client.Snapshot:
		return &subjectpb.Observed{Kind: "snapshot", Revision: e.Revision, InstanceId: e.Instance.GetInstanceId(), Status: int32(e.Instance.GetStatus())}
	case *client.Changed:
		return &subjectpb.Observed{
			Kind: "changed", Revision: e.Revision, InstanceId: e.Instance.GetInstanceId(), Status: int32(e.Instance.GetStatus()),
			PreviousStatus: int32(e.PreviousStatus), Skipped: e.Skipped,
		}
	case *client.Removed:
		return &subjectpb.Observed{Kind: "removed", Revision: e.Revision, InstanceId: e.InstanceID, RemovalReason: int32(e.Reason)}
	case *client.ReclaimNotice:
		return &subjectpb.Observed{Kind: "notice", Revision: e.Revision, InstanceId: e.InstanceID}
	case *client.ReclaimEnded:
		kind := map[client.ReclaimOutcome]string{
			client.ReclaimOutcomeReleased: "released", client.ReclaimOutcomeWithdrawn: "withdrawn", client.ReclaimOutcomeStopped: "stopped", client.ReclaimOutcomeUnknown: "ended",
		}
		return &subjectpb.Observed{Kind: kind[e.Outcome], Revision: e.Revision, InstanceId: e.InstanceID}
	case *client.Checkpoint:
		o := &subjectpb.Observed{Kind: "checkpoint", Revision: e.Revision, ResumeToken: e.ResumeToken, Snapshot: e.Snapshot}
		for _, region := range e.Degraded {
			o.Degraded = append(o.Degraded, region.GetRegionId())
		}
		return o
	case *client.Interrupted:
		cause := client.ErrorOf(e.Err)
		return &subjectpb.Observed{Kind: "interrupted", Reason: cause.ReasonName, Code: codeName(cause.Code), DelayMs: uint32(e.Delay.Milliseconds())} //nolint:gosec // at most minutes
	case *client.Restarted:
		cause := client.ErrorOf(e.Cause)
		return &subjectpb.Observed{Kind: "restarted", Reason: cause.ReasonName, Code: codeName(cause.Code)}
	case *client.RenewalJobChanged:
		o := &subjectpb.Observed{Kind: "job", Status: int32(e.Job.GetState()), ResumeToken: e.ResumeToken}
		for _, renewal := range e.Renewals {
			o.Changed = append(o.Changed, fmt.Sprintf("%s=%d", renewal.GetRenewalId(), renewal.GetState()))
		}
		return o
	case *client.ReleaseJobChanged:
		o := &subjectpb.Observed{Kind: "job", Status: int32(e.Job.GetState()), ResumeToken: e.ResumeToken}
		for _, item := range e.Items {
			o.Changed = append(o.Changed, fmt.Sprintf("%s=%d", item.GetInstanceId(), item.GetState()))
		}
		return o
	}
	return &subjectpb.Observed{Kind: "unknown"}
}
