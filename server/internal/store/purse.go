package store

import (
	"fmt"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// purse is the money of a job. Whatever is done with it, what is reserved and
// spent together stays within the budget.
type purse struct {
	budget, reserved, spent ecs.Money
}

// moved is the purse after a renewal went from one state and price to another.
// ErrOverBudget says that it would commit more than there is, or an amount that
// nobody knows.
func (p purse) moved(from ecs.RenewalState, was ecs.Money, to ecs.RenewalState, is ecs.Money) (purse, error) {
	if is.Units < 0 || is.Nanos < 0 {
		return p, fmt.Errorf("a price of %s", is)
	}
	if to.Commitment() != ecs.Uncommitted && is.IsZero() && !p.budget.IsZero() {
		return p, ecs.ErrOverBudget
	}
	next := p
	was.Units, was.Nanos = -was.Units, -was.Nanos
	for _, part := range []struct {
		commitment ecs.Commitment
		amount     ecs.Money
	}{{from.Commitment(), was}, {to.Commitment(), is}} {
		var err error
		switch part.commitment {
		case ecs.Reserved:
			next.reserved, err = next.reserved.Plus(part.amount)
		case ecs.Spent:
			next.spent, err = next.spent.Plus(part.amount)
		}
		if err != nil {
			return p, err
		}
	}
	return next, next.within(p)
}

// within allows what commits no more than before, because that is already paid
// or may be, and else what the budget covers.
func (p purse) within(before purse) error {
	now, err := p.reserved.Plus(p.spent)
	if err != nil || p.budget.IsZero() {
		return err
	}
	then, err := before.reserved.Plus(before.spent)
	if err != nil {
		return err
	}
	for _, limit := range []ecs.Money{then, p.budget} {
		if limit.IsZero() {
			continue
		}
		if over, err := now.Cmp(limit); err != nil || over <= 0 {
			return err
		}
	}
	return ecs.ErrOverBudget
}
