package renewal_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// slowPrices responds with a price after as many minutes as the last digit of the
// instance says.
type slowPrices struct{ *fakeCloud }

func (c slowPrices) RenewalPrice(ctx context.Context, regionID, id string, p ecs.Period) (ecs.Quote, error) {
	time.Sleep(time.Duration(id[len(id)-1]-'0') * time.Minute)
	return c.fakeCloud.RenewalPrice(ctx, regionID, id, p)
}

// A plan counts the prices that it has read, for its caller and until it ends. What
// needs no price is not counted.
func TestPricing_Counts(t *testing.T) {
	budget := ecs.Money{CurrencyCode: "CNY", Units: 1000}
	for name, call := range map[string]func(context.Context, *renewal.Engine, renewal.JobRequest) error{
		"preview": func(ctx context.Context, e *renewal.Engine, q renewal.JobRequest) error {
			_, _, err := e.Preview(ctx, q)
			return err
		},
		"create": func(ctx context.Context, e *renewal.Engine, q renewal.JobRequest) error {
			q.Budget = budget
			_, err := e.Create(ctx, q)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				records := memoryStore(t)
				defer records.Close()
				e := started(t, slowPrices{newCloud()}, records, quiet)
				defer e.Close()
				errs := make(chan error, 1)
				go func() { errs <- call(t.Context(), e, named("job", "i-1", "i-2", "i-3", "i-payg")) }()
				for _, priced := range []int64{0, 1, 2} {
					time.Sleep(30 * time.Second)
					if got, want := e.Pricing("team"), []renewal.Pricing{{RequestID: "job", Count: 3, Priced: priced}}; !slices.Equal(got, want) {
						t.Errorf("after %d minutes: %+v, want %+v", priced, got, want)
					}
					time.Sleep(30 * time.Second)
				}
				if got := e.Pricing("other"); len(got) > 0 {
					t.Errorf("another caller sees %+v", got)
				}
				if err := <-errs; err != nil {
					t.Fatal(err)
				}
				if got := e.Pricing("team"); len(got) > 0 {
					t.Errorf("after the end: %+v", got)
				}
			})
		})
	}
}
