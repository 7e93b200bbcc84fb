package subscription

import (
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// deductionHour is the hour of the day, in UTC+8, at which auto-renewal tries.
const deductionHour = 8

// firstDeduction is how many days before the expiry the first deduction is
// that is tried again daily.
const firstDeduction = -9

// billingDeductions are the days of deduction, counted from the expiry, of
// the cloud's billing page; what they do not renew runs on until billingStop
// and is there until billingRelease.
var billingDeductions = []int{-3, -1, 0, 6, 14}

const (
	billingStop    = 15 * 24 * time.Hour
	billingRelease = 30 * 24 * time.Hour
)

// deduction is the next time after now at which auto-renewal tries.
func (r Rules) deduction(i *fleet.Instance, now time.Time) (time.Time, bool) {
	if i.ChargeType != fleet.PrePaid || i.Renewal.Status != fleet.AutoRenewal {
		return time.Time{}, false
	}
	slot := func(days int) time.Time {
		return Midnight(i.PaidUntil).AddDate(0, 0, days).Add(deductionHour * time.Hour)
	}
	if r.BillingSchedule {
		for _, days := range billingDeductions {
			if at := slot(days); at.After(now) {
				return at, true
			}
		}
		return time.Time{}, false
	}
	at := slot(firstDeduction)
	if i.Renewal.Unit == catalog.Week {
		// A week or two are shorter than that: the deduction is on the first day
		// after the period began.
		began := i.PeriodStart
		if began.IsZero() {
			began = i.PaidUntil.AddDate(0, 0, -7*i.Renewal.Duration)
		}
		if next := Midnight(began).AddDate(0, 0, 1).Add(deductionHour * time.Hour); next.After(at) {
			at = next
		}
	}
	if !at.After(now) {
		at = Midnight(now).Add(deductionHour * time.Hour)
		if !at.After(now) {
			at = at.AddDate(0, 0, 1)
		}
	}
	return at, at.Before(i.PaidUntil)
}

// ends is when a subscription that nobody renews is stopped and released.
func (r Rules) ends(i *fleet.Instance) (stop, release time.Time) {
	if r.BillingSchedule && i.Renewal.Status == fleet.AutoRenewal {
		return i.PaidUntil.Add(billingStop), i.PaidUntil.Add(billingRelease)
	}
	return i.PaidUntil.Add(r.StopAfter), i.PaidUntil.Add(r.ReleaseAfter)
}
