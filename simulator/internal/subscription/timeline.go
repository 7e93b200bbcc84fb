package subscription

import (
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Track schedules the events of an instance that was added to the fleet.
func (e *Engine) Track(id string, now time.Time) error {
	return e.Change(id, now, func(*fleet.Instance) {})
}

// Change changes an instance directly and reschedules its events.
func (e *Engine) Change(id string, now time.Time, f func(*fleet.Instance)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.change(id, now, f)
}

// change does the same. The caller holds mu.
func (e *Engine) change(id string, now time.Time, f func(*fleet.Instance)) error {
	i, err := e.fleet.Update(id, func(i *fleet.Instance) {
		f(i)
		i.Timeline++
	})
	if err != nil {
		return err
	}
	if at, ok := e.nextEvent(i, now); ok {
		timeline := i.Timeline
		e.clock.At(at, func(at time.Time) { e.happen(id, timeline, at) })
	}
	return nil
}

// nextEvent returns the time of an instance's next event after now.
func (e *Engine) nextEvent(i *fleet.Instance, now time.Time) (time.Time, bool) {
	if i.ChargeType != fleet.PrePaid {
		return time.Time{}, false
	}
	stop, release := e.rules.ends(i)
	slot, ok := e.rules.deduction(i, now)
	switch {
	case ok && (!stopped(i) || i.PaidUntil.After(now)):
		return slot, true
	case stopped(i) && !i.PaidUntil.After(now):
		return release, true
	}
	return stop, true // a stopped one still has its release to come
}

// happen runs a scheduled event of an instance, unless its schedule is void.
func (e *Engine) happen(id string, timeline uint32, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	i, ok := e.fleet.Get(id)
	if !ok || i.Timeline != timeline {
		return
	}
	slot, ok := e.rules.deduction(i, at.Add(-1))
	_, release := e.rules.ends(i)
	switch {
	case ok && slot.Equal(at):
		p := Period{Count: i.Renewal.Duration, Unit: i.Renewal.Unit}
		if _, err := e.extend(i, p, "AutoRenew", "", at); err == nil {
			return // extend has rescheduled
		}
		_ = e.change(id, at, func(*fleet.Instance) {}) // retries at the next slot
	case !stopped(i):
		_ = e.change(id, at, stop)
	case at.Before(release):
		_ = e.change(id, at, func(*fleet.Instance) {})
	default:
		_ = e.fleet.Remove(id, at)
	}
}

// stop applies the expiry.
func stop(i *fleet.Instance) {
	i.StatusAtExpiry = settled(i.Status)
	i.Become(fleet.Stopped)
	i.LockFor(fleet.LockFinancial, fmt.Sprintf("The subscription expired at %s.", i.PaidUntil.Format(time.RFC3339)))
}

// settled returns the target of a transitional status.
func settled(s fleet.Status) fleet.Status {
	if s == fleet.Stopping || s == fleet.Stopped {
		return fleet.Stopped
	}
	return fleet.Running
}

// SetAutoRenew changes the auto-renewal settings of all instances, or of none if one of them cannot be set.
func (e *Engine) SetAutoRenew(regionID string, ids []string, status string, p Period, now time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range ids {
		i, ok := e.fleet.Find(regionID, id)
		switch {
		case !ok:
			return fmt.Errorf("auto-renewal of %s: %w", id, fleet.ErrNotFound)
		case i.ChargeType != fleet.PrePaid:
			return fmt.Errorf("auto-renewal of %s: %w", id, ErrPostPaid)
		case status == fleet.AutoRenewal && !i.PaidUntil.After(now):
			return fmt.Errorf("auto-renewal of %s: %w", id, ErrExpired)
		case status == fleet.AutoRenewal && p.Count == 0 && i.Renewal.Duration == 0:
			return fmt.Errorf("auto-renewal of %s: %w", id, ErrNoDuration)
		}
	}
	for _, id := range ids {
		err := e.change(id, now, func(i *fleet.Instance) {
			i.Renewal.Status = status
			if p.Count > 0 {
				i.Renewal.Duration, i.Renewal.Unit = p.Count, p.Unit
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Remove removes an instance from the fleet.
func (e *Engine) Remove(id string, now time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.fleet.Remove(id, now)
}
