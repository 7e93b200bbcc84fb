package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/ecsd-io/ecsd/server/internal/admin"
	"github.com/ecsd-io/ecsd/server/internal/api"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/intercept"
	"github.com/ecsd-io/ecsd/server/internal/readiness"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
	"github.com/ecsd-io/ecsd/server/internal/telemetry"
	"github.com/ecsd-io/ecsd/simulator"
)

// Server is one ecsd: New makes it listen; Serve makes it respond.
type Server struct {
	cfg        Config
	logger     *slog.Logger
	metrics    *telemetry.Metrics
	tracing    *telemetry.Tracing
	listeners  *listeners
	addresses  Addresses
	simulator  *simulator.Simulator
	components *components
	identities *identities
	chain      *intercept.Chain
	prober     *readiness.Prober
	grpc       *grpc.Server
	progress   progress

	closing sync.Once
}

// New opens everything that can fail to open: the settings, the addresses, the
// database. It accepts connections from here on; Serve serves them. A server
// that is never served must be closed. Errors of settings hold a ConfigError.
func New(ctx context.Context, cfg Config) (_ *Server, err error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg.resolved()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	output := s.cfg.LogOutput
	if output == nil {
		output = os.Stderr
	}
	if s.logger, err = telemetry.NewLogger(output, s.cfg.LogFormat, s.cfg.LogLevel); err != nil {
		return nil, err
	}
	if s.identities, err = openIdentities(s.cfg, s.logger); err != nil {
		return nil, err
	}
	if s.listeners, err = listen(ctx, s.cfg); err != nil {
		return nil, err
	}
	s.addresses = s.listeners.addresses()
	build := telemetry.ReadBuild()
	s.metrics = telemetry.NewMetrics(build)
	if s.tracing, err = newTracing(ctx, s.cfg, build, s.logger); err != nil {
		return nil, err
	}
	var clock ecs.Clock
	if s.cfg.Simulate {
		if s.simulator, err = newSimulator(s.cfg.Regions); err != nil {
			return nil, err
		}
		s.cfg.Endpoints, s.cfg.Scheme = []Endpoint{{Host: s.addresses.Simulator}}, "http"
		// So that an advance of the simulated time is useful: what has expired there has expired here.
		clock = s.simulator.Now
	}
	if s.components, err = openComponents(ctx, s.cfg, s.logger, s.metrics, s.tracing, clock, s.identities.file); err != nil {
		return nil, err
	}
	s.assemble()
	return s, nil
}

// newTracing selects the exporter of spans.
func newTracing(ctx context.Context, cfg Config, build telemetry.Build, logger *slog.Logger) (*telemetry.Tracing, error) {
	if cfg.TraceExporter != nil {
		return telemetry.NewTracingTo(ctx, cfg.TraceExporter, build, logger)
	}
	return telemetry.NewTracing(ctx, cfg.OTLPEndpoint, build, logger)
}

// assemble registers the services and the interceptors on one gRPC server.
func (s *Server) assemble() {
	s.chain = intercept.New(intercept.Config{
		Logger: s.logger, Metrics: s.metrics.GRPC,
		UnaryErrors: api.UnaryErrors, StreamErrors: api.StreamErrors, Refused: s.components.recordRefusal,
		MaxCalls: s.cfg.MaxCalls, MaxMessage: s.cfg.Limits.Message, Class: class, CallTimeout: s.cfg.Limits.CallTimeout,
		Authority: s.identities.authority(), Scope: api.Scope, ReflectionAuthenticated: s.cfg.Reflection == reflectionAuthenticated,
	})
	s.prober = readiness.New(readiness.Config{Parts: s.components.parts(), Services: needs, Logger: s.logger})
	s.grpc = newGRPC(s.cfg, s.chain, s.tracing, append(s.identities.options(), grpc.ChainUnaryInterceptor(s.progress.unary))...)
	services := s.chain.Registrar(s.grpc)
	s.components.register(services, s.cfg, s.identities.tagKey(), s.prober.Report)
	grpc_health_v1.RegisterHealthServer(services, s.prober.Health())
	if s.cfg.Reflection != reflectionOff {
		reflection.Register(s.grpc) // v1 and v1alpha
	}
	s.metrics.GRPC.InitializeMetrics(s.grpc)
	s.metrics.Spending(s.components.spendUse)
	s.metrics.Parts(func() map[string]bool {
		ready := map[string]bool{}
		for name, part := range s.prober.Report().Parts {
			ready[name] = part.Ready
		}
		return ready
	})
}

// Addresses returns the addresses of the server.
func (s *Server) Addresses() Addresses { return s.addresses }

// errPanicked ends the server if one of its listeners panicked, which was logged.
var errPanicked = errors.New("it panicked; the log has the stack")

// Serve serves until ctx ends, then drains and closes everything. It returns
// nil if it ended because of ctx, even if calls were cut at the end of the
// grace period; otherwise the failure. Every goroutine has ended when it
// returns.
func (s *Server) Serve(ctx context.Context) (err error) {
	// The background work continues while the server drains.
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	defer func() {
		s.grpc.Stop()
		closed := s.components.close()
		stop()
		running.Wait()
		s.identities.close()
		s.closing.Do(s.listeners.close)
		err = errors.Join(err, closed, s.tracing.Close())
		s.logger.Info("stopped")
	}()
	broken := make(chan error, 3)
	run := func(name string, serve func() error) {
		running.Go(func() {
			err := errPanicked
			rescue.Once(s.logger, name, func() { err = serve() })
			if err != nil {
				broken <- fmt.Errorf("%s: %w", name, err)
			}
		})
	}
	if s.simulator != nil {
		run("simulator", func() error { return s.simulator.Serve(background, s.listeners.simulator) })
	}
	run("admin", func() error {
		return admin.Serve(background, s.listeners.admin, admin.Handler(admin.Config{
			Registry: s.metrics.Registry, Report: s.prober.Report, Logger: s.logger, Profiles: s.cfg.PProf, Hosts: s.cfg.AdminHosts,
			Pages: s.components.pages(),
		}), s.logger)
	})
	if err := s.components.start(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	s.identities.start(background, running.Go)
	s.prober.Check(ctx)
	running.Go(func() { rescue.Loop(background, s.logger, "readiness", s.prober.Run) })
	run("grpc", func() error {
		return s.grpc.Serve(newLimitListener(s.listeners.grpc, s.cfg.Limits.Connections))
	})
	s.announce()
	select {
	case <-ctx.Done():
		s.logger.Info("stopping: calls in progress may finish", "grace", s.cfg.ShutdownGrace.String())
	case err = <-broken:
		s.logger.Error("stopping: a part of the server broke", "error", err.Error())
	}
	s.drain(background)
	return err
}

// announce prints the addresses of the service, one per line.
func (s *Server) announce() {
	s.logger.Info("gRPC API is served", "address", s.addresses.GRPC, "regions", s.cfg.Regions)
	if s.simulator != nil {
		s.logger.Info("simulator is served", "address", s.addresses.Simulator)
	}
	s.logger.Info("admin is served", "address", s.addresses.Admin)
}

// Close closes everything that New opened, for a server that is not served:
// Serve does it at its end.
func (s *Server) Close() (err error) {
	s.closing.Do(func() {
		if s.grpc != nil {
			s.grpc.Stop()
		}
		if s.components != nil {
			err = s.components.close()
		}
		if s.simulator != nil {
			err = errors.Join(err, s.simulator.Close())
		}
		if s.tracing != nil {
			err = errors.Join(err, s.tracing.Close())
		}
		if s.listeners != nil {
			s.listeners.close()
		}
	})
	return err
}
