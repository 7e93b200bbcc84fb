package subscription

import (
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// deductionHour is the hour of the day, in UTC+8, at which auto-renewal tries.
const deductionHour = 8

// firstDeduction is the day of the first deduction, relative to the expiry. Deductions repeat daily.
const firstDeduction = -9

// billingDeductions are the deduction days of the cloud's billing page, relative to the expiry. A subscription that
// they do not renew runs until billingStop and exists until billingRelease.
var billingDeductions = []int{-3, -1, 0, 6, 14}

const (
	billingStop    = 15 * 24 * time.Hour
	billingRelease = 30 * 24 * time.Hour
)

// deduction returns the next deduction time after now.
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
		// A week or two are shorter than nine days: the deduction is on the first day after the period started.
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

// Ends returns when a subscription is stopped and released unless it is renewed, by the expiry that the API shows.
func (e *Engine) Ends(i *fleet.Instance) (stop, release time.Time) {
	shown := *i
	shown.PaidUntil = i.Expiry
	return e.rules.ends(&shown)
}

// ends returns when a subscription without renewal is stopped and released.
func (r Rules) ends(i *fleet.Instance) (stop, release time.Time) {
	if r.BillingSchedule && i.Renewal.Status == fleet.AutoRenewal {
		return i.PaidUntil.Add(billingStop), i.PaidUntil.Add(billingRelease)
	}
	return i.PaidUntil.Add(r.StopAfter), i.PaidUntil.Add(r.ReleaseAfter)
}
