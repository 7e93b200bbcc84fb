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
	beats := &heartbeats{stream: stream, interval: interval}
	defer beats.stop()
	return l.live(stream.Context(), func(ctx context.Context) error { return follow(ctx, beats.send) })
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
	if h.timer == nil {
		h.timer = time.AfterFunc(h.interval, h.repeat)
	} else {
		h.timer.Reset(h.interval)
	}
	return nil
}

// repeat sends the job again. An error ends the stream, which its handler
// learns from the context of the stream.
func (h *heartbeats) repeat() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.ended && h.stream.SendMsg(h.beat) == nil {
		h.timer.Reset(h.interval)
	}
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
