package subscription

import (
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// DiskOrder changes the disks of an instance: their size, their category, their charge type or their number.
type DiskOrder struct {
	Action, RegionID, InstanceID, ClientToken string
	// Change makes the change. Undo reverts it if the balance does not cover it.
	Change func() error
	Undo   func()
}

// OrderDisks makes a change of the disks of an instance. A subscription pays the difference until its expiry by the day,
// or gets back a share of the payment for the rest; pay-as-you-go pays nothing now.
func (e *Engine) OrderDisks(o DiskOrder, now time.Time) (control.Order, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	i, ok := e.fleet.Find(o.RegionID, o.InstanceID)
	if !ok {
		return control.Order{}, fmt.Errorf("change the disks of %s: %w", o.InstanceID, fleet.ErrNotFound)
	}
	before := e.monthly(i)
	e.usage.Close(i, now)
	if err := o.Change(); err != nil {
		_, _ = e.fleet.Update(i.ID, func(i *fleet.Instance) { i.UsedFrom = now })
		return control.Order{}, fmt.Errorf("change the disks of %s: %w", o.InstanceID, err)
	}
	sum, payments := settleDisks(i, before, e.monthly(i), now)
	line := control.Order{
		Type: control.OrderUpgrade, Action: o.Action, InstanceID: i.ID, RegionID: o.RegionID, Amount: sum,
		ClientToken: o.ClientToken, Time: now,
	}
	if sum < 0 {
		line.Type = control.OrderDowngrade
	}
	order, err := e.account.Charge(line)
	if err != nil {
		o.Undo()
		payments = i.Paid
	}
	if lost := e.change(i.ID, now, func(i *fleet.Instance) { i.Paid, i.UsedFrom = payments, now }); err == nil {
		err = lost
	}
	if err != nil {
		return control.Order{}, fmt.Errorf("change the disks of %s: %w", o.InstanceID, err)
	}
	return order, nil
}

// monthly returns the price of a month of each resource of a subscription, in hundredths of a yuan.
func (e *Engine) monthly(i *fleet.Instance) map[string]int64 {
	prices := map[string]int64{}
	if i.ChargeType == fleet.PrePaid {
		for _, line := range catalog.Bill(e.disks.Setup(i), 1, catalog.Month) {
			prices[line.Resource] += line.Amount.List / 10
		}
	}
	return prices
}

// settleDisks returns the charge of a change of the disks, negative for a refund, and the payments afterwards.
func settleDisks(i *fleet.Instance, before, after map[string]int64, now time.Time) (control.Amount, []fleet.Payment) {
	list, sum := payments(i, now), control.Amount(0)
	for _, resource := range []string{"systemDisk", "dataDisk"} {
		amount := control.Amount(0)
		switch was, is := before[resource], after[resource]; {
		case is > was && i.PaidUntil.After(now):
			days := int64((i.PaidUntil.Sub(now) + day - 1) / day)
			amount = control.Amount(((is-was)*days + 29) / 30)
			list = append(list, fleet.Payment{Resource: resource, From: now, Until: i.PaidUntil, Amount: int64(amount)})
		case is < was:
			amount, list = refundShare(list, resource, was-is, was, i.PaidUntil, now)
		}
		sum += amount
	}
	return sum, list
}
