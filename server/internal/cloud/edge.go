package cloud

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/ecsd-io/ecsd/server/internal/cloud/budget"
	"github.com/ecsd-io/ecsd/server/internal/cloud/scrub"
)

// Edge calls Alibaba Cloud. It is safe for concurrent use. An idle edge runs no
// goroutine.
type Edge struct {
	config      Config
	transport   http.RoundTripper
	closeIdle   func()
	keys        *keyring
	permissions permissions
	scrub       *scrub.Scrubber
	budget      *budget.Budget
	latencies   latencies
	site        site
	unreachable unreachable
	tracer      trace.Tracer
	log         *slog.Logger
	served      map[string]bool

	// lastAnswer is the time of the cloud's last response, in Unix nanoseconds.
	lastAnswer atomic.Int64

	// life ends at Close, and with it every call that no caller waits for.
	life context.Context
	end  context.CancelFunc

	mu      sync.Mutex
	closed  bool
	groups  map[string]*instanceGroup
	lines   map[string]*budget.Line
	running sync.WaitGroup
}

// errClosed is the error of a call after Close.
var errClosed = errors.New("the edge to the cloud is closed")

// New checks the configuration and returns an Edge. It calls neither the cloud
// nor the source of credentials. Its owner must Close it.
func New(config Config) (*Edge, error) {
	config, err := config.normalize()
	if err != nil {
		return nil, err
	}
	if err := checkProxySetting(); err != nil {
		return nil, err
	}
	transport := newTransport()
	e := newEdge(config, transport)
	e.closeIdle = transport.CloseIdleConnections
	return e, nil
}

// newEdge makes an Edge over a transport, which benchmarks replace.
func newEdge(config Config, transport http.RoundTripper) *Edge {
	e := &Edge{
		config:    config,
		transport: transport,
		closeIdle: func() {},
		scrub:     new(scrub.Scrubber),
		tracer:    config.TracerProvider.Tracer("github.com/ecsd-io/ecsd/server/internal/cloud"),
		log:       config.Logger,
	}
	e.groups = make(map[string]*instanceGroup)
	e.lines = make(map[string]*budget.Line)
	e.permissions.proofs = make(map[list]time.Time)
	e.permissions.checks = make(map[list]*check)
	e.served = make(map[string]bool)
	for _, region := range config.Regions {
		e.served[region] = true
	}
	e.budget = budget.New(budget.Config{Rates: config.Rates})
	e.life, e.end = context.WithCancel(context.Background())
	e.keys = &keyring{source: config.Credentials, scrub: e.scrub, start: e.run, verify: e.verify}
	return e
}

// Close ends the calls in progress, waits for them, and drops the connections.
// The outcome of a call ended by Close is unknown to its caller: drain first.
func (e *Edge) Close() error {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.end()
	e.budget.Close()
	e.running.Wait()
	e.closeIdle()
	return nil
}

// run starts a goroutine of the Edge, which Close waits for. It reports false,
// and starts nothing, once the Edge is closed.
func (e *Edge) run(work func(context.Context)) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.running.Go(func() { work(e.life) })
	return true
}

// LastAnswer returns the time of the last response from the cloud, errors
// included; zero if there was none.
func (e *Edge) LastAnswer() time.Time {
	if n := e.lastAnswer.Load(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}
