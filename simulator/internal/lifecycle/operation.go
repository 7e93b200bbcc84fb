package lifecycle

import (
	"net/netip"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// The stopped modes of the API.
const (
	notApplicable = "Not-applicable"
	keepCharging  = "KeepCharging"
	stopCharging  = "StopCharging"
)

var noAddress netip.Addr

// Addresses assigns unique public addresses.
type Addresses interface{ Public() netip.Addr }

// Operation is an operation on instances.
type Operation struct {
	// check validates; begin is the immediate effect, and way the following steps.
	check func(i *fleet.Instance, now time.Time) error
	begin func(*fleet.Instance)
	way   func(Rules) []leg
	// release removes the instances from the fleet.
	release bool
}

// Start starts stopped instances.
func Start() Operation {
	return Operation{
		check: func(i *fleet.Instance, _ time.Time) error {
			return first(unlocked(i), when(i.Status == fleet.Stopped, ErrStatus), when(!i.Locked(fleet.LockRecycling), ErrStatus))
		},
		begin: func(i *fleet.Instance) { i.Become(fleet.Starting) },
		way:   func(r Rules) []leg { return []leg{{r.Start, fleet.Running}} },
	}
}

// Stop stops running instances. An economical stop, which ends the billing of vCPU, memory and public address, applies
// to pay-as-you-go instances in a VPC; any other instance stops as without it.
func Stop(force, economical bool) Operation {
	return Operation{
		check: func(i *fleet.Instance, _ time.Time) error {
			return first(unlocked(i), when(i.Status == fleet.Running, ErrStatus))
		},
		begin: func(i *fleet.Instance) {
			i.Become(fleet.Stopping)
			i.StoppedMode = keepCharging
			if economical && i.ChargeType == fleet.PostPaid && i.NetworkType == "vpc" {
				i.StoppedMode = stopCharging
			}
		},
		way: func(r Rules) []leg {
			if force {
				return []leg{{r.Stop / 5, fleet.Stopped}}
			}
			return []leg{{r.Stop, fleet.Stopped}}
		},
	}
}

// Reboot restarts running instances, which show Starting in the meantime.
func Reboot() Operation {
	return Operation{
		check: func(i *fleet.Instance, _ time.Time) error {
			return first(unlocked(i), when(i.Status == fleet.Running, ErrStatus))
		},
		begin: func(i *fleet.Instance) { i.Become(fleet.Starting) },
		way:   func(r Rules) []leg { return []leg{{r.Start, fleet.Running}} },
	}
}

// Release releases instances: stopped ones, with force also running ones, and with terminate an expired subscription. A
// lock for arrears does not prevent it.
func Release(force, terminate bool) Operation {
	return Operation{
		check: func(i *fleet.Instance, now time.Time) error {
			subscribed := i.ChargeType == fleet.PrePaid && (!terminate || i.PaidUntil.After(now))
			return first(
				when(!initializing(i), ErrInitializing),
				when(!i.Locked(fleet.LockSecurity), ErrSecurityLocked),
				when(!subscribed, ErrChargeType),
				when(!i.DeletionProtection, ErrProtected),
				when(i.Status == fleet.Stopped || force && i.Status == fleet.Running, ErrStatus),
			)
		},
		release: true,
	}
}

// Outcome is the effect of an operation on an instance.
type Outcome struct {
	InstanceID        string
	Previous, Current fleet.Status
}

// Check reports whether an operation would be rejected.
func (m *Machine) Check(op Operation, regionID string, ids []string, now time.Time) error {
	for _, id := range ids {
		i, ok := m.fleet.Find(regionID, id)
		if !ok {
			return fleet.ErrNotFound
		}
		if err := op.check(i, now); err != nil {
			return err
		}
	}
	return nil
}

// Do executes an operation on all instances or, if it is rejected for one of them, on none.
func (m *Machine) Do(op Operation, regionID string, ids []string, now time.Time) ([]Outcome, error) {
	outcomes := make([]Outcome, 0, len(ids))
	changed, err := m.fleet.UpdateAll(regionID, ids, func(i *fleet.Instance) error {
		if err := op.check(i, now); err != nil {
			return err
		}
		before := i.Status
		if op.begin != nil {
			op.begin(i)
		}
		outcomes = append(outcomes, Outcome{i.ID, before, i.Status})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, i := range changed {
		if op.release {
			_ = m.fleet.Remove(i.ID, now) // released in between
			continue
		}
		m.walk(i, now, op.way(m.rules)...)
	}
	return outcomes, nil
}

// unlocked rejects changes that a lock forbids: any change of the status.
func unlocked(i *fleet.Instance) error {
	return first(when(!i.Locked(fleet.LockSecurity), ErrSecurityLocked), when(!i.Locked(fleet.LockFinancial), ErrArrears))
}

func when(fine bool, otherwise error) error {
	if fine {
		return nil
	}
	return otherwise
}

func first(refusals ...error) error {
	for _, err := range refusals {
		if err != nil {
			return err
		}
	}
	return nil
}

// Reactivate starts an instance that was stopped for overdue payment.
func (m *Machine) Reactivate(regionID, id string, now time.Time) error {
	_, err := m.Do(Operation{
		check: func(i *fleet.Instance, _ time.Time) error {
			return first(when(i.Status == fleet.Stopped && i.Locked(fleet.LockFinancial), ErrStatus))
		},
		begin: func(i *fleet.Instance) {
			i.Unlock(fleet.LockFinancial)
			i.Become(fleet.Starting)
			i.UsedFrom = now
		},
		way: func(r Rules) []leg { return []leg{{r.Start, fleet.Running}} },
	}, regionID, []string{id}, now)
	return err
}
