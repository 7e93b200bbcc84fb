package lifecycle

import (
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
)

// Launch buys new instances, all or none, and sends them to Running, or to
// Stopped where they are to wait for a start. The caller gives them up.
func (m *Machine) Launch(made []*fleet.Instance, p subscription.Purchase, run bool, now time.Time) (orderID string, err error) {
	ids := make([]string, 0, len(made))
	for _, i := range made {
		i.Status, i.Creation, i.Start = fleet.Pending, now, time.Time{}
		i.StoppedMode, i.Hidden = notApplicable, m.rules.ListLag > 0
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
			continue // released by hand in between
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
	_, err := m.fleet.Update(id, func(i *fleet.Instance) { i.Hidden = false })
	_ = err // released in between: there is nothing to show
}

// Watch sets out what a new instance's own terms bring: its auto-release, and
// its reclaim where it has a price limit.
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
			_ = m.fleet.Remove(id, at) // released in between: it is gone as wished
		}
	})
}

// SetAutoRelease sets or, with the zero time, cancels the time at which an
// instance is released whatever its status, and protected or not.
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
