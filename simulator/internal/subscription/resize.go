package subscription

import (
	"errors"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Further reasons for the rejection of a change of the instance type.
var (
	ErrSameType  = errors.New("the instance has that type already")
	ErrCharge    = errors.New("the action is for the other charge type")
	ErrDirection = errors.New("the operator type is the other direction")
)

// Resize changes the type of an instance.
type Resize struct {
	// Action is ModifyInstanceSpec, for pay-as-you-go, or ModifyPrepayInstanceSpec, for subscriptions.
	Action               string
	RegionID, InstanceID string
	Type                 *catalog.InstanceType
	// Direction is upgrade or downgrade, empty for the one that the prices give.
	Direction   string
	ClientToken string
	// Take takes the new instance from the stock; Return returns it if the change is rejected.
	Take   func(*fleet.Instance) error
	Return func(*fleet.Instance)
}

// downgrades reports whether the new type is cheaper.
func (r Resize) downgrades(i *fleet.Instance) bool { return r.Type.Month < i.Type.Month }

// ResizePrice returns the price of an upgrade of a subscription until its expiry.
func (e *Engine) ResizePrice(r Resize, now time.Time) (control.Amount, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	i, ok := e.fleet.Find(r.RegionID, r.InstanceID)
	switch {
	case !ok:
		return 0, fleet.ErrNotFound
	case i.ChargeType != fleet.PrePaid:
		return 0, ErrCharge
	case !i.PaidUntil.After(now):
		return 0, ErrExpired
	case r.Type.ID == i.Type.ID:
		return 0, ErrSameType
	case r.downgrades(i):
		return 0, ErrDirection // the cloud prices upgrades only
	}
	return r.difference(i, now), nil
}

// difference returns the price of an upgrade: the difference of the monthly prices, by the day.
func (r Resize) difference(i *fleet.Instance, now time.Time) control.Amount {
	days := int64((i.PaidUntil.Sub(now) + day - 1) / day)
	return control.Amount(((r.Type.Month-i.Type.Month)*days + 29) / 30)
}

// Resize charges or refunds the difference at once; the API shows the new type after the lag.
func (e *Engine) Resize(r Resize, now time.Time) (control.Order, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	order, err := e.resize(r, now)
	if err != nil {
		return control.Order{}, fmt.Errorf("change the type of %s: %w", r.InstanceID, err)
	}
	return order, nil
}

func (e *Engine) resize(r Resize, now time.Time) (control.Order, error) {
	i, ok := e.fleet.Find(r.RegionID, r.InstanceID)
	if !ok {
		return control.Order{}, fleet.ErrNotFound
	}
	if err := e.resizable(r, i, now); err != nil {
		return control.Order{}, err
	}
	if err := r.Take(i); err != nil {
		return control.Order{}, err
	}
	line := control.Order{
		Type: control.OrderUpgrade, Action: r.Action, InstanceID: i.ID, RegionID: r.RegionID, ClientToken: r.ClientToken, Time: now,
	}
	if r.downgrades(i) {
		line.Type = control.OrderDowngrade
	}
	paid := payments(i, now)
	if i.ChargeType == fleet.PrePaid {
		line.Amount, paid = r.settle(i, now)
	}
	order, err := e.account.Charge(line)
	if err != nil {
		r.Return(i)
		return control.Order{}, err
	}
	if err := e.change(i.ID, now, func(i *fleet.Instance) { i.Paid = paid }); err != nil {
		return control.Order{}, err
	}
	e.modified[i.ID] = now
	if e.rules.Lag == 0 {
		e.retype(i.ID, r.Type, now)
	} else {
		e.clock.At(now.Add(e.rules.Lag), func(at time.Time) { e.retype(i.ID, r.Type, at) })
	}
	return order, nil
}

// refundShare refunds a share of the payment for the rest of a resource: less of whole. It returns the charge, which
// is negative, and the payments afterwards.
func refundShare(list []fleet.Payment, resource string, less, whole int64, until, now time.Time) (control.Amount, []fleet.Payment) {
	var mine, rest []fleet.Payment
	for _, p := range list {
		if p.Resource == resource {
			mine = append(mine, p)
		} else {
			rest = append(rest, p)
		}
	}
	had := value(mine, now)
	refund := had * control.Amount(less) / control.Amount(whole)
	return -refund, append(rest, fleet.Payment{Resource: resource, From: now, Until: until, Amount: int64(had - refund)})
}

// settle returns the charge of a change of a subscription's type, negative for a refund, and its payments afterwards. A
// refund is a share of the payment for the rest.
func (r Resize) settle(i *fleet.Instance, now time.Time) (control.Amount, []fleet.Payment) {
	if !r.downgrades(i) {
		more := r.difference(i, now)
		return more, append(payments(i, now), fleet.Payment{
			Resource: instanceType, From: now, Until: i.PaidUntil, Amount: int64(more),
		})
	}
	return refundShare(payments(i, now), instanceType, i.Type.Month-r.Type.Month, i.Type.Month, i.PaidUntil, now)
}

// retype makes the new type visible.
func (e *Engine) retype(id string, to *catalog.InstanceType, at time.Time) {
	if i, ok := e.fleet.Get(id); ok {
		e.usage.Close(i, at)
	}
	_, err := e.fleet.Update(id, func(i *fleet.Instance) { i.Type, i.UsedFrom = to, at })
	_ = err // released in between
}

func (e *Engine) resizable(r Resize, i *fleet.Instance, now time.Time) error {
	charge := fleet.PostPaid
	if r.Action == "ModifyPrepayInstanceSpec" {
		charge = fleet.PrePaid
	}
	down := r.downgrades(i)
	switch last, ok := e.modified[i.ID]; {
	case i.ChargeType != charge, i.Spot.Strategy != "NoSpot":
		return ErrCharge
	case i.ChargeType == fleet.PrePaid && !i.PaidUntil.After(now), i.Locked(fleet.LockFinancial):
		return ErrExpired
	case i.Locked(fleet.LockSecurity):
		return ErrSecurityLocked
	case r.Type.ID == i.Type.ID:
		return ErrSameType
	case r.Direction == "upgrade" && down, r.Direction == "downgrade" && !down:
		return ErrDirection
	case i.Status != fleet.Stopped && (charge == fleet.PostPaid || down || i.Status != fleet.Running):
		return ErrUnsettled
	case ok && now.Before(last.Add(modificationPause)):
		return ErrTooSoon
	}
	return nil
}
