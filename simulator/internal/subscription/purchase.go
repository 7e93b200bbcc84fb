package subscription

import (
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Purchase is the payment for new instances.
type Purchase struct {
	// Action and ClientToken belong to the request.
	Action, ClientToken string
	// Period is bought for each subscription; zero for pay-as-you-go.
	Period Period
	// AutoRenew is the count of periods of the same unit per automatic renewal, 0 for none.
	AutoRenew int
	// Bill is the price of one instance: of its period, or of its first hour, which the balance must cover although
	// nothing is charged.
	Bill []catalog.Line
}

// each returns the price of one instance.
func (p Purchase) each() control.Amount { return cents(catalog.Total(p.Bill).Trade) }

// Buy charges the account for new instances, adds them to the fleet and schedules their events, all or none. It takes
// ownership of the instances.
func (e *Engine) Buy(made []*fleet.Instance, p Purchase, now time.Time) (orderID string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	lines := make([]control.Order, 0, len(made))
	for _, i := range made {
		if _, known := e.fleet.Get(i.ID); known {
			return "", fmt.Errorf("buy %s: it is there already", i.ID)
		}
		line := control.Order{
			Type: control.OrderNew, Action: p.Action, InstanceID: i.ID, RegionID: i.Region.ID,
			Period: p.Period.Count, PeriodUnit: string(p.Period.Unit), ClientToken: p.ClientToken, Time: now,
		}
		if i.ChargeType == fleet.PrePaid {
			line.Amount, line.PeriodStart, line.PeriodEnd = p.each(), now, p.Period.From(now)
			p.subscribe(i, now)
		}
		lines = append(lines, line)
	}
	if e.account.Balance() < 0 {
		return "", fmt.Errorf("buy %d instances: %w", len(made), account.ErrArrears)
	}
	if e.account.Balance() < p.each()*control.Amount(len(made)) {
		return "", fmt.Errorf("buy %d instances: %w", len(made), account.ErrBalance)
	}
	if orderID, err = e.account.ChargeAll(lines); err != nil {
		return "", fmt.Errorf("buy %d instances: %w", len(made), err)
	}
	for _, i := range made {
		if err := e.fleet.Add(i); err != nil {
			return "", err
		}
		if err := e.change(i.ID, now, func(*fleet.Instance) {}); err != nil {
			return "", err
		}
	}
	return orderID, nil
}

// subscribe turns an instance into the purchased subscription.
func (p Purchase) subscribe(i *fleet.Instance, now time.Time) {
	until := p.Period.From(now)
	i.ChargeType, i.SaleCycle = fleet.PrePaid, p.Period.Unit
	i.Expiry, i.PaidUntil, i.PeriodStart = until, until, now
	i.Paid = paid(p.Bill, now, until)
	i.Renewal = fleet.Renewal{Status: fleet.Normal, Unit: catalog.Month}
	if p.AutoRenew > 0 {
		i.Renewal = fleet.Renewal{Status: fleet.AutoRenewal, Duration: p.AutoRenew, Unit: p.Period.Unit}
	}
}
