package renewal_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// A preview counts the renewals that the balance covers, in the order of service.
func TestPreview_Balance(t *testing.T) {
	yuan := func(units int64) ecs.Money { return ecs.Money{CurrencyCode: "CNY", Units: units} }
	for name, c := range map[string]struct {
		balance ecs.Money
		period  ecs.Period
		covered int
	}{
		"all":            {yuan(300), oneMonth, 3},
		"some":           {yuan(299), oneMonth, 2},
		"none":           {yuan(0), oneMonth, 0},
		"not known":      {ecs.Money{}, oneMonth, -1},
		"other currency": {ecs.Money{CurrencyCode: "USD", Units: 1000}, oneMonth, -1},
		"no price":       {yuan(300), ecs.Period{Count: 1, Unit: ecs.Week}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				records := memoryStore(t)
				defer records.Close()
				cloud := newCloud()
				if c.period.Unit == ecs.Week {
					cloud.priceErr = ecs.Errorf(ecs.ReasonPriceUnavailable, "no price")
				}
				e := started(t, cloud, records, renewal.Config{
					Logger: slog.New(slog.DiscardHandler), Balance: func(context.Context) ecs.Money { return c.balance },
				})
				defer e.Close()
				q := named("job", "i-1", "i-2", "i-3")
				q.Period = c.period
				_, plan, err := e.Preview(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				if plan.Balance != c.balance || plan.Covered != c.covered {
					t.Errorf("the balance %s covers %d, want %s to cover %d", plan.Balance, plan.Covered, c.balance, c.covered)
				}
			})
		})
	}
}

// A job that the balance does not cover is made nevertheless. Its plan has the
// balance, and the log a warning with the renewals that the cloud will refuse.
func TestCreate_Balance(t *testing.T) {
	yuan := func(units int64) ecs.Money { return ecs.Money{CurrencyCode: "CNY", Units: units} }
	for name, c := range map[string]struct {
		balance, budget ecs.Money
		covered         int
		warned          bool
	}{
		"all":        {yuan(300), yuan(300), 3, false},
		"some":       {yuan(299), yuan(300), 2, true},
		"the budget": {yuan(200), yuan(200), 2, false},
		"not priced": {yuan(100), ecs.Money{}, -1, false},
		"not known":  {ecs.Money{}, yuan(300), -1, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				records := memoryStore(t)
				defer records.Close()
				var log bytes.Buffer
				e := started(t, newCloud(), records, renewal.Config{
					Logger: slog.New(slog.NewTextHandler(&log, nil)), Balance: func(context.Context) ecs.Money { return c.balance },
				})
				q := named("job", "i-1", "i-2", "i-3")
				q.Budget = c.budget
				job, err := e.Create(t.Context(), q)
				again, failed := e.Create(t.Context(), q)
				e.Close()
				if err != nil || failed != nil {
					t.Fatal(err, failed)
				}
				if job.Made == nil || job.Made.Balance != c.balance || job.Made.Covered != c.covered {
					t.Errorf("the plan of the job is %+v, want the balance %s to cover %d", job.Made, c.balance, c.covered)
				}
				if again.ID != job.ID || again.Made != nil {
					t.Errorf("the same request returns job %s with the plan %+v, want job %s without one", again.ID, again.Made, job.ID)
				}
				if count := job.Counts; len(count) == 0 || count[0].State == ledger.Failed {
					t.Errorf("the counts of the job are %v, want planned renewals", count)
				}
				if warned := strings.Contains(log.String(), "balance does not cover renewal job"); warned != c.warned {
					t.Errorf("a warning in the log: %t, want %t\n%s", warned, c.warned, log.String())
				}
			})
		})
	}
}
