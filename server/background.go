package server

import (
	"context"
	"log/slog"
	"sync"

	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// background is work that runs until it is closed.
type background struct {
	name    string
	run     func(context.Context)
	stop    context.CancelFunc
	running sync.WaitGroup
}

// start starts the work, with the values but not the life of ctx.
func (b *background) start(ctx context.Context) {
	ctx, b.stop = context.WithCancel(context.WithoutCancel(ctx))
	b.running.Go(func() { rescue.Loop(ctx, slog.Default(), b.name, b.run) })
}

// close ends the work, if it was started, and waits for it.
func (b *background) close() {
	if b.stop != nil {
		b.stop()
	}
	b.running.Wait()
}
