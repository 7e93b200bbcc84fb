package ecs_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

var utc8 = time.FixedZone("UTC+8", 8*60*60)

// at reads a time in UTC+8.
func at(t testing.TB, text string) time.Time {
	t.Helper()
	parsed, err := time.ParseInLocation("2006-01-02 15:04", text, utc8)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.UTC()
}

var (
	running = ecs.Instance{Status: ecs.StatusRunning}
	stopped = ecs.Instance{Status: ecs.StatusStopped}
	locked  = ecs.Instance{Status: ecs.StatusRunning, Locks: []ecs.Lock{{Reason: ecs.LockFinancial}}}
)

func TestForecast(t *testing.T) {
	for name, c := range map[string]struct {
		instance ecs.Instance
		expire   string
		period   ecs.Period
		now      string
		want     string
	}{
		"running, a month":                  {running, "2026-12-09 00:00", months(1), "2026-11-29 01:51", "2027-01-09 00:00"},
		"running, a week":                   {running, "2026-12-09 00:00", weeks(1), "2026-11-29 01:51", "2026-12-16 00:00"},
		"running, a year is twelve months":  {running, "2028-02-29 00:00", years(1), "2028-02-01 00:00", "2029-02-28 00:00"},
		"running, a shorter month":          {running, "2027-01-31 00:00", months(1), "2026-11-29 01:51", "2027-02-28 00:00"},
		"running, an expiry at noon":        {running, "2026-12-09 12:00", months(1), "2026-11-29 01:51", "2027-01-10 00:00"},
		"running, up to a day":              {running, "2026-12-09 00:00", toDay(12), "2026-11-29 01:51", "2027-01-12 00:00"},
		"stopped before the expiry":         {stopped, "2026-12-09 00:00", months(1), "2026-11-29 01:51", "2027-01-09 00:00"},
		"expired and still running":         {running, "2026-11-26 00:00", months(1), "2026-11-29 01:51", "2026-12-26 00:00"},
		"expired this minute":               {running, "2026-11-29 01:51", months(1), "2026-11-29 01:51", "2026-12-30 00:00"},
		"expired and stopped":               {stopped, "2026-11-26 00:00", months(1), "2026-11-29 01:51", "2026-12-30 00:00"},
		"expired and locked":                {locked, "2026-11-26 00:00", months(1), "2026-11-29 01:51", "2026-12-30 00:00"},
		"stopped, renewed before midnight":  {stopped, "2026-11-26 00:00", months(1), "2026-11-29 23:59", "2026-12-30 00:00"},
		"stopped, renewed at midnight":      {stopped, "2026-11-26 00:00", months(1), "2026-11-30 00:00", "2026-12-31 00:00"},
		"stopped, renewed in the same day":  {stopped, "2026-11-26 00:00", weeks(1), "2026-11-26 10:00", "2026-12-04 00:00"},
		"stopped, a shorter month":          {stopped, "2027-01-20 00:00", months(1), "2027-01-31 12:00", "2027-03-01 00:00"},
		"the security lock does not end it": {ecs.Instance{Status: ecs.StatusRunning, Locks: []ecs.Lock{{Reason: ecs.LockSecurity}}}, "2026-11-26 00:00", months(1), "2026-11-29 01:51", "2026-12-26 00:00"},
	} {
		c.instance.ExpireTime = at(t, c.expire)
		if got := c.period.Forecast(c.instance, at(t, c.now)); !got.Equal(at(t, c.want)) {
			t.Errorf("%s: got %s, want %s", name, got.In(utc8).Format("2006-01-02 15:04"), c.want)
		}
	}
}

// proof is the conclusion from an expiry.
type proof int

const (
	none     proof = iota
	accepted       // an accepted order, but not one of unknown outcome
	both
)

func TestProof(t *testing.T) {
	for name, c := range map[string]struct {
		instance ecs.Instance
		before   string
		period   ecs.Period
		expire   string
		want     proof
	}{
		"the forecast":                      {running, "2026-12-09 00:00", months(1), "2027-01-09 00:00", both},
		"not yet moved":                     {running, "2026-12-09 00:00", months(1), "2026-12-09 00:00", none},
		"moved back":                        {running, "2026-12-09 00:00", months(1), "2026-11-30 00:00", none},
		"a day short":                       {running, "2026-12-09 00:00", months(1), "2027-01-08 00:00", none},
		"a day more":                        {running, "2026-12-09 00:00", months(1), "2027-01-10 00:00", accepted},
		"a period more":                     {running, "2026-12-09 00:00", months(1), "2027-02-09 00:00", accepted},
		"a week in place of a month":        {running, "2026-12-09 00:00", months(1), "2026-12-16 00:00", none},
		"a month in place of a week":        {running, "2026-12-09 00:00", weeks(1), "2027-01-09 00:00", accepted},
		"the hour of an old expiry":         {running, "2026-12-09 12:00", months(1), "2027-01-09 12:00", both},
		"began again":                       {stopped, "2026-11-26 00:00", months(1), "2026-12-30 00:00", both},
		"began again, the day used":         {stopped, "2026-11-26 00:00", months(1), "2026-12-29 00:00", both},
		"began again, the next day":         {stopped, "2026-11-26 00:00", months(1), "2026-12-31 00:00", both},
		"began again, two days less":        {stopped, "2026-11-26 00:00", months(1), "2026-12-28 00:00", none},
		"began again, two days more":        {stopped, "2026-11-26 00:00", months(1), "2027-01-01 00:00", accepted},
		"grew though it was to begin again": {stopped, "2026-11-26 00:00", months(1), "2026-12-26 00:00", none},
		"the target day":                    {running, "2026-12-09 00:00", toDay(12), "2027-01-12 00:00", both},
		"the target day, a month later":     {running, "2026-12-09 00:00", toDay(12), "2027-02-12 00:00", accepted},
		"the day after the target day":      {running, "2026-12-09 00:00", toDay(12), "2027-01-13 00:00", none},
		"the target day, not later":         {running, "2026-12-12 00:00", toDay(12), "2026-11-12 00:00", none},
	} {
		c.instance.ExpireTime = at(t, c.before)
		forecast := c.period.Forecast(c.instance, at(t, "2026-11-29 01:51"))
		if got := c.period.Proves(at(t, c.expire), at(t, c.before), forecast); got != (c.want != none) {
			t.Errorf("%s: Proves is %t", name, got)
		}
		if got := c.period.Is(at(t, c.expire), at(t, c.before), forecast); got != (c.want == both) {
			t.Errorf("%s: Is is %t", name, got)
		}
	}
}

func TestForecast_Properties(t *testing.T) {
	periods := []ecs.Period{weeks(1), weeks(4), months(1), months(6), months(12), years(1), years(5), toDay(1), toDay(28)}
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(1_500_000_000, 2_500_000_000).Draw(t, "now"), 0).UTC()
		i := rapid.SampledFrom([]ecs.Instance{running, stopped, locked}).Draw(t, "instance")
		i.ExpireTime = now.Add(time.Duration(rapid.Int64Range(-2000, 9000).Draw(t, "hours to the end")) * time.Hour)
		if rapid.Bool().Draw(t, "at midnight") {
			y, m, d := i.ExpireTime.In(utc8).Date()
			i.ExpireTime = time.Date(y, m, d, 0, 0, 0, 0, utc8).UTC()
		}
		p := rapid.SampledFrom(periods).Draw(t, "period")
		if p.Unit == ecs.RenewDay && !i.ExpireTime.After(now) {
			return // an expired subscription is not sold up to a day
		}
		forecast := p.Forecast(i, now)

		if local := forecast.In(utc8); local.Hour() != 0 || local.Minute() != 0 || local.Second() != 0 || local.Nanosecond() != 0 {
			t.Fatalf("%s is not 00:00 UTC+8", local)
		}
		if forecast.Before(p.From(i.ExpireTime)) {
			t.Fatalf("%s is earlier than a period after the old expiry, %s", forecast, p.From(i.ExpireTime))
		}
		if i.Status == ecs.StatusRunning && len(i.Locks) == 0 && forecast.Sub(p.From(i.ExpireTime)) >= 24*time.Hour {
			t.Fatalf("%s is more than a period and a day after the old expiry, %s", forecast, p.From(i.ExpireTime))
		}
		if !p.Is(forecast, i.ExpireTime, forecast) || !p.Proves(forecast, i.ExpireTime, forecast) {
			t.Fatalf("the forecast %s does not prove itself", forecast)
		}
		if p.Is(i.ExpireTime, i.ExpireTime, forecast) || p.Proves(i.ExpireTime, i.ExpireTime, forecast) {
			t.Fatalf("the old expiry %s is taken for proof of %s", i.ExpireTime, forecast)
		}
		other := p.From(forecast)
		if p.Is(other, i.ExpireTime, forecast) {
			t.Fatalf("%s, a period after the forecast %s, is taken for it", other, forecast)
		}
		expire := forecast.Add(time.Duration(rapid.Int64Range(-2000, 2000).Draw(t, "hours off")) * time.Hour)
		if p.Unit != ecs.RenewDay && p.Is(expire, i.ExpireTime, forecast) && !p.Proves(expire, i.ExpireTime, forecast) {
			t.Fatalf("%s is the forecast %s but does not prove it", expire, forecast)
		}
	})
}

func TestForecast_YearIsTwelveMonths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(1_500_000_000, 2_500_000_000).Draw(t, "now"), 0).UTC()
		i := stopped
		i.ExpireTime = now.Add(time.Duration(rapid.Int64Range(-2000, 9000).Draw(t, "hours to the end")) * time.Hour)
		n := rapid.Int32Range(1, 5).Draw(t, "years")
		if y, m := years(n).Forecast(i, now), months(12*n).Forecast(i, now); !y.Equal(m) {
			t.Fatalf("%d years bring %s, their months %s", n, y, m)
		}
	})
}

func TestAfterExpiry(t *testing.T) {
	now := at(t, "2027-03-10 12:00")
	past, future := at(t, "2027-03-09 00:00"), at(t, "2027-03-20 00:00")
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		instance ecs.Instance
		expire   time.Time
		setting  ecs.AutoRenewStatus
		runsOn   time.Duration
	}{
		"off":                              {running, future, ecs.AutoRenewOff, 0},
		"never":                            {running, future, ecs.AutoRenewNever, 0},
		"not read":                         {running, future, ecs.AutoRenewUnknown, 0},
		"on":                               {running, future, ecs.AutoRenewOn, 15 * day},
		"on, stopped by its owner":         {stopped, future, ecs.AutoRenewOn, 15 * day},
		"expired, off, still running":      {running, past, ecs.AutoRenewOff, 0},
		"expired, on, still running":       {running, past, ecs.AutoRenewOn, 15 * day},
		"expired, on, stopped":             {stopped, past, ecs.AutoRenewOn, 0},
		"expired, on, locked by the cloud": {locked, past, ecs.AutoRenewOn, 0},
	} {
		i := c.instance
		i.ExpireTime = c.expire
		stop, release := i.AfterExpiry(c.setting, now)
		if want := c.expire.Add(c.runsOn); !stop.Equal(want) {
			t.Errorf("%s: stops at %s, want %s", name, stop, want)
		}
		if want := c.expire.Add(c.runsOn + 15*day); !release.Equal(want) {
			t.Errorf("%s: is released at %s, want %s", name, release, want)
		}
	}
}
