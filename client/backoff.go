package client

import (
	"context"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
)

// longestAsked limits the retry delay that a server can impose on a client.
const longestAsked = 5 * time.Minute

type backoffBounds struct{ base, most time.Duration }

// backoff is a random delay between base and a limit that doubles with each failure, so that clients that failed together
// do not reconnect together.
type backoff struct {
	backoffBounds
	failures int
}

// next returns the delay after one more failure: if the server asks for one, that delay and up to a tenth of it; otherwise
// a random one.
func (b *backoff) next(asked time.Duration) time.Duration {
	limit := b.base
	for range b.failures + 1 {
		if limit *= 2; limit >= b.most {
			limit = b.most
			break
		}
	}
	b.failures++
	if asked > 0 {
		asked = min(asked, longestAsked)
		return asked + rand.N(asked/10+1)
	}
	return b.base + rand.N(limit-b.base+1)
}

func (b *backoff) reset() { b.failures = 0 }

// sleep waits for d. It returns false if the context ends first.
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

// passing reports whether a retry may succeed: if the error is from ecsd, as the error itself says; if it is from the
// network or a proxy, by its code.
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

// renewable reports whether the server refused a credential that the client can replace.
func (c *Client) renewable(e *Error) bool { return c.renews && e.Code == codes.Unauthenticated }
