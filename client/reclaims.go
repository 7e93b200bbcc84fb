package client

import (
	"context"
	"iter"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// ReclaimEvent is an event of WatchReclaims: a *ReclaimNotice, *ReclaimEnded, *Checkpoint, *Interrupted or *Restarted.
// A switch over it should ignore unknown types.
type ReclaimEvent interface{ reclaimEvent() }

// ReclaimNotice announces that the cloud will reclaim a spot instance. It is reported once per instance.
type ReclaimNotice struct {
	Revision                     int64
	InstanceID, RegionID, ZoneID string
	// ObservedTime is when ecsd observed the lock.
	ObservedTime time.Time
	// ReleaseTimeEstimate is the latest time of the reclaim: five minutes after the lock was observed. The cloud's API
	// returns no time.
	ReleaseTimeEstimate time.Time
}

// ReclaimEnded reports the outcome for an instance that had a notice.
type ReclaimEnded struct {
	Revision             int64
	InstanceID, RegionID string
	Outcome              ReclaimOutcome
}

// ReclaimOutcome is the outcome for an instance that had a notice.
type ReclaimOutcome int

const (
	// ReclaimOutcomeUnknown is the outcome if the reclaim ended during an interruption longer than the server's
	// history: read the instance.
	ReclaimOutcomeUnknown ReclaimOutcome = iota
	// ReclaimOutcomeReleased: the instance is gone.
	ReclaimOutcomeReleased
	// ReclaimOutcomeWithdrawn: the instance is still there and will not be reclaimed.
	ReclaimOutcomeWithdrawn
	// ReclaimOutcomeStopped: the instance was stopped, as its interruption behavior requires, and is still there.
	ReclaimOutcomeStopped
)

func (*ReclaimNotice) reclaimEvent() {}
func (*ReclaimEnded) reclaimEvent()  {}
func (*Checkpoint) reclaimEvent()    {}
func (*Interrupted) reclaimEvent()   {}
func (*Restarted) reclaimEvent()     {}

// WatchReclaims returns the spot instances that the cloud will reclaim: a notice for each announced reclaim and a
// Checkpoint with Snapshot set, then a notice for each new reclaim, and finally its outcome. It reconnects, resumes,
// ends and is limited like Watch: no notice is reported twice and none is missed.
func (c *Client) WatchReclaims(ctx context.Context, request *ecsdv1.WatchReclaimsRequest) iter.Seq2[ReclaimEvent, error] {
	if request == nil {
		request = &ecsdv1.WatchReclaimsRequest{}
	}
	request = proto.CloneOf(request) // the caller may change it
	f := &follower[ecsdv1.WatchReclaimsResponse, ReclaimEvent]{
		client: c, name: "watch reclaims", token: request.GetResumeToken(), heartbeat: request.GetHeartbeatInterval(),
		open: func(ctx context.Context, token string) (grpc.ServerStreamingClient[ecsdv1.WatchReclaimsResponse], error) {
			r := proto.CloneOf(request)
			r.ResumeToken = token
			return c.Spot().WatchReclaims(ctx, r)
		},
		tracker: func() tracker[ecsdv1.WatchReclaimsResponse, ReclaimEvent] {
			return newReclaimTracker(request.GetResumeToken())
		},
	}
	return f.all(ctx)
}

func timeOf(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}
