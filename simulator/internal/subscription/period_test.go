package subscription_test

import (
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
)

func beijing(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, subscription.Beijing)
	if err != nil {
		panic(err)
	}
	return t
}

func TestAfter(t *testing.T) {
	for _, c := range []struct {
		from  string
		count int
		unit  catalog.Unit
		want  string
	}{
		{"2026-11-28 00:00", 1, catalog.Month, "2026-12-28 00:00"},
		{"2026-12-28 00:00", 1, catalog.Month, "2027-01-28 00:00"},
		{"2027-01-31 00:00", 1, catalog.Month, "2027-02-28 00:00"}, // a short month
		{"2028-01-31 00:00", 1, catalog.Month, "2028-02-29 00:00"}, // a leap year
		{"2028-02-29 00:00", 1, catalog.Year, "2029-02-28 00:00"},
		{"2026-08-31 00:00", 9, catalog.Month, "2027-05-31 00:00"},
		{"2026-03-31 00:00", 60, catalog.Month, "2031-03-31 00:00"},
		{"2026-11-28 00:00", 2, catalog.Week, "2026-12-12 00:00"},
		{"2026-11-28 00:00", 3, catalog.Year, "2029-11-28 00:00"},
		{"2026-05-31 00:00", 1, catalog.Month, "2026-06-30 00:00"},
	} {
		got := subscription.Period{Count: c.count, Unit: c.unit}.After(beijing(c.from))
		if !got.Equal(beijing(c.want)) {
			t.Errorf("%s and %d %s: got %s, want %s", c.from, c.count, c.unit, got.In(subscription.Beijing), c.want)
		}
	}
}

// The cloud's own example: bought on 9 August at 13:00 for a month, it
// expires on 10 September at 00:00.
func TestFrom(t *testing.T) {
	for _, c := range []struct{ bought, want string }{
		{"2019-08-09 13:00", "2019-09-10 00:00"},
		{"2019-08-09 00:00", "2019-09-10 00:00"},
		{"2019-08-09 23:59", "2019-09-10 00:00"},
		{"2027-01-31 12:00", "2027-03-01 00:00"},
	} {
		got := subscription.Period{Count: 1, Unit: catalog.Month}.From(beijing(c.bought))
		if !got.Equal(beijing(c.want)) {
			t.Errorf("bought at %s: got %s, want %s", c.bought, got.In(subscription.Beijing), c.want)
		}
	}
}
