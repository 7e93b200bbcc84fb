package lifecycle_test

import (
	"strings"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

func cny(units int64) ecs.Money { return ecs.Money{CurrencyCode: "CNY", Units: units} }

// limited is a launch of three, which cost 3 CNY, with a price limit.
func limited(limit ecs.Money) lifecycle.Launch {
	q := order("r-1", 3)
	q.MaxPrice = limit
	return q
}

// An order above its price limit is not sent, also in a dry run.
func TestRun_PriceLimit(t *testing.T) {
	for name, c := range map[string]struct {
		limit ecs.Money
		kind  string
		want  ecs.Reason
	}{
		"any price":        {want: ""},
		"the limit":        {limit: cny(3)},
		"over":             {limit: cny(2), want: ecs.ReasonPriceExceedsLimit},
		"another currency": {limit: ecs.Money{CurrencyCode: "USD", Units: 9}, want: ecs.ReasonCurrencyMismatch},
		"no price":         {limit: cny(9), kind: "ecs.unpriced", want: ecs.ReasonPriceUnavailable},
	} {
		for _, dryRun := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				inBubble(t, quiet, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
					q := limited(c.limit)
					q.ValidateOnly = dryRun
					if c.kind != "" {
						q.Order.Spec.Type = c.kind
					}
					_, err := l.Run(t.Context(), q)
					if c.want == "" {
						if err != nil || (len(cloud.sends) != 1) != dryRun {
							t.Errorf("%d sends, dry run %t: %v", len(cloud.sends), dryRun, err)
						}
						return
					}
					e := ecs.AsError(err)
					if e == nil || e.Reason != c.want || len(cloud.sends) > 0 || cloud.madeBy() > 0 {
						t.Fatalf("%d sends: %v, want %s", len(cloud.sends), err, c.want)
					}
					if c.want != ecs.ReasonPriceUnavailable && (e.Facts["price"] != "CNY 3.00" || e.Facts["max_price"] != c.limit.String()) {
						t.Errorf("the error has %v, want both prices", e.Facts)
					}
					if c.want == ecs.ReasonPriceUnavailable && !strings.Contains(e.Message, "any_price") {
						t.Errorf("no advice: %s", e.Message)
					}
				})
			})
		}
	}
}

// A launch that is sent again later is sent at the price of then.
func TestRun_PriceRisesBeforeTheRetry(t *testing.T) {
	for _, f := range []fault{throttled, soldOut, lostRequest} {
		t.Run(string(f), func(t *testing.T) {
			inBubble(t, quiet, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
				cloud.faults = []fault{f}
				cloud.hook = func() {
					cloud.mu.Lock()
					defer cloud.mu.Unlock()
					cloud.dearer = 1
				}
				_, err := l.Run(t.Context(), limited(cny(3)))
				if f != lostRequest {
					if err == nil {
						t.Fatal("the first try succeeded")
					}
					_, err = l.Run(t.Context(), limited(cny(3)))
				}
				if !ecs.HasReason(err, ecs.ReasonPriceExceedsLimit) || len(cloud.sends) != 1 || cloud.madeBy() != 0 {
					t.Errorf("%d sends, %d made: %v, want PRICE_EXCEEDS_LIMIT and no second send", len(cloud.sends), cloud.madeBy(), err)
				}
				cloud.hook, cloud.dearer = nil, 0
				if made, err := l.Run(t.Context(), limited(cny(3))); err != nil || len(made.IDs) != 3 || cloud.madeBy() != 3 {
					t.Errorf("at the old price: %v made (%v), want 3", made.IDs, err)
				}
			})
		})
	}
}

// A limit does not keep a retry from the outcome of an order that was sent.
func TestRun_PriceRisesAfterTheOrder(t *testing.T) {
	for _, f := range []fault{fine, lostReply} {
		inBubble(t, quiet, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
			cloud.faults = []fault{f}
			first, err := l.Run(t.Context(), limited(cny(3)))
			if err != nil {
				t.Fatal(err)
			}
			cloud.dearer = 100
			again, err := l.Run(t.Context(), limited(cny(3)))
			if err != nil || len(again.IDs) != 3 || again.IDs[0] != first.IDs[0] || cloud.madeBy() != 3 {
				t.Errorf("%s: %v, then %v (%v)", f, first.IDs, again.IDs, err)
			}
		})
	}
}

// The same request is made at another process, which launches after this one has looked for its record. A price that is
// now over the limit is no refusal of the request, a new one or one that was refused before.
func TestRun_MadeByAnotherProcess(t *testing.T) {
	for _, first := range []fault{fine, refused, throttled} {
		t.Run(string(first), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				records, cloud := newRecords(), newCloud()
				there := lifecycle.New(cloud, records, quiet)
				defer there.Close()
				cloud.faults = []fault{first}
				if first != fine {
					if _, err := there.Run(t.Context(), limited(cny(3))); err == nil {
						t.Fatal("the first try succeeded")
					}
				}
				here := lifecycle.New(&late{Cloud: cloud, meanwhile: func() {
					if _, err := there.Run(t.Context(), limited(cny(3))); err != nil {
						t.Error(err)
					}
					cloud.dearer = 1
				}}, records, quiet)
				defer here.Close()
				made, err := here.Run(t.Context(), limited(cny(3)))
				if err != nil || len(made.IDs) != 3 || cloud.madeBy() != 3 {
					t.Errorf("%v, %v, %d made, want 3", made.IDs, err, cloud.madeBy())
				}
			})
		})
	}
}
