package subscription

import (
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Purchase is what is paid for new instances.
type Purchase struct {
	// Action and ClientToken are the request's.
	Action, ClientToken string
	// Period is what is bought of each subscription; zero for what is paid as
	// it goes.
	Period Period
	// AutoRenew is how many periods of the same unit auto-renewal shall buy at
	// a time, 0 for none.
	AutoRenew int
	// Each is the price of one instance: of its period, or of its first hour,
	// which the balance must cover though nothing is taken.
	Each control.Amount
}

// Buy charges the account for new instances, puts them into the fleet and
// sets out their future, all or none. The caller gives the instances up.
func (e *Engine) Buy(made []*fleet.Instance, p Purchase, now time.Time) (orderID string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	lines := make([]control.Order, 0, len(made))
	for _, i := range made {
		if _, known := e.fleet.Get(i.ID); known {
			return "", fmt.Errorf("buy %s: it is there already", i.ID)
		}
		line := control.Order{
			Action: p.Action, InstanceID: i.ID, RegionID: i.Region.ID,
			Period: p.Period.Count, PeriodUnit: string(p.Period.Unit), ClientToken: p.ClientToken, Time: now,
		}
		if i.ChargeType == fleet.PrePaid {
			line.Amount = p.Each
			p.subscribe(i, now)
		}
		lines = append(lines, line)
	}
	if e.account.Balance() < p.Each*control.Amount(len(made)) {
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

// subscribe makes an instance the subscription that is bought.
func (p Purchase) subscribe(i *fleet.Instance, now time.Time) {
	until := p.Period.From(now)
	i.ChargeType, i.SaleCycle = fleet.PrePaid, p.Period.Unit
	i.Expiry, i.PaidUntil, i.PeriodStart = until, until, now
	i.Renewal = fleet.Renewal{Status: fleet.Normal, Unit: catalog.Month}
	if p.AutoRenew > 0 {
		i.Renewal = fleet.Renewal{Status: fleet.AutoRenewal, Duration: p.AutoRenew, Unit: p.Period.Unit}
	}
}
