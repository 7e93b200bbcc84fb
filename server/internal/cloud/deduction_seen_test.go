package cloud_test

import (
	"context"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
	"github.com/ecsd-io/ecsd/simulator"
)

// written is a store that counts the observations that are saved.
type written struct {
	*store.Store
	observations int
}

func (w *written) SaveAutoRenewObservations(ctx context.Context, observations []ecs.AutoRenewObservation, past time.Time) error {
	w.observations += len(observations)
	return w.Store.SaveAutoRenewObservations(ctx, observations, past)
}

// restart ends the engine and begins another.
func (b *bank) restart() {
	b.settings.Close()
	b.begin()
}

// wants compares the reported state of an instance, and the rows written for it
// since the last call, with the expected ones.
func (b *bank) wants(when, id, want string, rows int) {
	b.t.Helper()
	b.ledger.observations = 0
	if got := b.outlook(id); got != want || b.ledger.observations != rows {
		b.t.Errorf("%s: %s with %d rows written, want %s with %d", when, got, b.ledger.observations, want, rows)
	}
}

// withAndWithout runs a story as it is, and with a restart at each point that
// allows one.
func withAndWithout(t *testing.T, story func(t *testing.T, b *bank, restart func())) {
	t.Run("one engine", func(t *testing.T) {
		atBank(t, ecs.SiteChina, func(t *testing.T, b *bank) { story(t, b, func() {}) })
	})
	t.Run("restarts", func(t *testing.T) {
		atBank(t, ecs.SiteChina, func(t *testing.T, b *bank) { story(t, b, b.restart) })
	})
}

// An instance seen off and now on had no deduction before, by any switch.
func TestDeductions_SeenOffBefore(t *testing.T) {
	withAndWithout(t, func(t *testing.T, b *bank, restart func()) {
		expire := time.Now().Add(20 * aDay).UTC().Truncate(aDay).Add(16 * time.Hour) // 00:00 UTC+8
		id := seed(t, b.sim, simulator.Seed{ExpireTime: &expire})[0]
		b.wants("weeks ahead", id, "OFF", 0)
		b.until(expire, 6*aDay)
		b.wants("near", id, "OFF", 1)
		restart()
		b.until(expire, 5*aDay-10*time.Hour)
		b.wants("the day after", id, "OFF", 0)
		each(t, "set in the console", b.edge.SetAutoRenew(t.Context(), hangzhou, []string{id}, ecs.AutoRenewOn, oneMonth))
		restart()
		b.wants("switched on", id, "SCHEDULED -4 days 08:00", 1)
		restart()
		b.until(expire, 4*aDay-7*time.Hour)
		b.wants("before the next", id, "SCHEDULED -4 days 08:00", 0)
		b.until(expire, 4*aDay-9*time.Hour)
		b.wants("after it", id, "FAILING -3 days 08:00", 0)
	})
}

// Renewed by hand for less than its setting buys, a subscription has slots that
// were over before: they are not of this expiry.
func TestDeductions_AfterShortRenewal(t *testing.T) {
	withAndWithout(t, func(t *testing.T, b *bank, restart func()) {
		expire := time.Now().Add(20 * aDay).UTC().Truncate(aDay).Add(16 * time.Hour)
		id := seed(t, b.sim, simulator.Seed{ExpireTime: &expire, RenewalStatus: "AutoRenewal"})[0]
		b.until(expire, aDay-10*time.Hour)
		b.wants("at the first observation", id, "FAILING", 1)
		b.sim.SetBalance(1_000_000)
		order := ecs.RenewOrder{RegionID: hangzhou, InstanceID: id, Period: ecs.Period{Count: 1, Unit: ecs.Week}, ClientToken: "by-hand"}
		if _, err := b.edge.Renew(t.Context(), order); err != nil {
			t.Fatal(err)
		}
		b.sim.SetBalance(-1)
		time.Sleep(time.Minute)
		restart()
		b.wants("renewed", id, "SCHEDULED -7 days 08:00", 1)
		restart()
		b.wants("a second look", id, "SCHEDULED -7 days 08:00", 0)
		b.until(expire, -9*time.Hour)
		b.wants("after the next", id, "FAILING -6 days 08:00", 0)
	})
}

// If there was no recent observation, a past slot that moved does not count as
// missed: an extra read is better than a missing one.
func TestDeductions_FirstObservation(t *testing.T) {
	atBank(t, ecs.SiteChina, func(t *testing.T, b *bank) {
		expire := time.Now().Add(5 * aDay).UTC().Truncate(aDay).Add(16 * time.Hour)
		id := seed(t, b.sim, simulator.Seed{ExpireTime: &expire, RenewalStatus: "AutoRenewal"})[0]
		b.wants("a month before", id, "SCHEDULED -5 days 08:00", 1)
		b.sim.SetBalance(1_000_000)
		b.until(expire, 2*aDay)
		b.sim.SetBalance(-1)
		expire = oneMonth.From(expire)
		b.until(expire, 6*aDay)
		b.wants("nobody looked since", id, "FAILING -6 days 08:00", 1)
	})
}
