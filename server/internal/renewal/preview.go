package renewal

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// previewAtOnce bounds how many prices a preview asks side by side. A job of
// 10,000 has 10,000 prices, which are to be had within a call's deadline.
const previewAtOnce = 64

// Preview is what Create would store, with a price for each renewal that is to
// be paid. It is asked of the cloud instance by instance, and changes nothing.
func (e *Engine) Preview(ctx context.Context, q JobRequest) (Job, []ledger.Renewal, error) {
	if stored, err := e.jobOf(ctx, q); err == nil || !errors.Is(err, ecs.ErrNoRecord) {
		return stored, nil, err
	}
	renewals, err := e.find(ctx, q)
	if err == nil {
		err = e.checkCurrency(ctx, q.Budget, renewals)
	}
	if err != nil {
		return Job{}, nil, err
	}
	var group errgroup.Group
	group.SetLimit(previewAtOnce)
	for i := range renewals {
		r := &renewals[i]
		if r.State != ledger.Planned {
			continue
		}
		group.Go(func() error {
			price, err := priceWithin(ctx, e.cloud, *r, ecs.Money{})
			if err != nil {
				r.State, r.Failure = ledger.Failed, failure(asRefusal(err))
			}
			r.Price = price
			return nil
		})
	}
	_ = group.Wait() // every error is kept at its renewal
	if err := ctx.Err(); err != nil {
		return Job{}, nil, err
	}
	job := ledger.Job{
		RequestID: q.RequestID, Caller: q.Caller, State: ledger.JobPending, Funds: ledger.Funds{Budget: q.Budget},
		CreateTime: renewals[0].CreateTime, UpdateTime: renewals[0].CreateTime,
	}
	job.Reserved = e.withinBudget(q.Budget, renewals)
	tallies := map[ledger.Count]int64{}
	for _, r := range renewals {
		tallies[ledger.Count{State: r.State, Reason: r.Failure.Reason}]++
	}
	preview := Job{Job: job, Period: q.Period, OnlyBefore: q.OnlyBefore, Window: q.Query.Expiry}
	for t, n := range tallies {
		t.Count = n
		preview.Counts = append(preview.Counts, t)
	}
	return preview, renewals, nil
}

// checkCurrency refuses a budget in another currency than the cloud charges,
// which is one for the account: the first price that can be had tells.
func (e *Engine) checkCurrency(ctx context.Context, budget ecs.Money, renewals []ledger.Renewal) error {
	if budget.IsZero() {
		return nil
	}
	for _, r := range renewals {
		if r.State != ledger.Planned {
			continue
		}
		price, err := priceWithin(call.InLane(ctx, call.Write), e.cloud, r, ecs.Money{})
		if refusal := ecs.AsError(err); refusal != nil && refusal.Retry == ecs.RetryNever {
			continue // it is this instance's alone
		}
		if err != nil {
			return err
		}
		if price.CurrencyCode != budget.CurrencyCode {
			return otherCurrency(budget, price)
		}
		return nil
	}
	return nil
}

func otherCurrency(budget, price ecs.Money) *ecs.Error {
	return ecs.Errorf(ecs.ReasonCurrencyMismatch, "max_total_price is in %s, the cloud charges %s; nothing was stored", budget.CurrencyCode, price.CurrencyCode)
}

// withinBudget adds the prices up, and marks what the budget does not cover.
func (e *Engine) withinBudget(budget ecs.Money, renewals []ledger.Renewal) (total ecs.Money) {
	for i := range renewals {
		r := &renewals[i]
		if r.State != ledger.Planned || r.Price.IsZero() {
			continue
		}
		with, err := total.Plus(r.Price)
		over := 0
		if err == nil && !budget.IsZero() {
			over, err = with.Cmp(budget)
		}
		switch {
		case err != nil:
			r.State = ledger.Failed
			r.Failure = ledger.Failure{Reason: ecs.ReasonCurrencyMismatch, Message: "it is charged in another currency"}
		case over > 0:
			r.State = ledger.Skipped
			r.Failure = ledger.Failure{Reason: ecs.ReasonBudgetExceeded, Message: "the budget does not cover it"}
		default:
			total = with
		}
	}
	return total
}
