package ecs_test

import (
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func TestRenewedBy(t *testing.T) {
	expire := time.Date(2026, 12, 20, 16, 0, 0, 0, time.UTC) // 21 December in UTC+8
	// 08:00 UTC+8 is 00:00 UTC. The first deduction is on 12 December in China, on 18 December on the international site.
	on := ecs.AutoRenewObservation{ExpireTime: expire, Status: ecs.AutoRenewOn}
	off := ecs.AutoRenewObservation{ExpireTime: expire, Status: ecs.AutoRenewOff}
	never := ecs.AutoRenewObservation{ExpireTime: expire, Status: ecs.AutoRenewNever}
	unread := ecs.AutoRenewObservation{ExpireTime: expire}
	after := ecs.AutoRenewObservation{ExpireTime: expire.AddDate(0, 1, 0), Status: ecs.AutoRenewOff}
	day := func(day, hour, minute int) time.Time { return time.Date(2026, 12, day, hour, minute, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		site  ecs.Site
		found time.Time
		seen  ecs.AutoRenewObservation
		want  ecs.RenewalOrigin
	}{
		"before the first deduction":        {ecs.SiteChina, day(11, 23, 59), on, ecs.RenewalOriginPerson},
		"before it, setting not known":      {ecs.SiteChina, day(11, 23, 59), ecs.AutoRenewObservation{}, ecs.RenewalOriginPerson},
		"at the first deduction":            {ecs.SiteChina, day(12, 0, 1), on, ecs.RenewalOriginCloud},
		"at the deduction of a later day":   {ecs.SiteChina, day(14, 0, 30), on, ecs.RenewalOriginCloud},
		"in the evening":                    {ecs.SiteChina, day(12, 12, 0), on, ecs.RenewalOriginUnknown},
		"at a deduction, off":               {ecs.SiteChina, day(12, 0, 1), off, ecs.RenewalOriginPerson},
		"at a deduction, not to be renewed": {ecs.SiteChina, day(12, 0, 1), never, ecs.RenewalOriginPerson},
		"at a deduction, not observed":      {ecs.SiteChina, day(12, 0, 1), ecs.AutoRenewObservation{}, ecs.RenewalOriginUnknown},
		"at a deduction, setting unread":    {ecs.SiteChina, day(12, 0, 1), unread, ecs.RenewalOriginUnknown},
		"observed for another expiry":       {ecs.SiteChina, day(12, 0, 1), after, ecs.RenewalOriginUnknown},
		"international, on its day":         {ecs.SiteInternational, day(18, 5, 0), on, ecs.RenewalOriginCloud},
		"international, at night":           {ecs.SiteInternational, day(18, 12, 0), on, ecs.RenewalOriginUnknown},
		"international, on China's day":     {ecs.SiteInternational, day(12, 0, 1), on, ecs.RenewalOriginUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			got, why := c.site.RenewedBy(expire, c.found, c.seen)
			if got != c.want || why == "" {
				t.Errorf("RenewedBy returns %d (%s), want %d with its evidence", got, why, c.want)
			}
		})
	}
}
