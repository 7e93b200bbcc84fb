package intercept

import (
	"context"
	"strings"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"google.golang.org/grpc"
)

// The code around a stream is written for a small stack. Most of the cost of
// ten thousand waiting streams is their stacks, which the runtime shrinks to 8
// KB, the size on a bare server, only if less than 3.2 KB of 16 is in use. So
// there are few interceptors, their frames are small, and their work before and
// after is in functions that have returned while the stream waits.

// begin is the outermost interceptor of streams: the id, the caller, and the
// line in the access log.
func (c *Chain) begin(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	line, identified := c.identified(stream, info)
	err := handler(srv, identified)
	line.PostCall(err, time.Since(line.began))
	return err
}

//go:noinline
func (c *Chain) identified(stream grpc.ServerStream, info *grpc.StreamServerInfo) (*accessLine, grpc.ServerStream) {
	ctx, header := identify(stream.Context())
	_ = stream.SetHeader(header) // fails only if the header was sent already, which is impossible here
	line := c.log.begin(ctx, interceptors.NewServerCallMeta(info.FullMethod, info, nil))
	identified := &identifiedStream{ServerStream: stream, ctx: ctx}
	if info.IsClientStream {
		identified.between = c.cfg.CallTimeout
	}
	return line, identified
}

// identifiedStream has the context of its caller, and notes when its request
// has arrived.
type identifiedStream struct {
	grpc.ServerStream

	ctx context.Context
	// between is how long a stream of many requests may be without one; 0 if
	// there is one request only.
	between time.Duration
}

// Context carries the call.
func (s *identifiedStream) Context() context.Context { return s.ctx }

// RecvMsg receives the request.
func (s *identifiedStream) RecvMsg(message any) error {
	Receiving(s.ctx)
	err := s.ServerStream.RecvMsg(message)
	switch a := arrivalOf(s.ctx); {
	case a == nil:
	case err != nil || s.between == 0:
		a.arrived()
	default:
		a.next(s.between)
	}
	return err
}

// guard is the innermost interceptor of streams: errors become statuses, those
// of admission and of a panic too.
func (c *Chain) guard(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return c.cfg.StreamErrors(srv, stream, info, func(srv any, stream grpc.ServerStream) (err error) {
		defer func() {
			if v := recover(); v != nil {
				err = c.recovered(stream.Context(), v)
			}
		}()
		if !isProbe(strings.TrimPrefix(info.FullMethod, "/")) {
			if err := badCaller(stream.Context()); err != nil {
				return err
			}
		}
		if isHealthWatch(info) {
			return c.admission.healthWatch(srv, stream, handler)
		}
		return handler(srv, stream)
	})
}
