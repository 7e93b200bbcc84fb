package catalog

// Unit is the unit of a paid period, in the cloud's spelling.
type Unit string

// The units of periods.
const (
	Week  Unit = "Week"
	Month Unit = "Month"
	Year  Unit = "Year"
	// RenewDay is not a length: the purchase ends on a day of the month.
	RenewDay Unit = "RenewDay"
)

// Price is the price of a period, in hundredths of a yuan.
type Price struct {
	// List is the undiscounted price; Trade is the price to pay.
	List, Trade int64
}

// Discount returns the deduction from the list price.
func (p Price) Discount() int64 { return p.List - p.Trade }

// yearPercent is the share of the list price by whole years, from the public price list: 85 %, 70 % and 50 %, and no
// less than that.
var yearPercent = [...]int64{1: 85, 2: 70, 3: 50, 4: 50, 5: 50}

// PriceOf returns the price of a period of a type. Twelve months are a year. A week is 7/30 of a month. Fractions of a
// cent are rounded up.
func PriceOf(t *InstanceType, count int, unit Unit) Price {
	return priceOf(t.Month, count, unit)
}

func priceOf(month int64, count int, unit Unit) Price {
	if unit == Month && count%12 == 0 {
		count, unit = count/12, Year
	}
	n := int64(count)
	switch unit {
	case Week:
		p := (month*7*n + 29) / 30
		return Price{List: p, Trade: p}
	case Year:
		list := month * 12 * n
		years := min(count, len(yearPercent)-1)
		return Price{List: list, Trade: (list*yearPercent[years] + 99) / 100}
	default:
		return Price{List: month * n, Trade: month * n}
	}
}
