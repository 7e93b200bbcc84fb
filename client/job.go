package client

import (
	"context"
	"iter"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// RenewalJobEvent is an event of WatchRenewalJob: a *RenewalJobChanged or *Interrupted. A switch over it should ignore
// unknown types.
type RenewalJobEvent interface{ renewalJobEvent() }

// RenewalJobChanged is the state of a job, and its renewals that changed since the previous event.
type RenewalJobChanged struct {
	Job      *ecsdv1.RenewalJob
	Renewals []*ecsdv1.Renewal
	// ResumeToken, in the request of a later watch, resumes after this event.
	ResumeToken string
}

// ReleaseJobEvent is an event of WatchReleaseJob: a *ReleaseJobChanged or *Interrupted. A switch over it should ignore
// unknown types.
type ReleaseJobEvent interface{ releaseJobEvent() }

// ReleaseJobChanged is the state of a release job, and its instances that changed since the previous event.
type ReleaseJobChanged struct {
	Job   *ecsdv1.ReleaseJob
	Items []*ecsdv1.ReleaseJobItem
	// ResumeToken, in the request of a later watch, resumes after this event.
	ResumeToken string
}

func (*RenewalJobChanged) renewalJobEvent() {}
func (*Interrupted) renewalJobEvent()       {}
func (*ReleaseJobChanged) releaseJobEvent() {}
func (*Interrupted) releaseJobEvent()       {}

// WatchRenewalJob returns a job and its renewals, and then each change, until the job has ended: the iteration then ends
// without an error. It reconnects and resumes like Watch. After a lost connection a renewal may be reported again. A
// message without news is not reported.
func (c *Client) WatchRenewalJob(ctx context.Context, request *ecsdv1.WatchRenewalJobRequest) iter.Seq2[RenewalJobEvent, error] {
	request = proto.CloneOf(request) // the caller may change it
	f := &follower[ecsdv1.WatchRenewalJobResponse, RenewalJobEvent]{
		client: c, name: "watch renewal job", token: request.GetResumeToken(), heartbeat: request.GetHeartbeatInterval(), ends: true,
		open: func(ctx context.Context, token string) (grpc.ServerStreamingClient[ecsdv1.WatchRenewalJobResponse], error) {
			r := proto.CloneOf(request)
			r.ResumeToken = token
			return c.Renewals().WatchRenewalJob(ctx, r)
		},
		tracker: func() tracker[ecsdv1.WatchRenewalJobResponse, RenewalJobEvent] {
			return &jobTracker[ecsdv1.WatchRenewalJobResponse, RenewalJobEvent]{
				partial: request.GetResumeToken() != "",
				read: func(m *ecsdv1.WatchRenewalJobResponse) (RenewalJobEvent, proto.Message, string, bool) {
					return &RenewalJobChanged{Job: m.GetJob(), Renewals: m.GetRenewals(), ResumeToken: m.GetResumeToken()},
						m.GetJob(), m.GetResumeToken(), len(m.GetRenewals()) > 0
				},
				lost: func(e *Interrupted) RenewalJobEvent { return e },
			}
		},
	}
	return f.all(ctx)
}

// WatchReleaseJob returns a release job and its instances, and then each change, like WatchRenewalJob.
func (c *Client) WatchReleaseJob(ctx context.Context, request *ecsdv1.WatchReleaseJobRequest) iter.Seq2[ReleaseJobEvent, error] {
	request = proto.CloneOf(request) // the caller may change it
	f := &follower[ecsdv1.WatchReleaseJobResponse, ReleaseJobEvent]{
		client: c, name: "watch release job", token: request.GetResumeToken(), heartbeat: request.GetHeartbeatInterval(), ends: true,
		open: func(ctx context.Context, token string) (grpc.ServerStreamingClient[ecsdv1.WatchReleaseJobResponse], error) {
			r := proto.CloneOf(request)
			r.ResumeToken = token
			return c.Instances().WatchReleaseJob(ctx, r)
		},
		tracker: func() tracker[ecsdv1.WatchReleaseJobResponse, ReleaseJobEvent] {
			return &jobTracker[ecsdv1.WatchReleaseJobResponse, ReleaseJobEvent]{
				partial: request.GetResumeToken() != "",
				read: func(m *ecsdv1.WatchReleaseJobResponse) (ReleaseJobEvent, proto.Message, string, bool) {
					return &ReleaseJobChanged{Job: m.GetJob(), Items: m.GetItems(), ResumeToken: m.GetResumeToken()},
						m.GetJob(), m.GetResumeToken(), len(m.GetItems()) > 0
				},
				lost: func(e *Interrupted) ReleaseJobEvent { return e },
			}
		},
	}
	return f.all(ctx)
}

// jobTracker tracks a watch of a job. Each message is a mark.
type jobTracker[M, E any] struct {
	// partial is set if the caller passed a token.
	partial bool
	// read returns the event of a message, its job, its token, and whether it has items.
	read func(*M) (event E, job proto.Message, token string, items bool)
	lost func(*Interrupted) E
	// last is the job that was reported last.
	last proto.Message
}

func (t *jobTracker[M, E]) begin(string) {}

func (t *jobTracker[M, E]) restart(error) bool { return !t.partial }

func (t *jobTracker[M, E]) interrupted(err error, delay time.Duration) E {
	return t.lost(&Interrupted{Err: err, Delay: delay})
}

func (t *jobTracker[M, E]) take(m *M) ([]E, string, bool) {
	event, job, token, items := t.read(m)
	if !items && t.last != nil && proto.Equal(t.last, job) {
		return nil, token, true
	}
	t.last = job
	return []E{event}, token, true
}
