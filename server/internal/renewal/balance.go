package renewal

import (
	"context"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// readBalance begins to read the balance of the account. balance waits for it: no
// amount if it is not known. stop ends the read, and must be called.
func (e *Engine) readBalance(ctx context.Context) (balance func() ecs.Money, stop func()) {
	if e.config.Balance == nil {
		return func() ecs.Money { return ecs.Money{} }, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var amount ecs.Money
	var read rescue.Group
	read.Go(func() error {
		amount = e.config.Balance(ctx)
		return nil
	})
	wait := func() ecs.Money {
		_ = read.Wait() // its function returns none
		return amount
	}
	return wait, func() { cancel(); wait() }
}

// Cost returns the plan of a single renewal, with the balance of the account.
func (e *Engine) Cost(ctx context.Context, r ledger.Renewal) Plan {
	balance, stop := e.readBalance(ctx)
	defer stop()
	p := Plan{Renewals: []ledger.Renewal{r}, Total: r.Price, Everything: r.Price}
	p.cover(balance())
	return p
}

// cover sets the balance of a plan, and how many of its renewals it covers.
func (p *Plan) cover(balance ecs.Money) {
	p.Balance, p.Covered = balance, covered(balance, p.Renewals)
}

// covered returns how many planned renewals a balance covers in their order of
// service, -1 if the balance, a price or a common currency is not known.
func covered(balance ecs.Money, renewals []ledger.Renewal) (count int) {
	if balance.IsZero() {
		return -1
	}
	sum := ecs.Money{CurrencyCode: balance.CurrencyCode}
	for _, r := range renewals {
		if r.State != ledger.Planned {
			continue
		}
		if r.Price.IsZero() {
			return -1
		}
		next, err := sum.Add(r.Price)
		if err != nil {
			return -1
		}
		if over, err := next.Cmp(balance); err != nil || over > 0 {
			return count
		}
		sum = next
		count++
	}
	return count
}

// warnUncovered logs a stored job that the balance does not cover.
func (e *Engine) warnUncovered(jobID string, p Plan) {
	planned := 0
	for _, r := range p.Renewals {
		if r.State == ledger.Planned {
			planned++
		}
	}
	if p.Covered >= 0 && p.Covered < planned {
		e.config.Logger.Warn("balance does not cover renewal job", "job", jobID, "balance", p.Balance.String(), "covers", p.Covered, "of", planned,
			"resolve", "top up the account; the cloud refuses the others")
	}
}
