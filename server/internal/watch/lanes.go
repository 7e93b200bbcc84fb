package watch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// pageSize is the most that DescribeInstances lists at once, maxPages bounds
	// one list.
	pageSize = 100
	maxPages = 10_000
	// idsAtOnce bounds one read by ID.
	idsAtOnce = 1000
	// callTimeout bounds one call of a lane, whatever the limits of the edge. A
	// full page of a busy region can take more than ten seconds.
	callTimeout = 30 * time.Second
	// longestPause is between the polls of a region that cannot be read,
	// deniedPause if that is so until a person changes it.
	longestPause = 30 * time.Second
	deniedPause  = 5 * time.Minute
	// silenceAfter is how long after the poll interval a region without any
	// response is degraded, though the call may still succeed.
	silenceAfter = time.Second
	// deliveryTime is how long after a poll its changes may still be delivered.
	deliveryTime = 300 * time.Millisecond
	// maxDoubtReads bounds how often a poll repeats reads of doubtful instances.
	maxDoubtReads = 3
)

// lane is a kind of reads of a region, or another reason for a lack of
// freshness. The first failing lane is the reported cause of the region.
type lane int

const (
	steadyLane lane = iota
	silenceLane
	reclaimLane
	quickLane
	followLane
	lanes
)

// observation is the state of one instance in one response.
type observation struct {
	id string
	// instance is nil if the response did not show it, and provably could have.
	instance *ecs.Instance
	// asked is when the request left, ended when its response was complete.
	asked, ended time.Time
	// released: the instance was missing often enough to be gone.
	released bool
}

// report is a part of the results of a lane, for the writer.
type report struct {
	lane lane
	seen []observation
	// more: other parts of the same poll follow.
	more bool
	// began is when the poll began.
	began time.Time
	// listed: this and the parts before listed the whole region; doubts are those
	// of the parts before. whole: and all doubtful instances were read by ID.
	listed, whole bool
	doubts        []string
	response      chan response
}

// response is the writer's. doubts are IDs to read again in the same poll; whole
// reports that with this report every instance was seen since the poll began.
type response struct {
	doubts []string
	whole  bool
	err    error
}

// send sends a report to the writer and waits for its response.
func (r *region) send(ctx context.Context, found report) (response, error) {
	found.response = make(chan response, 1)
	select {
	case r.reports <- found:
	case <-ctx.Done():
		return response{}, ctx.Err()
	}
	select {
	case said := <-found.response:
		return said, said.err
	case <-ctx.Done():
		return response{}, ctx.Err()
	}
}

// poll runs the writer and the lanes until the context ends.
func (r *region) poll(ctx context.Context, held *lease.Held) {
	r.hold(held)
	defer r.hold(nil)
	// If one part panics the others end, and Wait panics: the lease starts all anew.
	running, ctx := rescue.WithContext(ctx)
	defer func() { _ = running.Wait() }() // no part returns an error
	for _, part := range []func(context.Context){
		func(ctx context.Context) { r.write(ctx, held) },
		r.steady, r.quick, r.reclaims, r.watchdog,
	} {
		running.Go(func() error {
			part(ctx)
			return nil
		})
	}
}

// steady lists the region at its interval: ceil(N/100) calls for N instances.
func (r *region) steady(ctx context.Context) {
	interval := r.service.config.PollInterval
	pause := interval
	for {
		began := time.Now()
		whole, err := r.sweep(ctx, began)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			r.report(steadyLane, nil)
			r.service.config.Observer.polled(r.id, began, whole, nil)
			pause = max(interval-time.Since(began), interval/10)
		} else {
			pause = r.failed(err, began, 2*max(pause, interval))
		}
		if r.rest(ctx, pause) != nil {
			return
		}
	}
}

// rest waits until the next poll is due.
func (r *region) rest(ctx context.Context, pause time.Duration) error {
	if quiet := r.service.config.Quiet; quiet != nil && pause > 2*deliveryTime {
		began := time.Now()
		if err := sleep.For(ctx, deliveryTime); err != nil {
			return err
		}
		quiet()
		pause -= time.Since(began)
	}
	return sleep.For(ctx, pause)
}

// failed reports why the region cannot be read, and returns how long to leave
// it: about the pause, which doubles from one failure to the next.
func (r *region) failed(err error, began time.Time, pause time.Duration) time.Duration {
	cause := causeOf(err)
	longest := min(longestPause, 5*r.service.config.PollInterval)
	if cause.Retry == ecs.RetryNever {
		longest = deniedPause
	}
	pause = max(min(pause, max(longest, r.service.config.PollInterval)), cause.RetryAfter)
	if cause.Reason == ecs.ReasonStoreUnavailable {
		pause = r.service.config.PollInterval // the cloud is not in trouble
	}
	r.report(steadyLane, cause)
	r.service.config.Observer.polled(r.id, began, false, cause)
	r.service.config.Logger.Warn("poll region failed, retrying", slog.String("region", r.id), slog.Any("error", err), slog.Duration("pause", pause))
	return pause
}

// causeOf is why a lane failed: the cloud's error, silence if the lane's own
// deadline passed, or the store.
func causeOf(err error) *ecs.Error {
	cause := ecs.AsError(err)
	switch {
	case cause == nil:
		return &ecs.Error{Reason: ecs.ReasonStoreUnavailable, Retry: ecs.RetryBackoff, Message: "what was polled could not be stored", Cause: err}
	case cause.Reason == ecs.ReasonDeadlineExceeded:
		return &ecs.Error{Reason: ecs.ReasonCloudUnreachable, Retry: ecs.RetryBackoff, Message: "the cloud did not respond within " + callTimeout.String(), Cause: err}
	}
	return cause
}

// watchdog degrades the region when the steady lane gets no response for the
// poll interval and a little more.
func (r *region) watchdog(ctx context.Context) {
	limit := r.service.config.PollInterval + silenceAfter
	for {
		r.mu.Lock()
		left, storing, known := time.Until(r.progress.Add(limit)), r.storing, r.troubles[steadyLane].cause != nil
		r.mu.Unlock()
		if left <= 0 {
			if !known {
				r.report(silenceLane, silence(storing))
			}
			left = silenceAfter
		}
		if sleep.For(ctx, left) != nil {
			return
		}
	}
}

func silence(storing bool) *ecs.Error {
	if storing {
		return &ecs.Error{Reason: ecs.ReasonStoreUnavailable, Retry: ecs.RetryBackoff, Message: "what was polled is not stored yet"}
	}
	return &ecs.Error{Reason: ecs.ReasonCloudUnreachable, Retry: ecs.RetryBackoff, Message: "the cloud has not responded yet"}
}

// progressed notes a response to the steady lane, of the cloud or the writer,
// and whether it waits for the writer now.
func (r *region) progressed(storing bool) {
	r.mu.Lock()
	r.progress, r.storing = time.Now(), storing
	silent := r.troubles[silenceLane].cause != nil
	r.mu.Unlock()
	if silent {
		r.report(silenceLane, nil)
	}
}

// sweep lists the region once. The observations of a sweep that fails midway
// are true and are kept; missing instances are known only at its end. whole
// reports that every instance was seen; if other reads overlapped each try to
// see one, the next sweep must.
func (r *region) sweep(ctx context.Context, began time.Time) (whole bool, err error) {
	doubts, err := r.list(ctx, steadyLane, ecs.Query{}, began)
	for try := 0; err == nil && len(doubts) > 0 && try < maxDoubtReads; try++ {
		doubts, err = r.readDoubts(ctx, doubts, began)
	}
	r.progressed(true)
	said, stored := r.send(ctx, report{lane: steadyLane, began: began, whole: err == nil && len(doubts) == 0})
	r.progressed(false)
	return said.whole, errors.Join(err, stored)
}

// list reads all pages of a query and sends them to the writer. It returns the
// IDs to read again; for the steady lane, also the missing ones.
func (r *region) list(ctx context.Context, l lane, q ecs.Query, began time.Time) (doubts []string, err error) {
	cursor, steady := "", l == steadyLane
	// The writer keeps nothing of a page, so that the next one uses its memory.
	var instances []ecs.Instance
	var seen []observation
	for range maxPages {
		asked := time.Now()
		page, err := r.page(ctx, instances, q, cursor)
		if err != nil {
			return doubts, err
		}
		instances = page.Instances
		seen = shown(seen[:0], instances, asked)
		if steady {
			r.progressed(true)
		}
		said, err := r.send(ctx, report{
			lane: l, seen: seen, more: true, began: began, listed: steady && page.Next == "", doubts: doubts,
		})
		if steady {
			r.progressed(false)
		}
		if cursor = page.Next; err != nil || cursor == "" {
			return said.doubts, err
		}
		doubts = append(doubts, said.doubts...)
	}
	return doubts, &ecs.Error{Reason: ecs.ReasonCloudInternalError, Retry: ecs.RetryBackoff, Message: "the cloud's list of the region does not end"}
}

// readDoubts reads by ID, for a poll, the instances that its list left in
// doubt.
func (r *region) readDoubts(ctx context.Context, ids []string, began time.Time) (doubts []string, err error) {
	seen, err := r.look(ctx, ids)
	r.progressed(true)
	said, stored := r.send(ctx, report{lane: steadyLane, seen: seen, more: true, began: began})
	r.progressed(false)
	return said.doubts, errors.Join(err, stored)
}

func (r *region) page(ctx context.Context, into []ecs.Instance, q ecs.Query, cursor string) (ecs.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return r.service.cloud.ReadInstancePage(ctx, into, r.id, q, cursor, pageSize)
}

// look reads instances by ID. The error is the first that does not concern a
// single instance; the other instances still count as seen. An instance counts
// as absent only if afterwards the account provably may read it: the cloud does
// not show an account the instances that it may not read.
func (r *region) look(ctx context.Context, ids []string) (seen []observation, failed error) {
	for len(ids) > 0 {
		n := min(len(ids), idsAtOnce)
		some, err := r.lookOnce(ctx, ids[:n])
		seen, ids = append(seen, some...), ids[n:]
		if failed == nil {
			failed = err
		}
	}
	return seen, failed
}

func (r *region) lookOnce(ctx context.Context, ids []string) (seen []observation, failed error) {
	reading, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	asked := time.Now()
	results := r.service.cloud.Instances(reading, r.id, ids)
	ended := time.Now()
	seen = make([]observation, 0, len(results))
	var absent []string
	for i := range results {
		result := &results[i]
		switch {
		case result.Err == nil:
			seen = append(seen, observation{id: result.ID, instance: &result.Value, asked: asked, ended: ended})
		case ecs.HasReason(result.Err, ecs.ReasonInstanceNotFound):
			absent = append(absent, result.ID)
		case failed == nil:
			failed = result.Err
		}
	}
	if len(absent) == 0 {
		return seen, failed
	}
	proving, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := r.service.cloud.ProveRead(proving, r.id, absent); err != nil {
		return seen, errors.Join(failed, err)
	}
	for _, id := range absent {
		seen = append(seen, observation{id: id, asked: asked, ended: ended})
	}
	return seen, failed
}

// shown appends the observations of a page.
func shown(seen []observation, instances []ecs.Instance, asked time.Time) []observation {
	ended := time.Now()
	for i := range instances {
		seen = append(seen, observation{id: instances[i].ID, instance: &instances[i], asked: asked, ended: ended})
	}
	return seen
}
