package intercept

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func recoverUnary(cfg Config) grpc.UnaryServerInterceptor {
	return recovery.UnaryServerInterceptor(recovery.WithRecoveryHandlerContext(recovered(cfg)))
}

func recoverStream(cfg Config) grpc.StreamServerInterceptor {
	return recovery.StreamServerInterceptor(recovery.WithRecoveryHandlerContext(recovered(cfg)))
}

// recovered turns a panic into INTERNAL. The stack goes to the log and nothing
// of the panic to the caller, who gets the request id to ask about it. The
// panic's value is logged by its type only where it is not text that the
// runtime or our own code wrote, since a value may hold anything.
func recovered(cfg Config) func(context.Context, any) error {
	return func(ctx context.Context, value any) error {
		var requestID string
		if c := call.From(ctx); c != nil {
			requestID = c.RequestID
		}
		cfg.Logger.LogAttrs(ctx, slog.LevelError, "panic in a handler",
			slog.String("request_id", requestID),
			slog.String("panic", panicText(value)),
			slog.String("stack", string(debug.Stack())),
		)
		return cfg.StatusError(ecs.Errorf(ecs.ReasonInternal,
			"ecsd failed in an unexpected way; its log tells more under request id %s", requestID))
	}
}

func panicText(value any) string {
	switch v := value.(type) {
	case error:
		return v.Error()
	case string:
		return v
	}
	return fmt.Sprintf("%T", value)
}
