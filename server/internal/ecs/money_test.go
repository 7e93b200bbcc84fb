package ecs_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func TestParseMoney(t *testing.T) {
	for text, want := range map[string]ecs.Money{
		"1032.5":       {CurrencyCode: "CNY", Units: 1032, Nanos: 500_000_000},
		"0.000000001":  {CurrencyCode: "CNY", Nanos: 1},
		"-0.25":        {CurrencyCode: "CNY", Nanos: -250_000_000},
		"100":          {CurrencyCode: "CNY", Units: 100},
		"100.00000000": {CurrencyCode: "CNY", Units: 100},
		"1.0000000000": {CurrencyCode: "CNY", Units: 1},
	} {
		if got, err := ecs.ParseMoney("CNY", text); err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-", ".", ".5", "1,5", "1e3", "0x1", "+1", "1.0000000001", "99999999999999999999", "NaN", "--1"} {
		if got, err := ecs.ParseMoney("CNY", text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, got)
		}
	}
}

func FuzzParseMoney(f *testing.F) {
	f.Add("1032.50")
	f.Add("-0.1")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ecs.ParseMoney("CNY", text)
		if err != nil {
			return
		}
		if !m.Valid() {
			t.Fatalf("%q gave the malformed %+v", text, m)
		}
		want, ok := new(big.Rat).SetString(text)
		if !ok || want.Cmp(rat(m)) != 0 {
			t.Fatalf("%q gave %+v", text, m)
		}
	})
}

// rat is an amount as an exact fraction.
func rat(m ecs.Money) *big.Rat {
	units := new(big.Rat).SetInt64(m.Units)
	return units.Add(units, big.NewRat(int64(m.Nanos), 1_000_000_000))
}

func anyMoney(t *rapid.T, label string) ecs.Money {
	units := rapid.Int64Range(-1_000_000, 1_000_000).Draw(t, label+" units")
	nanos := rapid.Int32Range(0, 999_999_999).Draw(t, label+" nanos")
	if units < 0 || (units == 0 && rapid.Bool().Draw(t, label+" negative")) {
		nanos = -nanos
	}
	return ecs.Money{CurrencyCode: "CNY", Units: units, Nanos: nanos}
}

func TestMoney_Exact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyMoney(t, "a"), anyMoney(t, "b")
		sum, err := a.Add(b)
		if err != nil || !sum.Valid() || rat(sum).Cmp(new(big.Rat).Add(rat(a), rat(b))) != 0 {
			t.Fatalf("%v + %v = %+v, %v", a, b, sum, err)
		}
		if order, err := a.Cmp(b); err != nil || order != rat(a).Cmp(rat(b)) {
			t.Fatalf("%v against %v: %d, %v", a, b, order, err)
		}
	})
}

func TestMoney_CurrenciesDoNotMix(t *testing.T) {
	cny, usd := ecs.Money{CurrencyCode: "CNY", Units: 1}, ecs.Money{CurrencyCode: "USD", Units: 1}
	if _, err := cny.Add(usd); !errors.Is(err, ecs.ErrCurrencyMismatch) {
		t.Errorf("Add: %v", err)
	}
	if _, err := cny.Cmp(usd); !errors.Is(err, ecs.ErrCurrencyMismatch) {
		t.Errorf("Cmp: %v", err)
	}
}

func TestMoneyText(t *testing.T) {
	for want, m := range map[string]ecs.Money{
		"none":          {},
		"CNY 100.00":    {CurrencyCode: "CNY", Units: 100},
		"CNY 103.50":    {CurrencyCode: "CNY", Units: 103, Nanos: 500_000_000},
		"CNY -0.001":    {CurrencyCode: "CNY", Nanos: -1_000_000},
		"USD 1.2345678": {CurrencyCode: "USD", Units: 1, Nanos: 234_567_800},
	} {
		if got := m.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Amounts at the edge of 64 bits compare by value, and a sum that does not fit
// is an error.
func TestMoney_Overflow(t *testing.T) {
	largest := ecs.Money{CurrencyCode: "CNY", Units: math.MaxInt64, Nanos: 999_999_999}
	least := ecs.Money{CurrencyCode: "CNY", Units: math.MinInt64, Nanos: -999_999_999}
	if order, err := largest.Cmp(least); err != nil || order != 1 {
		t.Errorf("the largest against the least amount: %d, %v, want 1", order, err)
	}
	if order, err := least.Cmp(largest); err != nil || order != -1 {
		t.Errorf("the least against the largest amount: %d, %v, want -1", order, err)
	}
	if sum, err := largest.Add(ecs.Money{CurrencyCode: "CNY", Nanos: 1}); !errors.Is(err, ecs.ErrMoneyOverflow) {
		t.Errorf("one more than the largest amount: %s, %v, want ErrMoneyOverflow", sum, err)
	}
	if sum, err := largest.Add(least); err != nil || sum.Units != -1 || sum.Nanos != 0 {
		t.Errorf("the largest and the least amount: %+v, %v, want -1", sum, err)
	}
}
