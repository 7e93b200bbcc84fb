package cloud_test

import (
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/autorenew"
	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
	"github.com/ecsd-io/ecsd/simulator"
)

// bank is a simulated account in virtual time, with the Settings that check its
// automatic renewals.
type bank struct {
	t        *testing.T
	sim      *simulator.Simulator
	edge     *cloud.Edge
	ledger   *written
	settings *autorenew.Settings
	site     ecs.Site
	found    atomic.Value
}

// atBank runs a test with an empty account.
func atBank(t *testing.T, site ecs.Site, test func(*testing.T, *bank)) {
	synctest.Test(t, func(t *testing.T) {
		b := &bank{t: t, site: site}
		b.sim, b.edge = bubbled(t, simulator.Config{Balance: -1, BillingSchedule: site == ecs.SiteInternational}, cloud.Config{})
		ledger, err := store.Open(t.Context(), "sqlite::memory:")
		if err != nil {
			t.Fatal(err)
		}
		defer ledger.Close()
		b.ledger = &written{Store: ledger}
		b.begin()
		defer func() { b.settings.Close() }()
		test(t, b)
	})
}

// begin creates Settings that know only the content of the store.
func (b *bank) begin() {
	b.settings = autorenew.New(b.edge, b.ledger, autorenew.Config{
		Site: b.site, Regions: []string{hangzhou}, Check: 6 * time.Hour, Leases: b.ledger.Store, Holder: "bank", Logger: slog.New(slog.DiscardHandler),
		Checked: func(_ string, found *autorenew.Deductions) {
			if found != nil {
				b.found.Store(*found)
			}
		},
	})
}

// outlook is how the automatic renewal of an instance goes, in a word, with the
// next try as the days before its expiry and the hour in UTC+8.
func (b *bank) outlook(id string) string {
	b.t.Helper()
	read := b.edge.Instances(b.t.Context(), hangzhou, []string{id})[0]
	if read.Err != nil {
		b.t.Fatal(read.Err)
	}
	outlooks, err := b.settings.Outlooks(b.t.Context(), []ecs.Instance{read.Value}, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	o := outlooks[0]
	word := map[ecs.AutoRenewState]string{ecs.AutoRenewStateOff: "OFF", ecs.AutoRenewStateScheduled: "SCHEDULED", ecs.AutoRenewStateFailing: "FAILING"}[o.State]
	if !o.Next.IsZero() {
		days := read.Value.ExpireTime.Sub(o.Next.Truncate(24*time.Hour)).Hours() / 24
		word += fmt.Sprintf(" %+.0f days %s", -days, o.Next.In(time.FixedZone("UTC+8", 8*3600)).Format("15:04"))
	}
	if o.Drift != nil {
		word += fmt.Sprintf(", drifted from %d", o.Drift.Status)
	}
	return word
}

// until lets the time pass until so long before the expiry.
func (b *bank) until(expire time.Time, before time.Duration) {
	time.Sleep(time.Until(expire.Add(-before)))
	synctest.Wait()
}

// story walks through the days before an expiry and compares the reported
// states with the expected ones.
func (b *bank) story(id string, expire time.Time, days []string, hours []time.Duration, want []string) {
	b.t.Helper()
	for i, hour := range hours {
		b.until(expire, hour)
		if diff := cmp.Diff(want[i], b.outlook(id)); diff != "" {
			b.t.Errorf("%s (-want +got):\n%s", days[i], diff)
		}
	}
}

const aDay = 24 * time.Hour

// On the China site an empty account fails from nine days before the expiry on,
// daily; once it has money, the next day renews, and the expiry is the proof.
func TestDeductions_Daily(t *testing.T) {
	atBank(t, ecs.SiteChina, func(t *testing.T, b *bank) {
		expire := time.Now().Add(20 * aDay).UTC().Truncate(aDay).Add(16 * time.Hour) // 00:00 UTC+8
		paid := seed(t, b.sim, simulator.Seed{ExpireTime: &expire, RenewalStatus: "AutoRenewal"})[0]
		off := seed(t, b.sim, simulator.Seed{ExpireTime: &expire})[0]
		first := 9*aDay - 8*time.Hour
		b.story(paid, expire,
			[]string{"ten days before", "at the first", "an hour later", "the day after", "two days before"},
			[]time.Duration{10 * aDay, first - time.Minute, first - time.Hour, first - aDay - 2*time.Hour, 2 * aDay},
			[]string{"SCHEDULED -9 days 08:00", "SCHEDULED -9 days 08:00", "FAILING -8 days 08:00", "FAILING -7 days 08:00", "FAILING -2 days 08:00"})
		if got := b.outlook(off); got != "OFF" {
			t.Errorf("what is off is %s", got)
		}
		b.sim.SetBalance(1_000_000)
		b.until(expire, 2*aDay-9*time.Hour)
		if got := b.outlook(paid); got != "SCHEDULED -9 days 08:00" {
			t.Errorf("with money it is %s", got)
		}
		if orders := b.sim.Ledger(simulator.LedgerFilter{}); len(orders) != 1 || orders[0].Action != "AutoRenew" {
			t.Errorf("the cloud charged %v", orders)
		}
	})
}

// Failed deductions are detected without a request and counted in the metrics.
func TestDeductions_Watched(t *testing.T) {
	atBank(t, ecs.SiteChina, func(t *testing.T, b *bank) {
		near, far := time.Now().Add(5*aDay), time.Now().Add(12*aDay)
		seed(t, b.sim, simulator.Seed{Count: 120, ExpireTime: &near, RenewalStatus: "AutoRenewal"})
		seed(t, b.sim, simulator.Seed{Count: 3, ExpireTime: &near})
		seed(t, b.sim, simulator.Seed{ExpireTime: &far, RenewalStatus: "AutoRenewal"})
		drifting := seed(t, b.sim, simulator.Seed{ExpireTime: &near})
		on := ecs.AutoRenewSetting{Status: ecs.AutoRenewOn}
		if results, err := b.settings.Set(t.Context(), hangzhou, drifting, on, false); err != nil || results[0].Err != nil {
			t.Fatal(results, err)
		}
		each(t, "set in the console", b.edge.SetAutoRenew(t.Context(), hangzhou, drifting, ecs.AutoRenewOff, ecs.Period{}))
		time.Sleep(25 * time.Hour) // past the first deduction that was due
		b.settings.Start(t.Context())
		time.Sleep(time.Hour)
		synctest.Wait()
		want := autorenew.Deductions{States: map[ecs.AutoRenewState]int{ecs.AutoRenewStateFailing: 120, ecs.AutoRenewStateOff: 4}, Drifted: 1}
		if diff := cmp.Diff(want, b.found.Load()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// On the international site the days differ, and continue after the expiry.
func TestDeductions_BillingPage(t *testing.T) {
	atBank(t, ecs.SiteInternational, func(t *testing.T, b *bank) {
		expire := time.Now().Add(20 * aDay).UTC().Truncate(aDay).Add(16 * time.Hour)
		id := seed(t, b.sim, simulator.Seed{ExpireTime: &expire, RenewalStatus: "AutoRenewal"})[0]
		b.story(id, expire,
			[]string{"nine days before", "in the first", "after the first", "after the second", "after the third", "a week behind", "two weeks behind"},
			[]time.Duration{9 * aDay, 3*aDay - 9*time.Hour, 3*aDay - 19*time.Hour, aDay - 19*time.Hour, -19 * time.Hour, -7*aDay + time.Hour, -14*aDay - 19*time.Hour},
			[]string{
				"SCHEDULED -3 days 08:00", "SCHEDULED -3 days 08:00", "FAILING -1 days 08:00", "FAILING +0 days 08:00", "FAILING +6 days 08:00",
				"FAILING +14 days 08:00", "FAILING",
			})
	})
}

// A requested setting that differs in the cloud has drifted, until it is
// requested again or the desired state changes; one that was switched on after
// a deduction was due has not failed.
func TestAutoRenewDrift(t *testing.T) {
	atBank(t, ecs.SiteChina, func(t *testing.T, b *bank) {
		expire := time.Now().Add(5 * aDay).UTC().Truncate(aDay).Add(16 * time.Hour)
		id := seed(t, b.sim, simulator.Seed{ExpireTime: &expire})[0]
		ask := func(status ecs.AutoRenewStatus, period ecs.Period) {
			t.Helper()
			results, err := b.settings.Set(t.Context(), hangzhou, []string{id}, ecs.AutoRenewSetting{Status: status, Period: period}, false)
			if err != nil || results[0].Err != nil {
				t.Fatal(err, results)
			}
		}
		console := func(status ecs.AutoRenewStatus, period ecs.Period) {
			t.Helper()
			each(t, "set in the console", b.edge.SetAutoRenew(t.Context(), hangzhou, []string{id}, status, period))
		}
		wants := func(when, want string) {
			t.Helper()
			if got := b.outlook(id); got != want {
				t.Errorf("%s: %s, want %s", when, got, want)
			}
			held := b.settings.Get(t.Context(), hangzhou, []string{id})[0]
			if drifted := held.Value.Drift != nil; held.Err != nil || drifted != strings.Contains(want, "drifted") {
				t.Errorf("%s: the setting is %+v", when, held)
			}
		}
		month, quarter := ecs.Period{Count: 1, Unit: ecs.Month}, ecs.Period{Count: 3, Unit: ecs.Month}
		wants("before any request", "OFF")
		ask(ecs.AutoRenewOn, month)
		wants("requested late", "SCHEDULED -5 days 08:00")
		time.Sleep(time.Hour)
		ask(ecs.AutoRenewOn, month) // is not a later request
		b.until(expire, 5*aDay-10*time.Hour)
		wants("a day on", "FAILING -4 days 08:00")
		console(ecs.AutoRenewOn, quarter)
		wants("another period in the console", "FAILING -4 days 08:00, drifted from 1")
		console(ecs.AutoRenewNever, ecs.Period{})
		wants("off in the console", "OFF, drifted from 1")
		ask(ecs.AutoRenewNever, ecs.Period{})
		wants("requested", "OFF")
		console(ecs.AutoRenewOff, ecs.Period{})
		wants("off otherwise", "OFF, drifted from 3")
		ask(ecs.AutoRenewOn, ecs.Period{})
		wants("on again", "SCHEDULED -4 days 08:00")
		b.until(expire, 4*aDay-10*time.Hour)
		wants("a day on", "FAILING -3 days 08:00")
		console(ecs.AutoRenewOff, ecs.Period{})
		wants("off once more", "OFF, drifted from 1")
		console(ecs.AutoRenewOn, ecs.Period{})
		wants("on in the console", "SCHEDULED -3 days 08:00")
	})
}
