package renewal_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// beforeAnswer and afterIntent are the writes at which a process dies that has
// paid, but cannot write it, and one that has not sent its order.
const (
	afterIntent  = 2
	beforeAnswer = 3
)

// dies has a process take the renewal up to a step, and ends it after a while.
func dies(t *testing.T, c renewal.Cloud, records renewal.Ledger, step int, keep bool, after time.Duration) {
	t.Helper()
	first := renewal.New(c, &mortalLedger{Ledger: records, steps: step, keep: keep}, quiet)
	ctx, cancel := context.WithTimeout(t.Context(), after)
	defer cancel()
	_, _ = first.Renew(ctx, month("r-1", "i-1"))
	first.Close()
}

// What a process paid for before it died has its order id all the same, from
// the process that follows soon.
func TestOrderOfADeadProcessIsLearnt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := newCloud()
		dies(t, c, records, beforeAnswer, false, 10*time.Second)
		if c.charges("i-1") != 1 {
			t.Fatalf("the dead process was charged %d times, want once", c.charges("i-1"))
		}
		second := renewal.New(c, records, quiet)
		defer second.Close()
		r, err := second.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil || r.State != ledger.Renewed || r.OrderID != c.bill[0].orderID || c.charges("i-1") != 1 {
			t.Errorf("charged %d times, order %q of %+v, state %s, %v", c.charges("i-1"), r.OrderID, c.bill, r.State, err)
		}
	})
}

// An order id that cannot be had does not undo that it was paid.
func TestOrderThatIsNotLearntIsPaid(t *testing.T) {
	for _, f := range []fault{lostReply, throttled, busy, poisoned, refused} {
		t.Run(string(f), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				records := memoryStore(t)
				defer records.Close()
				c := newCloud()
				dies(t, c, records, beforeAnswer, false, 10*time.Second)
				c.faults = []fault{f}
				second := renewal.New(c, records, quiet)
				defer second.Close()
				r, err := second.Renew(t.Context(), month("r-1", "i-1"))
				if err != nil || r.State != ledger.Renewed || len(r.Attempts) != 2 || c.charges("i-1") != 1 {
					t.Errorf("charged %d times, state %s, attempts %+v, %v", c.charges("i-1"), r.State, r.Attempts, err)
				}
			})
		})
	}
}

// A server that is down for minutes, while a person renews by hand what it had
// not sent, does not pay again when it is back, not even to learn an order id.
func TestRenewedByHandWhileTheServerWasDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := newCloud()
		dies(t, c, records, afterIntent, true, 2*time.Minute)
		if c.charges("i-1") != 0 {
			t.Fatalf("the dead process was charged %d times, want never", c.charges("i-1"))
		}
		c.renewBy("console", "i-1", ecs.Period{Count: 1, Unit: ecs.Month})
		time.Sleep(time.Minute) // virtual
		second := renewal.New(c, records, quiet)
		defer second.Close()
		r, err := second.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil || r.State != ledger.Renewed || r.OrderID != "" || c.charges("i-1") != 1 {
			t.Errorf("charged %d times, order %q, state %s, %v", c.charges("i-1"), r.OrderID, r.State, err)
		}
	})
}
