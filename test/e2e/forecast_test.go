package e2e_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

// Every call that returns the expiry after a renewal returns the actual one.
func TestForecast_SameFromEveryCall(t *testing.T) {
	t.Parallel()
	utc8 := time.FixedZone("UTC+8", 8*60*60)
	start := time.Now().In(utc8)
	y, m, d := start.Date()
	for name, expire := range map[string]time.Time{
		"running":             time.Date(y, m, d+5, 0, 0, 0, 0, utc8).UTC(),
		"expired and stopped": time.Date(y, m, d-3, 0, 0, 0, 0, utc8).UTC(),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, simulator.Config{}, nil)
			ids := w.seed(simulator.Seed{ExpireTime: &expire})
			ctx := within(t, 2*time.Minute)

			quotes, err := w.renewals.QuoteRenewals(ctx, &ecsdv1.QuoteRenewalsRequest{InstanceIds: ids, Period: oneMonth})
			if err != nil {
				t.Fatal(err)
			}
			request := &ecsdv1.RenewInstanceRequest{InstanceId: ids[0], Period: oneMonth, RequestId: uuid.NewString(), ValidateOnly: true, PriceLimit: anyPrice}
			single, err := w.renewals.RenewInstance(ctx, request)
			if err != nil {
				t.Fatal(err)
			}
			job, err := w.renewals.PreviewRenewals(ctx, &ecsdv1.PreviewRenewalsRequest{Job: &ecsdv1.CreateRenewalJobRequest{
				Selection:  byID(ids),
				Term:       forOneMonth,
				PriceLimit: anyTotal,
			}})
			if err != nil {
				t.Fatal(err)
			}
			request.ValidateOnly = false
			renewed, err := w.renewals.RenewInstance(ctx, request)
			if err != nil {
				t.Fatal(err)
			}
			if now := time.Now().In(utc8); now.Day() != start.Day() {
				t.Skip("midnight in UTC+8 passed during the test")
			}
			want := renewed.GetRenewal().GetExpireTimeAfter().AsTime()
			if local := want.In(utc8); !want.After(expire) || local.Hour() != 0 || local.Minute() != 0 {
				t.Errorf("it was renewed to %s, want 00:00 UTC+8 of a later day", local)
			}
			for call, got := range map[string]time.Time{
				"QuoteRenewals":               quotes.GetResults()[0].GetQuote().GetExpireTimeAfter().AsTime(),
				"RenewInstance, dry run":      single.GetRenewal().GetExpireTimeAfter().AsTime(),
				"PreviewRenewals":             job.GetRenewals()[0].GetExpireTimeAfter().AsTime(),
				"the cloud, from the console": consoleExpiry(t, w, ids[0]),
			} {
				if !got.Equal(want) {
					t.Errorf("%s: %s, want %s", call, got.In(utc8), want.In(utc8))
				}
			}
		})
	}
}

func consoleExpiry(t *testing.T, w *world, id string) time.Time {
	t.Helper()
	i, err := w.sim.Instance(id)
	if err != nil {
		t.Fatal(err)
	}
	return *i.ExpireTime
}
