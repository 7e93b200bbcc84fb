package ecs

import (
	"slices"
	"time"
)

// AutoRenewState is how the automatic renewal of a subscription goes.
type AutoRenewState int

// The states. AutoRenewStateUnknown is where the setting could not be read, or
// is a word that ecsd does not know.
const (
	AutoRenewStateUnknown AutoRenewState = iota
	// AutoRenewStateOff renews nothing by itself.
	AutoRenewStateOff
	// AutoRenewStateScheduled waits for the next deduction.
	AutoRenewStateScheduled
	// AutoRenewStateFailing had a deduction that did not move the expiry.
	AutoRenewStateFailing
)

// AutoRenewOutlook is what is to be expected of the automatic renewal of a
// subscription.
type AutoRenewOutlook struct {
	State AutoRenewState
	// Next is when the cloud next tries to deduct, zero for never.
	Next time.Time
	// Drift is what was asked through ecsd where the cloud holds another
	// setting, nil where it holds that, or nothing was asked.
	Drift *AutoRenewWish
}

// AutoRenewWish is a setting that was asked for through ecsd.
type AutoRenewWish struct {
	RegionID   string
	InstanceID string
	Status     AutoRenewStatus
	// Period is what each automatic renewal shall buy, where Status is on.
	Period  Period
	Caller  string
	AskTime time.Time
	// OnTime is when it switched the setting on, zero where that was on already.
	OnTime time.Time
}

// Differs reports whether a setting is another than was asked for. What one that
// is off would buy does not matter.
func (w AutoRenewWish) Differs(held AutoRenewSetting) bool {
	return held.Status != w.Status || w.Status == AutoRenewOn && !held.Period.Same(w.Period)
}

// Site is which of the cloud's two sites an account is of. They charge automatic
// renewals on other days.
type Site string

// The sites.
const (
	SiteChina         Site = "china"
	SiteInternational Site = "international"
)

// deductionHour is the hour of the day, UTC+8, from which on both sites deduct.
const deductionHour = 8

// deductions are the days of a site, counted from the day of the expiry.
type deductions struct {
	days []int
	// daily goes on each day after the last of days, while the expiry is ahead.
	daily bool
	// takes is how long after the hour it may be until a deduction shows.
	takes time.Duration
}

// schedules are from the cloud's documents. China: the reference of
// ModifyInstanceAutoRenewAttribute. International: the page "Renewal overview",
// which has the deductions run between 08:00 and 18:00.
var schedules = map[Site]deductions{
	SiteChina:         {days: []int{-9}, daily: true, takes: time.Hour},
	SiteInternational: {days: []int{-3, -1, 0, 6, 14}, takes: 10 * time.Hour},
}

// slots are when deductions are tried for what expires then.
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

// AutoRenew tells how the automatic renewal of an instance goes, and when it is
// tried next. since is when the setting was switched on or the expiry last
// moved, zero where nobody knows.
//
// What counts is the expiry: where it has not moved though a deduction was due,
// that failed. None was due before the day after the instance, or the present
// period, began, nor before since.
func (s Site) AutoRenew(instance Instance, setting AutoRenewSetting, since, now time.Time) (AutoRenewState, time.Time) {
	switch setting.Status {
	case AutoRenewOn:
	case AutoRenewUnknown:
		return AutoRenewStateUnknown, time.Time{}
	default:
		return AutoRenewStateOff, time.Time{}
	}
	begun := slices.MaxFunc([]time.Time{nextDay(instance.CreateTime), nextDay(setting.Period.before(instance.ExpireTime)), since}, time.Time.Compare)
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

// nextDay is when the day after t begins, UTC+8.
func nextDay(t time.Time) time.Time {
	year, month, day := t.In(chinaTime).Date()
	return time.Date(year, month, day+1, 0, 0, 0, 0, chinaTime)
}

// before is when a period began that ends at t, zero for none.
func (p Period) before(t time.Time) time.Time {
	if p.IsZero() {
		return time.Time{}
	}
	return Period{-p.Count, p.Unit}.From(t)
}
