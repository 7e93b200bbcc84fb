package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

const (
	// defaultHeartbeat is the server's default if a request sets none.
	defaultHeartbeat = 10 * time.Second
	// silentHeartbeats is the count of missed heartbeats after which a stream is closed.
	silentHeartbeats = 3
	// firstMessage limits the time to connect and receive the first message of a stream. A server that is not ready
	// for a watch sends waiting messages.
	firstMessage = 2 * time.Minute
)

// errEnd is the end of a watch after its subject has ended.
var errEnd = errors.New("the watch has ended")

// tracker records the messages of one watch and returns them as events when a mark confirms that they are complete.
// Messages of a cut stream after its last mark are dropped; the next stream repeats them.
//
// It is created per iteration and used by one goroutine.
type tracker[M, E any] interface {
	// begin is called before the first message of each stream. token is the position that the stream resumes from, ""
	// for none.
	begin(token string)
	// take records a message. If it is a mark, take returns the events up to it and the next token.
	take(message *M) (events []E, token string, marked bool)
	// restart prepares for a stream without a token in the middle of a watch. It returns false if the reported state is
	// unknown.
	restart(cause error) bool
	// interrupted returns the Interrupted event.
	interrupted(err error, delay time.Duration) E
}

// follower presents consecutive streams as one watch.
type follower[M, E any] struct {
	client *Client
	name   string // of the call, for errors
	// token is the token that the caller passed.
	token     string
	heartbeat *durationpb.Duration
	open      func(ctx context.Context, token string) (grpc.ServerStreamingClient[M], error)
	tracker   func() tracker[M, E]
	// ends is set if a stream that ends without an error ends the watch.
	ends bool
}

// all returns the watch from the caller's token on. Each iteration starts anew.
func (f *follower[M, E]) all(ctx context.Context) iter.Seq2[E, error] {
	return func(yield func(E, error) bool) {
		run := watching[M, E]{follower: f, tracker: f.tracker(), token: f.token, yield: yield, backoff: backoff{backoffBounds: f.client.backoff}}
		if err := run.run(ctx); err != nil && !run.left {
			var none E
			yield(none, err)
		}
	}
}

// watching is one iteration.
type watching[M, E any] struct {
	*follower[M, E]
	tracker tracker[M, E]
	token   string
	yield   func(E, error) bool
	left    bool
	backoff backoff
}

// run returns the error that ends the watch.
func (w *watching[M, E]) run(ctx context.Context) error {
	reached, refusals := false, 0
	for {
		w.tracker.begin(w.token)
		progress, err := w.stream(ctx)
		switch {
		case w.left || ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errEnd):
			return nil
		}
		failed := *ErrorOf(err)
		e := &failed
		w.client.explain(e)
		reached = reached || e.connecting == connected
		if progress || e.Code != codes.Unauthenticated {
			refusals = 0
		} else {
			refusals++
		}
		if e.connecting == misconfigured && !reached {
			return fmt.Errorf("%s: %w", w.name, e)
		}
		renewable := w.client.renewable(e) && refusals < maxAttempts
		if w.cannotResume(e) && w.tracker.restart(e) {
			w.token = ""
		} else if !w.client.passing(e) && !renewable {
			return fmt.Errorf("%s: %w", w.name, e)
		}
		if progress {
			w.backoff.reset() // this is not one more consecutive failure
		}
		delay := w.backoff.next(e.RetryDelay)
		if !w.report(w.tracker.interrupted(e, delay)) || !sleep(ctx, delay) {
			return ctx.Err()
		}
	}
}

// stream follows one stream until it ends, and returns its error, which is never nil. progress reports whether a mark
// arrived, other than the end of a snapshot: a server that fails after each snapshot makes none.
func (w *watching[M, E]) stream(ctx context.Context) (progress bool, _ error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// The watchdog runs while the client waits for a message, not while the caller processes one.
	watch := func(patience time.Duration) *time.Timer {
		return time.AfterFunc(patience, func() { cancel(&silence{patience}) })
	}
	watchdog := watch(firstMessage)
	defer func() { watchdog.Stop() }()
	stream, err := w.open(ctx, w.token)
	if err != nil {
		return false, ended(ctx, err)
	}
	for snapshot := w.token == ""; ; {
		message, err := stream.Recv()
		watchdog.Stop()
		if err != nil {
			if w.ends && errors.Is(err, io.EOF) {
				return progress, errEnd
			}
			return progress, ended(ctx, err)
		}
		events, token, ok := w.tracker.take(message)
		if ok {
			progress, snapshot, w.token = progress || !snapshot, false, token
		}
		for _, e := range events {
			if !w.report(e) {
				return progress, nil
			}
		}
		watchdog = watch(silentHeartbeats * w.interval())
	}
}

func (w *watching[M, E]) report(e E) bool {
	w.left = w.left || !w.yield(e, nil)
	return !w.left
}

// interval returns the server's heartbeat interval.
func (f *follower[M, E]) interval() time.Duration {
	if f.heartbeat == nil {
		return defaultHeartbeat
	}
	return f.heartbeat.AsDuration()
}

// cannotResume reports whether the token is unusable.
func (w *watching[M, E]) cannotResume(e *Error) bool {
	switch e.Reason {
	case ecsdv1.ErrorReason_ERROR_REASON_RESUME_TOKEN_EXPIRED, ecsdv1.ErrorReason_ERROR_REASON_INVALID_RESUME_TOKEN,
		ecsdv1.ErrorReason_ERROR_REASON_SLOW_READER:
		return w.token != ""
	}
	return false
}

// ended returns why a stream ended. An ecsd server sends a reason. If a proxy ends a stream without an error, or the
// watchdog does, ended supplies one.
func ended(ctx context.Context, err error) error {
	var s *silence
	switch {
	case errors.As(context.Cause(ctx), &s):
		return s
	case errors.Is(err, io.EOF):
		return status.Error(codes.Unavailable, "the stream ended without an error")
	}
	return err
}

// silence is the error of the watchdog.
type silence struct{ patience time.Duration }

func (s *silence) Error() string {
	return fmt.Sprintf("no message for %s, though a checkpoint was due", s.patience)
}

// GRPCStatus makes it look like other network errors.
func (s *silence) GRPCStatus() *status.Status { return status.New(codes.Unavailable, s.Error()) }
