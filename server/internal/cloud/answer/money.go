package answer

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// maxDecimals is the precision of ecs.Money: billionths of a unit.
const maxDecimals = 9

// ReadQuote reads a response to DescribeRenewalPrice. Amounts are read as text,
// in all number formats of the cloud: 87.5, "87.5", 8.75E+1.
func ReadQuote(body []byte) (quote ecs.Quote, requestID string, err error) {
	var currency, trade, original, discount string
	requestID, err = object(body, func(d *jx.Decoder, key []byte) error {
		if string(key) != "PriceInfo" {
			return d.Skip()
		}
		return fields(d, func(d *jx.Decoder, key []byte) error {
			if string(key) != "Price" {
				return d.Skip()
			}
			return fields(d, func(d *jx.Decoder, key []byte) (err error) {
				switch string(key) {
				case "Currency":
					currency, err = text(d)
				case "TradePrice":
					trade, err = text(d)
				case "OriginalPrice":
					original, err = text(d)
				case "DiscountPrice":
					discount, err = text(d)
				default:
					err = d.Skip()
				}
				return err
			})
		})
	})
	if err != nil {
		return ecs.Quote{}, "", err
	}
	for _, amount := range []struct {
		text string
		into *ecs.Money
		must bool
	}{{trade, &quote.Price, true}, {original, &quote.Original, false}, {discount, &quote.Discount, false}} {
		if amount.text == "" && !amount.must {
			continue
		}
		if *amount.into, err = money(currency, amount.text); err != nil {
			return ecs.Quote{}, "", fmt.Errorf("read the price: %w", err)
		}
		if amount.into.Units < 0 || amount.into.Nanos < 0 {
			return ecs.Quote{}, "", fmt.Errorf("read the price: %s is negative", amount.text)
		}
	}
	if !quote.Price.Valid() {
		return ecs.Quote{}, "", fmt.Errorf("read the price: %q is no currency", currency)
	}
	return quote, requestID, nil
}

// money reads a decimal without passing through a float. The cloud computes in
// binary fractions and may print their noise (109.80000000000001): digits
// beyond a billionth of a unit are rounded, half away from zero.
func money(currency, text string) (ecs.Money, error) {
	plain, err := decimal(text)
	if err != nil {
		return ecs.Money{}, err
	}
	return ecs.ParseMoney(currency, plain)
}

// decimal writes a JSON number out without exponent, with at most nine decimals.
func decimal(text string) (string, error) {
	wrong := fmt.Errorf("%q is not an amount", text)
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(text), "e")
	shift := 0
	if scientific {
		n, err := strconv.Atoi(exponent)
		if err != nil || n < -40 || n > 15 {
			return "", wrong
		}
		shift = n
	}
	digits, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	if whole == "" || len(whole)+len(fraction) > 60 || strings.Trim(whole+fraction, "0123456789") != "" {
		return "", wrong
	}
	// The point moves: all digits in a row, and how many are before it.
	row, point := whole+fraction, len(whole)+shift
	if point < 0 {
		row, point = strings.Repeat("0", -point)+row, 0
	}
	if point > len(row) {
		row += strings.Repeat("0", point-len(row))
	}
	whole, fraction = row[:point], row[point:]
	if len(fraction) > maxDecimals {
		up := fraction[maxDecimals] >= '5'
		fraction = fraction[:maxDecimals]
		if up {
			whole, fraction = increment(whole, fraction)
		}
	}
	if whole == "" {
		whole = "0"
	}
	if negative {
		whole = "-" + whole
	}
	if fraction == "" {
		return whole, nil
	}
	return whole + "." + fraction, nil
}

// increment adds one to the last digit.
func increment(whole, fraction string) (string, string) {
	row := []byte("0" + whole + fraction)
	for i := len(row) - 1; i >= 0; i-- {
		if row[i] != '9' {
			row[i]++
			break
		}
		row[i] = '0'
	}
	point := len(row) - len(fraction)
	return string(row[:point]), string(row[point:])
}
