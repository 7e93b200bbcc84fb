package api

import (
	"context"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// watchJob serves the watch of a job until follow returns. It counts as a watch.
func watchJob(
	stream grpc.ServerStream, watcher Watcher, l life, interval time.Duration, follow func(ctx context.Context, send func(*stepMessages) error) error,
) error {
	release, err := watcher.Reserve(stream.Context())
	if err != nil {
		return err
	}
	defer release()
	ctx, end := context.WithCancelCause(stream.Context())
	defer end(nil)
	right := rightOf(ctx)
	beats := &heartbeats{stream: stream, interval: interval, right: right, ctx: ctx, end: end}
	defer beats.stop()
	err = l.live(ctx, func(ctx context.Context) error { return follow(ctx, beats.send) })
	if cause := context.Cause(ctx); err != nil && cause != nil && stream.Context().Err() == nil {
		return cause // the right of the caller ended between two steps
	}
	return err
}

// Kinds of jobs: a resume token is valid for one job of one kind.
const (
	renewalJob = "job"
	releaseJob = "release job"
)

// jobToken is the resume token of a job's watch: the last item that it has sent,
// and the revision of that.
func (s sealer) jobToken(kind, jobID string, revision int64, itemID string) string {
	return s.to(kind+" "+jobID).encodeWords(strconv.FormatInt(revision, 10), itemID)
}

// resumeJob reads a resume token of a job, the beginning for none.
func (c *check) resumeJob(tokens sealer, kind, jobID, token string) (revision int64, itemID string) {
	var inner check
	if words := tokens.to(kind+" "+jobID).decodeWords(&inner, token); len(words) == 2 {
		itemID = words[1]
		revision, _ = strconv.ParseInt(words[0], 10, 64)
	}
	if len(inner.violations) > 0 || revision < 0 {
		c.failAs(ecs.ReasonInvalidResumeToken, "resume_token", "must be a resume_token that was given for this job, unchanged, or empty to begin anew")
	}
	return revision, itemID
}

// stepMessages are the encoded messages of a step: the step, and the heartbeat that
// follows it.
type stepMessages struct{ step, beat any }

// heartbeats send the messages of a job watch, and its last job again after
// each interval without one.
type heartbeats struct {
	stream   interface{ SendMsg(message any) error }
	interval time.Duration
	right    streamRight
	// ctx is that of the stream; end ends it with a cause.
	ctx context.Context
	end context.CancelCauseFunc

	mu    sync.Mutex // held while a message is sent, since a stream takes one at a time
	beat  any
	timer *time.Timer
	ended bool
}

// send sends a step and restarts the interval.
func (h *heartbeats) send(m *stepMessages) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.beat = m.beat
	if err := h.stream.SendMsg(m.step); err != nil {
		return err
	}
	if err := h.right.check(h.ctx); err != nil {
		return err
	}
	if wait := h.right.until(h.interval); h.timer == nil {
		h.timer = time.AfterFunc(wait, h.repeat)
	} else {
		h.timer.Reset(wait)
	}
	return nil
}

// repeat sends the job again. An error ends the stream, which its handler
// learns from the context of the stream.
func (h *heartbeats) repeat() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended || h.stream.SendMsg(h.beat) != nil {
		return
	}
	if err := h.right.check(h.ctx); err != nil {
		h.end(err)
		return
	}
	h.timer.Reset(h.right.until(h.interval))
}

// stop returns when no heartbeat is being sent any more.
func (h *heartbeats) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	if h.timer != nil {
		h.timer.Stop()
	}
}
