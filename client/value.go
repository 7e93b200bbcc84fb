package client

import (
	"fmt"
	"math/big"
	"strings"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// billion is the number of nanos of a unit of money.
const billion = 1_000_000_000

// Weeks returns a period of n weeks.
func Weeks(n int32) *ecsdv1.Period {
	return &ecsdv1.Period{Count: n, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_WEEK}
}

// Months returns a period of n months.
func Months(n int32) *ecsdv1.Period {
	return &ecsdv1.Period{Count: n, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH}
}

// Years returns a period of n years.
func Years(n int32) *ecsdv1.Period {
	return &ecsdv1.Period{Count: n, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_YEAR}
}

// Money returns an amount of money. The amount is decimal, such as "12.50" or "-3", with at most nine decimals; the
// currency is a code such as "CNY". It never rounds: more decimals, and amounts over 64 bits, are an error.
func Money(amount, currency string) (*ecsdv1.Money, error) {
	whole, fraction, point := strings.Cut(strings.TrimLeft(amount, "+-"), ".")
	if !isDigits(whole) || point && !isDigits(fraction) || len(amount)-len(strings.TrimLeft(amount, "+-")) > 1 {
		return nil, fmt.Errorf("invalid amount %q: want a decimal number, such as 12.50", amount)
	}
	if fraction = strings.TrimRight(fraction, "0"); len(fraction) > 9 {
		return nil, fmt.Errorf("invalid amount %q: more than nine decimals", amount)
	}
	if len(currency) != 3 || strings.ToUpper(currency) != currency {
		return nil, fmt.Errorf("invalid currency %q: want a code of three capital letters, such as CNY", currency)
	}
	nanos, _ := new(big.Int).SetString(whole+fraction+strings.Repeat("0", 9-len(fraction)), 10)
	if strings.HasPrefix(amount, "-") {
		nanos.Neg(nanos)
	}
	units, rest := new(big.Int).QuoRem(nanos, big.NewInt(billion), new(big.Int))
	if !units.IsInt64() {
		return nil, fmt.Errorf("invalid amount %q: too large", amount)
	}
	return &ecsdv1.Money{CurrencyCode: currency, Units: units.Int64(), Nanos: int32(rest.Int64())}, nil //nolint:gosec // below a billion
}

// MoneyRat returns the exact amount of money, for computations.
func MoneyRat(m *ecsdv1.Money) *big.Rat {
	nanos := new(big.Int).Mul(big.NewInt(m.GetUnits()), big.NewInt(billion))
	return new(big.Rat).SetFrac(nanos.Add(nanos, big.NewInt(int64(m.GetNanos()))), big.NewInt(billion))
}

// MoneyString returns an amount with its currency, exactly and without trailing zeros, such as "12.5 CNY".
func MoneyString(m *ecsdv1.Money) string {
	amount := MoneyRat(m).FloatString(9)
	return strings.TrimSuffix(strings.TrimRight(amount, "0"), ".") + " " + m.GetCurrencyCode()
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
