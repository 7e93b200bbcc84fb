package ecs

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// PeriodUnit is the unit of a subscription period.
type PeriodUnit int

// The units in which the cloud sells subscriptions.
const (
	PeriodUnitUnknown PeriodUnit = iota
	Week
	Month
	Year
	// RenewDay makes a Period a target instead of a length: Count is the day of
	// the month on which the subscription ends, the cloud's ExpectedRenewDay.
	RenewDay
)

// Period is a bought period: a span, such as one month or two years, or up to a
// day of the month.
type Period struct {
	Count int32
	Unit  PeriodUnit
}

// Months is the period in months, 0 for weeks and for a day of the month.
func (p Period) Months() int32 {
	switch p.Unit {
	case Month:
		return p.Count
	case Year:
		return p.Count * 12
	}
	return 0
}

// IsZero reports whether no period was given.
func (p Period) IsZero() bool { return p == Period{} }

// String writes the period as "1 month" or "2 years".
func (p Period) String() string {
	if p.Unit == RenewDay {
		return fmt.Sprintf("up to day %d of a month", p.Count)
	}
	name := map[PeriodUnit]string{Week: "week", Month: "month", Year: "year"}[p.Unit]
	if name == "" {
		name = "period"
	}
	if p.Count == 1 {
		return "1 " + name
	}
	return fmt.Sprintf("%d %ss", p.Count, name)
}

// Sale lists the periods that the cloud sells for one purpose.
type Sale struct {
	purpose string
	weeks   []int32
	months  []int32
	// days reports that it may be bought up to a day of the month.
	days bool
}

// lastRenewDay is the last day of the month that a subscription can be renewed
// up to: one that every month has.
const lastRenewDay = 28

// The periods sold by the cloud, from its API reference: RenewInstance,
// DescribeRenewalPrice and ModifyInstanceAutoRenewAttribute. A year is twelve
// months, so that 12 months and 1 year are the same request; the edge sends the
// one that the action takes.
var (
	// SoldForRenewal is the range of RenewInstance on the China site. The
	// international site takes 1 to 9 and 12 months only and refuses the rest
	// itself.
	SoldForRenewal = Sale{"a renewal", []int32{1, 2, 3, 4}, []int32{1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 24, 36, 48, 60}, true}
	// SoldForAutoRenewal is the range of auto-renewal.
	SoldForAutoRenewal = Sale{"auto-renewal", []int32{1, 2, 3, 4}, []int32{1, 2, 3, 6, 12, 24, 36, 48, 60}, false}
	// SoldForLaunchAutoRenewal is the range of auto-renewal in RunInstances and
	// CreateInstance: one week less.
	SoldForLaunchAutoRenewal = Sale{"auto-renewal of a new instance", []int32{1, 2, 3}, []int32{1, 2, 3, 6, 12, 24, 36, 48, 60}, false}
	// Priced is the range for which the cloud returns a renewal price. Weeks, four
	// and five years are sold but not priced.
	Priced = Sale{"a price", nil, []int32{1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 24, 36}, true}
)

// Includes reports whether the period is sold.
func (s Sale) Includes(p Period) bool {
	switch p.Unit {
	case Week:
		return slices.Contains(s.weeks, p.Count)
	case Month:
		return slices.Contains(s.months, p.Count)
	case Year:
		return p.Count > 0 && p.Count <= 5 && slices.Contains(s.months, p.Months())
	case RenewDay:
		return s.days && p.Count >= 1 && p.Count <= lastRenewDay
	}
	return false
}

// String lists the allowed values: "1, 2, 3 or 4 weeks, or 1, 2 … months".
func (s Sale) String() string {
	var years []int32
	for _, m := range s.months {
		if m%12 == 0 {
			years = append(years, m/12)
		}
	}
	var parts []string
	for _, group := range []struct {
		counts []int32
		unit   string
	}{{s.weeks, "WEEK"}, {s.months, "MONTH"}, {years, "YEAR"}} {
		if len(group.counts) > 0 {
			parts = append(parts, group.unit+" "+strings.Trim(strings.ReplaceAll(fmt.Sprint(group.counts), " ", ", "), "[]"))
		}
	}
	return strings.Join(parts, "; ")
}

// chinaTime is the zone in which the cloud counts days of a subscription.
var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// From returns the end of the period when it starts at t. Months are counted on
// the calendar of UTC+8, as the cloud does, and end on the last day of a
// shorter month. Up to a day of the month, the cloud sells at least a month:
// the period ends with the first such day, at 00:00, that is not earlier than
// that.
func (p Period) From(t time.Time) time.Time {
	switch p.Unit {
	case Week:
		return t.Add(time.Duration(p.Count) * 7 * 24 * time.Hour)
	case RenewDay:
		least := Period{1, Month}.From(t)
		year, month, _ := least.In(chinaTime).Date()
		end := time.Date(year, month, int(p.Count), 0, 0, 0, 0, chinaTime)
		if end.Before(least) {
			end = end.AddDate(0, 1, 0)
		}
		return end.In(t.Location())
	}
	local := t.In(chinaTime)
	year, month, day := local.Date()
	first := time.Date(year, month+time.Month(p.Months()), 1, local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), chinaTime)
	if last := first.AddDate(0, 1, -1).Day(); day > last {
		day = last
	}
	return first.AddDate(0, 0, day-1).In(t.Location())
}

// Same reports whether two periods are equal: a year is twelve months.
func (p Period) Same(o Period) bool {
	return p == o || (p.Months() != 0 && p.Months() == o.Months())
}
