package intercept

import (
	"context"
	"strings"
	"time"

	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// overloadRetryAfter is the retry delay returned to a refused caller.
const overloadRetryAfter = time.Second

// admission bounds the unary RPCs in progress, gives a deadline to those without one, and ends health watches at
// drain.
//
// Streams are not counted: the server bounds them on each connection, and
// components that offer streams have their own limits, with their reasons.
// Probes are never refused, so that an overloaded server is not also taken for
// a dead one.
type admission struct {
	cfg Config
	// cloud and local count the calls of their class.
	cloud, local *shares

	draining context.Context
	drain    context.CancelFunc
}

func newAdmission(cfg Config) *admission {
	a := &admission{cfg: cfg, cloud: newShares(cfg.MaxCalls), local: newShares(cfg.MaxCalls)}
	a.draining, a.drain = context.WithCancel(context.Background())
	return a
}

func (a *admission) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if !isProbe(strings.TrimPrefix(info.FullMethod, "/")) {
		if counted := a.counted(info.FullMethod, req); counted != nil {
			caller := call.Caller(ctx)
			if v := counted.enter(caller); v != admitted {
				return nil, overloaded(v, "calls", caller, counted.most)
			}
			defer counted.leave(caller)
		}
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, a.cfg.CallTimeout)
		defer cancel()
	}
	return handler(ctx, req)
}

// counted returns the counter of a call, nil for none.
func (a *admission) counted(method string, req any) *shares {
	switch a.cfg.Class(method, req) {
	case ClassLocal:
		return a.local
	case ClassWait:
		return nil
	}
	return a.cloud
}

// Class is the resource that a unary call waits for.
type Class int

const (
	// ClassCloud calls wait for the cloud.
	ClassCloud Class = iota
	// ClassLocal calls are served from memory or the database. They are counted
	// apart, so that a slow cloud does not cause their refusal.
	ClassLocal
	// ClassWait calls wait for something to happen, for minutes; they are
	// counted and bounded with the watches.
	ClassWait
)

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

// overloaded is the error of a call that is one too many.
func overloaded(v verdict, what, caller string, limit int) error {
	err := ecs.Errorf(ecs.ReasonServerOverloaded, "%d %s are in progress, which is this server's limit; nothing was done", limit, what)
	if v == overShare {
		err = ecs.Errorf(ecs.ReasonServerOverloaded, "caller %s has half of the %d %s that this server allows in progress, and others call; nothing was done", caller, limit, what)
	}
	err.Retry, err.RetryAfter = ecs.RetryBackoff, overloadRetryAfter
	return err
}

func draining() error {
	err := ecs.Errorf(ecs.ReasonServerDraining, "the server is stopping")
	err.Retry, err.RetryAfter = ecs.RetryBackoff, overloadRetryAfter
	return err
}
