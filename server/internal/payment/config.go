package payment

import (
	"context"
	"log/slog"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Limits are the times and counts that Next decides by. The zero value of a
// field means its default.
type Limits struct {
	// SettleWindow is how long after a send of unknown outcome the expiry is read
	// before the order is sent again. Default 60 s; the settings of the server
	// hold it at 30 s or more, because the cloud shows a new expiry about ten
	// seconds late.
	SettleWindow time.Duration
	// SettleEvery is the pause between the first reads after a send of unknown
	// outcome; it grows to 5 s. Default 5 s, or 2 s if there are Bills: the bill
	// shows most orders sooner than the instance shows its expiry.
	SettleEvery time.Duration
	// VerifyWindow is how long after an accepted order the new expiry is waited
	// for. Default 2 min.
	VerifyWindow time.Duration
	// TrustAge is how long a token is trusted to make the call idempotent. The
	// cloud publishes no limit. Default 24 h.
	TrustAge time.Duration
	// Patience is how long a single renewal retries calls that the cloud defers, and
	// how long any renewal retries refusals that may pass. Throttling never ends a
	// renewal of a larger job. Default 10 min.
	Patience time.Duration
}

func (l Limits) withDefaults() Limits {
	for _, field := range []struct {
		value *time.Duration
		def   time.Duration
	}{
		{&l.SettleWindow, 60 * time.Second},
		{&l.SettleEvery, settleEvery},
		{&l.VerifyWindow, 2 * time.Minute},
		{&l.TrustAge, 24 * time.Hour},
		{&l.Patience, 10 * time.Minute},
	} {
		if *field.value <= 0 {
			*field.value = field.def
		}
	}
	return l
}

const (
	// showsAfter is when the cloud mostly shows a new expiry; an earlier read would
	// mostly cost a second one.
	showsAfter = 10 * time.Second
	// verifyEvery and settleEvery are the pauses between reads of an instance.
	verifyEvery = 5 * time.Second
	settleEvery = 5 * time.Second
	// singleEvery is the pause between reads for a renewal that a caller waits for,
	// and between the first reads of the bill.
	singleEvery = 2 * time.Second
	// retryAfter is the pause before a deferred step if the cloud names none.
	retryAfter = 3 * time.Second
)

// Bills reads the orders of the account.
type Bills interface {
	// RenewalOrders returns the orders of renewals that the bill shows in the windows,
	// by instance ID, without those that the ledger has. It returns none if the bill
	// cannot be read.
	RenewalOrders(ctx context.Context, wanted []ledger.OrderWindow) map[string][]ecs.BilledOrder
}

// Config configures a Runner.
type Config struct {
	Limits
	// Holder is unique to the life of this process, for leases.
	Holder string
	// Regions are the regions that the cloud serves. Renewals of others are left to
	// another process. Default all.
	Regions []string
	// Bills shows the orders of the account, as evidence about unknown outcomes. Nil
	// if the billing API is not used. Nothing is paid because of it.
	Bills Bills
	// Observer receives the written transitions.
	Observer Observer
	// Touched receives the instances of single renewals that were just sent, so
	// that watches read them soon. Default none.
	Touched func(regionID string, ids []string)
	// Changed is called after a job was written. Default none.
	Changed func(jobID string)
	// Clock is the cloud's. Default time.Now.
	Clock ecs.Clock
	// Logger receives failures that no caller waits for. Default slog.Default().
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Bills != nil && c.SettleEvery <= 0 {
		c.SettleEvery = singleEvery
	}
	c.Limits = c.Limits.withDefaults()
	if c.Touched == nil {
		c.Touched = func(string, []string) {}
	}
	if c.Changed == nil {
		c.Changed = func(string) {}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// Observer receives the transitions written by a runner. Its functions are
// called from many goroutines, must not block, and may be nil.
type Observer struct {
	// Ended receives renewals that reached a state in which no runner works on them.
	Ended func(ledger.Count)
	// Paid receives the price of each accepted order, if the cloud has one, once
	// per renewal.
	Paid func(ecs.Money)
}

// Wrote reports a renewal that was written in a new state.
func (o Observer) Wrote(r ledger.Renewal) {
	if r.State == ledger.Verifying && o.Paid != nil && !r.Price.IsZero() {
		o.Paid(r.Price)
	}
	if !r.State.Open() {
		o.Count(ledger.Count{State: r.State, Reason: r.Failure.Reason, Count: 1})
	}
}

// Count reports renewals that ended together.
func (o Observer) Count(c ledger.Count) {
	if o.Ended != nil && c.Count > 0 {
		o.Ended(c)
	}
}
