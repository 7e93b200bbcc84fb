package billing

import (
	"context"
	"log/slog"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
)

// Cloud is the part of the cloud that billing needs.
type Cloud interface {
	// RenewalOrders returns the orders of renewals that were created in a window,
	// without their instances.
	RenewalOrders(ctx context.Context, since, until time.Time) ([]ecs.BilledOrder, error)
	// ChangeOrders returns the other orders of a window, in the same way.
	ChangeOrders(ctx context.Context, since, until time.Time) ([]ecs.BilledOrder, error)
	// OrderDetails returns the parts of an order with their instances, none if the
	// bill does not show them yet.
	OrderDetails(ctx context.Context, orderID string) ([]ecs.BilledOrder, error)
	// Balance returns what the account can pay now.
	Balance(ctx context.Context) (ecs.Money, error)
	// SubscriptionEnds returns when subscriptions end, without those that the bill does
	// not show.
	SubscriptionEnds(ctx context.Context, ids []string) (map[string]ecs.SubscriptionEnd, error)
}

// Ledger is the part of the store that billing needs.
type Ledger interface {
	lease.Store
	// RenewalOrderIDs returns those of the order IDs that renewals have.
	RenewalOrderIDs(ctx context.Context, orderIDs []string) ([]string, error)
	// UnbilledRenewals returns renewals that were paid since a time, have ended, and
	// lack an order ID or a price, the latest first.
	UnbilledRenewals(ctx context.Context, since time.Time, limit int) ([]ledger.Renewal, error)
	ListRenewals(ctx context.Context, f ledger.Filter, after ledger.Cursor, limit int) ([]ledger.Renewal, error)
	AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, ts []ledger.Transition) ([]error, error)
}

// Config configures Bills. The zero value of a field means its default.
type Config struct {
	// Holder is unique to the life of this process, for leases.
	Holder string
	// Changed is called after a job was written. Default none.
	Changed func(jobID string)
	// Settle marks a renewal that needs attention as paid by an order of the bill.
	// Default none: it waits for an operator.
	Settle func(ctx context.Context, renewalID string, paid payment.Decided) error
	// Clock is the cloud's. Default time.Now.
	Clock ecs.Clock
	// Logger receives failures. Default slog.Default().
	Logger *slog.Logger
}

// Bills shows the orders of the account. It is safe for concurrent use.
type Bills struct {
	cloud  Cloud
	ledger Ledger
	config Config

	// reading has a value while a read of the bill is in progress, so that one read
	// answers all callers.
	reading chan struct{}
	// details are the parts of orders by order ID, which do not change.
	details *lru.Cache[string, []ecs.BilledOrder]

	// mu guards all below. It is not held across I/O.
	mu     sync.Mutex
	states map[string]state // by action
	next   time.Time
	lists  []list
	// retries are the next attempts to complete renewals, by ID.
	retries map[string]retry
}

var _ payment.Bills = (*Bills)(nil)

// New returns Bills. It makes no call.
func New(cloud Cloud, records Ledger, config Config) *Bills {
	if config.Changed == nil {
		config.Changed = func(string) {}
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	details, err := lru.New[string, []ecs.BilledOrder](maxDetails)
	if err != nil {
		panic(err) // a size below 1
	}
	return &Bills{
		cloud: cloud, ledger: records, config: config,
		reading: make(chan struct{}, 1), details: details, states: map[string]state{}, retries: map[string]retry{},
	}
}

// RenewalOrders returns the orders of renewals that the bill shows in the
// windows, by instance ID, without those that a renewal of the ledger has. It
// returns none if the bill cannot be read, and waits no longer than ctx.
func (b *Bills) RenewalOrders(ctx context.Context, wanted []ledger.OrderWindow) map[string][]ecs.BilledOrder {
	return b.find(ctx, renewalOrders, wanted)
}

// ChangeOrders is RenewalOrders for the orders that are no renewals.
func (b *Bills) ChangeOrders(ctx context.Context, wanted []ledger.OrderWindow) map[string][]ecs.BilledOrder {
	return b.find(ctx, changeOrders, wanted)
}

func (b *Bills) find(ctx context.Context, of kind, wanted []ledger.OrderWindow) map[string][]ecs.BilledOrder {
	if len(wanted) == 0 || b.paused(orders) {
		return nil
	}
	select {
	case b.reading <- struct{}{}:
		defer func() { <-b.reading }()
	case <-ctx.Done():
		return nil
	}
	if b.paused(orders) {
		return nil
	}
	found, err := b.read(call.InLane(ctx, call.Read), of, wanted)
	b.note(ctx, orders, err)
	return found
}
