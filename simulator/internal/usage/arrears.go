package usage

import (
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/clock"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// RestartBalance is the balance that the cloud requires before it starts an instance again, in hundredths of a yuan.
const RestartBalance = 100_00

// Rules are the rules for an account in arrears.
type Rules struct {
	// StopAfter is the time from the first unpaid bill to the stop. ReleaseAfter is the time from the stop to the
	// release.
	StopAfter, ReleaseAfter time.Duration
	// NoRestart leaves instances stopped after a payment, as the cloud's automatic restart can fail.
	NoRestart bool
}

// Machine starts instances.
type Machine interface {
	Reactivate(regionID, id string, now time.Time) error
}

// Biller issues the hourly bills and applies the rules for arrears.
type Biller struct {
	rules   Rules
	clock   *clock.Clock
	fleet   *fleet.Fleet
	account *account.Account
	meter   *Meter
	machine Machine

	mu sync.Mutex
	// since is the time of the first unpaid bill, zero without arrears.
	since time.Time
	// stopped holds the time of the stop of each instance that is stopped for arrears.
	stopped map[string]time.Time
}

// New returns a biller that issues a bill at each full hour from now on.
func New(r Rules, c *clock.Clock, f *fleet.Fleet, a *account.Account, m *Meter, machine Machine) *Biller {
	b := &Biller{rules: r, clock: c, fleet: f, account: a, meter: m, machine: machine, stopped: map[string]time.Time{}}
	b.next(c.Now())
	return b
}

func (b *Biller) next(now time.Time) {
	b.clock.At(now.Truncate(time.Hour).Add(time.Hour), func(at time.Time) {
		b.hour(at)
		b.next(at)
	})
}

// hour issues the bill of an hour.
func (b *Biller) hour(at time.Time) {
	if cents, from := b.meter.bill(b.fleet, at); cents > 0 {
		b.account.Deduct(control.Bill{From: from, Until: at, Amount: control.Amount(cents)})
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle(at)
	for id, stopped := range b.stopped {
		if !at.Before(stopped.Add(b.rules.ReleaseAfter)) {
			delete(b.stopped, id)
			_ = b.fleet.Remove(id, at) // released in between
		}
	}
	if b.account.Balance() >= 0 {
		return
	}
	if b.since.IsZero() {
		b.since = at
	}
	if !at.Before(b.since.Add(b.rules.StopAfter)) {
		b.stop(at)
	}
}

// Settle ends arrears that are paid, and restarts what was stopped for them.
func (b *Biller) Settle(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle(now)
}

// settle does the same. The caller holds mu.
func (b *Biller) settle(now time.Time) {
	balance := b.account.Balance()
	if balance >= 0 {
		b.since = time.Time{}
	}
	for id := range b.stopped {
		i, ok := b.fleet.Get(id)
		switch {
		case !ok, !i.Locked(fleet.LockFinancial):
			delete(b.stopped, id) // released, or started by ReActivateInstances
		case balance < RestartBalance || b.rules.NoRestart:
		default:
			delete(b.stopped, id)
			b.restart(i, now)
		}
	}
}

// restart restores the status before the stop.
func (b *Biller) restart(i *fleet.Instance, now time.Time) {
	if i.StatusAtExpiry == fleet.Running {
		_ = b.machine.Reactivate(i.Region.ID, i.ID, now) // gone in between
		return
	}
	_, _ = b.fleet.Update(i.ID, func(i *fleet.Instance) {
		i.Unlock(fleet.LockFinancial)
		i.UsedFrom = now
	})
}

// stop stops and locks all pay-as-you-go instances. The caller holds mu.
func (b *Biller) stop(at time.Time) {
	var running []*fleet.Instance
	b.fleet.Each(func(i *fleet.Instance) {
		if i.ChargeType == fleet.PostPaid && !i.Locked(fleet.LockFinancial) {
			running = append(running, i)
		}
	})
	for _, i := range running {
		_, err := b.fleet.Update(i.ID, func(i *fleet.Instance) {
			i.StatusAtExpiry = fleet.Running
			if i.Status == fleet.Stopping || i.Status == fleet.Stopped {
				i.StatusAtExpiry = fleet.Stopped
			}
			i.Become(fleet.Stopped)
			i.LockFor(fleet.LockFinancial, "The account is overdue since "+b.since.Format(time.RFC3339)+".")
		})
		if err == nil {
			b.stopped[i.ID] = at
		}
	}
}
