package lifecycle

import (
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Reclaim takes a spot instance back: it is locked now, and released when the
// notice is over, or stopped economically where it was bought to be. A lock
// that is removed by hand before ends it.
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
			return // unlocked by hand, or locked anew
		}
		if i.Spot.Interruption != "Stop" {
			_ = m.fleet.Remove(id) // released in between: it is gone as meant
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

// lockMessage tells one reclaim from another.
func lockMessage(i *fleet.Instance) string {
	for _, l := range i.Locks {
		if l.Reason == fleet.LockRecycling {
			return l.Message
		}
	}
	return ""
}
