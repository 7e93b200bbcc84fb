package api

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

const (
	defaultHeartbeat = 10 * time.Second
	leastHeartbeat   = time.Second
	mostHeartbeat    = 5 * time.Minute
	// snapshotPage limits the bytes of one message of a snapshot, with space for
	// its fields and the gRPC header below 32 KB.
	snapshotPage = 32<<10 - 64
)

// WatchInstances sends each batch of its watch. Messages that many watchers
// get are encoded once.
func (s *instanceService) WatchInstances(req *ecsdv1.WatchInstancesRequest, stream grpc.ServerStreamingServer[ecsdv1.WatchInstancesResponse]) error {
	watching, err := s.beginInstances(stream, req)
	if err != nil {
		return err
	}
	return watching.follow(stream.Context(), func(b watch.Batch) error { return s.account.sendInstances(stream, b) })
}

// beginInstances begins the requested watch.
func (s *instanceService) beginInstances(stream grpc.ServerStreamingServer[ecsdv1.WatchInstancesResponse], req *ecsdv1.WatchInstancesRequest) (*watching, error) {
	var c check
	filter := c.watchFilter(s.regions.many(&c, req.GetRegionIds()), req)
	heartbeat := c.heartbeat(req.GetHeartbeatInterval())
	delivery := watch.Latest
	switch req.GetDelivery() {
	case ecsdv1.WatchDelivery_WATCH_DELIVERY_UNSPECIFIED, ecsdv1.WatchDelivery_WATCH_DELIVERY_LATEST:
	case ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE:
		delivery = watch.EveryChange
	default:
		c.fail("delivery", "must be WATCH_DELIVERY_LATEST or WATCH_DELIVERY_EVERY_CHANGE; got %d", req.GetDelivery())
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	return s.begin(stream.Context(), filter, delivery, req.GetResumeToken(), watch.Heartbeat{Interval: heartbeat, Send: func() error {
		return stream.Send(&ecsdv1.WatchInstancesResponse{Event: &ecsdv1.WatchInstancesResponse_Waiting{Waiting: &ecsdv1.WatchWaiting{}}})
	}})
}

// watches is the part of a service that watches.
type watches struct {
	watcher Watcher
	life    life
	account account
}

// begin begins a watch; follow ends it.
func (w watches) begin(ctx context.Context, f *watch.Filter, d watch.Delivery, token string, beat watch.Heartbeat) (*watching, error) {
	right, heartbeat := rightOf(ctx), beat.Interval
	beat.Interval = right.until(heartbeat)
	beat.Send = right.beforeSend(ctx, beat.Send)
	s, err := w.watcher.Watch(ctx, f, d, token, beat)
	if err != nil {
		return nil, err
	}
	return &watching{Subscription: s, heartbeat: heartbeat, ends: w.life.end(), right: right}, nil
}

// watching is a watch served to a stream. Most of the cost of ten thousand of
// them is their stacks, which shrink by half if a reader waits in few and small
// frames: so the request is read, and each batch sent, in functions that have
// returned while it waits.
type watching struct {
	*watch.Subscription

	heartbeat time.Duration
	ends      time.Time
	right     streamRight
}

// follow sends the batches until the watch ends.
func (w *watching) follow(ctx context.Context, send func(watch.Batch) error) error {
	defer w.Close()
	for {
		if err := w.Await(ctx, w.patience()); err != nil {
			return err
		}
		if err := w.sendPending(ctx, send); err != nil {
			return err
		}
		if err := w.right.check(ctx); err != nil {
			return err
		}
		if w.old() {
			return outlived()
		}
	}
}

// patience is how long to wait for news.
func (w *watching) patience() time.Duration {
	wait := w.right.until(w.heartbeat)
	if w.ends.IsZero() {
		return wait
	}
	return max(0, min(wait, time.Until(w.ends)))
}

// old reports whether the watch has reached its end of life.
func (w *watching) old() bool { return !w.ends.IsZero() && !time.Now().Before(w.ends) }

// sendPending sends the pending batches.
func (w *watching) sendPending(ctx context.Context, send func(watch.Batch) error) error {
	batch, err := w.Take(ctx)
	if err != nil {
		return err
	}
	return send(batch)
}

func (a account) sendInstances(stream grpc.ServerStreamingServer[ecsdv1.WatchInstancesResponse], b watch.Batch) error {
	for start := 0; start < len(b.Snapshot); {
		page := b.Page(start, func(items []watch.Item) (any, int) { return a.encodePage(b.Revision, items) })
		if err := stream.SendMsg(page.Message); err != nil {
			return err
		}
		start = page.End
	}
	for _, e := range b.Events {
		var message any
		if e.Shared() {
			message = e.Change.Encoded(a.encodeChanged)
		} else {
			message = a.eventMessage(e)
		}
		if err := stream.SendMsg(message); err != nil {
			return err
		}
	}
	return stream.Send(markMessage(b))
}

// watchFilter checks the filter of a watch.
func (c *check) watchFilter(regions []string, req *ecsdv1.WatchInstancesRequest) *watch.Filter {
	if len(req.GetFilter().GetAutoRenewStatuses()) > 0 {
		c.fail("filter.auto_renew_statuses", "must be empty: a watch does not read auto-renew settings; ListExpiringInstances and ListInstances do")
	}
	// Their number is checked by the component.
	c.ids("instance_ids", req.GetInstanceIds(), 0, math.MaxInt)
	return &watch.Filter{Regions: regions, IDs: req.GetInstanceIds(), Query: c.query(req.GetFilter())}
}

func (c *check) heartbeat(d *durationpb.Duration) time.Duration {
	if d == nil {
		return defaultHeartbeat
	}
	if err := d.CheckValid(); err != nil || d.AsDuration() < leastHeartbeat || d.AsDuration() > mostHeartbeat {
		c.fail("heartbeat_interval", "must be from %s to %s, or unset for %s; got %s", leastHeartbeat, mostHeartbeat, defaultHeartbeat, d.AsDuration())
	}
	return d.AsDuration()
}

// WaitInstances returns a little before the caller's deadline, so that its error
// can still name the pending instances.
func (s *instanceService) WaitInstances(ctx context.Context, req *ecsdv1.WaitInstancesRequest) (*ecsdv1.WaitInstancesResponse, error) {
	var c check
	region := s.regions.one(&c, req.GetRegionId())
	c.ids("instance_ids", req.GetInstanceIds(), 1, maxIDs)
	want := statuses.from(req.GetStatus())
	if !statuses.knows(req.GetStatus()) {
		c.fail("status", "is required: a named value of InstanceStatus, such as INSTANCE_STATUS_RUNNING")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	ctx, cancel := answerInTime(ctx)
	defer cancel()
	results, err := s.watcher.Wait(ctx, region, req.GetInstanceIds(), want)
	if err != nil {
		return nil, err
	}
	var pending []string
	for _, r := range results {
		if r.Err != nil && ecs.AsError(r.Err) == nil && errors.Is(r.Err, ctx.Err()) {
			pending = append(pending, r.ID)
		}
	}
	if len(pending) > 0 {
		if errors.Is(ctx.Err(), context.Canceled) {
			return nil, ctx.Err()
		}
		e := ecs.Errorf(ecs.ReasonDeadlineExceeded, "%d of %d instances were not %s at the deadline", len(pending), len(results), req.GetStatus())
		e.Retry, e.Facts = ecs.RetryBackoff, map[string]string{"pending_instance_ids": listed(pending), "pending_instances": strconv.Itoa(len(pending))}
		return nil, e.On(region, "")
	}
	return &ecsdv1.WaitInstancesResponse{Results: s.account.instanceResults(results)}, nil
}

// answerInTime ends some time before the caller's deadline, at most a tenth of
// the remaining time.
func answerInTime(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-min(500*time.Millisecond, time.Until(deadline)/10)))
}
