package lifecycle

import (
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
)

// Launch buys new instances, all or none, and moves them to Running, or to Stopped if they wait for a start. It takes
// ownership of them.
func (m *Machine) Launch(made []*fleet.Instance, p subscription.Purchase, run bool, now time.Time) (orderID string, err error) {
	ids := make([]string, 0, len(made))
	for _, i := range made {
		i.Status, i.Creation, i.Start = fleet.Pending, now, time.Time{}
		i.StoppedMode, i.Hidden = notApplicable, m.rules.ListLag > 0
		i.HiddenByID = i.Hidden && m.rules.ListLagByID
		if !run {
			i.StoppedMode = keepCharging
		}
		ids = append(ids, i.ID)
	}
	if orderID, err = m.seller.Buy(made, p, now); err != nil {
		return "", err
	}
	pending := m.rules.Start / 5
	legs := []leg{{pending, fleet.Stopped}}
	if run {
		legs = []leg{{pending, fleet.Starting}, {m.rules.Start - pending, fleet.Running}}
	}
	for _, id := range ids {
		i, ok := m.fleet.Get(id)
		if !ok {
			continue // released directly in between
		}
		m.walk(i, now, legs...)
		m.Watch(i, now)
		if i.Hidden {
			m.clock.At(now.Add(m.rules.ListLag), func(time.Time) { m.show(id) })
		}
	}
	return orderID, nil
}

func (m *Machine) show(id string) {
	_, err := m.fleet.Update(id, func(i *fleet.Instance) { i.Hidden, i.HiddenByID = false, false })
	_ = err // released in between
}

// Watch schedules the events of a new instance: its auto-release, and its reclaim if it has a price limit.
func (m *Machine) Watch(i *fleet.Instance, now time.Time) {
	m.watchRelease(i)
	m.watchPrice(i, now)
}

func (m *Machine) watchRelease(i *fleet.Instance) {
	if i.AutoRelease.IsZero() {
		return
	}
	id, due := i.ID, i.AutoRelease
	m.clock.At(due, func(at time.Time) {
		i, ok := m.fleet.Get(id)
		if ok && i.AutoRelease.Equal(due) {
			_ = m.fleet.Remove(id, at) // released in between
		}
	})
}

// SetAutoRelease sets or, with the zero time, cancels the release time of an instance. The release ignores status and
// protection.
func (m *Machine) SetAutoRelease(regionID, id string, due time.Time) error {
	changed, err := m.fleet.UpdateAll(regionID, []string{id}, func(i *fleet.Instance) error {
		if i.ChargeType != fleet.PostPaid {
			return ErrChargeType
		}
		i.AutoRelease = due
		return nil
	})
	if err != nil {
		return err
	}
	m.watchRelease(changed[0])
	return nil
}
