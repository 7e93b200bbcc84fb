package renewal_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// soonAndLate creates 30 instances that expire in twelve days and six that
// expire tomorrow, and returns the latter. Those that expire soon have the
// larger IDs.
func soonAndLate(c *fakeCloud) (all, soon []string) {
	for i := range 36 {
		id, expire := fmt.Sprintf("i-a%02d", i), inTenDays().AddDate(0, 0, 2)
		if i >= 30 {
			id, expire = fmt.Sprintf("i-z%02d", i), inTenDays().AddDate(0, 0, -9)
			soon = append(soon, id)
		}
		c.instances[id] = ecs.Instance{ID: id, RegionID: region, Status: ecs.StatusRunning, ChargeType: ecs.ChargeSubscription, ExpireTime: expire}
		all = append(all, id)
	}
	return all, soon
}

func TestRule8_BudgetGoesToTheEarliestExpiry(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, _ *store.Store, e *renewal.Engine) {
		all, soon := soonAndLate(c)
		q := named("job", all...)
		q.Budget = ecs.Money{CurrencyCode: "CNY", Units: 650}
		_, plan, err := e.Preview(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if plan.Total.Units != 600 || plan.Everything.Units != 3600 {
			t.Errorf("the plan costs %s of %s, want 600 of 3600", plan.Total, plan.Everything)
		}
		job := create(t, e, q)
		_, renewals := ended(t, e, job.ID)
		for _, planned := range plan.Renewals {
			r := renewals[planned.InstanceID]
			if want := slices.Contains(soon, r.InstanceID); (r.State == ledger.Renewed) != want {
				t.Errorf("%s, which expires %s, is %s (%s)", r.InstanceID, r.ExpireBefore, r.State, r.Failure.Reason)
			}
			if (planned.State == ledger.Planned) != (r.State == ledger.Renewed) {
				t.Errorf("%s was planned as %s and is %s", r.InstanceID, planned.State, r.State)
			}
		}
	})
}

// The budget is allocated when the job is stored, as its plan shows: a renewal that
// it does not cover is SKIPPED from the beginning, and never tried.
func TestRule8_BudgetIsAllocatedWithTheJob(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, _ *store.Store, e *renewal.Engine) {
		all, soon := soonAndLate(c)
		q := named("job", all...)
		q.Budget = ecs.Money{CurrencyCode: "CNY", Units: 650}
		_, renewals := ended(t, e, create(t, e, q).ID)
		for _, r := range renewals {
			if slices.Contains(soon, r.InstanceID) {
				continue
			}
			if r.State != ledger.Skipped || r.Failure.Reason != ecs.ReasonBudgetExceeded {
				t.Errorf("%s is %s (%s), want SKIPPED, BUDGET_EXCEEDED", r.InstanceID, r.State, r.Failure.Reason)
			}
			if r.Revision != 1 {
				t.Errorf("%s was written at revision %d of the job, want 1", r.InstanceID, r.Revision)
			}
		}
	})
}

func TestRule8_BalanceGoesToTheEarliestExpiry(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, _ *store.Store, e *renewal.Engine) {
		all, soon := soonAndLate(c)
		c.balance = 6
		job := create(t, e, named("job", all...))
		_, renewals := ended(t, e, job.ID)
		for _, r := range renewals {
			if want := slices.Contains(soon, r.InstanceID); (r.State == ledger.Renewed) != want {
				t.Errorf("%s, which expires %s, is %s (%s)", r.InstanceID, r.ExpireBefore, r.State, r.Failure.Reason)
			}
		}
	})
}

// regionDown is a cloud of which one region does not respond.
type regionDown struct {
	*fakeCloud
	down string
}

func (r regionDown) RenewalPrice(ctx context.Context, regionID, id string, p ecs.Period) (ecs.Quote, error) {
	if regionID == r.down {
		<-ctx.Done()
		return ecs.Quote{}, ctx.Err()
	}
	return r.fakeCloud.RenewalPrice(ctx, regionID, id, p)
}

func TestRule8_OneRegionDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := regionDown{newCloud(), "cn-beijing"}
		var far []string
		for i := range 900 {
			id := fmt.Sprintf("i-b%03d", i)
			c.instances[id] = ecs.Instance{ID: id, RegionID: "cn-beijing", Status: ecs.StatusRunning, ChargeType: ecs.ChargeSubscription, ExpireTime: inTenDays().AddDate(0, 0, -5)}
			far = append(far, id)
		}
		e := started(t, c, records, quiet)
		defer e.Close()
		q := named("down", far...)
		q.RegionID = "cn-beijing"
		create(t, e, q)
		time.Sleep(10 * time.Second)
		began := time.Now()
		job := create(t, e, named("up", "i-1"))
		if _, renewals := ended(t, e, job.ID); renewals["i-1"].State != ledger.Renewed {
			t.Errorf("the renewal is %s", renewals["i-1"].State)
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("it took %s while another region was down", took)
		}
	})
}

// The job is cancelled while its orders are throttled: none is sent later.
func TestRule9_CancelEndsDeferredRenewals(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, _ *store.Store, e *renewal.Engine) {
		c.faults = slices.Repeat([]fault{throttled}, 1000)
		job := create(t, e, named("job", "i-1", "i-2", "i-3"))
		time.Sleep(45 * time.Second)
		cancelled, err := e.Cancel(t.Context(), job.ID, "ops", "OPS-7")
		if err != nil {
			t.Fatal(err)
		}
		if cancelled.State != ledger.JobCancelled || cancelled.CancelledBy != "ops" || cancelled.CancelTime.IsZero() {
			t.Errorf("the job is %s, cancelled by %q at %s", cancelled.State, cancelled.CancelledBy, cancelled.CancelTime)
		}
		c.mu.Lock()
		c.faults = nil
		c.mu.Unlock()
		time.Sleep(time.Hour)
		if len(c.bill) != 0 {
			t.Errorf("charged %v after the cancel", c.bill)
		}
		if again, err := e.Cancel(t.Context(), job.ID, "other", "OPS-7"); err != nil || again.CancelledBy != "ops" {
			t.Errorf("a second cancel: by %q, %v", again.CancelledBy, err)
		}
	})
}

// A send of unknown outcome is not repeated after the cancel.
func TestRule9_CancelWhileTheOutcomeIsUnknown(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, _ *store.Store, e *renewal.Engine) {
		c.faults = []fault{lostRequest}
		job := create(t, e, named("job", "i-1"))
		time.Sleep(10 * time.Second)
		if _, err := e.Cancel(t.Context(), job.ID, "ops", "OPS-7"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		stored, renewals := ended(t, e, job.ID)
		if r := renewals["i-1"]; r.State != ledger.NeedsAttention || len(c.bill) != 0 {
			t.Errorf("the renewal is %s, charged %v", r.State, c.bill)
		}
		if stored.State != ledger.JobNeedsAttention {
			t.Errorf("the job is %s, want NEEDS_ATTENTION", stored.State)
		}
		if _, err := e.Resolve(t.Context(), renewals["i-1"].ID, payment.Decided{Resolution: payment.MarkNotPaid, By: "ops", Note: "OPS-8"}); err != nil {
			t.Fatal(err)
		}
		if stored, _ := ended(t, e, job.ID); stored.State != ledger.JobCancelled {
			t.Errorf("at last the job is %s, want CANCELLED", stored.State)
		}
	})
}
