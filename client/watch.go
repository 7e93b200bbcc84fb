package client

import (
	"context"
	"iter"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// Watch reports the current state and then the changes, as long as its context lives: first a Snapshot per matching
// instance and a Checkpoint, then Changed and Removed events with a Checkpoint after each batch and at least once per
// heartbeat (request.heartbeat_interval, 1 s to 5 min, default 10 s).
//
//	for event, err := range c.Watch(ctx, request) {
//		if err != nil {
//			return err
//		}
//		switch e := event.(type) {
//		case *client.Snapshot:
//			cache[e.Instance.GetInstanceId()] = e.Instance
//		case *client.Changed:
//			cache[e.Instance.GetInstanceId()] = e.Instance
//		case *client.Removed:
//			delete(cache, e.InstanceID)
//		case *client.Checkpoint:
//			log.Printf("up to date as of %s", e.ObservedTime)
//		}
//	}
//
// Watch reconnects if its stream is lost: the server stops or drains, the network is cut, or no message arrives for
// three heartbeats. It then reports Interrupted, waits (full jitter, WithBackoff, and at least the delay that the
// server asks for), and resumes after its last Checkpoint. A batch is reported when its Checkpoint has arrived, so no
// instance is reported twice at one revision and none is missed, however often the stream is cut. If the server cannot
// resume, the watch reports Restarted and then only the difference: Changed for new and changed instances, Removed for
// those that are gone.
//
// A request with the ResumeToken of an earlier Checkpoint and the same region_ids, instance_ids and filter resumes
// after it, without a snapshot. Such a watch does not know the earlier events, so it ends if it cannot resume; start
// again without the token then.
//
// The iteration ends with an error as its last pair: the context's error, or one that a retry cannot fix, such as
// INVALID_FIELD, UNKNOWN_REGION, TOO_MANY_WATCHED_IDS, CLOUD_PERMISSION_DENIED, or RESUME_TOKEN_EXPIRED and
// INVALID_RESUME_TOKEN for the caller's own token. For TOO_MANY_WATCHES and similar errors the watch reports
// Interrupted and retries. Breaking out of the loop ends the stream. A second iteration starts anew.
//
// A slow caller delays only its own stream. The caller owns the reported instances.
func (c *Client) Watch(ctx context.Context, request *ecsdv1.WatchInstancesRequest) iter.Seq2[Event, error] {
	if request == nil {
		request = &ecsdv1.WatchInstancesRequest{}
	}
	request = proto.CloneOf(request) // the caller may change it
	f := &follower[ecsdv1.WatchInstancesResponse, Event]{
		client: c, name: "watch instances", token: request.GetResumeToken(), heartbeat: request.GetHeartbeatInterval(),
		open: func(ctx context.Context, token string) (grpc.ServerStreamingClient[ecsdv1.WatchInstancesResponse], error) {
			r := proto.CloneOf(request)
			r.ResumeToken = token
			return c.Instances().WatchInstances(ctx, r)
		},
		tracker: func() tracker[ecsdv1.WatchInstancesResponse, Event] {
			return newInstanceTracker(request.GetResumeToken())
		},
	}
	return f.all(ctx)
}
