package readiness

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// Defaults of Config.
const (
	DefaultInterval = 10 * time.Second
	DefaultTimeout  = 5 * time.Second
)

// Part is something that the server needs.
type Part struct {
	// Name is short, such as store or cloud.
	Name string
	// Check reports whether the part works. Its context ends after Config.Timeout.
	Check func(context.Context) error
	// Failures is how many checks must fail in a row before a part that was
	// ready counts as not ready; 0 means 1. A part that was never ready is not
	// ready from the first failure on.
	Failures int
	// Optional marks a part that no service needs: it is reported, and affects no
	// health. It logs its failures itself.
	Optional bool
}

// Config configures the checks.
type Config struct {
	Parts []Part
	// Services names, for each gRPC service, the parts that it needs. The
	// overall service "" needs all parts and is not listed.
	Services map[string][]string
	// Interval is the time between two rounds of checks; 0 means 10 s.
	Interval time.Duration
	// Timeout bounds one check; 0 means 5 s.
	Timeout time.Duration
	Logger  *slog.Logger
}

// Prober holds the last known state of the parts. It is safe for concurrent
// use.
type Prober struct {
	cfg    Config
	health *health.Server

	mu       sync.Mutex
	parts    map[string]*partState
	draining bool
}

type partState struct {
	optional bool
	checked  bool
	ready    bool
	failures int
	err      error
	since    time.Time
}

// New makes a prober; until Check has run once, nothing is ready.
func New(cfg Config) *Prober {
	if cfg.Interval == 0 {
		cfg.Interval = DefaultInterval
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	p := &Prober{cfg: cfg, health: health.NewServer(), parts: make(map[string]*partState, len(cfg.Parts))}
	for _, part := range cfg.Parts {
		p.parts[part.Name] = &partState{optional: part.Optional, since: time.Now()}
	}
	p.publish()
	return p
}

// Health returns the gRPC health service that the prober updates.
func (p *Prober) Health() *health.Server { return p.health }

// Run checks at every interval until ctx ends. The first round is Check's,
// which the caller makes before it serves.
func (p *Prober) Run(ctx context.Context) {
	ticker := time.NewTicker(p.cfg.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			p.Check(ctx)
		}
	}
}

// errPanicked reports a check that panicked, which was logged.
var errPanicked = errors.New("its check panicked; the log has the stack")

// Check runs every part's check at once and publishes the results.
func (p *Prober) Check(ctx context.Context) {
	errs := make([]error, len(p.cfg.Parts))
	var checks sync.WaitGroup
	for i, part := range p.cfg.Parts {
		checks.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
			defer cancel()
			errs[i] = errPanicked
			rescue.Once(p.cfg.Logger, "check of "+part.Name, func() { errs[i] = part.Check(ctx) })
		})
	}
	checks.Wait()
	if ctx.Err() != nil {
		return // the server is stopping, and the checks were cut short by that
	}
	for i, part := range p.cfg.Parts {
		p.record(ctx, part, errs[i])
	}
	p.publish()
}

func (p *Prober) record(ctx context.Context, part Part, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	state := p.parts[part.Name]
	was, first := state.ready, !state.checked
	state.checked, state.err = true, err
	if err == nil {
		state.ready, state.failures = true, 0
	} else if state.failures++; state.failures >= part.Failures {
		state.ready = false
	}
	if was == state.ready && !first {
		return
	}
	state.since = time.Now()
	if part.Optional {
		return
	}
	if state.ready {
		p.cfg.Logger.InfoContext(ctx, "part is ready", "part", part.Name)
		return
	}
	p.cfg.Logger.WarnContext(ctx, "part is not ready", "part", part.Name, "error", err.Error(), "failed_checks", state.failures)
}

// Drain makes everything NOT_SERVING for good.
func (p *Prober) Drain() {
	p.mu.Lock()
	p.draining = true
	p.mu.Unlock()
	p.health.Shutdown()
}

func (p *Prober) publish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := true
	for _, state := range p.parts {
		all = all && (state.ready || state.optional)
	}
	p.health.SetServingStatus("", serving(all))
	for service, needs := range p.cfg.Services {
		ready := true
		for _, name := range needs {
			ready = ready && p.parts[name].ready
		}
		p.health.SetServingStatus(service, serving(ready))
	}
}

func serving(ready bool) grpc_health_v1.HealthCheckResponse_ServingStatus {
	if ready {
		return grpc_health_v1.HealthCheckResponse_SERVING
	}
	return grpc_health_v1.HealthCheckResponse_NOT_SERVING
}
