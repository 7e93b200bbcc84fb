package lifecycle_test

import (
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

// A time that is too late for a new launch does not fail the retry of an
// earlier one.
func TestLaunch_LateRetry(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		tooLate := ecs.Errorf(ecs.ReasonInvalidField, "too late")
		late := order("r-late", 1)
		late.IfNew = tooLate
		for _, validateOnly := range []bool{true, false} {
			late.ValidateOnly = validateOnly
			if _, err := l.Run(t.Context(), late); !ecs.HasReason(err, ecs.ReasonInvalidField) || c.madeBy() != 0 || c.dryRuns != 0 {
				t.Errorf("a new launch that is too late: %v, %d made, %d rehearsed", err, c.madeBy(), c.dryRuns)
			}
		}
		first, err := l.Run(t.Context(), order("r-late", 1))
		if err != nil {
			t.Fatalf("what was refused as too late is remembered: %v", err)
		}
		late.ValidateOnly = false
		again, err := l.Run(t.Context(), late)
		if err != nil || again.IDs[0] != first.IDs[0] || c.madeBy() != 1 {
			t.Errorf("a late retry: %v (%v), %d made", again, err, c.madeBy())
		}
	})
}

// A spot limit is compared with the price in its currency before anything is
// sent.
func TestLaunch_SpotLimitInOtherCurrency(t *testing.T) {
	for currency, want := range map[string]ecs.Reason{"": "", "CNY": "", "USD": ecs.ReasonCurrencyMismatch} {
		inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
			spot := order("r-spot", 1)
			spot.Order.Spec.Type = "ecs.g7.large"
			spot.Order.Spec.Spot = &ecs.Spot{Strategy: "SpotWithPriceLimit", PriceLimit: "1.000", PriceCurrency: currency}
			_, err := l.Run(t.Context(), spot)
			if want == "" && (err != nil || c.madeBy() != 1) {
				t.Errorf("%q: %v, %d made", currency, err, c.madeBy())
			}
			if want != "" && (!ecs.HasReason(err, want) || len(c.sends) != 0) {
				t.Errorf("%q: %v, %d sent, want %s", currency, err, len(c.sends), want)
			}
		})
	}
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		unpriced := order("r-template", 1)
		unpriced.Order.Spec = ecs.InstanceSpec{LaunchTemplateName: "web", Spot: &ecs.Spot{Strategy: "SpotWithPriceLimit", PriceLimit: "1.000", PriceCurrency: "CNY"}}
		if _, err := l.Run(t.Context(), unpriced); !ecs.HasReason(err, ecs.ReasonPriceUnavailable) || len(c.sends) != 0 {
			t.Errorf("a limit on what has no price: %v, %d sent", err, len(c.sends))
		}
	})
}
