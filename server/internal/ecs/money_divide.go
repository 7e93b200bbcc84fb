package ecs

import "math/big"

// Div returns the amount divided by n, which is over 0, to a billionth; halves
// are rounded away from zero.
func (m Money) Div(n int64) Money {
	quotient := divide(m.nanos(), big.NewInt(n))
	units, nanos := quotient.QuoRem(quotient, big.NewInt(nanosPerUnit), new(big.Int))
	return Money{CurrencyCode: m.CurrencyCode, Units: units.Int64(), Nanos: int32(nanos.Int64())}
}

// Share returns the amount as parts of whole in scale parts, such as 10,000 for
// hundredths of a percent; halves are rounded away from zero. It is 0 if whole
// is zero or of another currency.
func (m Money) Share(whole Money, scale int64) int64 {
	all := whole.nanos()
	if m.CurrencyCode != whole.CurrencyCode || all.Sign() == 0 {
		return 0
	}
	return divide(new(big.Int).Mul(m.nanos(), big.NewInt(scale)), all).Int64()
}

// nanos is the amount in billionths.
func (m Money) nanos() *big.Int {
	n := new(big.Int).Mul(big.NewInt(m.Units), big.NewInt(nanosPerUnit))
	return n.Add(n, big.NewInt(int64(m.Nanos)))
}

// divide rounds halves away from zero: it is (2|a|+|b|) / 2|b| with the sign of
// the quotient.
func divide(a, b *big.Int) *big.Int {
	negative := a.Sign()*b.Sign() < 0
	twice := new(big.Int).Lsh(new(big.Int).Abs(a), 1)
	divisor := new(big.Int).Abs(b)
	quotient := twice.Add(twice, divisor).Quo(twice, new(big.Int).Lsh(divisor, 1))
	if negative {
		quotient.Neg(quotient)
	}
	return quotient
}
