package rescue

import (
	"context"
	"log/slog"
	"time"
)

// restartPause is the pause before work that panicked is started again.
const restartPause = time.Second

// Once runs work in the calling goroutine and reports whether it returned without
// a panic. A panic is logged with its stack under the name of the work.
func Once(logger *slog.Logger, name string, work func()) (returned bool) {
	defer func() {
		if v := recover(); v != nil {
			logger.Error("panic in background work", slog.String("work", name), slog.String("panic", Caught(v).Error()))
		}
	}()
	work()
	return true
}

// Loop runs work until it returns. After a panic it logs the stack and runs the
// work again, a second later, until ctx ends. The work must be able to begin
// anew: its state is that of a process that has just started.
func Loop(ctx context.Context, logger *slog.Logger, name string, work func(context.Context)) {
	for !Once(logger, name, func() { work(ctx) }) {
		pause := time.NewTimer(restartPause)
		select {
		case <-ctx.Done():
			pause.Stop()
			return
		case <-pause.C:
		}
	}
}
