package subscription

import (
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

const day = 24 * time.Hour

// payments returns the payments of a subscription that have not run out. A seeded subscription counts as paid by the
// month until its expiry.
func payments(i *fleet.Instance, now time.Time) []fleet.Payment {
	if i.Paid == nil && i.ChargeType == fleet.PrePaid && i.PaidUntil.After(now) {
		amount := i.Type.Month * wholeDays(now, i.PaidUntil) / 30
		return []fleet.Payment{{Resource: instanceType, From: now, Until: i.PaidUntil, Amount: amount}}
	}
	var left []fleet.Payment
	for _, p := range i.Paid {
		if p.Until.After(now) {
			left = append(left, p)
		}
	}
	return left
}

// instanceType is the resource of the payments for the instance itself.
const instanceType = "instanceType"

// paid returns the payments of a bill for a span.
func paid(bill []catalog.Line, from, until time.Time) []fleet.Payment {
	list := make([]fleet.Payment, 0, len(bill))
	for _, line := range bill {
		list = append(list, fleet.Payment{
			Resource: line.Resource, From: from, Until: until, Amount: int64(cents(line.Amount.Trade)),
		})
	}
	return list
}

// value returns the money paid for the rest of a span: of each payment the share of its whole days that are left. It is
// never more than the payment.
func value(list []fleet.Payment, now time.Time) control.Amount {
	sum := int64(0)
	for _, p := range list {
		from := p.From
		if now.After(from) {
			from = now
		}
		if total := wholeDays(p.From, p.Until); total > 0 {
			sum += p.Amount * wholeDays(from, p.Until) / total
		}
	}
	return control.Amount(sum)
}

func wholeDays(from, until time.Time) int64 { return int64(until.Sub(from) / day) }

// cents rounds thousandths of a yuan up to hundredths.
func cents(thousandths int64) control.Amount { return control.Amount((thousandths + 9) / 10) }
