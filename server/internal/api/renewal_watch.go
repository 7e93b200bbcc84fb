package api

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// WatchRenewalJob ends when its job does. It counts as a watch.
func (s *renewalService) WatchRenewalJob(req *ecsdv1.WatchRenewalJobRequest, stream grpc.ServerStreamingServer[ecsdv1.WatchRenewalJobResponse]) error {
	var c check
	c.required("job_id", req.GetJobId())
	from := c.resume(s.tokens, req.GetJobId(), req.GetResumeToken())
	interval := c.heartbeat(req.GetHeartbeatInterval())
	if err := c.err(); err != nil {
		return err
	}
	release, err := s.watcher.Reserve(stream.Context())
	if err != nil {
		return err
	}
	defer release()
	beats := &heartbeats{stream: stream, interval: interval}
	defer beats.stop()
	return s.life.live(stream.Context(), func(ctx context.Context) error {
		return s.renewals.Follow(ctx, req.GetJobId(), from, func(step *renewal.Step) error {
			return beats.send(step.Encoded(s.encodeStep).(*stepMessages))
		})
	})
}

// stepMessages are the encoded messages of a step: the step, and the heartbeat that
// follows it.
type stepMessages struct{ step, beat any }

// encodeStep encodes a step once for all its watches.
func (s *renewalService) encodeStep(step *renewal.Step) any {
	message := &ecsdv1.WatchRenewalJobResponse{Job: jobProto(step.Value.Job), ResumeToken: s.tokens.resumeToken(step.Value.Job.ID, step.Next)}
	beat := prepare(message)
	message.Renewals = renewalsProto(step.Value.Renewals)
	return &stepMessages{step: prepare(message), beat: beat}
}

// heartbeats send the messages of a job watch, and its last job again after
// each interval without one.
type heartbeats struct {
	stream   interface{ SendMsg(message any) error }
	interval time.Duration

	mu    sync.Mutex // held while a message is sent, since a stream takes one at a time
	beat  any
	timer *time.Timer
	ended bool
}

// send sends a step and restarts the interval.
func (h *heartbeats) send(m *stepMessages) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.beat = m.beat
	if err := h.stream.SendMsg(m.step); err != nil {
		return err
	}
	if h.timer == nil {
		h.timer = time.AfterFunc(h.interval, h.repeat)
	} else {
		h.timer.Reset(h.interval)
	}
	return nil
}

// repeat sends the job again. An error ends the stream, which its handler
// learns from the context of the stream.
func (h *heartbeats) repeat() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.ended && h.stream.SendMsg(h.beat) == nil {
		h.timer.Reset(h.interval)
	}
}

// stop returns when no heartbeat is being sent any more.
func (h *heartbeats) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	if h.timer != nil {
		h.timer.Stop()
	}
}

func jobProto(j renewal.Job) *ecsdv1.RenewalJob {
	job := &ecsdv1.RenewalJob{
		JobId: j.ID, RequestId: j.RequestID, Caller: j.Caller, State: jobStates.to(j.State),
		MaxTotalPrice: moneyProto(j.Budget),
		Reserved:      amountProto(j.Reserved), Spent: amountProto(j.Spent),
		OnlyIfExpiringBefore: timeProto(j.Terms.OnlyBefore), ExpireStartTime: timeProto(j.Terms.Window.After), ExpireEndTime: timeProto(j.Terms.Window.Before),
		CreateTime: timeProto(j.CreateTime), UpdateTime: timeProto(j.UpdateTime),
		CancelTime: timeProto(j.CancelTime), CancelledBy: j.CancelledBy, EndTime: timeProto(j.EndTime),
		Note: j.Note, CancelNote: j.CancelNote, AccountId: j.AccountID,
	}
	if day := dayProto(j.Terms.Period); day > 0 {
		job.Term = &ecsdv1.RenewalJob_TargetExpireDay{TargetExpireDay: day}
	} else if p := periodProto(j.Terms.Period); p != nil {
		job.Term = &ecsdv1.RenewalJob_Period{Period: p}
	}
	for _, t := range j.Counts {
		job.Counts = append(job.Counts, &ecsdv1.RenewalCount{State: renewalStates.to(t.State), Reason: string(t.Reason), Count: t.Count})
	}
	return job
}

// amountProto is nil for an amount of no currency, which is none.
func amountProto(m ecs.Money) *ecsdv1.Money {
	if m.CurrencyCode == "" {
		return nil
	}
	return moneyProto(m)
}

func renewalsProto(renewals []ledger.Renewal) []*ecsdv1.Renewal {
	protos := make([]*ecsdv1.Renewal, len(renewals))
	for i, r := range renewals {
		protos[i] = renewalProto(r)
	}
	return protos
}
