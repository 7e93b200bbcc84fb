package ledger

import (
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
)

// OrderWindow returns the window of time in which the order of the renewal was
// created if some send of it was accepted; since is zero if no send may have been.
func (r *Renewal) OrderWindow() (since, until time.Time) {
	for _, a := range r.Attempts {
		if a.Outcome == OutcomeRefused || a.Outcome == OutcomeDeferred {
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
	if r.State.Paid() && !r.PaidTime.IsZero() && r.PaidTime.Before(until) {
		until = r.PaidTime
	}
	return since.Add(-orderSlack), until.Add(orderSlack)
}

// OrderIn returns the order of the renewal among orders that are of no other
// renewal. It must be the only paid order of a renewal of the instance in the
// window, because a person may have renewed it too, and it must have brought the
// expected expiry, or cost the expected price if the bill names no expiry. The
// absence of an order proves nothing: the cloud may show it later.
func (r *Renewal) OrderIn(orders []ecs.BilledOrder) (found ecs.BilledOrder, ok bool) {
	since, until := r.OrderWindow()
	if since.IsZero() {
		return found, false
	}
	for _, o := range orders {
		switch {
		case o.Type != ecs.OrderRenew || !o.Paid || !o.Of(r.InstanceID) || o.ID == "":
		case o.CreateTime.Before(since) || o.CreateTime.After(until):
		case found.ID != "" && found.ID != o.ID:
			return ecs.BilledOrder{}, false
		default:
			found = o
		}
	}
	switch {
	case found.ID == "":
		return found, false
	case !found.Until.IsZero():
		return found, r.Period.Is(found.Until, r.ExpireBefore, r.ExpireExpected)
	}
	cost, known := r.CostIn(found)
	return found, known && cost == r.Price
}

// CostIn returns what an order cost for the instance of the renewal. It is known
// only if the order is of no other instance.
func (r *Renewal) CostIn(o ecs.BilledOrder) (cost ecs.Money, known bool) {
	if len(o.InstanceIDs) != 1 || !o.Amount.Valid() || o.Amount.Units < 0 || o.Amount.Nanos < 0 {
		return ecs.Money{}, false
	}
	return o.Amount, true
}

// Ordered returns the renewal with the order of the bill: its ID, and its cost if
// the cloud names no price for the period.
func (r Renewal) Ordered(o ecs.BilledOrder) Renewal {
	r.OrderID = o.ID
	if cost, known := r.CostIn(o); known && r.Price.IsZero() {
		r.Price = cost
	}
	return r
}
