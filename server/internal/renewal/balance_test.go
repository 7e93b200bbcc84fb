package renewal_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
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
