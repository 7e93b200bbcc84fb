package subscription

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/clock"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Reasons for the rejection of a renewal, beside [fleet.ErrNotFound] and [account.ErrBalance].
var (
	ErrPostPaid       = errors.New("not a subscription")
	ErrSecurityLocked = errors.New("locked for security reasons")
	ErrNotRenewal     = errors.New("set not to be renewed")
	ErrExpired        = errors.New("expired")
	ErrTooFar         = errors.New("the expiry would be too far ahead")
	ErrNoDuration     = errors.New("auto-renewal needs a duration")
)

// maxAhead is the maximum time from now to an expiry. The cloud has such a limit
// (InvalidPeriod.ExceededMaximumExpirationDate) and does not document it.
const maxAhead = 10 * 366 * 24 * time.Hour

// Rules are the durations that the cloud does not guarantee.
type Rules struct {
	// Lag is the time from a renewal until the API shows the new expiry.
	Lag time.Duration
	// StopAfter and ReleaseAfter are counted from the expiry.
	StopAfter, ReleaseAfter time.Duration
	// BillingSchedule makes auto-renewal try on the days of the cloud's billing page instead of daily.
	BillingSchedule bool
}

// Disks are the disks of the instances.
type Disks interface {
	// Setup returns what the subscription of an instance pays for.
	Setup(*fleet.Instance) catalog.Setup
	// SubscriptionSetup returns what it would pay for after a change to a subscription, with the data disks or without.
	SubscriptionSetup(i *fleet.Instance, dataDisks bool) catalog.Setup
	// Subscribe makes that change.
	Subscribe(i *fleet.Instance, dataDisks bool)
}

// Usage measures pay-as-you-go.
type Usage interface {
	// Close measures the usage of an instance up to a time at which its price changes.
	Close(i *fleet.Instance, at time.Time)
}

// Engine is safe for concurrent use.
type Engine struct {
	rules   Rules
	clock   *clock.Clock
	fleet   *fleet.Fleet
	account *account.Account
	disks   Disks
	usage   Usage

	// mu is held while money and a subscription change together. Fleet, account and clock have their own locks, taken
	// inside it.
	mu sync.Mutex
	// modified holds the time of the last change of the charge type or the instance type per instance.
	modified map[string]time.Time
}

// New returns an Engine.
func New(r Rules, c *clock.Clock, f *fleet.Fleet, a *account.Account, d Disks, u Usage) *Engine {
	return &Engine{rules: r, clock: c, fleet: f, account: a, disks: d, usage: u, modified: map[string]time.Time{}}
}

// Renewal is a request to renew.
type Renewal struct {
	RegionID, InstanceID string
	Period               Period
	ClientToken          string
}

// Renew charges the account and extends the subscription at once; the API
// shows the new expiry after the lag.
func (e *Engine) Renew(r Renewal, now time.Time) (control.Order, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	i, ok := e.fleet.Find(r.RegionID, r.InstanceID)
	switch {
	case !ok:
		return control.Order{}, fmt.Errorf("renew %s: %w", r.InstanceID, fleet.ErrNotFound)
	case i.ChargeType != fleet.PrePaid:
		return control.Order{}, fmt.Errorf("renew %s: %w", r.InstanceID, ErrPostPaid)
	case i.Locked(fleet.LockSecurity):
		return control.Order{}, fmt.Errorf("renew %s: %w", r.InstanceID, ErrSecurityLocked)
	case i.Renewal.Status == fleet.NotRenewal:
		return control.Order{}, fmt.Errorf("renew %s: %w", r.InstanceID, ErrNotRenewal)
	case r.Period.Unit == catalog.RenewDay && !i.PaidUntil.After(now):
		return control.Order{}, fmt.Errorf("renew %s to a day: %w", r.InstanceID, ErrExpired)
	}
	return e.extend(i, r.Period, "RenewInstance", r.ClientToken, now)
}

// extend extends a subscription. The caller holds mu.
func (e *Engine) extend(i *fleet.Instance, p Period, action, clientToken string, now time.Time) (control.Order, error) {
	start, until := i.PaidUntil, p.grow(i.PaidUntil)
	if (stopped(i) || settled(i.Status) == fleet.Stopped) && !i.PaidUntil.After(now) {
		start, until = now, p.From(now)
	}
	if until.After(now.Add(maxAhead)) {
		return control.Order{}, fmt.Errorf("renew %s: %w", i.ID, ErrTooFar)
	}
	bill := e.RenewalBill(i, p)
	order, err := e.account.Charge(control.Order{
		Type: control.OrderRenewal, Action: action, InstanceID: i.ID, RegionID: i.Region.ID,
		Period: p.Count, PeriodUnit: string(p.Unit),
		Amount:      cents(catalog.Total(bill).Trade),
		ClientToken: clientToken, Time: now, PeriodStart: start, PeriodEnd: until,
	})
	if err != nil {
		return control.Order{}, fmt.Errorf("renew %s: %w", i.ID, err)
	}
	if err := e.change(i.ID, now, func(i *fleet.Instance) {
		i.Paid = append(payments(i, now), paid(bill, start, until)...)
		i.PeriodStart, i.PaidUntil = start, until
	}); err != nil {
		return control.Order{}, err
	}
	if e.rules.Lag == 0 {
		e.show(i.ID, until)
	} else {
		e.clock.At(now.Add(e.rules.Lag), func(time.Time) { e.show(i.ID, until) })
	}
	return order, nil
}

// RenewalBill returns the price of a renewal: of the instance, its subscription disks and its bandwidth.
func (e *Engine) RenewalBill(i *fleet.Instance, p Period) []catalog.Line {
	if p.Unit == catalog.RenewDay {
		return catalog.BillBetween(e.disks.Setup(i), i.PaidUntil, p.After(i.PaidUntil))
	}
	return catalog.Bill(e.disks.Setup(i), p.Count, p.Unit)
}

// show makes a paid expiry visible and restores an expired instance.
func (e *Engine) show(id string, until time.Time) {
	_, err := e.fleet.Update(id, func(i *fleet.Instance) {
		if i.ChargeType != fleet.PrePaid || i.PaidUntil.Before(until) {
			return // changed directly in between
		}
		if stopped(i) {
			if i.StatusAtExpiry != "" {
				i.Become(i.StatusAtExpiry)
			}
			i.Unlock(fleet.LockFinancial)
		}
		i.Expiry = until
	})
	_ = err // released in between
}

// stopped reports whether a subscription was stopped because it expired.
func stopped(i *fleet.Instance) bool {
	return i.ChargeType == fleet.PrePaid && i.Locked(fleet.LockFinancial)
}
