package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Amount is money in hundredths of a yuan. It is exact: it is written and read as decimal text, never as a
// floating-point number.
type Amount int64

// String returns the amount in yuan with two decimals, such as "260.40".
func (a Amount) String() string {
	sign, n := "", uint64(a)
	if a < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// ParseAmount parses yuan with at most two decimals, such as "260.4" or "-3".
func ParseAmount(s string) (Amount, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, places, _ := strings.Cut(digits, ".")
	if whole == "" || len(whole) > 15 || len(places) > 2 || strings.HasSuffix(s, ".") {
		return 0, fmt.Errorf("amount %q: want yuan with at most two places", s)
	}
	n, err := strconv.ParseUint(whole+(places + "00")[:2], 10, 63)
	if err != nil {
		return 0, fmt.Errorf("amount %q: want yuan with at most two places", s)
	}
	if negative {
		return -Amount(n), nil
	}
	return Amount(n), nil
}

// MarshalText implements encoding.TextMarshaler.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalJSON parses a string or a number with at most two decimals.
func (a *Amount) UnmarshalJSON(b []byte) error {
	text := string(b)
	if len(b) > 0 && b[0] == '"' {
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
	}
	if text == "null" {
		return errors.New("an amount cannot be null")
	}
	parsed, err := ParseAmount(text)
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *Amount) UnmarshalText(b []byte) (err error) {
	*a, err = ParseAmount(string(b))
	return err
}
