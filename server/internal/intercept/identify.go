package intercept

import (
	"context"
	"fmt"
	"net"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// RequestIDKey is the metadata key of the ID of the RPC, in and out. It is not
	// the request_id of a message, which makes a call idempotent.
	RequestIDKey = "x-request-id"
	// CallerKey is the metadata key under which a caller names itself; it is
	// ignored if the server identifies its callers.
	CallerKey = "ecsd-caller"

	// maxTokenLength bounds values accepted from metadata.
	maxTokenLength = 64
)

// identify puts a call.Call into the context: the caller's request ID if it is
// valid, else a new UUID; the name that the caller gives itself if it is valid
// and the server identifies nobody, else the host of its connection. The ID is
// returned in the header of the response. An invalid name and a wrong
// credential are refused by authorize, after their call can be logged.
func (a *authorizer) identify(ctx context.Context) (context.Context, metadata.MD) {
	id := token(ctx, RequestIDKey)
	if id == "" {
		id = uuid.NewString()
	}
	caller := ""
	if a.cfg.Authority == nil {
		caller = token(ctx, CallerKey)
	}
	if caller == "" {
		caller = peerHost(ctx)
	}
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.SetAttributes(attribute.String("ecsd.request_id", id), attribute.String("ecsd.caller", caller))
	}
	return call.With(ctx, &call.Call{Caller: caller, RequestID: id}), metadata.MD{RequestIDKey: {id}}
}

func (a *authorizer) identifyUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	ctx, header := a.identify(ctx)
	// It fails only if the header was sent already, which is impossible here.
	_ = grpc.SetHeader(ctx, header)
	return handler(ctx, req)
}

// token reads a metadata value that is safe to log and to keep: one to 64 of
// the letters, digits and . _ - : / @ +. Anything else counts as absent.
func token(ctx context.Context, key string) string {
	values := metadata.ValueFromIncomingContext(ctx, key)
	if len(values) == 0 || !isToken(values[0]) {
		return ""
	}
	return values[0]
}

// badCaller returns the error of a caller with an invalid name: under its
// address it would share the budget, the limits and the audit of others.
func badCaller(ctx context.Context) error {
	values := metadata.ValueFromIncomingContext(ctx, CallerKey)
	if len(values) == 0 || values[0] == "" || isToken(values[0]) {
		return nil
	}
	rule := fmt.Sprintf("must be 1 to %d letters, digits and . _ - : / @ +; got %q", maxTokenLength, ecs.Clip(values[0], maxTokenLength))
	err := ecs.Errorf(ecs.ReasonInvalidField, "metadata %s %s", CallerKey, rule)
	err.Violations = []ecs.Violation{{Field: CallerKey, Rule: rule}}
	return err
}

func isToken(s string) bool {
	if len(s) == 0 || len(s) > maxTokenLength {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '.', c == '_', c == '-', c == ':', c == '/', c == '@', c == '+':
		default:
			return false
		}
	}
	return true
}

// peerHost is the address of the other end without its port.
func peerHost(ctx context.Context) string {
	p, ok := peer.FromContext(ctx)
	if !ok || p.Addr == nil {
		return ""
	}
	if tcp, ok := p.Addr.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().String()
	}
	return p.Addr.String()
}
