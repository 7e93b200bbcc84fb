package client

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

const (
	// maxAttempts limits the attempts of one unary call.
	maxAttempts = 4
	// defaultTimeout is the deadline of a unary call without one.
	defaultTimeout = time.Minute
	// pushbackKey is the trailer by which a server delays the retries of a gRPC library.
	pushbackKey = "grpc-retry-pushback-ms"
	// requestID is the field that makes a call take effect once.
	requestID = "request_id"
)

// NewRequestID returns a new UUID for the request_id of a request.
func NewRequestID() string { return uuid.NewString() }

// EnsureRequestID returns the request_id of a request. If it has none, EnsureRequestID sets a new one first. Call it to
// store the request_id before the request is sent. It returns "" if the request has no such field.
//
// A request that is sent without a request_id gets one in a copy, so a message can be sent twice as two requests.
func EnsureRequestID(request proto.Message) string {
	m := request.ProtoReflect()
	field := m.Descriptor().Fields().ByName(requestID)
	if field == nil {
		return ""
	}
	if m.Get(field).String() == "" {
		m.Set(field, protoreflect.ValueOfString(NewRequestID()))
	}
	return m.Get(field).String()
}

// identified returns the request to send, and its request_id. A dry run has no effect that a request_id could limit.
func identified(request any) (any, string) {
	r, ok := request.(interface{ GetRequestId() string })
	if !ok {
		return request, ""
	}
	if id := r.GetRequestId(); id != "" {
		return request, id
	}
	if dry, ok := request.(interface{ GetValidateOnly() bool }); ok && dry.GetValidateOnly() {
		return request, ""
	}
	message, ok := request.(proto.Message)
	if !ok {
		return request, ""
	}
	message = proto.Clone(message)
	return message, EnsureRequestID(message)
}

// reads holds the full names of the methods that change nothing. It is derived from the contract, so that it has new
// methods.
func reads() map[string]bool {
	names := map[string]bool{}
	protoregistry.GlobalFiles.RangeFilesByPackage(ecsdv1.File_ecsd_v1_instance_proto.Package(), func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				method := service.Methods().Get(j)
				options, _ := method.Options().(*descriptorpb.MethodOptions)
				if options.GetIdempotencyLevel() == descriptorpb.MethodOptions_NO_SIDE_EFFECTS {
					names["/"+string(service.FullName())+"/"+string(method.Name())] = true
				}
			}
		}
		return true
	})
	return names
}

// onceKey marks the context of a call that its caller retries itself.
type onceKey struct{}

func once(ctx context.Context) context.Context { return context.WithValue(ctx, onceKey{}, true) }

// callPolicy makes unary calls: it sets the deadline and the request_id, retries, and decodes errors.
type callPolicy struct {
	timeout time.Duration
	backoff backoffBounds
	reads   map[string]bool
	// explain adds the remedy to an error of the connection.
	explain func(*Error)
}

// call is the outermost unary interceptor. A read, or a call with a request_id, is retried if the server is unreachable
// or asks for it, up to maxAttempts and within the deadline. All attempts have the same request_id.
func (c *callPolicy) call(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	if _, ok := ctx.Deadline(); !ok && c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	request, id := identified(request)
	safe := (c.reads[method] || id != "") && ctx.Value(onceKey{}) == nil
	wait := backoff{backoffBounds: c.backoff}
	for attempt := 1; ; attempt++ {
		var trailer metadata.MD
		err := invoke(ctx, method, request, reply, conn, append(options, grpc.Trailer(&trailer))...)
		if err == nil {
			return nil
		}
		failed := *ErrorOf(err)
		e := &failed
		e.RequestID = id
		e.endedByServer(ctx)
		refused := e.pushback(trailer)
		c.explain(e)
		if !safe || refused || attempt == maxAttempts || e.Code != codes.Unavailable && !e.Retryable {
			return e
		}
		delay := wait.next(e.RetryDelay)
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < delay {
			return e
		}
		if !sleep(ctx, delay) {
			return contextEnded(ctx, e)
		}
	}
}

// endedByServer changes the error of a call that the server's clock has ended a moment before the deadline of ctx. It
// arrives as a cancellation.
func (e *Error) endedByServer(ctx context.Context) {
	deadline, ok := ctx.Deadline()
	if e.Code == codes.Canceled && e.ReasonName == "" && ctx.Err() == nil && ok && time.Until(deadline) < 100*time.Millisecond {
		e.Code, e.cause = codes.DeadlineExceeded, context.DeadlineExceeded
	}
}

// pushback reads the trailer for an error without RetryInfo. It returns true if the server forbids a retry.
func (e *Error) pushback(trailer metadata.MD) (refused bool) {
	values := trailer.Get(pushbackKey)
	if len(values) == 0 {
		return false
	}
	ms, err := strconv.ParseInt(values[0], 10, 32)
	if err != nil || ms < 0 {
		return true // as gRPC's specification of retries requires
	}
	if !e.Retryable {
		e.RetryDelay = time.Duration(ms) * time.Millisecond
	}
	return false
}

// contextEnded returns the error of a call whose context ended while it waited to retry.
func contextEnded(ctx context.Context, failed *Error) *Error {
	e := ErrorOf(ctx.Err())
	e.RequestID, e.Message = failed.RequestID, e.Message+"; the last attempt failed: "+failed.Error()
	e.cause = errors.Join(ctx.Err(), failed)
	return e
}

// IsRetryable reports whether a retry of the failed call may succeed: the server says so, or was not reachable. A call
// that changes something must be retried with the request_id of the error.
func IsRetryable(err error) bool {
	e := ErrorOf(err)
	return e != nil && (e.Retryable || e.Code == codes.Unavailable)
}
