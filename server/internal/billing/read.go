package billing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// gap is the pause between windows up to which one read covers both.
	gap = 10 * time.Minute
	// maxWindows bounds the windows of one read, the latest first.
	maxWindows = 10
	// maxNewDetails bounds the orders whose details one read adds, and maxDetails
	// those that are remembered.
	maxNewDetails = 16
	maxDetails    = 20_000
	// detailing bounds the concurrent reads of details.
	detailing = 4
	// between is the least pause between two calls: the cloud permits ten per second.
	between = 125 * time.Millisecond
	// fresh is how long a list answers callers that need no later one.
	fresh = time.Second
	// rounding widens windows, so that callers at the same time share a list.
	rounding = 10 * time.Second
)

// kind is a kind of orders.
type kind int

const (
	renewalOrders kind = iota
	changeOrders
)

// window is a window of creation times.
type window struct{ since, until time.Time }

// list is a read of a window, at a time.
type list struct {
	of kind
	window
	at     time.Time
	orders []ecs.BilledOrder
}

// windows returns the windows to list: few, and not later than now.
func windows(wanted []ledger.OrderWindow, now time.Time) []window {
	sorted := slices.Clone(wanted)
	slices.SortFunc(sorted, func(a, b ledger.OrderWindow) int { return a.Since.Compare(b.Since) })
	var all []window
	for _, w := range sorted {
		until := w.Until
		if until.After(now) {
			until = now
		}
		if last := len(all) - 1; last >= 0 && !w.Since.After(all[last].until.Add(gap)) {
			if until.After(all[last].until) {
				all[last].until = until
			}
			continue
		}
		all = append(all, window{w.Since, until})
	}
	slices.Reverse(all)
	return all[:min(len(all), maxWindows)]
}

// read reads the orders in the windows and their instances.
func (b *Bills) read(ctx context.Context, of kind, wanted []ledger.OrderWindow) (map[string][]ecs.BilledOrder, error) {
	var listed []ecs.BilledOrder
	// The cloud's clock may be ahead by as much as the windows allow.
	for _, w := range windows(wanted, time.Now().Add(rounding)) {
		orders, err := b.list(ctx, of, w)
		if err != nil {
			return nil, err
		}
		listed = append(listed, orders...)
	}
	listed = slices.DeleteFunc(listed, func(o ecs.BilledOrder) bool {
		return !o.Paid || o.Renews() != (of == renewalOrders) || !slices.ContainsFunc(wanted, func(w ledger.OrderWindow) bool {
			return !o.CreateTime.Before(w.Since) && !o.CreateTime.After(w.Until)
		})
	})
	listed, err := b.unknown(ctx, listed)
	if err != nil {
		return nil, err
	}
	parts, err := b.detailed(ctx, listed, wanted)
	found := map[string][]ecs.BilledOrder{}
	for _, o := range parts {
		for _, w := range wanted {
			if o.Of(w.InstanceID) && !slices.ContainsFunc(found[w.InstanceID], func(other ecs.BilledOrder) bool { return other.ID == o.ID }) {
				found[w.InstanceID] = append(found[w.InstanceID], o)
			}
		}
	}
	return found, err
}

// list lists a window, or returns a list that covers it and was just read.
func (b *Bills) list(ctx context.Context, of kind, w window) ([]ecs.BilledOrder, error) {
	w.since = w.since.Truncate(rounding)
	now := time.Now()
	b.mu.Lock()
	b.lists = slices.DeleteFunc(b.lists, func(l list) bool { return now.Sub(l.at) > fresh })
	for _, l := range b.lists {
		if l.of == of && !l.since.After(w.since) && !l.until.Before(w.until.Add(-fresh)) {
			b.mu.Unlock()
			return l.orders, nil
		}
	}
	b.mu.Unlock()
	if err := b.wait(ctx); err != nil {
		return nil, err
	}
	ahead := b.config.Clock.Ahead()
	read := b.cloud.RenewalOrders
	if of == changeOrders {
		read = b.cloud.ChangeOrders
	}
	orders, err := read(ctx, w.since.Add(ahead), w.until.Add(ahead))
	if err != nil {
		return nil, err
	}
	for i := range orders {
		orders[i].CreateTime = orders[i].CreateTime.Add(-ahead)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lists = append(b.lists, list{of, w, now, orders})
	return orders, nil
}

// unknown returns the orders that no renewal of the ledger has.
func (b *Bills) unknown(ctx context.Context, orders []ecs.BilledOrder) ([]ecs.BilledOrder, error) {
	if len(orders) == 0 {
		return nil, nil
	}
	ids := make([]string, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	taken, err := b.ledger.RenewalOrderIDs(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read the order IDs of the ledger: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(orders), func(o ecs.BilledOrder) bool { return slices.Contains(taken, o.ID) }), nil
}

// detailed returns the parts of orders. If there are many, it reads the likely
// ones first, which cost an expected price, and leaves the others to the next
// read.
func (b *Bills) detailed(ctx context.Context, orders []ecs.BilledOrder, wanted []ledger.OrderWindow) ([]ecs.BilledOrder, error) {
	var parts, missing []ecs.BilledOrder
	for _, o := range orders {
		if known, ok := b.details.Get(o.ID); ok {
			parts = append(parts, known...)
		} else if !slices.ContainsFunc(missing, func(m ecs.BilledOrder) bool { return m.ID == o.ID }) {
			missing = append(missing, o)
		}
	}
	likely := func(o ecs.BilledOrder) int {
		if slices.ContainsFunc(wanted, func(w ledger.OrderWindow) bool { return w.Price == o.Amount }) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(missing, func(a, b ecs.BilledOrder) int {
		return cmp.Or(cmp.Compare(likely(a), likely(b)), a.CreateTime.Compare(b.CreateTime))
	})
	missing = missing[:min(len(missing), maxNewDetails)]
	read := make([][]ecs.BilledOrder, len(missing))
	var group rescue.Group
	group.SetLimit(detailing)
	for i, o := range missing {
		group.Go(func() (err error) {
			read[i], err = b.detail(ctx, o.ID)
			return err
		})
	}
	err := group.Wait()
	for _, some := range read {
		parts = append(parts, some...)
	}
	if ctx.Err() != nil && len(parts) > 0 {
		err = nil // the next read continues with the others
	}
	return parts, err
}

// detail returns the parts of an order.
func (b *Bills) detail(ctx context.Context, orderID string) ([]ecs.BilledOrder, error) {
	if known, ok := b.details.Get(orderID); ok {
		return known, nil
	}
	if err := b.wait(ctx); err != nil {
		return nil, err
	}
	parts, err := b.cloud.OrderDetails(ctx, orderID)
	parts = slices.Clone(parts) // they are changed below
	ahead := b.config.Clock.Ahead()
	for i := range parts {
		parts[i].CreateTime = parts[i].CreateTime.Add(-ahead)
	}
	if err == nil && slices.ContainsFunc(parts, func(o ecs.BilledOrder) bool { return len(o.InstanceIDs) > 0 }) {
		b.details.Add(orderID, parts)
	}
	return parts, err
}

// wait keeps calls apart.
func (b *Bills) wait(ctx context.Context) error {
	now := time.Now()
	b.mu.Lock()
	at := b.next
	if at.Before(now) {
		at = now
	}
	b.next = at.Add(between)
	b.mu.Unlock()
	return sleep.For(ctx, at.Sub(now))
}
