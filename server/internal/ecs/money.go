package ecs

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

const nanosPerUnit = 1_000_000_000

// Money is an exact amount in one currency: Units whole units and Nanos
// billionths of a unit, both of the same sign. The zero value is "no amount".
type Money struct {
	// CurrencyCode is the three-letter ISO 4217 code, such as CNY.
	CurrencyCode string
	Units        int64
	Nanos        int32
}

// ErrCurrencyMismatch reports that two amounts of different currencies met.
var ErrCurrencyMismatch = errors.New("currencies differ")

// ParseMoney reads a decimal by its text ("1032.5"), without passing through a
// float. It takes up to nine decimals; more is an error, because nothing may
// be rounded away unseen.
func ParseMoney(currency, text string) (Money, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	fraction = strings.TrimRight(fraction, "0")
	if !allDigits(whole) || (fraction != "" && !allDigits(fraction)) || len(fraction) > 9 {
		return Money{}, fmt.Errorf("%q is not a decimal amount of at most nine decimals", text)
	}
	units, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return Money{}, fmt.Errorf("%q is out of range: %w", text, err)
	}
	nanos, _ := strconv.ParseInt((fraction + "000000000")[:9], 10, 32)
	if negative {
		units, nanos = -units, -nanos
	}
	return Money{CurrencyCode: currency, Units: units, Nanos: int32(nanos)}, nil
}

// Valid reports whether the amount is well formed: a currency of three capital
// letters, nanos within a unit and of the sign of the units.
func (m Money) Valid() bool {
	if len(m.CurrencyCode) != 3 || strings.Trim(m.CurrencyCode, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return false
	}
	if m.Nanos <= -nanosPerUnit || m.Nanos >= nanosPerUnit {
		return false
	}
	return m.Units == 0 || m.Nanos == 0 || (m.Units > 0) == (m.Nanos > 0)
}

// IsZero reports whether no amount was given at all.
func (m Money) IsZero() bool { return m == Money{} }

// ErrMoneyOverflow reports an amount that does not fit 64 bits of whole units.
var ErrMoneyOverflow = errors.New("the amount is out of range")

// Cmp compares two amounts of one currency: -1, 0 or 1.
func (m Money) Cmp(o Money) (int, error) {
	if m.CurrencyCode != o.CurrencyCode {
		return 0, fmt.Errorf("%w: %s and %s", ErrCurrencyMismatch, m.CurrencyCode, o.CurrencyCode)
	}
	return cmp.Or(cmp.Compare(m.Units, o.Units), cmp.Compare(m.Nanos, o.Nanos)), nil
}

// Add returns the sum of two amounts of one currency, or ErrMoneyOverflow.
func (m Money) Add(o Money) (Money, error) {
	if m.CurrencyCode != o.CurrencyCode {
		return Money{}, fmt.Errorf("%w: %s and %s", ErrCurrencyMismatch, m.CurrencyCode, o.CurrencyCode)
	}
	sum := m.nanos()
	units, nanos := sum.Add(sum, o.nanos()).QuoRem(sum, big.NewInt(nanosPerUnit), new(big.Int))
	if !units.IsInt64() {
		return Money{}, fmt.Errorf("%w: %s and %s", ErrMoneyOverflow, m, o)
	}
	return Money{CurrencyCode: m.CurrencyCode, Units: units.Int64(), Nanos: int32(nanos.Int64())}, nil
}

// Plus is Add for amounts that may be none, which add nothing.
func (m Money) Plus(o Money) (Money, error) {
	switch {
	case o.IsZero():
		return m, nil
	case m.IsZero():
		return o, nil
	}
	return m.Add(o)
}

// String writes the amount as "CNY 1032.50", with at least two decimals.
func (m Money) String() string {
	if m.IsZero() {
		return "none"
	}
	minus, units, nanos := "", m.Units, int64(m.Nanos)
	if units < 0 || nanos < 0 {
		minus, units, nanos = "-", -units, -nanos
	}
	fraction := strings.TrimRight(fmt.Sprintf("%09d", nanos), "0")
	for len(fraction) < 2 {
		fraction += "0"
	}
	return fmt.Sprintf("%s %s%d.%s", m.CurrencyCode, minus, units, fraction)
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
