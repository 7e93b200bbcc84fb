package ledger

import (
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// orderSlack is how far the clocks of ecsd and of the cloud may differ in a
	// comparison of a send with an order, whose time is to the second.
	orderSlack = 2 * time.Second
	// orderDelay is how long after a send its order can be created: the network and
	// the cloud may deliver it late.
	orderDelay = 15 * time.Minute
	// pricedDelay is the same for an order that only its price shows: it is the
	// shortest settle window, after which a send has no effect any more. A person
	// who renews the instance pays the same price.
	pricedDelay = 30 * time.Second
)

// OrderWindow is the window of time in which an order of an instance was created,
// if there is one.
type OrderWindow struct {
	InstanceID   string
	Since, Until time.Time
	// Price is the expected price, by which the likely orders are read first.
	Price ecs.Money
}

// OrderWindow returns the window of time in which the order of the renewal was
// created if some send of it was accepted; since is zero if no send may have been.
func (r *Renewal) OrderWindow() (since, until time.Time) {
	return orderWindow(r.Attempts, r.State.Paid(), r.PaidTime)
}

func orderWindow(attempts []Attempt, paid bool, paidTime time.Time) (since, until time.Time) {
	for _, a := range attempts {
		if !a.MayBeAccepted() {
			continue
		}
		if since.IsZero() || a.SendTime.Before(since) {
			since = a.SendTime
		}
		if end := a.SendTime.Add(orderDelay); end.After(until) {
			until = end
		}
	}
	if since.IsZero() {
		return since, until
	}
	if paid && !paidTime.IsZero() && paidTime.Before(until) {
		until = paidTime
	}
	return since.Add(-orderSlack), until.Add(orderSlack)
}

// onlyOrder returns the only order of an instance in a window among those that
// accept takes.
func onlyOrder(orders []ecs.BilledOrder, instanceID string, since, until time.Time, accept func(ecs.BilledOrder) bool) (found ecs.BilledOrder, ok bool) {
	if since.IsZero() {
		return found, false
	}
	for _, o := range orders {
		switch {
		case !accept(o) || !o.Paid || !o.Of(instanceID) || o.ID == "":
		case o.CreateTime.Before(since) || o.CreateTime.After(until):
		case found.ID != "" && found.ID != o.ID:
			return ecs.BilledOrder{}, false
		default:
			found = o
		}
	}
	return found, found.ID != ""
}

// OrderIn returns the order of the renewal among orders that are of no other
// renewal. It must be the only paid order of a renewal of the instance in the
// window, because a person may have renewed it too, and it must have brought the
// expected expiry, or, if the bill names no expiry, cost the expected price soon
// after a send. The absence of an order proves nothing: the cloud may show it
// later.
func (r *Renewal) OrderIn(orders []ecs.BilledOrder) (found ecs.BilledOrder, ok bool) {
	since, until := r.OrderWindow()
	found, ok = onlyOrder(orders, r.InstanceID, since, until, ecs.BilledOrder.Renews)
	switch {
	case !ok:
		return found, false
	case !found.Until.IsZero():
		return found, r.Period.Is(found.Until, r.ExpireBefore, r.ExpireExpected)
	}
	cost, known := costIn(found)
	return found, known && cost == r.Price && soonAfterSend(r.Attempts, found.CreateTime)
}

// soonAfterSend reports whether an order was created within pricedDelay after a
// send that may have been accepted.
func soonAfterSend(attempts []Attempt, created time.Time) bool {
	return slices.ContainsFunc(attempts, func(a Attempt) bool {
		return a.MayBeAccepted() && !created.Before(a.SendTime.Add(-orderSlack)) && !created.After(a.SendTime.Add(pricedDelay+orderSlack))
	})
}

// MayBeAccepted reports whether a send is not known to have been refused.
func (a Attempt) MayBeAccepted() bool {
	return a.Outcome != OutcomeRefused && a.Outcome != OutcomeDeferred
}

// OrderWindow returns the window of time in which the order of the modification
// was created if some send of it was accepted; since is zero if no send may have
// been, or if the order charges nothing once: then no order shows it.
func (m *Modification) OrderWindow() (since, until time.Time) {
	if m.Charge() == nil {
		return since, until
	}
	return orderWindow(m.Attempts, m.State.Spends() == SpendSpent, m.PaidTime)
}

// OrderIn returns the order of the modification among orders that no other row of
// the ledger has. It must be the only paid order of the instance in the window
// that is no renewal, because a person may have changed the instance too. A change
// to a subscription must have brought the expected expiry; any order must
// otherwise have cost the expected price. The cloud does not publish the type of
// the order of each change. The absence of an order proves nothing.
func (m *Modification) OrderIn(orders []ecs.BilledOrder) (found ecs.BilledOrder, ok bool) {
	since, until := m.OrderWindow()
	found, ok = onlyOrder(orders, m.InstanceID, since, until, func(o ecs.BilledOrder) bool { return !o.Renews() })
	if !ok {
		return found, false
	}
	if m.Change.ChargeType == ecs.ChargeSubscription && !found.Until.IsZero() {
		return found, m.Change.Period.IsBought(found.Until, m.ExpireExpected)
	}
	cost, known := costIn(found)
	return found, known && !cost.IsZero() && cost == m.Price
}

// costIn returns what an order cost for one instance. It is known only if the
// order is of no other instance.
func costIn(o ecs.BilledOrder) (cost ecs.Money, known bool) {
	if len(o.InstanceIDs) != 1 || !o.Amount.Valid() || o.Amount.Units < 0 || o.Amount.Nanos < 0 {
		return ecs.Money{}, false
	}
	return o.Amount, true
}

// Ordered returns the renewal with the order of the bill: its ID, and its cost if
// the cloud names no price for the period.
func (r Renewal) Ordered(o ecs.BilledOrder) Renewal {
	r.OrderID = o.ID
	if cost, known := costIn(o); known && r.Price.IsZero() {
		r.Price = cost
	}
	return r
}
