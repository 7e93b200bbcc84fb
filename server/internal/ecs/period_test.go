package ecs_test

import (
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func months(n int32) ecs.Period { return ecs.Period{Count: n, Unit: ecs.Month} }
func years(n int32) ecs.Period  { return ecs.Period{Count: n, Unit: ecs.Year} }
func weeks(n int32) ecs.Period  { return ecs.Period{Count: n, Unit: ecs.Week} }
func toDay(n int32) ecs.Period  { return ecs.Period{Count: n, Unit: ecs.RenewDay} }

func TestPeriods_Sold(t *testing.T) {
	for _, c := range []struct {
		period                   ecs.Period
		renew, autoRenew, priced bool
	}{
		{months(1), true, true, true},
		{months(4), true, false, true},
		{months(9), true, false, true},
		{months(10), false, false, false},
		{months(11), false, false, false},
		{months(12), true, true, true},
		{months(48), true, true, false},
		{months(72), false, false, false},
		{years(1), true, true, true},
		{years(3), true, true, true},
		{years(5), true, true, false},
		{years(6), false, false, false},
		{weeks(1), true, true, false},
		{weeks(4), true, true, false},
		{weeks(10), false, false, false},
		{toDay(1), true, false, true},
		{toDay(28), true, false, true},
		{toDay(29), false, false, false},
		{toDay(0), false, false, false},
		{months(0), false, false, false},
		{years(0), false, false, false},
		{months(-1), false, false, false},
		{ecs.Period{Count: 357913942, Unit: ecs.Year}, false, false, false}, // 12 of it overflow an int32
		{ecs.Period{}, false, false, false},
	} {
		got := [3]bool{ecs.SoldForRenewal.Includes(c.period), ecs.SoldForAutoRenewal.Includes(c.period), ecs.Priced.Includes(c.period)}
		if want := [3]bool{c.renew, c.autoRenew, c.priced}; got != want {
			t.Errorf("%v: renew, auto-renew, priced are %v, want %v", c.period, got, want)
		}
	}
	if got, want := ecs.Priced.String(), "MONTH 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 24, 36; YEAR 1, 2, 3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The days are those of UTC+8: 16:00 UTC is midnight there.
func TestPeriodFrom(t *testing.T) {
	for _, c := range []struct {
		from   string
		period ecs.Period
		want   string
	}{
		{"2019-09-09T16:00:00Z", months(1), "2019-10-09T16:00:00Z"},
		{"2026-01-30T16:00:00Z", months(1), "2026-02-27T16:00:00Z"}, // 31 January to 28 February
		{"2028-01-30T16:00:00Z", months(1), "2028-02-28T16:00:00Z"}, // a leap year
		{"2026-12-30T16:00:00Z", months(2), "2027-02-27T16:00:00Z"},
		{"2028-02-28T16:00:00Z", years(1), "2029-02-27T16:00:00Z"},
		{"2026-01-31T15:59:00Z", months(1), "2026-02-28T15:59:00Z"}, // still 31 January at UTC+8
		{"2026-03-01T00:00:00Z", weeks(2), "2026-03-15T00:00:00Z"},
		// The cloud's own examples: up to the 12th from 8 October and from 18 October.
		{"2018-10-07T16:00:00Z", toDay(12), "2018-11-11T16:00:00Z"},
		{"2018-10-17T16:00:00Z", toDay(12), "2018-12-11T16:00:00Z"},
		{"2018-10-11T16:00:00Z", toDay(12), "2018-11-11T16:00:00Z"}, // a month to the minute
		{"2018-10-11T16:01:00Z", toDay(12), "2018-12-11T16:00:00Z"},
		{"2027-01-30T16:00:00Z", toDay(28), "2027-02-27T16:00:00Z"}, // 31 January to 28 February
	} {
		from, _ := time.Parse(time.RFC3339, c.from)
		want, _ := time.Parse(time.RFC3339, c.want)
		if got := c.period.From(from); !got.Equal(want) {
			t.Errorf("%v from %s: got %s, want %s", c.period, c.from, got, c.want)
		}
	}
}

func TestSamePeriod(t *testing.T) {
	if !years(1).Same(months(12)) || !weeks(2).Same(weeks(2)) || weeks(1).Same(ecs.Period{}) || months(1).Same(months(2)) || weeks(1).Same(weeks(2)) {
		t.Error("a year is twelve months, and nothing else is another")
	}
}
