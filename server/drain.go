package server

import (
	"context"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

const (
	// streamGrace is how long the streams may take, at drain, to deliver their
	// last messages while no unary call is in progress.
	streamGrace = 3 * time.Second
	// drainCheck is how often that is checked.
	drainCheck = 100 * time.Millisecond
)

// progress counts the unary calls in progress.
type progress struct{ calls atomic.Int64 }

func (p *progress) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	p.calls.Add(1)
	defer p.calls.Add(-1)
	return handler(ctx, req)
}

// drain stops the gRPC server: health first, so that no new caller arrives;
// then the streams, which would not end otherwise; then the calls in progress,
// within the grace period. Calls left after it are cut. Streams with clients that
// do not read their last messages are cut earlier, when nothing else is in
// progress. No handler runs after drain returns.
func (s *Server) drain(ctx context.Context) {
	grace, cancel := context.WithTimeout(ctx, s.cfg.ShutdownGrace)
	defer cancel()
	s.prober.Drain()
	s.chain.Drain()
	for _, drain := range s.components.drains() {
		drain(grace)
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		rescue.Once(s.logger, "graceful stop", s.grpc.GracefulStop)
	}()
	check := time.NewTicker(drainCheck)
	defer check.Stop()
	idle := time.Now()
	for {
		select {
		case <-stopped:
			return
		case <-grace.Done():
			s.logger.Warn("grace ended, calls in progress are cut")
			s.grpc.Stop()
			<-stopped
			return
		case <-check.C:
		}
		if s.progress.calls.Load() > 0 {
			idle = time.Now()
		} else if time.Since(idle) >= streamGrace {
			s.logger.Warn("streams are not read to their end, cutting them")
			s.grpc.Stop()
			<-stopped
			return
		}
	}
}
