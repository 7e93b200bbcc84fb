package output

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// cell returns a value of a column as text. People read grouped numbers, currencies and times in the printer's zone;
// programs get plain numbers and times in UTC by RFC 3339.
func (p *Printer) cell(value any, people bool) string {
	switch v := value.(type) {
	case nil:
		return dash("", people)
	case string:
		return dash(v, people)
	case bool:
		return strconv.FormatBool(v)
	case int:
		return number(int64(v), people)
	case int32:
		return number(int64(v), people)
	case int64:
		return number(v, people)
	case *timestamppb.Timestamp:
		switch {
		case v == nil:
			return dash("", people)
		case people:
			return p.Time(v)
		}
		return v.AsTime().Format(time.RFC3339)
	case *ecsdv1.Money:
		if people {
			return Money(v)
		}
		return Amount(v)
	case *ecsdv1.Period:
		return dash(Period(v), people)
	case protoreflect.Enum:
		return dash(Enum(v), people)
	case []string:
		return dash(strings.Join(v, " "), people)
	}
	return dash(fmt.Sprint(value), people)
}

func dash(text string, people bool) string {
	if text == "" && people {
		return "-"
	}
	return text
}

func number(n int64, people bool) string {
	if people {
		return Number(n)
	}
	return strconv.FormatInt(n, 10)
}

// Number writes a number in groups of three.
func Number(n int64) string {
	text := strconv.FormatInt(n, 10)
	least := 0
	if n < 0 {
		least = 1
	}
	for i := len(text) - 3; i > least; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Plural returns a number with its noun.
func Plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Number(n) + " " + noun + "s"
}

// Money returns an amount with its currency and at least two decimals, such as 1,234.50 CNY, and "-" if it is unset.
func Money(m *ecsdv1.Money) string {
	if m == nil {
		return "-"
	}
	sign, units, decimals := parts(m)
	return sign + Number(units) + "." + decimals + " " + m.GetCurrencyCode()
}

// Amount returns an amount without groups and currency, for programs.
func Amount(m *ecsdv1.Money) string {
	if m == nil {
		return ""
	}
	sign, units, decimals := parts(m)
	return sign + strconv.FormatInt(units, 10) + "." + decimals
}

// parts returns the sign, the units and the decimals of an amount. Units and nanos have the same sign.
func parts(m *ecsdv1.Money) (sign string, units int64, decimals string) {
	units, nanos := m.GetUnits(), m.GetNanos()
	if units < 0 || nanos < 0 {
		sign, units, nanos = "-", -units, -nanos
	}
	decimals = strings.TrimRight(fmt.Sprintf("%09d", nanos), "0")
	return sign, units, decimals + strings.Repeat("0", max(0, 2-len(decimals)))
}

// Period returns a period, such as "1 month", and "" if it is unset.
func Period(p *ecsdv1.Period) string {
	if p == nil {
		return ""
	}
	unit := strings.ToLower(Enum(p.GetUnit()))
	if p.GetCount() != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", p.GetCount(), unit)
}

// Enum returns the name of an enum value without the prefix that all values share, such as RUNNING, and "" for the
// unspecified value.
func Enum(e protoreflect.Enum) string {
	values := e.Descriptor().Values()
	zero := string(values.ByNumber(0).Name())
	value := values.ByNumber(e.Number())
	switch {
	case value == nil:
		return strconv.Itoa(int(e.Number()))
	case value.Number() == 0:
		return ""
	}
	return strings.TrimPrefix(string(value.Name()), strings.TrimSuffix(zero, "UNSPECIFIED"))
}
