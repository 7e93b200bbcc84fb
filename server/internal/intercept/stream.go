package intercept

import (
	"context"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"google.golang.org/grpc"
)

// The code around a stream is written for a small stack. Most of the cost of
// ten thousand waiting streams is their stacks, which the runtime shrinks to 8
// KB, the size on a bare server, only if less than 3.2 KB of 16 is in use. So
// there is one interceptor, its frames are few and small, and its work before
// and after is in functions that have returned while the stream waits.

// stream returns the interceptor of streams: the ID, the caller and the line in
// the access log, the metrics, and the conversion of errors to statuses,
// including those of admission and of a panic.
func (c *Chain) stream(metrics grpc.StreamServerInterceptor) grpc.StreamServerInterceptor {
	return func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		line, identified := c.identified(stream, info)
		err := metrics(srv, identified, info, func(srv any, stream grpc.ServerStream) error {
			err := c.handle(srv, stream, info, handler)
			return c.cfg.StreamErrors(srv, stream, info, func(any, grpc.ServerStream) error { return err })
		})
		line.PostCall(err, time.Since(line.began))
		return err
	}
}

func (c *Chain) identified(stream grpc.ServerStream, info *grpc.StreamServerInfo) (*accessLine, grpc.ServerStream) {
	ctx, header := c.access.identify(stream.Context())
	_ = stream.SetHeader(header) // fails only if the header was sent already, which is impossible here
	line := c.log.begin(ctx, interceptors.NewServerCallMeta(info.FullMethod, info, nil))
	identified := &identifiedStream{ServerStream: stream, ctx: ctx, arrivals: c.arrivals, timeout: arrivalTimeout}
	if info.IsClientStream {
		identified.next = c.cfg.CallTimeout
	}
	return line, identified
}

// identifiedStream has the context of its caller, and bounds how long its
// requests take to arrive.
type identifiedStream struct {
	grpc.ServerStream

	ctx      context.Context
	arrivals *arrivals
	// timeout is that of the request that is read next, and next that of the
	// requests after the first; 0 if there is one request only.
	timeout, next time.Duration
}

// Context carries the call.
func (s *identifiedStream) Context() context.Context { return s.ctx }

// RecvMsg receives a request.
func (s *identifiedStream) RecvMsg(message any) error {
	if s.timeout == 0 {
		return s.ServerStream.RecvMsg(message)
	}
	err := s.arrivals.receive(s.ctx, s.timeout, func() error { return s.ServerStream.RecvMsg(message) })
	s.timeout = s.next
	return err
}

// handle calls the handler of an admitted stream.
func (c *Chain) handle(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = c.recovered(stream.Context(), v)
		}
	}()
	if err := c.admitStream(stream.Context(), info.FullMethod); err != nil {
		return err
	}
	if isHealthWatch(info) {
		return c.admission.healthWatch(srv, stream, handler)
	}
	return handler(srv, stream)
}

// admitStream authorizes a stream, and notes its right with the epoch from
// before: a change in between is found at the first check.
func (c *Chain) admitStream(ctx context.Context, method string) error {
	var epoch uint64
	if c.cfg.Authority != nil {
		epoch = c.cfg.Authority.Epoch()
	}
	if err := c.access.authorize(ctx, method); err != nil {
		return err
	}
	c.access.open(ctx, method, epoch)
	return nil
}
