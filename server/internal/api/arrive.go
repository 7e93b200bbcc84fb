package api

import (
	"context"
	"path"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// arriving is a request that is being received. Its error is kept here, because
// grpc itself would end the call before the interceptors, with no log line and
// no metric. The caller gets the reason of a request that cannot be decoded;
// one that is too large or incomplete is refused by grpc itself.
type arriving struct {
	message proto.Message
	// received is the error of grpc, decoded that of the codec.
	received, decoded error
}

// check returns why the request must not reach its handler.
func (a *arriving) check() error {
	switch {
	case a.received != nil:
		return a.received
	case a.decoded != nil:
		return undecodable(a.decoded)
	}
	return withinLimits(a.message.ProtoReflect())
}

// undecodable is the error of bytes that are no message of the request's type.
func undecodable(cause error) error {
	e := ecs.Errorf(ecs.ReasonInvalidField, "the request cannot be decoded: client and server must use the same contract, and every string must be UTF-8")
	e.Cause = cause
	return e
}

// guarded registers services whose handlers get no request that cannot be
// decoded or exceeds a limit.
type guarded struct {
	grpc.ServiceRegistrar
}

// RegisterService registers a copy of the service with guarded handlers.
func (g guarded) RegisterService(desc *grpc.ServiceDesc, impl any) {
	d := *desc
	d.Methods, d.Streams = make([]grpc.MethodDesc, len(desc.Methods)), make([]grpc.StreamDesc, len(desc.Streams))
	for i, m := range desc.Methods {
		d.Methods[i] = guardedMethod(m, changes(desc, m.MethodName))
	}
	for i, s := range desc.Streams {
		d.Streams[i] = guardedStream(s)
	}
	g.ServiceRegistrar.RegisterService(&d, impl)
}

// name completes the call in the context by its method and its request_id.
func name(ctx context.Context, fullMethod string, req any) {
	c := call.From(ctx)
	if c == nil {
		return
	}
	c.Method = path.Base(fullMethod)
	if r, ok := req.(interface{ GetRequestId() string }); ok {
		c.MessageID = r.GetRequestId()
	}
}

func guardedMethod(m grpc.MethodDesc, changes bool) grpc.MethodDesc {
	handle := m.Handler
	m.Handler = func(srv any, ctx context.Context, decode func(any) error, chain grpc.UnaryServerInterceptor) (any, error) {
		var request arriving
		arrive := func(message any) error {
			request.message = message.(proto.Message)
			request.received = decode(&request)
			return nil
		}
		return handle(srv, ctx, arrive, func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			return chain(ctx, req, info, func(ctx context.Context, req any) (any, error) {
				if err := request.check(); err != nil {
					return nil, err
				}
				name(ctx, info.FullMethod, req)
				resp, err := next(ctx, req)
				once := changes && !hasRequestID(request.message)
				switch {
				case err != nil && once:
					return nil, finalOutcome(err)
				case err != nil:
					return nil, err
				case once:
					finalItems(resp.(proto.Message))
				}
				return resp, withinResponse(resp)
			})
		})
	}
	return m
}

func guardedStream(s grpc.StreamDesc) grpc.StreamDesc {
	handle := s.Handler
	s.Handler = func(srv any, stream grpc.ServerStream) error { return handle(srv, &guardedServerStream{stream}) }
	return s
}

// guardedServerStream checks the request of a stream when it has arrived.
type guardedServerStream struct{ grpc.ServerStream }

// RecvMsg decodes and checks the request.
func (s *guardedServerStream) RecvMsg(message any) error {
	request := arriving{message: message.(proto.Message)}
	request.received = s.ServerStream.RecvMsg(&request)
	return request.check()
}
