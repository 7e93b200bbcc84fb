package lifecycle

import (
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Prices are the prices of the spot market.
type Prices interface {
	// Above returns the first moment in [from, until) at which an hour of a type costs more than a limit, in
	// thousandths of a yuan.
	Above(zone string, t *catalog.InstanceType, limit int64, from, until time.Time) (time.Time, bool)
}

// lookAhead is the span of the market that is searched at a time.
const lookAhead = 30 * 24 * time.Hour

// checkEvery is the time until the next search after a price above the limit that had no effect, because the instance
// did not run.
const checkEvery = time.Hour

// watchPrice reclaims a spot instance when its hour first costs more than its limit, except in its protected hours.
func (m *Machine) watchPrice(i *fleet.Instance, from time.Time) {
	if i.Spot.Strategy != "SpotWithPriceLimit" || i.Spot.PriceLimit == 0 || i.Spot.PriceLimit >= catalog.HourOf(i.Type) {
		return // no price is above the list price
	}
	if safe := i.Creation.Add(time.Duration(i.Spot.Duration) * time.Hour); from.Before(safe) {
		from = safe
	}
	until := from.Add(lookAhead)
	at, high := m.prices.Above(i.ZoneID, i.Type, i.Spot.PriceLimit, from, until)
	if !high {
		at = until
	}
	id := i.ID
	m.clock.At(at, func(at time.Time) {
		i, ok := m.fleet.Get(id)
		switch {
		case !ok:
		case !high:
			m.watchPrice(i, at)
		case i.Status == fleet.Stopped && i.StoppedMode == stopCharging || i.Locked(fleet.LockRecycling):
			m.watchPrice(i, at.Add(checkEvery))
		default:
			_ = m.Reclaim(id, at) // gone in between
			m.watchPrice(i, at.Add(checkEvery))
		}
	})
}

// Reclaim reclaims a spot instance: it is locked now, and at the end of the notice released, or stopped economically if
// its interruption behavior is Stop. Removing the lock directly cancels the reclaim.
func (m *Machine) Reclaim(id string, now time.Time) error {
	var refusal error
	i, err := m.fleet.Update(id, func(i *fleet.Instance) {
		if i.Spot.Strategy == "NoSpot" {
			refusal = ErrChargeType
			return
		}
		i.LockFor(fleet.LockRecycling, "The spot instance is to be reclaimed at "+now.Add(m.rules.Notice).Format(time.RFC3339)+".")
	})
	if err != nil || refusal != nil {
		return first(err, refusal)
	}
	message := lockMessage(i)
	m.clock.At(now.Add(m.rules.Notice), func(at time.Time) {
		i, ok := m.fleet.Get(id)
		if !ok || message != lockMessage(i) {
			return // unlocked directly, or locked again
		}
		if i.Spot.Interruption != "Stop" {
			_ = m.fleet.Remove(id, at) // released in between
			return
		}
		_, _ = m.fleet.Update(id, func(i *fleet.Instance) {
			i.StoppedMode = stopCharging
			m.arrive(i, fleet.Stopped, at)
			i.Unlock(fleet.LockRecycling)
		})
	})
	return nil
}

// lockMessage distinguishes one reclaim from another.
func lockMessage(i *fleet.Instance) string {
	for _, l := range i.Locks {
		if l.Reason == fleet.LockRecycling {
			return l.Message
		}
	}
	return ""
}
