package server

import (
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc/filters"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc"
	"google.golang.org/grpc/experimental"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/api"
	"github.com/ecsd-io/ecsd/server/internal/intercept"
	"github.com/ecsd-io/ecsd/server/internal/telemetry"
)

// Keep-alive settings. A client may ping every ten seconds, also between calls,
// so that a watch through a proxy is kept alive; the server pings a silent
// client and closes its connection twenty seconds later.
const (
	minClientPing     = 10 * time.Second
	serverPing        = time.Minute
	serverPingTimeout = 20 * time.Second
	handshakeTimeout  = 20 * time.Second
	maxConnectionIdle = 15 * time.Minute // without a call; a client connects again when it calls
	maxHeaderBytes    = 16 << 10         // of the metadata of one call
)

// streamWorkers is the number of goroutines kept for calls. A call beyond it
// gets a new goroutine, and its stack must grow first; that growth is a tenth of
// the cost of a short call.
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

// class returns the resource that a call waits for. Reads that accept an older
// response are mostly served from memory.
func class(method string, request any) intercept.Class {
	switch method {
	case ecsdv1.InstanceService_WaitInstances_FullMethodName:
		return intercept.ClassWait
	case ecsdv1.CatalogService_ListRegions_FullMethodName, ecsdv1.InstanceService_ListChanges_FullMethodName,
		ecsdv1.RenewalService_GetRenewalJob_FullMethodName, ecsdv1.RenewalService_ListRenewalJobs_FullMethodName,
		ecsdv1.RenewalService_ListRenewals_FullMethodName, ecsdv1.RenewalService_CancelRenewalJob_FullMethodName,
		ecsdv1.RenewalService_ResolveRenewal_FullMethodName:
		return intercept.ClassLocal
	}
	if strings.HasPrefix(method, "/"+ecsdv1.AccessService_ServiceDesc.ServiceName+"/") {
		return intercept.ClassLocal // a freeze must not wait behind calls of the cloud
	}
	if read, ok := request.(interface{ GetMaxStaleness() *durationpb.Duration }); ok && read.GetMaxStaleness().AsDuration() > 0 {
		return intercept.ClassLocal
	}
	return intercept.ClassCloud
}

// newGRPC creates the gRPC server with everything around the services, and no
// service yet. Interceptors of more options are inside those of the chain.
func newGRPC(cfg Config, chain *intercept.Chain, tracing *telemetry.Tracing, more ...grpc.ServerOption) *grpc.Server {
	options := append(append(chain.ServerOptions(), more...),
		grpc.ForceServerCodecV2(api.Codec()),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minClientPing, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionIdle: maxConnectionIdle,
			MaxConnectionAge:  cfg.Limits.ConnectionAge, MaxConnectionAgeGrace: cfg.Limits.AgeGrace,
			Time: serverPing, Timeout: serverPingTimeout,
		}),
		grpc.MaxRecvMsgSize(cfg.Limits.Message),
		grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.MaxConcurrentStreams(cfg.Limits.Streams),
		grpc.ConnectionTimeout(handshakeTimeout),
		// Stop returns after every handler has returned, because the components are
		// closed next.
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
