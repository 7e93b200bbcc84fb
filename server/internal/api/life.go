package api

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// life is how long a stream may last, since its connection is closed without a
// reason some time after it has reached its age; 0 is for ever.
type life time.Duration

// end returns the end of a stream that begins now: at a half to nine tenths of
// its life, so that streams that began together do not end together. The zero
// time is never.
func (l life) end() time.Time {
	if l <= 0 {
		return time.Time{}
	}
	return time.Now().Add(time.Duration(l/2 + rand.N(1+l*4/10))) //nolint:gosec // no secret
}

// live calls a stream's handler with a context that ends with the life of the
// stream, and returns outlived if that ended it.
func (l life) live(ctx context.Context, handle func(context.Context) error) error {
	end := l.end()
	if end.IsZero() {
		return handle(ctx)
	}
	bounded, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	err := handle(bounded)
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		return outlived()
	}
	return err
}

// outlived is the error of a stream on a connection that may soon be closed.
func outlived() error {
	return &ecs.Error{
		Reason: ecs.ReasonServerDraining, Retry: ecs.RetryWait, RetryAfter: time.Second,
		Message: "the watch ends so that its connection can be replaced; resume it with the last resume_token",
	}
}
