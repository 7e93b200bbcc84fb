package ecs

import (
	"fmt"
	"time"
)

// Span is the length of the periods of a spending limit, by the calendar.
type Span string

// The spans, as an access file names them. A period begins at midnight in the time
// zone of its limit: every day, every Monday, or on the first day of the month or
// year.
const (
	PerDay   Span = "day"
	PerWeek  Span = "week"
	PerMonth Span = "month"
	PerYear  Span = "year"
)

// ParseSpan returns the span of a name.
func ParseSpan(name string) (Span, error) {
	switch s := Span(name); s {
	case PerDay, PerWeek, PerMonth, PerYear:
		return s, nil
	}
	return "", fmt.Errorf("invalid period %q: want day, week, month or year", name)
}

// date is a day of the calendar. A field may be out of range, as in time.Date.
type date struct {
	year  int
	month time.Month
	day   int
}

// Around returns the period that contains a time: from start on, before end.
// The periods of a span and a zone divide all time, whatever its clocks do at
// midnight.
func (s Span) Around(at time.Time, zone *time.Location) (start, end time.Time) {
	year, month, day := at.In(zone).Date()
	first := date{year, month, day}
	switch s {
	case PerWeek:
		first.day -= (int(at.In(zone).Weekday()) + 6) % 7
	case PerMonth:
		first.day = 1
	case PerYear:
		first.month, first.day = time.January, 1
	}
	start, end = begins(first, zone), begins(s.next(first), zone)
	// A clock that is set back across midnight repeats the end of a day: it belongs
	// to the period that has begun.
	for !at.Before(end) {
		first = s.next(first)
		start, end = end, begins(s.next(first), zone)
	}
	return start, end
}

func (s Span) next(d date) date {
	switch s {
	case PerWeek:
		d.day += 7
	case PerMonth:
		d.month++
	case PerYear:
		d.year++
	default:
		d.day++
	}
	return d
}

// begins returns the first instant at which the clocks of a zone show a day or a
// later one. time.Date alone does not: its result is not defined for a midnight
// that the clocks skip or repeat.
func begins(d date, zone *time.Location) time.Time {
	at := time.Date(d.year, d.month, d.day, 0, 0, 0, 0, zone)
	wall := func(t time.Time) time.Time {
		_, offset := t.In(zone).Zone()
		return t.UTC().Add(time.Duration(offset) * time.Second)
	}
	midnight := time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC)
	from, to := at.ZoneBounds()
	switch shown := wall(at); {
	case shown.Before(midnight): // skipped: at is before the change of the clocks
		return to
	case shown.After(midnight):
		return from
	}
	if from.IsZero() {
		return at
	}
	// The same midnight before the change of the clocks, if they repeat it.
	_, before := from.Add(-time.Nanosecond).Zone()
	_, after := at.Zone()
	if earlier := at.Add(time.Duration(after-before) * time.Second); earlier.Before(from) && wall(earlier).Equal(midnight) {
		return earlier
	}
	return at
}
