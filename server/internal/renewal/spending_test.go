package renewal_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// limit sets one limit per month for every caller.
func limit(records *store.Store, units int64) {
	records.LimitSpending(func(string) ([]ledger.Cap, error) {
		return []ledger.Cap{{Limit: ecs.Money{CurrencyCode: "CNY", Units: units}, Per: ecs.PerMonth}}, nil
	})
}

// freeze freezes spending or ends the freeze.
func freeze(t *testing.T, records *store.Store, frozen bool) {
	t.Helper()
	if _, err := records.SetSpendFreeze(t.Context(), ledger.Freeze{Frozen: frozen, Reason: "drill", By: "root", Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
}

// A job pays up to the limit of its caller, the earliest expiry first, and skips
// the rest with the sums of the account.
func TestSpendingLimit_EndsAJob(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, records *store.Store, e *renewal.Engine) {
		limit(records, 650)
		all, _ := soonAndLate(c)
		_, plan, err := e.Preview(t.Context(), named("job", all...))
		if err != nil || plan.Total.Units != 600 {
			t.Fatalf("the plan costs %s, %v; want 600", plan.Total, err)
		}
		_, renewals := ended(t, e, create(t, e, named("job", all...)).ID)
		paid := 0
		for _, planned := range plan.Renewals {
			r := renewals[planned.InstanceID]
			if (planned.State == ledger.Planned) != (r.State == ledger.Renewed) {
				t.Errorf("%s was planned as %s and is %s", r.InstanceID, planned.State, r.State)
			}
			switch {
			case r.State == ledger.Renewed:
				paid++
			case r.State != ledger.Skipped || r.Failure.Reason != ecs.ReasonSpendCapExceeded:
				t.Errorf("%s is %s (%s), want SKIPPED, SPEND_CAP_EXCEEDED", r.InstanceID, r.State, r.Failure.Reason)
			}
		}
		if paid != 6 || len(c.bill) != 6 {
			t.Errorf("%d renewals of 100 are paid within 650, and %d are charged; want 6", paid, len(c.bill))
		}
	})
}

// A renewal over the limit is refused before it is stored, with the numbers.
func TestSpendingLimit_RefusesASingleRenewal(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, records *store.Store, e *renewal.Engine) {
		limit(records, 150)
		if _, err := e.Renew(t.Context(), month("first", "i-1")); err != nil {
			t.Fatal(err)
		}
		_, err := e.Renew(t.Context(), month("second", "i-2"))
		refused := ecs.AsError(err)
		if refused == nil || refused.Reason != ecs.ReasonSpendCapExceeded {
			t.Fatalf("a second renewal of 100 within 150: %v, want SPEND_CAP_EXCEEDED", err)
		}
		for key, want := range map[string]string{"limit": "CNY 150.00", "spent": "CNY 100.00", "reserved": "CNY 0.00", "left": "CNY 50.00"} {
			if refused.Facts[key] != want {
				t.Errorf("the fact %s is %q, want %q", key, refused.Facts[key], want)
			}
		}
		limit(records, 200)
		if _, err := e.Renew(t.Context(), month("second", "i-2")); err != nil {
			t.Errorf("the same request after the limit was raised: %v", err)
		}
		if len(c.bill) != 2 {
			t.Errorf("%d charges, want 2", len(c.bill))
		}
	})
}

// While spending is frozen a job pays nothing, asks the cloud for nothing, and
// continues when the freeze ends. A single renewal is refused.
func TestFreeze_JobWaits(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, records *store.Store, e *renewal.Engine) {
		freeze(t, records, true)
		job := create(t, e, named("job", "i-1", "i-2"))
		time.Sleep(time.Second)
		reads := c.reads
		time.Sleep(time.Hour)
		if len(c.bill) > 0 || c.reads > reads {
			t.Errorf("%d charges and %d reads of instances during a freeze", len(c.bill), c.reads-reads)
		}
		if _, err := e.Renew(t.Context(), month("alone", "i-3")); !ecs.HasReason(err, ecs.ReasonSpendingFrozen) {
			t.Errorf("a single renewal: %v, want SPENDING_FROZEN", err)
		}
		freeze(t, records, false)
		_, renewals := ended(t, e, job.ID)
		for _, r := range renewals {
			if r.State != ledger.Renewed {
				t.Errorf("after the freeze %s is %s (%s)", r.InstanceID, r.State, r.Failure.Message)
			}
		}
		if _, err := e.Renew(t.Context(), month("alone", "i-3")); err != nil {
			t.Errorf("the same single renewal after the freeze: %v", err)
		}
	})
}

// A freeze in the middle of a send does not hide its outcome: an order whose reply
// was lost is settled by reads, and is not sent again.
func TestFreeze_InFlightIsSettled(t *testing.T) {
	for _, f := range []fault{lostReply, lostRequest} {
		t.Run(string(f), func(t *testing.T) {
			oneRegion(t, func(t *testing.T, c *fakeCloud, records *store.Store, e *renewal.Engine) {
				c.faults = []fault{f}
				c.hook = func() {
					c.hook = nil
					freeze(t, records, true)
				}
				job := create(t, e, named("job", "i-1"))
				time.Sleep(10 * time.Minute)
				charged := len(c.bill)
				if sent := c.sent; sent != 1 {
					t.Errorf("%d sends, want the one before the freeze", sent)
				}
				if want := map[fault]int{lostReply: 1}[f]; charged != want {
					t.Errorf("%d charges, want %d", charged, want)
				}
				freeze(t, records, false)
				_, renewals := ended(t, e, job.ID)
				if r := renewals["i-1"]; r.State != ledger.Renewed || len(c.bill) != 1 {
					t.Errorf("after the freeze the renewal is %s, with %d charges", r.State, len(c.bill))
				}
			})
		})
	}
}

// lateStore reports a write of transitions late, after a function.
type lateStore struct {
	*store.Store
	after func()
}

func (l *lateStore) AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, ts []ledger.Transition) ([]error, error) {
	results, err := l.Store.AdvanceRenewals(ctx, worker, jobID, ts)
	if after := l.after; after != nil {
		after()
	}
	return results, err
}

// A commit that is reported late is followed by a second look at the freeze: the
// order does not leave.
func TestFreeze_AfterALateCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := &lateStore{Store: memoryStore(t)}
		defer records.Close()
		c := newCloud()
		e := started(t, c, records, quiet)
		defer e.Close()
		records.after = func() {
			records.after = nil
			freeze(t, records.Store, true)
			time.Sleep(time.Second)
		}
		job := create(t, e, named("job", "i-1"))
		time.Sleep(time.Minute)
		if c.sent != 0 {
			t.Errorf("%d sends after the freeze", c.sent)
		}
		freeze(t, records.Store, false)
		_, renewals := ended(t, e, job.ID)
		if r := renewals["i-1"]; r.State != ledger.Renewed || !slices.ContainsFunc(r.Attempts, func(a ledger.Attempt) bool { return a.Outcome == ledger.OutcomeDeferred }) {
			t.Errorf("after the freeze the renewal is %s with attempts %+v", r.State, r.Attempts)
		}
	})
}
