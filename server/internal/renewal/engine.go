package renewal

import (
	"context"
	"log/slog"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/flight"
	"github.com/ecsd-io/ecsd/server/internal/follow"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
)

// Cloud is the part of the cloud that renewal needs. Reads that run at the same
// time share calls of a hundred instances.
type Cloud interface {
	payment.Cloud
	cloudReads
}

// Ledger is the part of the store that the parts of an Engine and its runner
// need. Everything it has returned from is on disk.
type Ledger interface {
	payment.Ledger
	Requests
	Jobs
	Priors
	SpendingLimits
}

// Config configures an Engine. The zero value of a field means its default.
type Config struct {
	payment.Limits
	// MaxJobSize is how many instances one job may have. Default 10,000.
	MaxJobSize int
	// Regions are the regions that the cloud serves. Default all.
	Regions []string
	// Bills shows the orders of the account. Default none.
	Bills payment.Bills
	// Balance returns what the account can pay now, no amount if that is not known. Nil
	// if the billing API is not used.
	Balance func(context.Context) ecs.Money
	// Observer receives the written transitions. Default none.
	Observer payment.Observer
	// Touched receives the instances of single renewals that were just sent.
	// Default none.
	Touched func(regionID string, ids []string)
	// Clock is the cloud's. Default time.Now.
	Clock ecs.Clock
	// Logger receives failures that no caller waits for. Default slog.Default().
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.MaxJobSize <= 0 {
		c.MaxJobSize = 10_000
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// Engine plans renewals and keeps their jobs; its runner pays. It is safe for
// concurrent use.
type Engine struct {
	config      Config
	planner     *planner
	requests    Requests
	jobs        Jobs
	limits      SpendingLimits
	transitions payment.Transitions
	runner      *payment.Runner

	// ctx ends when the engine closes.
	ctx   context.Context
	close context.CancelFunc

	feeds *follow.Feeds[Position, Progress]
	// flights are the renewals that callers wait for, by request ID.
	flights *flight.Group[ledger.Renewal]
}

// New returns an Engine that works until Close. Call Resume once, before the
// first request.
func New(cloud Cloud, records Ledger, config Config) *Engine {
	ctx, cancel := context.WithCancel(context.Background())
	config = config.withDefaults()
	e := &Engine{
		config:   config,
		planner:  &planner{cloud: cloud, priors: records, clock: config.Clock, maxJobSize: config.MaxJobSize},
		requests: records, jobs: records, limits: records, transitions: records,
		ctx: ctx, close: cancel, flights: flight.New[ledger.Renewal](ctx),
	}
	e.feeds = follow.New(ctx, records.Shared, e.readStep)
	e.runner = payment.New(cloud, records, payment.Config{
		Limits: config.Limits, Holder: uuid.NewString(), Regions: config.Regions, Bills: config.Bills, Observer: config.Observer,
		Touched: config.Touched, Changed: e.feeds.Changed, Clock: config.Clock, Logger: config.Logger,
	})
	return e
}

// Resume checks that the ledger can be read and starts the runner, which resumes
// the open renewals of earlier processes.
func (e *Engine) Resume(ctx context.Context) error { return e.runner.Start(ctx) }

// Changed notifies the watches of a job that another component wrote.
func (e *Engine) Changed(jobID string) { e.feeds.Changed(jobID) }

// Close stops the engine. A paid call in flight is waited for; everything else
// stays as the ledger has it, for the next process.
func (e *Engine) Close() {
	e.close()
	e.runner.Close()
	e.flights.Wait()
	e.feeds.Wait()
}
