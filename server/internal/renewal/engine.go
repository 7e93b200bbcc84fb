package renewal

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Cloud is what renewal needs of the edge.
type Cloud interface {
	Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance]
	RenewalPrice(ctx context.Context, regionID, instanceID string, p ecs.Period) (ecs.Quote, error)
	// Renew pays. It retries with the same token only, and says by the
	// error's Effect whether money may have moved.
	Renew(ctx context.Context, order ecs.RenewOrder) (orderID string, err error)
	AutoRenewSettings(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.AutoRenewSetting]
	SetAutoRenew(ctx context.Context, regionID string, ids []string, status ecs.AutoRenewStatus, period ecs.Period) []ecs.Result[struct{}]
}

// Ledger is what renewal needs of the store. What it has answered is on disk.
type Ledger interface {
	CreateRenewal(ctx context.Context, r ecs.Renewal) error
	MoveRenewal(ctx context.Context, r ecs.Renewal, from ecs.RenewalState) error
	RenewalByRequest(ctx context.Context, requestID string) (ecs.Renewal, error)
	LiveRenewals(ctx context.Context) ([]ecs.Renewal, error)
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
	// because an earlier order is in work, is sent again. Default 10 min.
	Patience time.Duration
	// Touched is told which instances were just paid for. Default nobody.
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

	// ctx ends when the engine closes; every run lives in it, none in the
	// context of the caller who happened to start it.
	ctx   context.Context
	close context.CancelFunc
	runs  sync.WaitGroup

	// mu guards running and orders it against close: no run begins after it.
	mu      sync.Mutex
	running map[string]*run // by request id
}

// New returns an Engine that works until Close. Call Resume once, before the
// first request.
func New(cloud Cloud, ledger Ledger, config Config) *Engine {
	ctx, cancel := context.WithCancel(context.Background())
	return &Engine{
		cloud: cloud, ledger: ledger, config: config.withDefaults(),
		ctx: ctx, close: cancel, running: map[string]*run{},
	}
}

// Resume takes up every renewal that an earlier process left open.
func (e *Engine) Resume(ctx context.Context) error {
	live, err := e.ledger.LiveRenewals(ctx)
	if err != nil {
		return err
	}
	for _, r := range live {
		e.mu.Lock()
		if e.ctx.Err() == nil && e.running[r.RequestID] == nil {
			e.start(e.ctx, r.RequestID, r.PayloadHash, func(ctx context.Context, run *run) (ecs.Renewal, error) {
				run.commit()
				return e.takeUp(ctx, r)
			})
		}
		e.mu.Unlock()
	}
	return nil
}

// Close stops the engine. A paid call under way is waited for; everything else
// stays where the ledger says and is taken up by Resume.
func (e *Engine) Close() {
	e.mu.Lock()
	e.close()
	e.mu.Unlock()
	e.runs.Wait()
}
