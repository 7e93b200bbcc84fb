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

// ReclaimEvent is what WatchReclaims tells: a *ReclaimNotice, *ReclaimEnded,
// *Checkpoint, *Interrupted or *Restarted. A switch over it should pass over
// what it does not name.
type ReclaimEvent interface{ reclaimEvent() }

// ReclaimNotice says that the cloud is about to take a spot instance back. It
// is told once an instance.
type ReclaimNotice struct {
	Revision                     int64
	InstanceID, RegionID, ZoneID string
	// ObservedTime is when ecsd saw the lock.
	ObservedTime time.Time
	// ReleaseTimeEstimate is when the cloud takes it at the latest: five minutes
	// after the lock was seen, since the cloud's API names no time.
	ReleaseTimeEstimate time.Time
}

// ReclaimEnded says what became of an instance that a notice was about.
type ReclaimEnded struct {
	Revision             int64
	InstanceID, RegionID string
	Outcome              ReclaimOutcome
}

// ReclaimOutcome is what became of an instance that a notice was about.
type ReclaimOutcome int

const (
	// ReclaimOutcomeUnknown is what is known where the reclaim ended while the
	// watch was away for longer than the server's history: read the instance.
	ReclaimOutcomeUnknown ReclaimOutcome = iota
	// ReclaimOutcomeReleased: it is gone.
	ReclaimOutcomeReleased
	// ReclaimOutcomeWithdrawn: it is still there and no longer to be taken.
	ReclaimOutcomeWithdrawn
	// ReclaimOutcomeStopped: it was stopped, as its interruption behavior says,
	// and is still there.
	ReclaimOutcomeStopped
)

func (*ReclaimNotice) reclaimEvent() {}
func (*ReclaimEnded) reclaimEvent()  {}
func (*Checkpoint) reclaimEvent()    {}
func (*Interrupted) reclaimEvent()   {}
func (*Restarted) reclaimEvent()     {}

// WatchReclaims tells which spot instances the cloud is about to take back: a
// notice for each that is announced when the watch begins and a Checkpoint with
// Snapshot set, then a notice for each new one, and in the end what became of
// it. It goes on by itself, resumes, ends and is bounded like Watch: no notice
// is told twice and none is missed.
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
		book: func() book[ecsdv1.WatchReclaimsResponse, ReclaimEvent] {
			return newReclaimBook(request.GetResumeToken())
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
