package intercept

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

func recoverUnary(recovered recovery.RecoveryHandlerFuncContext) grpc.UnaryServerInterceptor {
	return recovery.UnaryServerInterceptor(recovery.WithRecoveryHandlerContext(recovered))
}

// recovered turns a panic into INTERNAL. The stack goes to the log; the caller
// gets only the request ID. A value that is neither an error nor text is logged
// by its type: it may hold anything, even a request with a password.
func recovered(logger *slog.Logger) func(context.Context, any) error {
	return func(ctx context.Context, value any) error {
		var requestID string
		if c := call.From(ctx); c != nil {
			requestID = c.RequestID
		}
		caught := rescue.Caught(value) // of this goroutine or of one below it
		logger.LogAttrs(ctx, slog.LevelError, "panic in a handler",
			slog.String("request_id", requestID),
			slog.String("panic", ecs.Clip(panicText(caught.Value), maxLogText)),
			slog.String("stack", string(caught.Stack)),
		)
		return ecs.Errorf(ecs.ReasonInternal,
			"ecsd failed in an unexpected way; see its log under request id %s", requestID)
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
