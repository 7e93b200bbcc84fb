package client

import (
	"context"
	"iter"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// Watch tells what is there now and then what changes, for as long as its
// context lives: first a Snapshot for each instance that matches and a
// Checkpoint, then Changed and Removed events with a Checkpoint after each batch
// and at least every heartbeat (request.heartbeat_interval, 1 s to 5 min,
// default 10 s).
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
// It goes on by itself where its stream is lost: the server stops or drains,
// the network is cut, or no message came for three heartbeats. Then it tells
// Interrupted, stays away for a while (full jitter, WithBackoff, and no less
// than the server asks for), and resumes after its last Checkpoint. A batch is
// told when its Checkpoint has come, so an instance is never told twice at one
// revision and none is missed, however often the stream is cut. Where the
// server cannot resume, the watch tells Restarted and then only the difference:
// Changed for what is new or not as it was told, Removed for what is gone.
//
// A request with the ResumeToken of an earlier Checkpoint and the same
// region_ids, instance_ids and filter goes on after it, without a snapshot. Such
// a watch does not know what was told before it, so it ends where it cannot
// resume; begin again without the token then.
//
// The iteration ends with an error, its last pair, and with nothing after it:
// the context's error, or one that does not pass by itself, such as
// INVALID_FIELD, UNKNOWN_REGION, TOO_MANY_WATCHED_IDS, PERMISSION_DENIED, or
// RESUME_TOKEN_EXPIRED and INVALID_RESUME_TOKEN for a token of the caller's.
// TOO_MANY_WATCHES and the like are waited out; Interrupted tells of them. To
// break off ends the stream; to iterate again begins anew.
//
// A caller that is slow holds up its own stream alone. Instances that are told
// are the caller's.
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
		book: func() book[ecsdv1.WatchInstancesResponse, Event] { return newInstanceBook(request.GetResumeToken()) },
	}
	return f.all(ctx)
}
