package ecs

import (
	"slices"
	"time"
)

// AutoRenewState is the state of the automatic renewal of a subscription.
type AutoRenewState int

// The states. AutoRenewStateUnknown means that the setting could not be read, or
// is a word that ecsd does not know.
const (
	AutoRenewStateUnknown AutoRenewState = iota
	// AutoRenewStateOff: the cloud does not renew it.
	AutoRenewStateOff
	// AutoRenewStateScheduled waits for the next deduction.
	AutoRenewStateScheduled
	// AutoRenewStateFailing had a deduction that did not move the expiry.
	AutoRenewStateFailing
)

// AutoRenewOutlook is the forecast of the automatic renewal of a subscription.
type AutoRenewOutlook struct {
	// Held is the setting that the cloud holds, AutoRenewUnknown if it was not read.
	Held  AutoRenewStatus
	State AutoRenewState
	// Next is when the cloud next tries to deduct, zero for never.
	Next time.Time
	// Drift is the desired setting if the cloud holds another one, nil if it holds
	// that, or if none was requested.
	Drift *DesiredAutoRenew
}

// DesiredAutoRenew is the setting that was last requested through ecsd.
type DesiredAutoRenew struct {
	RegionID   string
	InstanceID string
	Status     AutoRenewStatus
	// Period is the period of each automatic renewal, if Status is on.
	Period      Period
	Caller      string
	RequestTime time.Time
	// OnTime is when the request switched the setting on, by the cloud's clock; zero if it was on.
	OnTime time.Time
}

// Differs reports whether a setting is not the desired one. The period of a
// setting that is off does not matter.
func (d DesiredAutoRenew) Differs(held AutoRenewSetting) bool {
	return held.Status != d.Status || d.Status == AutoRenewOn && !held.Period.Same(d.Period)
}

// Site is the site of the cloud, one of two, that an account belongs to. They
// charge automatic renewals on different days.
type Site string

// The sites.
const (
	SiteChina         Site = "china"
	SiteInternational Site = "international"
)

// deductionHour is the hour of the day, UTC+8, from which both sites deduct.
const deductionHour = 8

// deductions are the days of a site, counted from the day of the expiry.
type deductions struct {
	days []int
	// daily adds each day after the last of days, up to the expiry.
	daily bool
	// takes is how long after the hour a deduction may take to be shown.
	takes time.Duration
}

// schedules are from the cloud's documents. China: the reference of
// ModifyInstanceAutoRenewAttribute. International: the page "Renewal overview",
// which has the deductions run between 08:00 and 18:00.
var schedules = map[Site]deductions{
	SiteChina:         {days: []int{-9}, daily: true, takes: time.Hour},
	SiteInternational: {days: []int{-3, -1, 0, 6, 14}, takes: 10 * time.Hour},
}

// slots returns when deductions are tried for an expiry.
func (s Site) slots(expire time.Time) []time.Time {
	d := schedules[s]
	year, month, day := expire.In(chinaTime).Date()
	slot := func(days int) time.Time {
		return time.Date(year, month, day+days, deductionHour, 0, 0, 0, chinaTime).UTC()
	}
	var all []time.Time
	for _, days := range d.days {
		all = append(all, slot(days))
	}
	for days := d.days[len(d.days)-1] + 1; d.daily && slot(days).Before(expire); days++ {
		all = append(all, slot(days))
	}
	return all
}

// AutoRenew returns the state of the automatic renewal of an instance, and when
// it is tried next. since is when the setting was switched on or the expiry last
// moved, zero if unknown.
//
// The expiry is the evidence: if it has not moved though a deduction was due,
// that deduction failed. None was due before the first day after the present
// period began, nor before since.
func (s Site) AutoRenew(instance Instance, setting AutoRenewSetting, since, now time.Time) (AutoRenewState, time.Time) {
	switch setting.Status {
	case AutoRenewOn:
	case AutoRenewUnknown:
		return AutoRenewStateUnknown, time.Time{}
	default:
		return AutoRenewStateOff, time.Time{}
	}
	began := setting.Period.before(instance.ExpireTime)
	if nextDay(instance.CreateTime).Equal(began) {
		// A purchase is rounded up to the midnight after its last day, so the
		// period began with the creation, on the day before.
		began = instance.CreateTime
	}
	begun := slices.MaxFunc([]time.Time{nextDay(instance.CreateTime), nextDay(began), since}, time.Time.Compare)
	takes := schedules[s].takes
	var next time.Time
	failed := false
	for _, slot := range s.slots(instance.ExpireTime) {
		switch {
		case !slot.After(begun):
		case !now.Before(slot.Add(takes)):
			failed = true
		case next.IsZero():
			next = slot
		}
	}
	if failed || next.IsZero() {
		return AutoRenewStateFailing, next // or switched on when it was too late
	}
	return AutoRenewStateScheduled, next
}

// nextDay returns when the day after t begins, UTC+8.
func nextDay(t time.Time) time.Time {
	year, month, day := t.In(chinaTime).Date()
	return time.Date(year, month, day+1, 0, 0, 0, 0, chinaTime)
}

// before returns when a period that ends at t began, zero for no period.
func (p Period) before(t time.Time) time.Time {
	if p.IsZero() {
		return time.Time{}
	}
	return Period{-p.Count, p.Unit}.From(t)
}

// WithAutoRenew returns the instances, in order, with a setting in one of the
// statuses. read returns the settings of subscriptions, one result per ID, in
// order; other instances have none. An instance that the cloud no longer knows is
// dropped; if any other setting cannot be read, all fail.
func WithAutoRenew(instances []Instance, statuses []AutoRenewStatus, read func(ids []string) []Result[AutoRenewSetting]) ([]Instance, error) {
	var subscriptions []Instance
	var ids []string
	for _, i := range instances {
		if i.ChargeType == ChargeSubscription {
			subscriptions, ids = append(subscriptions, i), append(ids, i.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var kept []Instance
	for i, setting := range read(ids) {
		switch {
		case HasReason(setting.Err, ReasonInstanceNotFound):
		case setting.Err != nil:
			return nil, setting.Err
		case slices.Contains(statuses, setting.Value.Status):
			kept = append(kept, subscriptions[i])
		}
	}
	return kept, nil
}
