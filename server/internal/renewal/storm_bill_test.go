package renewal_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// billingMode is how the bill of a storm behaves.
type billingMode string

const (
	noBilling    billingMode = "not used"
	fineBilling  billingMode = "readable"
	flakyBilling billingMode = "slow and failing"
	denied       billingMode = "denied"
	lateBilling  billingMode = "five minutes late"
	emptyBilling billingMode = "empty"
)

var billingModes = []billingMode{noBilling, fineBilling, fineBilling, fineBilling, flakyBilling, denied, lateBilling, emptyBilling}

// doubts are the times that renewals spent in UNKNOWN.
type doubts struct {
	mu    sync.Mutex
	since map[string]time.Time
	ended []doubt
}

// doubt is a stay of a renewal in UNKNOWN.
type doubt struct {
	renewalID string
	began     time.Time
	lasted    time.Duration
}

func (d *doubts) note(ts []ledger.Transition, results []error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.since == nil {
		d.since = map[string]time.Time{}
	}
	for i, t := range ts {
		if i >= len(results) || results[i] != nil {
			continue
		}
		began, known := d.since[t.Renewal.ID]
		switch {
		case t.Renewal.State == ledger.Unknown && !known:
			d.since[t.Renewal.ID] = time.Now()
		case t.Renewal.State != ledger.Unknown && known:
			d.ended = append(d.ended, doubt{t.Renewal.ID, began, time.Since(began)})
			delete(d.since, t.Renewal.ID)
		}
	}
}

// billable returns when the bill begins to show a charge. Under mu.
func (s *stormCloud) billable(c stormCharge) time.Time {
	if s.billing == lateBilling {
		return c.at.Add(5 * time.Minute)
	}
	return c.at.Add(s.between(0, s.orderLag+time.Microsecond, "billed", c.orderID))
}

// RenewalOrders lists the orders of a window, as far as the bill shows them.
func (s *stormCloud) RenewalOrders(ctx context.Context, since, until time.Time) ([]ecs.BilledOrder, error) {
	if err := s.bills(ctx, "orders"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var orders []ecs.BilledOrder
	for _, c := range s.bill {
		if at := c.at.Truncate(time.Second); s.billed(c) && !at.Before(since.Truncate(time.Second)) && !at.After(until) {
			orders = append(orders, ecs.BilledOrder{ID: c.orderID, Type: ecs.OrderRenew, Paid: true, CreateTime: at, Amount: c.price})
		}
	}
	return orders, nil
}

func (s *stormCloud) ChangeOrders(context.Context, time.Time, time.Time) ([]ecs.BilledOrder, error) {
	panic("no storm changes instances")
}

// OrderDetails returns an order with its instance. Some name no period.
func (s *stormCloud) OrderDetails(ctx context.Context, orderID string) ([]ecs.BilledOrder, error) {
	if err := s.bills(ctx, "detail "+orderID); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.bill, func(c stormCharge) bool { return c.orderID == orderID })
	if at < 0 || !s.billed(s.bill[at]) {
		return nil, nil
	}
	c := s.bill[at]
	o := ecs.BilledOrder{
		ID: orderID, Type: ecs.OrderRenew, Paid: true, CreateTime: c.at.Truncate(time.Second), Amount: c.price,
		InstanceIDs: []string{c.instanceID}, From: c.before, Until: c.after,
	}
	if s.periodless(c) {
		o.From, o.Until = time.Time{}, time.Time{}
	}
	return []ecs.BilledOrder{o}, nil
}

func (s *stormCloud) Balance(context.Context) (ecs.Money, error) { panic("no storm reads the balance") }

func (s *stormCloud) SubscriptionEnds(context.Context, []string) (map[string]ecs.SubscriptionEnd, error) {
	panic("no storm reads the ends")
}

// periodless reports whether the bill names no period for a charge.
func (s *stormCloud) periodless(c stormCharge) bool {
	return s.percent(20, "without a period", c.orderID)
}

// bills is a call of billing.
func (s *stormCloud) bills(ctx context.Context, what string) error {
	switch s.billing {
	case denied:
		return &ecs.Error{Reason: ecs.ReasonCloudPermissionDenied, Message: "not authorized"}
	case emptyBilling:
		return nil
	case flakyBilling:
		n, err := s.call(ctx, what, time.Millisecond, 8*time.Second)
		if err == nil && s.percent(30, what, n, "fails") {
			err = &ecs.Error{Reason: ecs.ReasonCloudUnavailable, Message: "unavailable", Retry: ecs.RetryBackoff}
		}
		return err
	}
	_, err := s.call(ctx, what, time.Millisecond, 300*time.Millisecond)
	return err
}

// billed reports whether the bill shows a charge now. Under mu.
func (s *stormCloud) billed(c stormCharge) bool {
	return s.billing != emptyBilling && !s.billable(c).After(time.Now())
}

// checkBill holds what the bill shows against the ledger. A person who renewed the
// instance too leaves two orders, which nothing tells apart.
func (s *storm) checkBill(fault func(int, string, ...any), byToken map[string]ledger.Renewal) {
	if s.cloud.billing != fineBilling {
		return
	}
	for _, c := range s.cloud.bill {
		r := byToken[c.token]
		if c.byHand() || s.cloud.handled(c.instanceID) || s.cloud.periodless(c) && len(s.cloud.rises) > 0 {
			continue // without a period only the price shows it, and that may have risen since it was read
		}
		switch {
		case r.State.Paid() && r.OrderID == "":
			fault(5, "charge %s of %s has no order ID in its renewal", c.orderID, c.instanceID)
		case r.OrderID != "" && r.OrderID != c.orderID:
			fault(5, "charge %s of %s is order %s in its renewal", c.orderID, c.instanceID, r.OrderID)
		}
		// A list is a second old at most, and a read permits a payment for 5 s.
		known := s.cloud.billable(c).Add(6 * time.Second)
		for _, sent := range s.cloud.sends[c.token] {
			if sent.After(known) {
				fault(5, "charge %s of %s was sent again %s after the bill showed its order", c.orderID, c.instanceID, sent.Sub(s.cloud.billable(c)))
			}
		}
	}
}

// TestStorm_BillIsEvidence runs histories with a bill that can be read: every
// charge has its order ID, no paid call is repeated that has an order, and unknown
// outcomes are settled within seconds of their order. A send that was lost has no
// order, which nothing shows before the settle window is over.
func TestStorm_BillIsEvidence(t *testing.T) {
	var all, delivered, ordered, lost []time.Duration
	for seed := uint64(1); seed <= uint64(billedHistories(t)); seed++ {
		var ran *storm
		faults := runStorm(t, seed, func(s *storm) { s.cloud.billing, ran = fineBilling, s })
		if len(faults) > 0 {
			t.Errorf("-storm.seed=%d: %s", seed, faults[0])
		}
		for _, d := range ran.doubts.ended {
			all = append(all, d.lasted)
			charge, found, alone := ran.chargeOf(d)
			switch {
			case !alone:
			case found:
				delivered = append(delivered, d.lasted)
				ordered = append(ordered, d.lasted-max(charge.at.Sub(d.began), 0))
			default:
				lost = append(lost, d.lasted)
			}
		}
	}
	for _, c := range []struct {
		name   string
		lasted []time.Duration
		// median and most bound the median, and what 90 of 100 take, if they are set.
		median, most time.Duration
	}{
		{"of all kinds", all, 0, 0},
		{"with an order", delivered, 15 * time.Second, 0},
		{"with an order, from its time", ordered, 5 * time.Second, 15 * time.Second},
		{"without an order", lost, 0, 0},
	} {
		if len(c.lasted) == 0 {
			t.Errorf("no unknown outcomes %s", c.name)
			continue
		}
		slices.Sort(c.lasted)
		median, most := c.lasted[len(c.lasted)/2], c.lasted[len(c.lasted)*9/10]
		t.Logf("%d unknown outcomes %s: settled after %s in the median, %s in 90 of 100", len(c.lasted), c.name, median, most)
		if c.median > 0 && median >= c.median {
			t.Errorf("unknown outcomes %s are settled after %s in the median, want less than %s", c.name, median, c.median)
		}
		if c.most > 0 && most >= c.most {
			t.Errorf("of unknown outcomes %s 90 of 100 are settled after %s, want less than %s", c.name, most, c.most)
		}
	}
}

// chargeOf returns the charge of a send that left before its outcome was known to
// be unknown. alone is false if a person renewed the instance too, so that two
// orders show it.
func (s *storm) chargeOf(d doubt) (charge stormCharge, found, alone bool) {
	for _, r := range s.all() {
		if r.ID != d.renewalID {
			continue
		}
		for _, c := range s.cloud.bill {
			if ofRenewal(c, r) && !c.sent.After(d.began) {
				charge, found = c, true
			}
		}
		return charge, found, !s.cloud.handled(r.InstanceID)
	}
	return charge, false, false
}

// TestStorm_BillThatShowsNothing runs histories with a bill that is denied, lies by
// an empty list, is five minutes late or fails: no rule breaks.
func TestStorm_BillThatShowsNothing(t *testing.T) {
	for _, mode := range []billingMode{denied, emptyBilling, lateBilling, flakyBilling} {
		t.Run(string(mode), func(t *testing.T) {
			for seed := uint64(1); seed <= uint64(billedHistories(t)/3); seed++ {
				if faults := runStorm(t, seed, func(s *storm) { s.cloud.billing = mode }); len(faults) > 0 {
					t.Errorf("-storm.seed=%d: %s", seed, faults[0])
				}
			}
		})
	}
}

// billedHistories is the number of histories of the tests of the bill.
func billedHistories(t *testing.T) int {
	t.Helper()
	switch {
	case raceDetector:
		return 40
	case testing.Short():
		return 100
	}
	return 600
}
