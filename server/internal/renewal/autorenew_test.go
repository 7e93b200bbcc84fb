package renewal_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// summary writes results as id: what came of it.
func summary(results []ecs.Result[renewal.Held]) map[string]string {
	all := map[string]string{}
	for _, r := range results {
		if r.Err != nil {
			all[r.ID] = string(ecs.AsError(r.Err).Reason)
		} else {
			all[r.ID] = map[ecs.AutoRenewStatus]string{ecs.AutoRenewOn: "on", ecs.AutoRenewOff: "off", ecs.AutoRenewNever: "never"}[r.Value.Status] + ", " + r.Value.Period.String()
		}
	}
	return all
}

// set fails the test where what was asked could not be remembered.
func set(t *testing.T) func([]ecs.Result[renewal.Held], error) []ecs.Result[renewal.Held] {
	return func(settings []ecs.Result[renewal.Held], err error) []ecs.Result[renewal.Held] {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return settings
	}
}

func TestSetAutoRenew(t *testing.T) {
	threeMonths := ecs.Period{Count: 3, Unit: ecs.Month}
	on := ecs.AutoRenewSetting{Status: ecs.AutoRenewOn}
	ids := []string{"i-1", "i-payg", "i-2", "i-none"}
	bad := map[string]string{"i-payg": "NOT_SUBSCRIPTION", "i-none": "INSTANCE_NOT_FOUND"}
	with := func(one, two string) map[string]string {
		return map[string]string{"i-1": one, "i-2": two, "i-payg": bad["i-payg"], "i-none": bad["i-none"]}
	}

	t.Run("on without a period", func(t *testing.T) {
		inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
			c.settings["i-2"] = ecs.AutoRenewSetting{Status: ecs.AutoRenewOff, RawStatus: "Normal", Period: threeMonths}
			got := summary(set(t)(e.SetAutoRenew(t.Context(), region, ids, on, false)))
			if diff := cmp.Diff(with("on, 1 month", "on, 3 months"), got); diff != "" {
				t.Error(diff)
			}
			c.sets = nil
			set(t)(e.SetAutoRenew(t.Context(), region, ids, on, false))
			if len(c.sets) != 0 {
				t.Errorf("what is as asked was set again: %+v", c.sets)
			}
		})
	})
	t.Run("off keeps the period", func(t *testing.T) {
		inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
			for _, id := range []string{"i-1", "i-2"} {
				c.settings[id] = ecs.AutoRenewSetting{Status: ecs.AutoRenewOn, RawStatus: "AutoRenewal", Period: threeMonths}
			}
			got := summary(set(t)(e.SetAutoRenew(t.Context(), region, ids, ecs.AutoRenewSetting{Status: ecs.AutoRenewNever}, false)))
			if diff := cmp.Diff(with("never, 3 months", "never, 3 months"), got); diff != "" {
				t.Error(diff)
			}
			for _, set := range c.sets {
				if !set.period.IsZero() {
					t.Errorf("a period was sent: %+v", set)
				}
			}
		})
	})
	t.Run("a rehearsal changes nothing", func(t *testing.T) {
		inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
			got := summary(set(t)(e.SetAutoRenew(t.Context(), region, ids, on, true)))
			if diff := cmp.Diff(with("on, 1 month", "on, 1 month"), got); diff != "" {
				t.Error(diff)
			}
			if len(c.sets) != 0 {
				t.Errorf("set %+v", c.sets)
			}
		})
	})
	t.Run("what does not show is reported", func(t *testing.T) {
		inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
			c.ignoreSet = true
			got := summary(set(t)(e.SetAutoRenew(t.Context(), region, ids, on, false)))
			if diff := cmp.Diff(with("SETTING_NOT_APPLIED", "SETTING_NOT_APPLIED"), got); diff != "" {
				t.Error(diff)
			}
		})
	})
}

func TestQuoteAddsUpWhatHasAPrice(t *testing.T) {
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
