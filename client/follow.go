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
	// defaultHeartbeat is what the server takes where a request names none.
	defaultHeartbeat = 10 * time.Second
	// silentHeartbeats are how many a stream may miss before it is given up.
	silentHeartbeats = 3
	// firstMessage is how long a stream may be silent at its beginning, where
	// the server may wait for its first look at a large region.
	firstMessage = 2 * time.Minute
)

// book takes down the messages of one watch, and tells them when a mark says
// that they are whole. Only then do they count: what a cut stream sent after its
// last mark is forgotten, and sent again by the next.
//
// It is made for one iteration and used by one goroutine.
type book[M, E any] interface {
	// begin is before the first message of each stream; token is what it resumes
	// from, "" for none.
	begin(token string)
	// take takes down a message. Where it is a mark, it returns what is told and
	// the token after it.
	take(message *M) (events []E, token string, marked bool)
	// restart prepares for a stream without a token in the midst of a watch, and
	// reports false where nobody knows what was told before.
	restart(cause error) bool
	// interrupted is the event of that name.
	interrupted(err error, delay time.Duration) E
}

// follower runs one stream after the other as one watch.
type follower[M, E any] struct {
	client *Client
	name   string // of the call, for errors
	// token is the caller's.
	token     string
	heartbeat *durationpb.Duration
	open      func(ctx context.Context, token string) (grpc.ServerStreamingClient[M], error)
	book      func() book[M, E]
}

// all is the watch, from the caller's token on, anew for each iteration.
func (f *follower[M, E]) all(ctx context.Context) iter.Seq2[E, error] {
	return func(yield func(E, error) bool) {
		run := watching[M, E]{follower: f, book: f.book(), token: f.token, yield: yield, backoff: backoff{backoffBounds: f.client.backoff}}
		if err := run.run(ctx); !run.left {
			var none E
			yield(none, err)
		}
	}
}

// watching is one iteration.
type watching[M, E any] struct {
	*follower[M, E]
	book    book[M, E]
	token   string
	yield   func(E, error) bool
	left    bool // the caller broke off
	backoff backoff
}

// run returns why the watch is over.
func (w *watching[M, E]) run(ctx context.Context) error {
	for {
		began := time.Now()
		w.book.begin(w.token)
		marked, err := w.stream(ctx)
		if w.left || ctx.Err() != nil {
			return ctx.Err()
		}
		e := ErrorOf(err)
		if w.cannotResume(e) && w.book.restart(err) {
			w.token = ""
		} else if !w.client.passing(e) {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		if marked && time.Since(began) >= w.interval() {
			w.backoff.reset() // it worked, rather than fail again and again
		}
		delay := w.backoff.next(e.RetryDelay)
		if !w.tell(w.book.interrupted(err, delay)) || !sleep(ctx, delay) {
			return ctx.Err()
		}
	}
}

// stream follows one stream to its end, which is always an error. marked tells
// whether it got somewhere.
func (w *watching[M, E]) stream(ctx context.Context) (marked bool, _ error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// The watchdog runs while a message is awaited, not while the caller is
	// busy with one.
	watch := func(patience time.Duration) *time.Timer {
		return time.AfterFunc(patience, func() { cancel(&silence{patience}) })
	}
	watchdog := watch(firstMessage)
	defer func() { watchdog.Stop() }()
	stream, err := w.open(ctx, w.token)
	if err != nil {
		return false, ended(ctx, err)
	}
	for {
		message, err := stream.Recv()
		watchdog.Stop()
		if err != nil {
			return marked, ended(ctx, err)
		}
		events, token, ok := w.book.take(message)
		if ok {
			marked, w.token = true, token
		}
		for _, e := range events {
			if !w.tell(e) {
				return marked, nil
			}
		}
		watchdog = watch(silentHeartbeats * w.interval())
	}
}

func (w *watching[M, E]) tell(e E) bool {
	w.left = w.left || !w.yield(e, nil)
	return !w.left
}

// interval is the heartbeat that the server keeps.
func (f *follower[M, E]) interval() time.Duration {
	if f.heartbeat == nil {
		return defaultHeartbeat
	}
	return f.heartbeat.AsDuration()
}

// cannotResume reports whether the token is of no more use.
func (w *watching[M, E]) cannotResume(e *Error) bool {
	switch e.Reason {
	case ecsdv1.ErrorReason_ERROR_REASON_RESUME_TOKEN_EXPIRED, ecsdv1.ErrorReason_ERROR_REASON_INVALID_RESUME_TOKEN,
		ecsdv1.ErrorReason_ERROR_REASON_SLOW_READER:
		return w.token != ""
	}
	return false
}

// ended is why a stream ended. A server of ecsd says why; where a proxy ends a
// stream as if all were well, or the watchdog does, that is said here.
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

// silence is the watchdog's error.
type silence struct{ patience time.Duration }

func (s *silence) Error() string {
	return fmt.Sprintf("no message for %s, though a checkpoint was due", s.patience)
}

// GRPCStatus makes it an error of the network like others.
func (s *silence) GRPCStatus() *status.Status { return status.New(codes.Unavailable, s.Error()) }
