package subscription

import (
	"errors"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Reasons for the rejection of a change of the charge type or the instance type, beside [fleet.ErrNotFound], [ErrExpired], [ErrSecurityLocked] and
// account.ErrBalance.
var (
	ErrSameCharge = errors.New("the charge type is that already, or cannot be")
	ErrUnsettled  = errors.New("neither running nor stopped")
	ErrReleaseSet = errors.New("an auto-release time is set")
	ErrTooSoon    = errors.New("the instance was changed a moment ago")
)

// modificationPause is the time after a change of the charge type or the instance type during which the cloud rejects
// another.
const modificationPause = 5 * time.Minute

// Conversion changes the charge type of instances.
type Conversion struct {
	RegionID    string
	InstanceIDs []string
	// Period is bought for each instance; zero for a change to pay-as-you-go, which refunds the rest.
	Period Period
	// IncludeDataDisks converts the data disks to subscriptions too. A change to pay-as-you-go always converts all disks:
	// a pay-as-you-go instance has no subscription disks.
	IncludeDataDisks bool
	ClientToken      string
}

func (v Conversion) to() string {
	if v.Period.Count > 0 {
		return fleet.PrePaid
	}
	return fleet.PostPaid
}

// CheckConversion reports whether a conversion would be rejected, apart from the balance.
func (e *Engine) CheckConversion(v Conversion, now time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, err := e.conversionLines(v, now)
	return err
}

// Convert changes all of the instances or none, and returns the order lines in the order of the IDs.
func (e *Engine) Convert(v Conversion, now time.Time) ([]control.Order, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	lines, err := e.conversionLines(v, now)
	if err != nil {
		return nil, err
	}
	bills := make([][]catalog.Line, len(lines))
	for n, id := range v.InstanceIDs {
		if i, ok := e.fleet.Get(id); ok {
			bills[n] = e.conversionBill(v, i)
		}
	}
	if _, err := e.account.ChargeAll(lines); err != nil {
		return nil, fmt.Errorf("change the charge type of %d instances: %w", len(lines), err)
	}
	for n, id := range v.InstanceIDs {
		if i, ok := e.fleet.Get(id); ok {
			e.usage.Close(i, now)
		}
		err := e.change(id, now, func(i *fleet.Instance) {
			i.UsedFrom = now
			if v.to() == fleet.PrePaid {
				Purchase{Period: v.Period, Bill: bills[n]}.subscribe(i, now)
				i.DeletionProtection = false // only for pay-as-you-go
				return
			}
			i.ChargeType, i.SaleCycle = fleet.PostPaid, ""
			i.Expiry, i.PaidUntil, i.PeriodStart, i.Renewal = fleet.NoExpiry, time.Time{}, time.Time{}, fleet.Renewal{}
			i.Paid = nil
		})
		if err != nil {
			return nil, err
		}
		if i, ok := e.fleet.Get(id); ok && v.to() == fleet.PrePaid {
			e.disks.Subscribe(i, v.IncludeDataDisks)
		}
		e.modified[id] = now
	}
	return lines, nil
}

// conversionLines checks a conversion and prices it. The caller holds mu.
func (e *Engine) conversionLines(v Conversion, now time.Time) ([]control.Order, error) {
	lines := make([]control.Order, 0, len(v.InstanceIDs))
	for _, id := range v.InstanceIDs {
		i, ok := e.fleet.Find(v.RegionID, id)
		if !ok {
			return nil, fmt.Errorf("change the charge type of %s: %w", id, fleet.ErrNotFound)
		}
		if err := e.convertible(i, v.to(), now); err != nil {
			return nil, fmt.Errorf("change the charge type of %s: %w", id, err)
		}
		line := control.Order{
			Type: control.OrderConversion, Action: "ModifyInstanceChargeType", InstanceID: id, RegionID: v.RegionID,
			Period: v.Period.Count, PeriodUnit: string(v.Period.Unit), ClientToken: v.ClientToken, Time: now,
		}
		if v.to() == fleet.PrePaid {
			line.Amount = cents(catalog.Total(e.conversionBill(v, i)).Trade)
			line.PeriodStart, line.PeriodEnd = now, v.Period.From(now)
		} else {
			line.Type, line.Amount = control.OrderRefund, -value(payments(i, now), now)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// conversionBill returns the price of an instance as a subscription.
func (e *Engine) conversionBill(v Conversion, i *fleet.Instance) []catalog.Line {
	return catalog.Bill(e.disks.SubscriptionSetup(i, v.IncludeDataDisks), v.Period.Count, v.Period.Unit)
}

func (e *Engine) convertible(i *fleet.Instance, to string, now time.Time) error {
	switch last, ok := e.modified[i.ID]; {
	case i.ChargeType == to, i.Spot.Strategy != "NoSpot":
		return ErrSameCharge
	case i.ChargeType == fleet.PrePaid && !i.PaidUntil.After(now), i.Locked(fleet.LockFinancial):
		return ErrExpired
	case i.Locked(fleet.LockSecurity):
		return ErrSecurityLocked
	case i.Status != fleet.Running && i.Status != fleet.Stopped:
		return ErrUnsettled
	case !i.AutoRelease.IsZero():
		return ErrReleaseSet
	case ok && now.Before(last.Add(modificationPause)):
		return ErrTooSoon
	}
	return nil
}
