package server

import (
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc/filters"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc"
	"google.golang.org/grpc/experimental"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/mem"

	"github.com/ecsd-io/ecsd/server/internal/api"
	"github.com/ecsd-io/ecsd/server/internal/intercept"
	"github.com/ecsd-io/ecsd/server/internal/telemetry"
)

// What connections live by. A client may ping every ten seconds, also between
// calls, so that a watch through a proxy is kept alive; the server pings a
// silent client and gives it up twenty seconds later.
const (
	minClientPing     = 10 * time.Second
	serverPing        = time.Minute
	serverPingTimeout = 20 * time.Second
	handshakeTimeout  = 20 * time.Second
)

// streamWorkers are goroutines that are kept for the calls. A call that finds
// none gets a goroutine of its own, whose stack must grow first; that growth is
// a tenth of what a short call costs.
const streamWorkers = 64

// The default buffer pool of gRPC has no size between 32 KB and 1 MB, so that
// each longer message of a list takes 1 MB until it is sent.
func init() {
	pool, err := mem.NewBinaryTieredBufferPool(8, 10, 12, 14, 15, 16, 17, 18, 19, 20)
	if err != nil {
		panic(err)
	}
	experimental.SetDefaultBufferPool(pool)
}

// newGRPC makes the gRPC server with everything around the services, and no
// service yet.
func newGRPC(cfg Config, chain *intercept.Chain, tracing *telemetry.Tracing) *grpc.Server {
	options := append(chain.ServerOptions(),
		grpc.ForceServerCodecV2(api.Codec()),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minClientPing, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionAge: cfg.ConnectionAge, MaxConnectionAgeGrace: cfg.AgeGrace,
			Time: serverPing, Timeout: serverPingTimeout,
		}),
		grpc.MaxRecvMsgSize(cfg.MaxMessage),
		grpc.MaxConcurrentStreams(cfg.MaxStreams),
		grpc.ConnectionTimeout(handshakeTimeout),
		// Stop returns only when every handler has: the rooms below are
		// closed after it.
		grpc.WaitForHandlers(true),
		grpc.NumStreamWorkers(streamWorkers),
	)
	if tracing.Enabled {
		options = append(options, grpc.StatsHandler(otelgrpc.NewServerHandler(
			otelgrpc.WithTracerProvider(tracing.Provider),
			otelgrpc.WithMeterProvider(metricnoop.NewMeterProvider()),
			otelgrpc.WithPropagators(propagation.TraceContext{}),
			otelgrpc.WithFilter(filters.Not(filters.ServicePrefix("grpc."))),
		)))
	}
	return grpc.NewServer(options...)
}
