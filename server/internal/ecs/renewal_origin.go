package ecs

import (
	"fmt"
	"time"
)

// RenewalOrigin is who renewed a subscription outside ecsd.
type RenewalOrigin int

// The origins. The cloud shows the author of no order, so that they are conclusions
// from its documents and from observations. RenewalOriginPerson is a person in the
// console, or another program; RenewalOriginUnknown may be either.
const (
	RenewalOriginNone RenewalOrigin = iota
	RenewalOriginCloud
	RenewalOriginPerson
	RenewalOriginUnknown
)

// foundAfter is how long after a deduction its effect can be found: the cloud shows
// it late, and a poll finds it later.
const foundAfter = 10 * time.Minute

// RenewedBy returns who renewed a subscription that had an expiry, and the
// evidence. found is when the new expiry was found, and seen the observation of
// its setting before that, the zero value if there is none.
//
//   - Before the first deduction on the calendar of either site, and if the automatic
//     renewal was off, it was a person.
//   - If the automatic renewal was on and the expiry moved within the time of a
//     deduction of the site, it was the cloud.
//   - Everything else is not known: a person can renew at any time.
func (s Site) RenewedBy(expire, found time.Time, seen AutoRenewObservation) (RenewalOrigin, string) {
	known := seen.ExpireTime.Equal(expire) && seen.Status != AutoRenewUnknown
	first := SiteChina.slots(expire)[0] // the earliest of both sites
	switch {
	case found.Before(first):
		return RenewalOriginPerson, fmt.Sprintf("the expiry moved before the first automatic deduction, at %s", first.Format(time.RFC3339))
	case known && seen.Status != AutoRenewOn:
		return RenewalOriginPerson, "the automatic renewal was off at its last observation"
	case !known:
		return RenewalOriginUnknown, "the automatic renewal was not observed before the expiry moved"
	}
	for _, slot := range s.slots(expire) {
		if !found.Before(slot) && found.Before(slot.Add(schedules[s].takes+foundAfter)) {
			return RenewalOriginCloud, fmt.Sprintf("the automatic renewal was on, and the expiry moved in the time of the deduction at %s", slot.Format(time.RFC3339))
		}
	}
	return RenewalOriginUnknown, "the automatic renewal was on, and the expiry moved outside the times of its deductions"
}
