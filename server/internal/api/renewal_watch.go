package api

import (
	"context"

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
	var from renewal.Position
	from.Revision, from.RenewalID = c.resumeJob(s.tokens, renewalJob, req.GetJobId(), req.GetResumeToken())
	interval := c.heartbeat(req.GetHeartbeatInterval())
	if err := c.err(); err != nil {
		return err
	}
	return watchJob(stream, s.watcher, s.life, interval, func(ctx context.Context, send func(*stepMessages) error) error {
		return s.renewals.Follow(ctx, req.GetJobId(), from, func(step *renewal.Step) error {
			return send(step.Encoded(s.encodeStep).(*stepMessages))
		})
	})
}

// encodeStep encodes a step once for all its watches.
func (s *renewalService) encodeStep(step *renewal.Step) any {
	message := &ecsdv1.WatchRenewalJobResponse{Job: jobProto(step.Value.Job), ResumeToken: s.tokens.jobToken(renewalJob, step.Value.Job.ID, step.Next.Revision, step.Next.RenewalID)}
	beat := prepare(message)
	message.Renewals = renewalsProto(step.Value.Renewals)
	return &stepMessages{step: prepare(message), beat: beat}
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
