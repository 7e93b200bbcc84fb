package ecs

import "time"

const day = 24 * time.Hour

// Forecast returns the expiry that a renewal bought at now brings. It is always
// 00:00 UTC+8 of the day after the last paid day:
//
//   - a subscription that has not expired, or that expired and still runs (after
//     an automatic renewal that failed), grows from its old expiry;
//   - one that was stopped or locked after its expiry begins again on the day of
//     the renewal, which counts as paid.
//
// Quotes, plans, renewals and the proof of a payment all use it.
// Source: the cloud's page "Subscription", renewal before and after the stop.
func (p Period) Forecast(i Instance, now time.Time) time.Time {
	if i.ExpireTime.After(now) || !i.ended() {
		return p.grow(i.ExpireTime)
	}
	if p.Unit == RenewDay {
		return p.From(midnight(now)) // not sold: the cloud refuses it itself
	}
	return p.From(midnight(now)).Add(day)
}

// KeptAfterExpiry is how long the cloud keeps a subscription after it stopped it,
// so that it can still be renewed, and how long it lets one run for which its
// automatic renewal fails.
const KeptAfterExpiry = 15 * day

// AfterExpiry returns the earliest times at which the cloud stops a subscription
// that is not renewed, and at which it releases it. With automatic renewal it lets
// the instance run for 15 days after the expiry, unless it has stopped it already;
// a setting that is not known counts as off, which gives the earlier times.
//
// Source: the cloud's page "Subscription", effects of the expiry.
func (i *Instance) AfterExpiry(setting AutoRenewStatus, now time.Time) (stop, release time.Time) {
	stop = i.ExpireTime
	if setting == AutoRenewOn && (i.ExpireTime.After(now) || !i.ended()) {
		stop = stop.Add(KeptAfterExpiry)
	}
	return stop, stop.Add(KeptAfterExpiry)
}

// ended reports whether an expired subscription was stopped, by the cloud's lock
// or otherwise.
func (i *Instance) ended() bool {
	return i.Status == StatusStopped || i.Status == StatusStopping || i.LockedFor(LockFinancial)
}

// grow returns the expiry of a renewal that adds to the old one.
func (p Period) grow(before time.Time) time.Time {
	grown := p.From(before)
	if start := midnight(grown); !start.Equal(grown) {
		grown = start.Add(day)
	}
	return grown
}

// midnight returns the start of the day of t in UTC+8, in the location of t.
func midnight(t time.Time) time.Time {
	year, month, day := t.In(chinaTime).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, chinaTime).In(t.Location())
}

// Proves reports whether an expiry proves that an accepted order took effect.
// before is the expiry before the order and forecast that of Forecast. A later
// expiry is proof too: another order may have been added. If the subscription
// began again, the cloud may count the day of the renewal as used, so that one day
// less is proof. For a target day any later expiry on that day is proof: the
// cloud decides in which month it lies.
func (p Period) Proves(expire, before, forecast time.Time) bool {
	switch {
	case !expire.After(before):
		return false
	case p.Unit == RenewDay:
		return expire.In(chinaTime).Day() == int(p.Count)
	case p.beganAgain(before, forecast):
		return !expire.Before(forecast.Add(-day))
	}
	return expire.After(forecast.Add(-day))
}

// Is reports whether an expiry is the one that the order would have brought, as
// evidence for an order of unknown outcome. Unlike Proves it rejects a later
// expiry: an expiry that is not the expected one shows that someone else bought
// something, and not that this order was accepted. The expiry must lie in the
// last paid day of forecast; if the subscription began again, a day more or
// less is accepted, because the order may have arrived on the next day or that day
// may count as used.
func (p Period) Is(expire, before, forecast time.Time) bool {
	if !expire.After(before) {
		return false
	}
	if p.beganAgain(before, forecast) {
		return !expire.Before(forecast.Add(-day)) && !expire.After(forecast.Add(day))
	}
	return expire.After(forecast.Add(-day)) && !expire.After(forecast)
}

// beganAgain reports whether a forecast is that of a subscription that begins
// again, which ends later than one that grows from before.
func (p Period) beganAgain(before, forecast time.Time) bool {
	return p.Unit != RenewDay && forecast.After(p.grow(before))
}
