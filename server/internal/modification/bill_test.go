package modification_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/modification"
)

// fakeBills shows the orders of a cloud, some seconds late.
type fakeBills struct {
	cloud *fakeCloud
	shows bool
	reads int
}

const orderLag = 4 * time.Second

func (b *fakeBills) ChangeOrders(_ context.Context, wanted []ledger.OrderWindow) map[string][]ecs.BilledOrder {
	b.cloud.mu.Lock()
	defer b.cloud.mu.Unlock()
	b.reads++
	found := map[string][]ecs.BilledOrder{}
	for _, o := range b.cloud.billed {
		if b.shows && time.Since(o.CreateTime) > orderLag && !o.CreateTime.Before(wanted[0].Since) {
			found[id] = append(found[id], o)
		}
	}
	return found
}

// An order that the bill shows settles an unknown outcome: the order is not sent again, however late the instance shows
// its effect. A bill that shows nothing changes nothing.
func TestModify_OrderInTheBill(t *testing.T) {
	for _, name := range []string{"to a subscription", "upgrade"} {
		for _, shows := range []bool{true, false} {
			t.Run(name+map[bool]string{true: "", false: ", not in the bill"}[shows], func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, c := memoryStore(t), changes[name].cloud()
					c.lag, c.faults = 90*time.Second, []fault{lostReply}
					bills := &fakeBills{cloud: c, shows: shows}
					config := quiet
					config.Bills = bills
					e := modification.New(c, s, config)
					e.Start()
					began := time.Now()
					m, err := e.Modify(t.Context(), request(changes[name].change))
					e.Close()
					if err != nil || m.State != ledger.ModificationSucceeded {
						t.Fatalf("the modification is %s: %v", m.State, err)
					}
					var settled time.Duration
					for _, a := range m.Attempts[1:] {
						settled = a.SendTime.Sub(began)
					}
					switch {
					case shows && (len(c.sends) != 1 || m.OrderID != "order-1"):
						t.Errorf("%d sends, order %q, want one send and the order of the bill", len(c.sends), m.OrderID)
					case !shows && len(c.sends) != 2, !shows && settled < time.Minute:
						t.Errorf("%d sends, the last after %s, want a second one after the settle window", len(c.sends), settled)
					}
					if len(c.orders) != 1 || bills.reads == 0 {
						t.Errorf("%d orders, %d reads of the bill, want one order", len(c.orders), bills.reads)
					}
					_ = s.Close()
				})
			})
		}
	}
}

// The order of an earlier modification of the instance settles no other one.
func TestModify_OrderOfAnotherInTheBill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := memoryStore(t), changes["upgrade"].cloud()
		config := quiet
		config.Bills = &fakeBills{cloud: c, shows: true}
		e := modification.New(c, s, config)
		e.Start()
		first, err := e.Modify(t.Context(), request(ledger.Change{InstanceType: "ecs.g7.xlarge"}))
		if err != nil {
			t.Fatal(err)
		}
		c.change(func(i *ecs.Instance) { i.Type = "ecs.g7.large" })
		c.mu.Lock()
		c.billed[0].CreateTime = time.Now() // as a bill with another clock would date it
		c.faults = []fault{lostRequest}
		c.mu.Unlock()
		again := request(ledger.Change{InstanceType: "ecs.g7.xlarge"}, func(q *modification.Request) { q.RequestID, q.Fingerprint = "q-2", "v1:2" })
		second, err := e.Modify(t.Context(), again)
		e.Close()
		if err != nil || second.State != ledger.ModificationSucceeded || second.OrderID == first.OrderID {
			t.Errorf("the second modification is %s with order %q (%v), want another order than %q", second.State, second.OrderID, err, first.OrderID)
		}
		if len(c.sends) != 3 || c.sends[1].ClientToken != c.sends[2].ClientToken {
			t.Errorf("sends %v, want the lost one again with its token", c.sends)
		}
		_ = s.Close()
	})
}
