package intercept

import (
	"context"
	"log/slog"
	"time"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"google.golang.org/grpc"

	"github.com/ecsd-io/ecsd/server/internal/access"
)

// Config configures the chain. Every field up to CallTimeout is required, but
// Refused.
type Config struct {
	Logger  *slog.Logger
	Metrics *grpcprom.ServerMetrics
	// UnaryErrors and StreamErrors turn an error of the domain into a gRPC
	// status with its details.
	UnaryErrors  grpc.UnaryServerInterceptor
	StreamErrors grpc.StreamServerInterceptor
	// Refused receives the calls that were refused for want of a right or of money,
	// for the audit. It must not wait.
	Refused func(ctx context.Context, r Refusal)
	// MaxCalls bounds the unary RPCs in progress in this process: those of
	// ClassCloud and those of ClassLocal.
	MaxCalls int
	// MaxMessage is the size of the largest request, in bytes.
	MaxMessage int
	// Class returns the resource that a call waits for.
	Class func(fullMethod string, request any) Class
	// CallTimeout is the deadline of a unary RPC without one.
	CallTimeout time.Duration
	// Authority identifies the callers; nil if the server identifies nobody.
	Authority Authority
	// Scope returns the scope that a method requires, "" for a method without one,
	// which no caller may call. It is required with an Authority.
	Scope func(fullMethod string) access.Scope
	// ReflectionAuthenticated has reflection require a credential.
	ReflectionAuthenticated bool
}

// Chain holds the interceptors of one server, and ends the frame's own streams
// when it drains.
type Chain struct {
	cfg       Config
	log       *accessLog
	access    *authorizer
	admission *admission
	arrivals  *arrivals
	recovered func(ctx context.Context, value any) error
}

// New makes a chain.
func New(cfg Config) *Chain {
	refuse := func(err error) error {
		return cfg.StreamErrors(nil, nil, nil, func(any, grpc.ServerStream) error { return err })
	}
	return &Chain{
		cfg: cfg, log: &accessLog{logger: cfg.Logger, refused: cfg.Refused}, access: &authorizer{cfg}, admission: newAdmission(cfg), recovered: recovered(cfg.Logger),
		arrivals: newArrivals(cfg.MaxMessage, refuse),
	}
}

// ServerOptions installs the chain. From the outside in: the request ID and the
// caller, so that everything below can name them; the access log; the metrics;
// the conversion from errors to statuses, which both of them read; the check of
// the caller's credential and scope; admission, by the verified name; both with
// refusals that are logged and counted like any response; and recovery,
// right around the handler.
func (c *Chain) ServerOptions() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(
			c.access.identifyUnary,
			interceptors.UnaryServerInterceptor(c.log),
			c.cfg.Metrics.UnaryServerInterceptor(),
			c.cfg.UnaryErrors,
			c.access.unary,
			c.admission.unary,
			recoverUnary(c.recovered),
		),
		grpc.ChainStreamInterceptor(c.stream(c.cfg.Metrics.StreamServerInterceptor())),
	}
}

// Drain ends the health watches, which otherwise last as long as their client
// and would delay a graceful stop. Other streams are ended by their components.
func (c *Chain) Drain() { c.admission.drain() }
