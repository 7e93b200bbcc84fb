package subscription

import (
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
)

// Period is a paid span of a subscription; with the unit RenewDay, Count is the day of the month up to which it lasts.
type Period struct {
	Count int
	Unit  catalog.Unit
}

// The periods on sale. 48 and 60 months, like weeks, are sold only on the China site, which the simulator is.
var (
	renewalPeriods = map[catalog.Unit][]int{
		catalog.Month: {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 24, 36, 48, 60},
		catalog.Week:  {1, 2, 3, 4},
	}
	autoRenewPeriods = map[catalog.Unit][]int{
		catalog.Month: {1, 2, 3, 6, 12, 24, 36, 48, 60},
		catalog.Year:  {1, 2, 3, 4, 5},
		catalog.Week:  {1, 2, 3, 4},
	}
	pricePeriods = map[catalog.Unit][]int{
		catalog.Month: {1, 2, 3, 4, 5, 6, 7, 8, 9},
		catalog.Year:  {1, 2, 3},
	}
	offerPeriods = map[catalog.Unit][]int{
		catalog.Hour:  {1},
		catalog.Week:  {1, 2, 3, 4},
		catalog.Month: {1, 2, 3, 4, 5, 6, 7, 8, 9},
		catalog.Year:  {1, 2, 3, 4, 5},
	}
)

// Renewable reports whether RenewInstance knows the unit, and whether it sells the count.
func (p Period) Renewable() (unit, count bool) { return p.in(renewalPeriods) }

// AutoRenewable reports the same of ModifyInstanceAutoRenewAttribute.
func (p Period) AutoRenewable() (unit, count bool) { return p.in(autoRenewPeriods) }

// Priced reports the same of DescribeRenewalPrice.
func (p Period) Priced() (unit, count bool) { return p.in(pricePeriods) }

// Offered reports the same of DescribePrice.
func (p Period) Offered() (unit, count bool) { return p.in(offerPeriods) }

func (p Period) in(table map[catalog.Unit][]int) (unit, count bool) {
	counts, ok := table[p.Unit]
	return ok, slices.Contains(counts, p.Count)
}

// Beijing is UTC+8, the zone of the cloud's days. It has no daylight saving time.
var Beijing = time.FixedZone("UTC+8", 8*60*60)

// After adds the period to an instant. Months retain the day of the month, or use the last day of a shorter month: 31
// January plus a month is 28 February.
func (p Period) After(t time.Time) time.Time {
	t = t.In(Beijing)
	switch p.Unit {
	case catalog.Week:
		return t.AddDate(0, 0, 7*p.Count).UTC()
	case catalog.Year:
		return addMonths(t, 12*p.Count).UTC()
	case catalog.RenewDay:
		return dayAfter(addMonths(t, 1), p.Count).UTC()
	default:
		return addMonths(t, p.Count).UTC()
	}
}

// dayAfter returns the first 00:00 UTC+8 of a day of the month that is not before t. The cloud's own example: an expiry
// on 8 October that is renewed to the 12th moves to 12 November; one on 18 October, to 12 December.
func dayAfter(t time.Time, day int) time.Time {
	y, m, _ := t.Date()
	end := time.Date(y, m, day, 0, 0, 0, 0, Beijing)
	if end.Before(t) {
		end = end.AddDate(0, 1, 0)
	}
	return end
}

// grow adds the period to an expiry: 00:00 UTC+8 of the day after the last paid day, even if the old expiry is at
// another hour.
func (p Period) grow(t time.Time) time.Time {
	until := p.After(t)
	if start := Midnight(until); !start.Equal(until) {
		return start.AddDate(0, 0, 1)
	}
	return until
}

// From returns the expiry of a period that is bought at t: 00:00 UTC+8 of the day after its last day.
func (p Period) From(t time.Time) time.Time {
	last := p.After(Midnight(t)).In(Beijing)
	return last.AddDate(0, 0, 1).UTC()
}

// Midnight returns the start, in UTC+8, of the day of t.
func Midnight(t time.Time) time.Time {
	y, m, d := t.In(Beijing).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, Beijing).UTC()
}

func addMonths(t time.Time, n int) time.Time {
	y, m, d := t.Date()
	first := time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, t.Location())
	lastDay := first.AddDate(0, 1, -1).Day()
	return time.Date(first.Year(), first.Month(), min(d, lastDay),
		t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
}
