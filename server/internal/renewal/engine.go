package renewal

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/flight"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Cloud is what renewal needs of the edge. Reads that run at the same time
// share calls of a hundred instances.
type Cloud interface {
	// Instances has one result an id, in the order asked.
	Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance]
	InstancePage(ctx context.Context, regionID string, q ecs.Query, cursor string, limit int) (ecs.Page, error)
	RenewalPrice(ctx context.Context, regionID, instanceID string, p ecs.Period) (ecs.Quote, error)
	// Renew pays. It retries with the same token only, and says by the
	// error's Effect whether money may have moved.
	Renew(ctx context.Context, order ecs.RenewOrder) (orderID string, err error)
}

// Ledger is what renewal needs of the store. What it has answered is on disk.
type Ledger interface {
	CreateRenewalJob(ctx context.Context, j ledger.Job, renewals []ledger.Renewal) error
	RenewalJob(ctx context.Context, jobID string) (ledger.Job, error)
	RenewalJobByRequest(ctx context.Context, requestID string) (ledger.Job, error)
	ListRenewalJobs(ctx context.Context, f ledger.JobFilter, after ledger.Cursor, limit int) ([]ledger.Job, error)
	CancelRenewalJob(ctx context.Context, jobID, by string, why ledger.Failure, at time.Time) (ended int64, err error)

	Renewal(ctx context.Context, renewalID string) (ledger.Renewal, error)
	Renewals(ctx context.Context, renewalIDs []string) (map[string]ledger.Renewal, error)
	RenewalsOfJob(ctx context.Context, jobID string, revision int64, renewalID string, limit int) ([]ledger.Renewal, error)
	ListRenewals(ctx context.Context, f ledger.Filter, after ledger.Cursor, limit int) ([]ledger.Renewal, error)

	WorkingRenewalJobs(ctx context.Context) ([]ledger.Job, error)
	ClaimRenewals(ctx context.Context, worker ecs.Lease, c ledger.Claim) ([]ledger.Renewal, error)
	AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, ts []ledger.Transition) ([]error, error)
	AcquireLease(ctx context.Context, name, holder string, ttl time.Duration) (ecs.Lease, error)
	RenewLease(ctx context.Context, lease ecs.Lease, ttl time.Duration, note []byte) (ecs.Lease, error)
	ReleaseLease(ctx context.Context, lease ecs.Lease) error
}

// Config is what an operator may set. The zero value of a field means its
// default.
type Config struct {
	// SettleWindow is how long after a call of unknown outcome the expiry is
	// read before the call is sent again. The cloud shows a new expiry up to
	// about 10 s late. Default 60 s.
	SettleWindow time.Duration
	// VerifyWindow is how long after an accepted order the new expiry is
	// waited for. Default 2 min.
	VerifyWindow time.Duration
	// TrustAge is how long a token is trusted to make a call idempotent. The
	// cloud publishes no such time. Default 24 h.
	TrustAge time.Duration
	// Patience is how long a call that the cloud puts off, by throttling or
	// because an earlier order is in work, is sent again for a renewal that
	// was asked for alone. Throttling never ends one of a larger job. Default
	// 10 min.
	Patience time.Duration
	// MaxJobSize is how many instances one job may have. Default 10,000.
	MaxJobSize int
	// Observer is told what the engine wrote. Default nobody.
	Observer Observer
	// Touched is told which instances were just paid for, but for those of larger
	// jobs: to have each of thousands read often would cost more calls than the
	// job. Default nobody.
	Touched func(regionID string, ids []string)
	// Logger takes what no caller is there to be told. Default slog.Default().
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	for _, field := range []struct {
		value *time.Duration
		def   time.Duration
	}{
		{&c.SettleWindow, 60 * time.Second},
		{&c.VerifyWindow, 2 * time.Minute},
		{&c.TrustAge, 24 * time.Hour},
		{&c.Patience, 10 * time.Minute},
	} {
		if *field.value <= 0 {
			*field.value = field.def
		}
	}
	if c.MaxJobSize <= 0 {
		c.MaxJobSize = 10_000
	}
	if c.Touched == nil {
		c.Touched = func(string, []string) {}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// Engine carries renewals to their end. It is safe for concurrent use.
type Engine struct {
	cloud  Cloud
	ledger Ledger
	config Config
	// holder is this process, to its leases.
	holder string

	// ctx ends when the engine closes; every run lives in it, none in the
	// context of the caller who happened to start it.
	ctx   context.Context
	close context.CancelFunc
	runs  sync.WaitGroup
	begun sync.Once
	// kicked has a value where there may be something to claim.
	kicked chan struct{}

	// waits says that the worker's last turn failed. It is the worker's alone.
	waits bool

	followers followers
	pools     pools

	// flights are the renewals that are waited for, by request id.
	flights *flight.Group[ledger.Renewal]
	// mu orders the worker's begin against close: it does not begin after it.
	mu sync.Mutex
	// asked are the contexts of those who wait for a renewal, by job, for what
	// is counted and traced under their call.
	asked sync.Map
}

// New returns an Engine that works until Close. Call Resume once, before the
// first request.
func New(cloud Cloud, records Ledger, config Config) *Engine {
	ctx, cancel := context.WithCancel(context.Background())
	return &Engine{
		cloud: cloud, ledger: records, config: config.withDefaults(), holder: uuid.NewString(),
		ctx: ctx, close: cancel, kicked: make(chan struct{}, 1), flights: flight.New[ledger.Renewal](ctx),
	}
}

// Resume takes up every renewal that an earlier process left open, once it has
// seen that the ledger can be read.
func (e *Engine) Resume(ctx context.Context) error {
	if _, err := e.ledger.WorkingRenewalJobs(ctx); err != nil {
		return err
	}
	e.kick()
	return nil
}

// Close stops the engine. A paid call under way is waited for; everything else
// stays where the ledger says and is taken up by the next process.
func (e *Engine) Close() {
	e.mu.Lock()
	e.close()
	e.mu.Unlock()
	e.flights.Wait()
	e.runs.Wait()
}

// kick has the worker look for work, and starts it where it does not run yet.
func (e *Engine) kick() {
	e.begun.Do(func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.ctx.Err() == nil {
			e.runs.Go(e.work)
		}
	})
	poke(e.kicked)
}
