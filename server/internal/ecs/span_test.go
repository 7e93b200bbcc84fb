package ecs_test

import (
	"testing"
	"time"

	_ "time/tzdata" // the zones of the test, wherever it runs

	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// zones have clocks that change at noon, at midnight, across midnight, by a day,
// and not at all.
var zones = []string{
	"UTC", "Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "America/St_Johns", "Pacific/Apia", "Asia/Beirut", "Africa/Cairo",
	"America/Havana", "Asia/Kathmandu", "Pacific/Kiritimati", "America/Asuncion", "Asia/Gaza", "Antarctica/Troll", "Australia/Lord_Howe",
}

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

var spans = []ecs.Span{ecs.PerDay, ecs.PerWeek, ecs.PerMonth, ecs.PerYear}

// The periods of a limit divide all time: each instant is in one, and where one
// ends the next begins.
func TestSpan_PeriodsDivideTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		span := rapid.SampledFrom(spans).Draw(t, "span")
		at := time.UnixMilli(rapid.Int64Range(0, 4_000_000_000_000).Draw(t, "at"))
		if year := rapid.IntRange(1970, 2060).Draw(t, "year"); rapid.Bool().Draw(t, "near a change") {
			// Half of the times are within an hour of a change of the clocks.
			if _, change := time.Date(year, time.January, 1, 0, 0, 0, 0, z).ZoneBounds(); !change.IsZero() {
				at = change.Add(time.Duration(rapid.Int64Range(-7_200_000, 7_200_000).Draw(t, "off")) * time.Millisecond)
			}
		}
		start, end := span.Around(at, z)
		if at.Before(start) || !at.Before(end) {
			t.Fatalf("%s is in the period from %s to %s", at.In(z), start.In(z), end.In(z))
		}
		for name, other := range map[string]time.Time{"its start": start, "its end": end.Add(-1)} {
			if s, e := span.Around(other, z); !s.Equal(start) || !e.Equal(end) {
				t.Fatalf("%s %s is in the period from %s to %s, want %s to %s", name, other.In(z), s.In(z), e.In(z), start.In(z), end.In(z))
			}
		}
		if s, _ := span.Around(end, z); !s.Equal(end) {
			t.Fatalf("the next period begins at %s, want %s", s.In(z), end.In(z))
		}
		if _, e := span.Around(start.Add(-1), z); !e.Equal(start) {
			t.Fatalf("the period before ends at %s, want %s", e.In(z), start.In(z))
		}
	})
}

func TestSpan_Around(t *testing.T) {
	for _, c := range []struct {
		span                 ecs.Span
		zone, at, start, end string
	}{
		{ecs.PerMonth, "Asia/Shanghai", "2026-10-31T15:59:59Z", "2026-09-30T16:00:00Z", "2026-10-31T16:00:00Z"},
		{ecs.PerMonth, "Asia/Shanghai", "2026-10-31T16:00:00Z", "2026-10-31T16:00:00Z", "2026-11-30T16:00:00Z"},
		{ecs.PerMonth, "UTC", "2028-02-29T23:59:59Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"},
		{ecs.PerYear, "UTC", "2026-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{ecs.PerWeek, "UTC", "2026-11-29T12:00:00Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"}, // a Sunday
		{ecs.PerWeek, "UTC", "2026-11-30T00:00:00Z", "2026-11-30T00:00:00Z", "2026-12-07T00:00:00Z"},
		{ecs.PerDay, "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"}, // 25 hours
		// The clocks skip midnight: the day begins at 01:00.
		{ecs.PerDay, "America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
		// The clocks go back from 00:01 to 23:01: the end of the day is repeated, in the next one.
		{ecs.PerDay, "America/St_Johns", "2010-11-07T02:45:00Z", "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z"},
		// The clocks skip a day, which has no period.
		{ecs.PerDay, "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		start, end := c.span.Around(at, zone(t, c.zone))
		if got := start.UTC().Format(time.RFC3339); got != c.start {
			t.Errorf("the %s of %s in %s begins at %s, want %s", c.span, c.at, c.zone, got, c.start)
		}
		if got := end.UTC().Format(time.RFC3339); got != c.end {
			t.Errorf("the %s of %s in %s ends at %s, want %s", c.span, c.at, c.zone, got, c.end)
		}
	}
}
