package client

import (
	"context"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
)

// longestAsked bounds how long a server can ask a client to stay away.
const longestAsked = 5 * time.Minute

type backoffBounds struct{ base, most time.Duration }

// backoff is full jitter: any time up to a window that doubles with each
// failure, so that many clients that failed together do not come back together.
type backoff struct {
	backoffBounds
	failures int
}

// next is how long to stay away after one more failure: at least what the
// server asks for, and then spread as wide as that or as the window is.
func (b *backoff) next(asked time.Duration) time.Duration {
	asked = min(asked, longestAsked)
	window := b.base
	for range b.failures {
		if window *= 2; window >= b.most {
			window = b.most
			break
		}
	}
	b.failures++
	return asked + rand.N(max(window, asked)+1)
}

func (b *backoff) reset() { b.failures = 0 }

// sleep waits, and reports false where the context ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// passing reports whether an error may go away by itself: one of ecsd where it
// says so, one of the network or of a proxy by its code.
func (c *Client) passing(e *Error) bool {
	if c.conn.GetState() == connectivity.Shutdown {
		return false
	}
	switch {
	case e.Retryable:
		return true
	case e.ReasonName != "":
		return e.Code == codes.Unavailable || e.Code == codes.Canceled
	}
	switch e.Code {
	case codes.Unavailable, codes.Internal, codes.Unknown, codes.Canceled, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Aborted:
		return true
	}
	return false
}
