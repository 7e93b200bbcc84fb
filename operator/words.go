package operator

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// word returns the name of an enum value without its prefix.
func word(value fmt.Stringer, prefix string) string {
	return strings.TrimPrefix(value.String(), prefix)
}

func stateWord(s ecsdv1.RenewalState) string  { return word(s, "RENEWAL_STATE_") }
func jobWord(s ecsdv1.RenewalJobState) string { return word(s, "RENEWAL_JOB_STATE_") }

// standing returns the state of a renewal, with its reason if it has one.
func standing(s ecsdv1.RenewalState, reason string) string {
	return strings.TrimSpace(stateWord(s) + " " + reason)
}

// moneyWord returns an amount with all its decimals, at least two: 1,234.50 CNY.
func moneyWord(m *ecsdv1.Money) string {
	if m == nil {
		return "-"
	}
	return grouped(m.GetUnits()) + "." + decimals(m) + " " + m.GetCurrencyCode()
}

// amountText returns an amount without groups and currency, for programs.
func amountText(m *ecsdv1.Money) string {
	if m == nil {
		return ""
	}
	return strconv.FormatInt(m.GetUnits(), 10) + "." + decimals(m)
}

func decimals(m *ecsdv1.Money) string {
	text := strings.TrimRight(fmt.Sprintf("%09d", m.GetNanos()), "0")
	return text + strings.Repeat("0", max(0, 2-len(text)))
}

// grouped writes a number in groups of three.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// buysWord returns the period or day that a renewal buys.
func buysWord(p *ecsdv1.Period, day int32) string {
	switch {
	case day > 0:
		return "up to day " + strconv.Itoa(int(day))
	case p == nil:
		return "-"
	}
	unit := strings.ToLower(word(p.GetUnit(), "PERIOD_UNIT_"))
	if p.GetCount() != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", p.GetCount(), unit)
}

// timeWord returns a time in the cloud's zone, to the minute.
func timeWord(t *timestamppb.Timestamp) string {
	if t == nil {
		return "-"
	}
	return t.AsTime().In(output.Beijing).Format("2006-01-02 15:04+08")
}

// timeText returns a time for programs.
func timeText(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().Format(time.RFC3339)
}

// plural returns a number with its noun.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}
