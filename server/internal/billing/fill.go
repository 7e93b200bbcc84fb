package billing

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

const (
	// fillEvery is how often paid renewals without order ID or cost are looked for.
	fillEvery = 10 * time.Second
	// fillTimeout bounds one search.
	fillTimeout = time.Minute
	// fillAge is the age after which a payment is not searched for any more.
	fillAge = 7 * 24 * time.Hour
	// maxUnbilled bounds the renewals of one search.
	maxUnbilled = 500
	// lastRetry is the longest pause between two searches for one renewal.
	lastRetry = time.Hour
)

// retry is the next search for a renewal.
type retry struct {
	at    time.Time
	tried int
}

// Run reads the bill once, so that a bill that cannot be read is known at start,
// and completes renewals until ctx ends.
func (b *Bills) Run(ctx context.Context) {
	rescue.Loop(ctx, b.config.Logger, "billing", func(ctx context.Context) {
		b.probe(ctx)
		_ = lease.Run(ctx, b.ledger, lease.Config{ // the error is that of ctx
			Name: "order-ids", Holder: b.config.Holder, TTL: time.Minute, Try: fillEvery, Logger: b.config.Logger,
		}, func(ctx context.Context, _ *lease.Held) error {
			ticker := time.NewTicker(fillEvery)
			defer ticker.Stop()
			for {
				if err := b.Fill(ctx); err != nil && ctx.Err() == nil {
					b.config.Logger.Warn("complete renewals from the bill failed, retrying", "error", err.Error())
				}
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-ticker.C:
				}
			}
		})
	})
}

// probe lists the orders of the last seconds.
func (b *Bills) probe(ctx context.Context) {
	ctx, cancel := context.WithTimeout(call.InLane(ctx, call.Poll), fillTimeout)
	defer cancel()
	now := b.config.Clock.Now()
	_, err := b.cloud.RenewalOrders(ctx, now.Add(-rounding), now)
	b.note(ctx, orders, err)
}

// Fill completes the paid renewals that lack their order ID, or their cost if the
// cloud names no price for the period, once, and settles those that need attention
// and have an order. The bill is read only if there are any.
func (b *Bills) Fill(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(call.InLane(ctx, call.Poll), fillTimeout)
	defer cancel()
	renewals, err := b.ledger.UnbilledRenewals(ctx, time.Now().Add(-fillAge), maxUnbilled)
	if err != nil {
		return fmt.Errorf("read the renewals without order: %w", err)
	}
	var attention []ledger.Renewal
	if b.config.Settle != nil {
		needs := ledger.Filter{States: []ledger.State{ledger.NeedsAttention}}
		if attention, err = b.ledger.ListRenewals(ctx, needs, ledger.Cursor{}, maxUnbilled); err != nil {
			return fmt.Errorf("read the renewals that need attention: %w", err)
		}
	}
	due := b.due(append(renewals, attention...))
	var wanted []ledger.OrderWindow
	for _, r := range due {
		if since, until := r.OrderWindow(); r.OrderID == "" && !since.IsZero() {
			wanted = append(wanted, ledger.OrderWindow{InstanceID: r.InstanceID, Since: since, Until: until, Price: r.Price})
		}
	}
	found := b.RenewalOrders(ctx, wanted)
	byJob := map[string][]ledger.Transition{}
	for _, r := range due {
		order, known := r.OrderIn(found[r.InstanceID])
		if r.OrderID != "" {
			order, known = b.own(ctx, r)
		}
		if known && r.State == ledger.NeedsAttention {
			b.settle(ctx, r, order)
			continue
		}
		next := r.Ordered(order)
		if !known || next.OrderID == r.OrderID && next.Price == r.Price {
			continue
		}
		next.UpdateTime = time.Now()
		t := ledger.NewTransition(r, next, time.Time{})
		t.Billed = true
		byJob[r.JobID] = append(byJob[r.JobID], t)
	}
	for _, jobID := range slices.Sorted(maps.Keys(byJob)) {
		if _, err := b.ledger.AdvanceRenewals(ctx, ecs.Lease{}, jobID, byJob[jobID]); err != nil {
			return err
		}
		b.config.Changed(jobID)
	}
	return nil
}

// settle marks a renewal paid if the bill shows its order after all. It sends
// nothing: an order that the bill does not show stays a question to an operator.
func (b *Bills) settle(ctx context.Context, r ledger.Renewal, order ecs.BilledOrder) {
	err := b.config.Settle(ctx, r.ID, payment.Decided{
		Resolution: payment.MarkPaid, OrderID: order.ID, By: "ecsd", Note: "the bill shows its order",
	})
	if err != nil && ctx.Err() == nil {
		b.config.Logger.Warn("settle a renewal by the bill failed, retrying", "renewal", r.ID, "order", order.ID, "error", err.Error())
	}
}

// own returns the order of a renewal with a known order ID.
func (b *Bills) own(ctx context.Context, r ledger.Renewal) (order ecs.BilledOrder, found bool) {
	if b.paused(orders) {
		return order, false
	}
	parts, err := b.detail(ctx, r.OrderID)
	b.note(ctx, orders, err)
	at := slices.IndexFunc(parts, func(o ecs.BilledOrder) bool { return o.Of(r.InstanceID) })
	if err != nil || at < 0 {
		return order, false
	}
	return parts[at], true
}

// due returns the renewals that are due for a search, and schedules the ones after
// it, later each time.
func (b *Bills) due(renewals []ledger.Renewal) []ledger.Renewal {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	left := map[string]retry{}
	var due []ledger.Renewal
	for _, r := range renewals {
		next := b.retries[r.ID]
		if !now.Before(next.at) {
			due = append(due, r)
			next = retry{now.Add(min(fillEvery/2<<min(next.tried, 12), lastRetry)), next.tried + 1}
		}
		left[r.ID] = next
	}
	b.retries = left
	return due
}
