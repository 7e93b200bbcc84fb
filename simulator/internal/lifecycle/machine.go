package lifecycle

import (
	"errors"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/clock"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
)

// Reasons for a rejection, beside [fleet.ErrNotFound].
var (
	ErrStatus         = errors.New("the status does not allow it")
	ErrInitializing   = errors.New("the instance is still being made")
	ErrSecurityLocked = errors.New("locked for security reasons")
	ErrArrears        = errors.New("expired, or in arrears")
	ErrProtected      = errors.New("protected against release")
	ErrChargeType     = errors.New("the charge type does not allow it")
)

// Rules are the durations that the cloud does not guarantee.
type Rules struct {
	// Start is the time from an instance's launch, start or reboot to Running; the first fifth of a launch is Pending.
	Start time.Duration
	// Stop is the time from Running to Stopped; a forced stop takes a fifth of it.
	Stop time.Duration
	// ListLag is the time after its launch during which an instance is missing from lists by filter, and with
	// ListLagByID from lists by ID too.
	ListLag     time.Duration
	ListLagByID bool
	// Notice is the time between the lock and the reclaim of a spot instance.
	Notice time.Duration
}

// Machine is safe for concurrent use. It has no lock: the fleet's lock makes each change atomic.
type Machine struct {
	rules   Rules
	clock   *clock.Clock
	fleet   *fleet.Fleet
	seller  *subscription.Engine
	address Addresses
	prices  Prices
}

// New returns a Machine.
func New(r Rules, c *clock.Clock, f *fleet.Fleet, seller *subscription.Engine, a Addresses, p Prices) *Machine {
	return &Machine{rules: r, clock: c, fleet: f, seller: seller, address: a, prices: p}
}

// leg is one step of an instance: the status that it takes, and the time after the previous one.
type leg struct {
	after time.Duration
	to    fleet.Status
}

// walk schedules the legs of an instance from a moment on.
func (m *Machine) walk(i *fleet.Instance, at time.Time, legs ...leg) {
	if len(legs) == 0 {
		return
	}
	id, region, steps := i.ID, i.Region.ID, i.Steps
	m.clock.At(at.Add(legs[0].after), func(at time.Time) {
		changed, err := m.fleet.UpdateAll(region, []string{id}, func(i *fleet.Instance) error {
			if i.Steps != steps {
				return ErrStatus
			}
			m.arrive(i, legs[0].to, at)
			return nil
		})
		if err != nil {
			return // the status changed in between, or the instance is gone
		}
		m.walk(changed[0], at, legs[1:]...)
	})
}

// arrive sets a status of an instance, with its side effects.
func (m *Machine) arrive(i *fleet.Instance, to fleet.Status, at time.Time) {
	i.Become(to)
	switch to {
	case fleet.Running:
		i.Start, i.StoppedMode = at, notApplicable
		if i.AddressFreed {
			i.PublicIP, i.AddressFreed = m.address.Public(), false
		}
	case fleet.Stopped:
		if i.StoppedMode == stopCharging && i.PublicIP.IsValid() {
			i.PublicIP, i.AddressFreed = noAddress, true
		}
	}
}

// initializing reports whether an instance has never been Running.
func initializing(i *fleet.Instance) bool {
	return i.Status == fleet.Pending || i.Status == fleet.Starting && i.Start.IsZero()
}
