package renewal_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

func TestQuote_AddsUpPrices(t *testing.T) {
	inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
		p := ecs.Period{Count: 1, Unit: ecs.Year}
		results, totals, err := e.Quote(t.Context(), region, []string{"i-1", "i-payg", "i-2"}, p)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]ecs.Money{{CurrencyCode: "CNY", Units: 200}}, totals); diff != "" {
			t.Error(diff)
		}
		if !ecs.HasReason(results[1].Err, ecs.ReasonNotSubscription) || results[0].Err != nil || results[2].Err != nil {
			t.Errorf("got %+v", results)
		}
		if want := time.Date(2001, 1, 11, 16, 0, 0, 0, time.UTC); !results[0].Value.ExpireTimeAfter.Equal(want) {
			t.Errorf("expiry after: got %s, want %s", results[0].Value.ExpireTimeAfter, want)
		}
		if _, _, err := e.Quote(t.Context(), region, []string{"i-1"}, ecs.Period{Count: 1, Unit: ecs.Week}); !ecs.HasReason(err, ecs.ReasonPriceUnavailable) {
			t.Errorf("a week: got %v, want PRICE_UNAVAILABLE", err)
		}
	})
}

// A price that is refused although the instance is a subscription is one that the
// cloud does not know of yet.
func TestQuote_JustConverted(t *testing.T) {
	inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
		c.priceErr = &ecs.Error{Reason: ecs.ReasonNotSubscription, Message: "it is pay-as-you-go", Cloud: ecs.CloudError{Code: "ChargeTypeViolation"}}
		results, _, err := e.Quote(t.Context(), region, []string{"i-1", "i-payg"}, oneMonth)
		if err != nil {
			t.Fatal(err)
		}
		if refusal := ecs.AsError(results[0].Err); refusal == nil || refusal.Reason != ecs.ReasonOperationInProgress || refusal.Retry != ecs.RetryBackoff {
			t.Errorf("a subscription: got %v, want a retryable OPERATION_IN_PROGRESS", results[0].Err)
		}
		if !ecs.HasReason(results[1].Err, ecs.ReasonNotSubscription) {
			t.Errorf("a pay-as-you-go instance: got %v, want NOT_SUBSCRIPTION", results[1].Err)
		}
	})
}
