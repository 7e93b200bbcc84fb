package api

import (
	"context"

	"google.golang.org/grpc"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// WatchRenewalJob ends when its job does.
func (s *renewalService) WatchRenewalJob(req *ecsdv1.WatchRenewalJobRequest, stream grpc.ServerStreamingServer[ecsdv1.WatchRenewalJobResponse]) error {
	var c check
	c.required("job_id", req.GetJobId())
	from := c.resume(req.GetJobId(), req.GetResumeToken())
	if err := c.err(); err != nil {
		return err
	}
	return s.life.live(stream.Context(), func(ctx context.Context) error {
		return s.renewals.Follow(ctx, req.GetJobId(), from, func(p renewal.Progress) error {
			return stream.Send(&ecsdv1.WatchRenewalJobResponse{
				Job: jobProto(p.Job), Renewals: renewalsProto(p.Renewals), ResumeToken: resumeToken(req.GetJobId(), p.Place),
			})
		})
	})
}

func jobProto(j renewal.Job) *ecsdv1.RenewalJob {
	job := &ecsdv1.RenewalJob{
		JobId: j.ID, RequestId: j.RequestID, Caller: j.Caller, State: jobStates.to(j.State),
		Period: periodProto(j.Period), TargetExpireDay: dayProto(j.Period), MaxTotalPrice: moneyProto(j.Budget),
		Reserved: amountProto(j.Reserved), Spent: amountProto(j.Spent),
		OnlyIfExpiringBefore: timeProto(j.OnlyBefore), ExpireAfter: timeProto(j.Window.After), ExpireBefore: timeProto(j.Window.Before),
		CreateTime: timeProto(j.CreateTime), UpdateTime: timeProto(j.UpdateTime),
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
