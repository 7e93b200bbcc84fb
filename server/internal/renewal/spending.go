package renewal

import (
	"context"
	"errors"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// SpendingLimits are the spending limits of callers.
type SpendingLimits interface {
	// PermitSpending returns the error by which a renewal of a caller would be refused
	// now, as ledger.SpendRefusal takes it. A price is zero if it is not known.
	PermitSpending(ctx context.Context, caller string, price *ecs.Money) error
	// Spending reads the limits of a caller, with the spent and reserved money.
	Spending(ctx context.Context, caller string) (ledger.Spending, error)
}

// permitSpending returns the error of a renewal that its caller may not pay now.
func (e *Engine) permitSpending(ctx context.Context, r ledger.Renewal) error {
	err := e.limits.PermitSpending(ctx, r.Caller, &r.Price)
	if refused := ledger.SpendRefusal(err); refused != nil {
		return refused.On(r.RegionID, r.InstanceID)
	}
	return err
}

// withinLimits skips the renewals of a plan that the spending limits of the caller
// do not cover now, in the order of service, as the job would. A freeze does not
// change the plan: the job waits for its end.
func (e *Engine) withinLimits(ctx context.Context, caller string, p *Plan) error {
	sp, err := e.limits.Spending(ctx, caller)
	if err != nil {
		return err
	}
	sp.Freeze = ledger.Freeze{}
	p.Total = ecs.Money{}
	for i := range p.Renewals {
		r := &p.Renewals[i]
		if r.State != ledger.Planned {
			continue
		}
		_, err := sp.Intend(ledger.Booking{}, r.Price, false)
		switch {
		case errors.Is(err, ledger.ErrSpendCap):
			r.State, r.Failure = ledger.Skipped, ledger.Failure{Reason: ecs.ReasonSpendCapExceeded, Message: err.Error()}
			continue
		case err != nil:
			if refused := ledger.SpendRefusal(err); refused != nil {
				return refused
			}
			return err
		}
		if p.Total, err = p.Total.Plus(r.Price); err != nil {
			return err
		}
	}
	return nil
}
