package api

import (
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// reclaimNotice is how long after the lock the cloud takes an instance back.
const reclaimNotice = 5 * time.Minute

// WatchReclaims is a watch of the instances under the lock of a reclaim: one
// notice when an instance comes under it, and one message when it leaves it.
func (s *spotService) WatchReclaims(req *ecsdv1.WatchReclaimsRequest, stream grpc.ServerStreamingServer[ecsdv1.WatchReclaimsResponse]) error {
	watching, err := s.beginReclaims(stream, req)
	if err != nil {
		return err
	}
	return watching.follow(stream.Context(), func(b watch.Batch) error {
		for _, item := range b.Snapshot {
			if !announced(item.Instance) {
				continue
			}
			if err := stream.Send(noticeMessage(b.Revision, item.Instance)); err != nil {
				return err
			}
		}
		for _, e := range b.Events {
			message := reclaimMessage(e)
			if message == nil {
				continue
			}
			if err := stream.Send(message); err != nil {
				return err
			}
		}
		return stream.Send(&ecsdv1.WatchReclaimsResponse{
			Revision: b.Revision, Event: &ecsdv1.WatchReclaimsResponse_Checkpoint{Checkpoint: checkpointProto(b)},
		})
	})
}

// beginReclaims begins the requested watch.
func (s *spotService) beginReclaims(stream grpc.ServerStreamingServer[ecsdv1.WatchReclaimsResponse], req *ecsdv1.WatchReclaimsRequest) (*watching, error) {
	var c check
	filter := &watch.Filter{Regions: s.regions.many(&c, req.GetRegionIds()), Query: ecs.Query{Locks: []ecs.LockReason{ecs.LockRecycling}}}
	heartbeat := c.heartbeat(req.GetHeartbeatInterval())
	if err := c.err(); err != nil {
		return nil, err
	}
	return s.begin(stream.Context(), filter, watch.Latest, req.GetResumeToken(), watch.Heartbeat{Interval: heartbeat, Send: func() error {
		return stream.Send(&ecsdv1.WatchReclaimsResponse{Event: &ecsdv1.WatchReclaimsResponse_Waiting{Waiting: &ecsdv1.WatchWaiting{}}})
	}})
}

// reclaimMessage is an event as a notice or its end, nil for a change that is
// neither.
func reclaimMessage(e watch.Event) *ecsdv1.WatchReclaimsResponse {
	id, region := e.Change.InstanceID, e.Change.RegionID
	message := &ecsdv1.WatchReclaimsResponse{Revision: e.Change.Revision}
	switch now := e.Change.After; {
	case announced(now) && !announced(e.Previous):
		return noticeMessage(e.Change.Revision, now)
	case announced(now) || !announced(e.Previous):
		return nil
	case now == nil:
		message.Event = &ecsdv1.WatchReclaimsResponse_Released{Released: &ecsdv1.ReclaimReleased{InstanceId: id, RegionId: region}}
	case stoppedByReclaim(now):
		message.Event = &ecsdv1.WatchReclaimsResponse_Stopped{Stopped: &ecsdv1.ReclaimStopped{InstanceId: id, RegionId: region}}
	default:
		message.Event = &ecsdv1.WatchReclaimsResponse_Withdrawn{Withdrawn: &ecsdv1.ReclaimWithdrawn{InstanceId: id, RegionId: region}}
	}
	return message
}

// announced reports whether the cloud is about to take the instance back. One
// that was stopped for it may keep the lock.
func announced(i *ecs.Instance) bool {
	return i != nil && i.LockedFor(ecs.LockRecycling) && !stoppedByReclaim(i)
}

// stoppedByReclaim reports whether the instance has the status that a reclaim
// leaves if the interruption behavior is to stop.
func stoppedByReclaim(i *ecs.Instance) bool {
	return i.Spot != nil && i.Spot.InterruptionBehavior == "Stop" && (i.Status == ecs.StatusStopping || i.Status == ecs.StatusStopped)
}

func noticeMessage(revision int64, i *ecs.Instance) *ecsdv1.WatchReclaimsResponse {
	return &ecsdv1.WatchReclaimsResponse{Revision: revision, Event: &ecsdv1.WatchReclaimsResponse_Notice{Notice: &ecsdv1.ReclaimNotice{
		InstanceId: i.ID, RegionId: i.RegionID, ZoneId: i.ZoneID,
		ObservedTime: timestamppb.New(i.ObservedTime), ReleaseTimeEstimate: timestamppb.New(i.ObservedTime.Add(reclaimNotice)),
	}}}
}
