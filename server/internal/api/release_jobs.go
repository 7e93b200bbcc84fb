package api

import (
	"context"

	"google.golang.org/grpc"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/fingerprint"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

var releaseJobStates = newEnum(map[ecsdv1.ReleaseJobState]ecs.ReleaseJobState{
	ecsdv1.ReleaseJobState_RELEASE_JOB_STATE_RUNNING:   ecs.ReleaseJobRunning,
	ecsdv1.ReleaseJobState_RELEASE_JOB_STATE_SUCCEEDED: ecs.ReleaseJobSucceeded,
	ecsdv1.ReleaseJobState_RELEASE_JOB_STATE_PARTIAL:   ecs.ReleaseJobPartial,
	ecsdv1.ReleaseJobState_RELEASE_JOB_STATE_FAILED:    ecs.ReleaseJobFailed,
})

var releaseStates = newEnum(map[ecsdv1.ReleaseState]ecs.ReleaseState{
	ecsdv1.ReleaseState_RELEASE_STATE_PLANNED:      ecs.ReleasePlanned,
	ecsdv1.ReleaseState_RELEASE_STATE_SNAPSHOTTING: ecs.ReleaseSnapshotting,
	ecsdv1.ReleaseState_RELEASE_STATE_RELEASING:    ecs.ReleaseReleasing,
	ecsdv1.ReleaseState_RELEASE_STATE_RELEASED:     ecs.ReleaseReleased,
	ecsdv1.ReleaseState_RELEASE_STATE_SKIPPED:      ecs.ReleaseSkipped,
	ecsdv1.ReleaseState_RELEASE_STATE_FAILED:       ecs.ReleaseFailed,
})

func (s *instanceService) CreateReleaseJob(ctx context.Context, req *ecsdv1.CreateReleaseJobRequest) (*ecsdv1.CreateReleaseJobResponse, error) {
	var c check
	region, ids := s.many(&c, req)
	c.maxInstances(req.GetMaxInstances())
	c.note(req.GetNote())
	requestID := c.requestIDUnless(req.GetValidateOnly(), req.GetRequestId())
	if err := c.err(); err != nil {
		return nil, err
	}
	q := lifecycle.ReleaseRequest{
		RegionID: region, IDs: ids,
		Force:                      req.GetForce(),
		OverrideDeletionProtection: req.GetOverrideDeletionProtection(),
		AllowUnexpiredSubscription: req.GetAllowUnexpiredSubscription(),
		MaxInstances:               req.GetMaxInstances(),
		RequestID:                  requestID,
		Fingerprint:                fingerprint.Of("CreateReleaseJob", req, region, nil),
		Caller:                     call.Caller(ctx),
	}
	if req.GetValidateOnly() {
		outcomes, err := s.lifecycle.CheckReleaseJob(ctx, q)
		if err != nil {
			return nil, err
		}
		return &ecsdv1.CreateReleaseJobResponse{Results: s.account.releaseResults(outcomes)}, nil
	}
	job, err := s.lifecycle.CreateReleaseJob(ctx, q, req.GetNote())
	if err != nil {
		return nil, err
	}
	return &ecsdv1.CreateReleaseJobResponse{Job: releaseJobProto(job)}, nil
}

// maxInstances checks the number of instances that a release may release.
func (c *check) maxInstances(n int32) {
	if n < 0 || n > maxIDs {
		c.fail("max_instances", "must be 0 (meaning the server's own limit) to %d; got %d", maxIDs, n)
	}
}

func (s *instanceService) GetReleaseJob(ctx context.Context, req *ecsdv1.GetReleaseJobRequest) (*ecsdv1.GetReleaseJobResponse, error) {
	var c check
	c.required("job_id", req.GetJobId())
	if err := c.err(); err != nil {
		return nil, err
	}
	job, items, err := s.lifecycle.ReleaseJob(ctx, req.GetJobId())
	if err != nil {
		return nil, err
	}
	return &ecsdv1.GetReleaseJobResponse{Job: releaseJobProto(job), Items: releaseItemsProto(job, items)}, nil
}

// WatchReleaseJob ends when its job does. It counts as a watch.
func (s *instanceService) WatchReleaseJob(req *ecsdv1.WatchReleaseJobRequest, stream grpc.ServerStreamingServer[ecsdv1.WatchReleaseJobResponse]) error {
	var c check
	c.required("job_id", req.GetJobId())
	var from lifecycle.ReleasePosition
	from.Revision, from.InstanceID = c.resumeJob(s.tokens, releaseJob, req.GetJobId(), req.GetResumeToken())
	interval := c.heartbeat(req.GetHeartbeatInterval())
	if err := c.err(); err != nil {
		return err
	}
	return watchJob(stream, s.watcher, s.life, interval, func(ctx context.Context, send func(*stepMessages) error) error {
		return s.lifecycle.FollowReleaseJob(ctx, req.GetJobId(), from, func(step *lifecycle.ReleaseStep) error {
			return send(step.Encoded(s.encodeReleaseStep).(*stepMessages))
		})
	})
}

// encodeReleaseStep encodes a step once for all its watches.
func (s *instanceService) encodeReleaseStep(step *lifecycle.ReleaseStep) any {
	job := step.Value.Job
	message := &ecsdv1.WatchReleaseJobResponse{Job: releaseJobProto(job), ResumeToken: s.tokens.jobToken(releaseJob, job.ID, step.Next.Revision, step.Next.InstanceID)}
	beat := prepare(message)
	message.Items = releaseItemsProto(job, step.Value.Items)
	return &stepMessages{step: prepare(message), beat: beat}
}

func releaseJobProto(j lifecycle.ReleaseJobView) *ecsdv1.ReleaseJob {
	job := &ecsdv1.ReleaseJob{
		JobId: j.ID, RequestId: j.RequestID, Caller: j.Caller, Note: j.Note, RegionId: j.RegionID, State: releaseJobStates.to(j.State),
		Force: j.Force, OverrideDeletionProtection: j.OverrideDeletionProtection, AllowUnexpiredSubscription: j.AllowUnexpiredSubscription,
		CreateTime: timeProto(j.CreateTime), UpdateTime: timeProto(j.UpdateTime), EndTime: timeProto(j.EndTime),
	}
	for _, state := range []ecs.ReleaseState{
		ecs.ReleasePlanned, ecs.ReleaseSnapshotting, ecs.ReleaseReleasing, ecs.ReleaseReleased, ecs.ReleaseSkipped, ecs.ReleaseFailed,
	} {
		if n := j.Counts[state]; n > 0 {
			job.Counts = append(job.Counts, &ecsdv1.ReleaseJobCount{State: releaseStates.to(state), Count: int64(n)})
		}
	}
	return job
}

func releaseItemsProto(j lifecycle.ReleaseJobView, items []lifecycle.ReleaseItemView) []*ecsdv1.ReleaseJobItem {
	protos := make([]*ecsdv1.ReleaseJobItem, len(items))
	for i, item := range items {
		protos[i] = &ecsdv1.ReleaseJobItem{
			InstanceId: item.InstanceID, InstanceName: item.Outcome.Instance.Name, State: releaseStates.to(item.State),
			Error: failureProto(item.Failure, j.RegionID, item.InstanceID), UpdateTime: timeProto(item.UpdateTime),
		}
		for _, d := range item.Outcome.Disks {
			protos[i].Disks = append(protos[i].Disks, &ecsdv1.ReleaseJobDisk{
				DiskId: d.Disk.ID, Outcome: diskOutcome(d), SnapshotId: d.SnapshotID,
			})
		}
	}
	return protos
}
