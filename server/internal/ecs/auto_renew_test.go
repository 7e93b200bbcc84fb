package ecs_test

import (
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// The days and hours are those of UTC+8: for an expiry on the 21st at 00:00,
// the first deduction is on the 12th at 08:00, or on the international site on
// the 18th.
func TestAutoRenew(t *testing.T) {
	at := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		parsed, err := time.ParseInLocation("2006-01-02 15:04", text, time.FixedZone("UTC+8", 8*60*60))
		if err != nil {
			t.Fatal(err)
		}
		return parsed.UTC()
	}
	const off, scheduled, failing = ecs.AutoRenewStateOff, ecs.AutoRenewStateScheduled, ecs.AutoRenewStateFailing
	month, week := ecs.Period{Count: 1, Unit: ecs.Month}, ecs.Period{Count: 1, Unit: ecs.Week}
	for name, c := range map[string]struct {
		site        ecs.Site
		status      ecs.AutoRenewStatus
		period      ecs.Period
		created, on string
		now         string
		want        ecs.AutoRenewState
		next        string
	}{
		"off":                     {status: ecs.AutoRenewOff, now: "2026-12-19 00:00", want: off},
		"never":                   {status: ecs.AutoRenewNever, now: "2026-12-19 00:00", want: off},
		"a word nobody knows":     {status: ecs.AutoRenewUnknown, now: "2026-12-19 00:00", want: ecs.AutoRenewStateUnknown},
		"weeks ahead":             {now: "2026-12-01 12:00", want: scheduled, next: "2026-12-12 08:00"},
		"a minute before":         {now: "2026-12-12 07:59", want: scheduled, next: "2026-12-12 08:00"},
		"it may still be at it":   {now: "2026-12-12 08:59", want: scheduled, next: "2026-12-12 08:00"},
		"the first failed":        {now: "2026-12-12 09:00", want: failing, next: "2026-12-13 08:00"},
		"on the last day":         {now: "2026-12-20 09:00", want: failing},
		"expired":                 {now: "2026-12-22 00:00", want: failing},
		"switched on since":       {on: "2026-12-14 10:00", now: "2026-12-14 12:00", want: scheduled, next: "2026-12-15 08:00"},
		"and failed since":        {on: "2026-12-14 10:00", now: "2026-12-15 12:00", want: failing, next: "2026-12-16 08:00"},
		"switched on too late":    {on: "2026-12-20 10:00", now: "2026-12-20 12:00", want: failing},
		"bought for a week":       {period: week, created: "2026-12-14 10:00", now: "2026-12-14 12:00", want: scheduled, next: "2026-12-15 08:00"},
		"a week that went on":     {period: week, now: "2026-12-14 09:00", want: scheduled, next: "2026-12-15 08:00"},
		"a week that failed":      {period: week, now: "2026-12-15 09:00", want: failing, next: "2026-12-16 08:00"},
		"abroad, weeks ahead":     {site: ecs.SiteInternational, now: "2026-12-12 12:00", want: scheduled, next: "2026-12-18 08:00"},
		"abroad, in the evening":  {site: ecs.SiteInternational, now: "2026-12-18 17:59", want: scheduled, next: "2026-12-18 08:00"},
		"abroad, the first":       {site: ecs.SiteInternational, now: "2026-12-18 18:00", want: failing, next: "2026-12-20 08:00"},
		"abroad, on the day":      {site: ecs.SiteInternational, now: "2026-12-20 18:00", want: failing, next: "2026-12-21 08:00"},
		"abroad, a week behind":   {site: ecs.SiteInternational, now: "2026-12-25 12:00", want: failing, next: "2026-12-27 08:00"},
		"abroad, two weeks":       {site: ecs.SiteInternational, now: "2027-01-03 12:00", want: failing, next: "2027-01-04 08:00"},
		"abroad, after the last":  {site: ecs.SiteInternational, now: "2027-01-04 18:00", want: failing},
		"abroad, switched on now": {site: ecs.SiteInternational, on: "2026-12-18 12:00", now: "2026-12-18 18:30", want: scheduled, next: "2026-12-20 08:00"},
	} {
		if c.status == 0 && c.want != ecs.AutoRenewStateUnknown {
			c.status = ecs.AutoRenewOn
		}
		if c.site == "" {
			c.site = ecs.SiteChina
		}
		if c.period.IsZero() {
			c.period = month
		}
		instance := ecs.Instance{ExpireTime: at("2026-12-21 00:00"), CreateTime: at(c.created)}
		state, next := c.site.AutoRenew(instance, ecs.AutoRenewSetting{Status: c.status, Period: c.period}, at(c.on), at(c.now))
		if state != c.want || !next.Equal(at(c.next)) {
			t.Errorf("%s: got %d, next %s, want %d, next %s", name, state, next, c.want, at(c.next))
		}
	}
}
