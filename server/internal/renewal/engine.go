package renewal

import (
	"context"
	"log/slog"
	"time"

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
	InstancePage(ctx context.Context, regionID string, q ecs.Query, cursor string, limit int) (ecs.Page, error)
	AutoRenewSettings(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.AutoRenewSetting]
}

// Ledger is the part of the store that renewal needs. Everything it has
// returned from is on disk.
type Ledger interface {
	payment.Ledger
	CreateRenewalJob(ctx context.Context, j ledger.Job, renewals []ledger.Renewal) error
	RenewalJobByRequest(ctx context.Context, requestID string) (ledger.Job, error)
	ListRenewalJobs(ctx context.Context, f ledger.JobFilter, after ledger.Cursor, limit int) ([]ledger.Job, error)
	CancelRenewalJob(ctx context.Context, jobID string, c ledger.Cancellation) (ended int64, err error)
	RenewalSelection(ctx context.Context, jobID string) ([]byte, error)
	PriorRenewals(ctx context.Context, regionID string, instanceIDs []string) (map[string][]ledger.Prior, error)
	// PermitSpending returns the error by which a renewal of a caller would be refused
	// now, as ledger.SpendRefusal takes it. A price is zero if it is not known.
	PermitSpending(ctx context.Context, caller string, price *ecs.Money) error
	// Spending reads the limits of a caller, with the spent and reserved money.
	Spending(ctx context.Context, caller string) (ledger.Spending, error)

	SavePreview(ctx context.Context, id string, parts [][]byte, at, since time.Time) error
	PreviewPart(ctx context.Context, id string, part int, since time.Time) ([]byte, error)

	RenewalsOfJob(ctx context.Context, jobID string, revision int64, renewalID string, limit int) ([]ledger.Renewal, error)
	ListRenewals(ctx context.Context, f ledger.Filter, after ledger.Cursor, limit int) ([]ledger.Renewal, error)
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
	cloud  Cloud
	ledger Ledger
	config Config
	runner *payment.Runner

	// ctx ends when the engine closes.
	ctx   context.Context
	close context.CancelFunc

	pricing pricings
	feeds   *follow.Feeds[Position, Progress]
	// flights are the renewals that callers wait for, by request ID.
	flights *flight.Group[ledger.Renewal]
}

// New returns an Engine that works until Close. Call Resume once, before the
// first request.
func New(cloud Cloud, records Ledger, config Config) *Engine {
	ctx, cancel := context.WithCancel(context.Background())
	e := &Engine{
		cloud: cloud, ledger: records, config: config.withDefaults(),
		ctx: ctx, close: cancel, flights: flight.New[ledger.Renewal](ctx),
	}
	e.feeds = follow.New(ctx, records.Shared, e.readStep)
	e.runner = payment.New(cloud, records, payment.Config{
		Limits: config.Limits, Holder: uuid.NewString(), Regions: config.Regions, Bills: config.Bills, Observer: config.Observer,
		Touched: config.Touched, Changed: e.feeds.Changed, Clock: config.Clock, Logger: e.config.Logger,
	})
	return e
}

// Resume checks that the ledger can be read and starts the runner, which resumes
// the open renewals of earlier processes.
func (e *Engine) Resume(ctx context.Context) error {
	if _, err := e.ledger.OpenRenewalRegions(ctx); err != nil {
		return err
	}
	e.runner.Start()
	return nil
}

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
