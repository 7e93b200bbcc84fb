package client

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

const (
	// callerKey is the metadata key under which a caller names itself.
	callerKey     = "ecsd-caller"
	longestCaller = 64
)

func nameUnary(caller string) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		return invoke(withCaller(ctx, caller), method, req, reply, conn, options...)
	}
}

func nameStream(caller string) grpc.StreamClientInterceptor {
	return func(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
		return open(withCaller(ctx, caller), desc, conn, method, options...)
	}
}

func withCaller(ctx context.Context, caller string) context.Context {
	if outgoing, _ := metadata.FromOutgoingContext(ctx); len(outgoing.Get(callerKey)) > 0 {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, callerKey, caller)
}

// isCallerName implements the server's rule. The server ignores any other name.
func isCallerName(s string) bool {
	if len(s) == 0 || len(s) > longestCaller {
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
