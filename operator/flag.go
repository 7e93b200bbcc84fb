package operator

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// span is a duration as operators write it: 14d, 2w or 36h.
type span time.Duration

// UnmarshalText reads a span.
func (s *span) UnmarshalText(text []byte) error {
	days := map[byte]time.Duration{'d': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	if n := len(text); n > 1 && days[text[n-1]] > 0 {
		count, err := strconv.Atoi(string(text[:n-1]))
		if err == nil && count > 0 && count <= 10_000 {
			*s = span(time.Duration(count) * days[text[n-1]])
			return nil
		}
	} else if d, err := time.ParseDuration(string(text)); err == nil && d > 0 {
		*s = span(d)
		return nil
	}
	return fmt.Errorf("%q: want a length of time such as 14d, 2w or 36h", text)
}

// moment is a time: a date, which begins at 00:00 UTC+8 as the cloud's do, or
// RFC 3339.
type moment time.Time

// UnmarshalText reads a moment.
func (m *moment) UnmarshalText(text []byte) error {
	at, err := time.ParseInLocation(time.DateOnly, string(text), output.Beijing)
	if err != nil {
		at, err = time.Parse(time.RFC3339, string(text))
	}
	if err != nil {
		return fmt.Errorf("%q: want a date such as 2026-12-01, which begins at 00:00 UTC+8, or a time such as 2026-12-01T08:00:00+08:00", text)
	}
	*m = moment(at)
	return nil
}

// past is a moment that may be written as a span ago, such as 7d, or as today or yesterday.
type past time.Time

// UnmarshalText reads a past.
func (p *past) UnmarshalText(text []byte) error {
	var at moment
	var ago span
	now := time.Now().In(output.Beijing)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, output.Beijing)
	switch {
	case string(text) == "today":
		*p = past(midnight)
	case string(text) == "yesterday":
		*p = past(midnight.AddDate(0, 0, -1))
	case ago.UnmarshalText(text) == nil:
		*p = past(now.Add(-time.Duration(ago)))
	case at.UnmarshalText(text) == nil:
		*p = past(at)
	default:
		return fmt.Errorf("%q: want a date such as 2026-12-01, which begins at 00:00 UTC+8, a time such as 2026-12-01T08:00:00+08:00, a span ago such as 7d, today or yesterday", text)
	}
	return nil
}

// length is a period as operators write it: 1m, 2 weeks, 3years.
type length struct{ *ecsdv1.Period }

var lengthUnits = map[string]ecsdv1.PeriodUnit{
	"w": ecsdv1.PeriodUnit_PERIOD_UNIT_WEEK, "m": ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH, "mo": ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH, "y": ecsdv1.PeriodUnit_PERIOD_UNIT_YEAR,
	"week": ecsdv1.PeriodUnit_PERIOD_UNIT_WEEK, "month": ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH, "year": ecsdv1.PeriodUnit_PERIOD_UNIT_YEAR,
}

// UnmarshalText reads a length. The server checks whether it is sold.
func (l *length) UnmarshalText(text []byte) error {
	number := strings.TrimRight(string(text), "abcdefghijklmnopqrstuvwxyz ")
	word := strings.TrimSpace(string(text[len(number):]))
	unit, known := lengthUnits[word]
	if !known {
		unit, known = lengthUnits[strings.TrimSuffix(word, "s")]
	}
	count, err := strconv.ParseInt(number, 10, 32)
	if err != nil || count < 1 || !known {
		return fmt.Errorf("%q: want a number and a unit: 1m for a month, 2w for weeks, 1y for a year", text)
	}
	l.Period = &ecsdv1.Period{Count: int32(count), Unit: unit}
	return nil
}

// price is an amount as operators write it: 5000CNY, or 99.50 USD.
type price struct{ *ecsdv1.Money }

// UnmarshalText reads a price.
func (p *price) UnmarshalText(text []byte) error {
	amount := strings.TrimRight(strings.ToUpper(string(text)), "ABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	currency := strings.TrimSpace(strings.ToUpper(string(text[len(amount):])))
	whole, fraction, _ := strings.Cut(amount, ".")
	units, err := strconv.ParseInt(whole, 10, 64)
	if err == nil && currency == "" {
		return fmt.Errorf("%q: name the currency too, such as %sCNY", text, amount)
	}
	nanos, err2 := strconv.ParseInt((fraction + "000000000")[:9], 10, 32)
	if err != nil || err2 != nil || len(fraction) > 9 || len(currency) != 3 || units < 0 || nanos < 0 || units+nanos == 0 {
		return fmt.Errorf("%q: want an amount above 0 and its currency, such as 5000CNY or 99.50USD", text)
	}
	p.Money = &ecsdv1.Money{CurrencyCode: currency, Units: units, Nanos: int32(nanos)}
	return nil
}

// tag is KEY=VALUE, or KEY for any value.
type tag struct{ *ecsdv1.Tag }

// UnmarshalText reads a tag.
func (t *tag) UnmarshalText(text []byte) error {
	key, value, _ := strings.Cut(string(text), "=")
	if key == "" {
		return fmt.Errorf("%q: want KEY=VALUE, or KEY for any value", text)
	}
	t.Tag = &ecsdv1.Tag{Key: key, Value: value}
	return nil
}

// messages returns the messages of tags.
func messages(tags []tag) (all []*ecsdv1.Tag) {
	for _, t := range tags {
		all = append(all, t.Tag)
	}
	return all
}
