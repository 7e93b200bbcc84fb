package server

import (
	"context"
)

// drain stops the gRPC server: health first, so that no new caller comes;
// then the streams, which would not end by themselves; then what is in
// progress gets the grace, and what is left after it is cut. When it returns,
// no handler runs any more.
func (s *Server) drain(ctx context.Context) {
	grace, cancel := context.WithTimeout(ctx, s.cfg.ShutdownGrace)
	defer cancel()
	s.prober.Drain()
	s.chain.Drain()
	for _, drain := range s.rooms.drains() {
		drain(grace)
	}
	cut := context.AfterFunc(grace, func() {
		s.logger.Warn("the grace is over: calls in progress are cut")
		s.grpc.Stop()
	})
	s.grpc.GracefulStop()
	cut()
}
