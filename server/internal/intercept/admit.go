package intercept

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// overloadRetryAfter is what a refused caller is told to wait.
const overloadRetryAfter = time.Second

// admission bounds the unary RPCs in progress, gives a deadline to those that
// came without one, and ends health watches at drain.
//
// Streams are not counted: they are bounded on each connection by the server,
// and a room that offers streams has limits of its own, with their reasons.
// Probes are never refused, so that an overloaded server is not also taken for
// a dead one.
type admission struct {
	cfg        Config
	inProgress atomic.Int64

	draining context.Context
	drain    context.CancelFunc
}

func newAdmission(cfg Config) *admission {
	a := &admission{cfg: cfg}
	a.draining, a.drain = context.WithCancel(context.Background())
	return a
}

func (a *admission) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if !isProbe(strings.TrimPrefix(info.FullMethod, "/")) {
		defer a.inProgress.Add(-1)
		if a.inProgress.Add(1) > int64(a.cfg.MaxCalls) {
			return nil, overloaded(a.cfg.MaxCalls)
		}
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, a.cfg.CallTimeout)
		defer cancel()
	}
	return handler(ctx, req)
}

func isHealthWatch(info *grpc.StreamServerInfo) bool {
	return info.FullMethod == grpc_health_v1.Health_Watch_FullMethodName
}

func (a *admission) healthWatch(srv any, stream grpc.ServerStream, handler grpc.StreamHandler) error {
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	stop := context.AfterFunc(a.draining, cancel)
	defer stop()
	err := handler(srv, &middleware.WrappedServerStream{ServerStream: stream, WrappedContext: ctx})
	if a.draining.Err() != nil && stream.Context().Err() == nil {
		return draining()
	}
	return err
}

func overloaded(limit int) error {
	err := ecs.Errorf(ecs.ReasonServerOverloaded, "%d calls are in progress, which is this server's limit; nothing was done", limit)
	err.Retry, err.RetryAfter = ecs.RetryBackoff, overloadRetryAfter
	return err
}

func draining() error {
	err := ecs.Errorf(ecs.ReasonServerDraining, "the server is stopping")
	err.Retry, err.RetryAfter = ecs.RetryBackoff, overloadRetryAfter
	return err
}
