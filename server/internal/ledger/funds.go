package ledger

import (
	"errors"
	"fmt"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Funds is the money of a job. Reserved and Spent together never pass Budget.
type Funds struct {
	// Budget is the limit, zero if the job has none.
	Budget ecs.Money
	// Planned is set aside for renewals that are PLANNED with a price, in the order of
	// service, so that a later renewal cannot take the money of an earlier one.
	Planned ecs.Money
	// Reserved is the cost of orders of open or unknown outcome, Spent that of
	// accepted ones.
	Reserved, Spent ecs.Money
}

// account is the part of the funds that a renewal in some state counts against.
type account int

const (
	none account = iota
	planned
	reserved
	spent
)

// accounts maps states to accounts: until it is proved that an order had no effect,
// its price stays reserved.
var accounts = map[State]account{
	Planned:        planned,
	Submitting:     reserved,
	Unknown:        reserved,
	NeedsAttention: reserved,
	Verifying:      spent,
	Renewed:        spent,
	Unverified:     spent,
}

// Commits reports whether a renewal in this state holds money that may have
// been or was paid.
func (s State) Commits() bool { return accounts[s] == reserved || accounts[s] == spent }

// Reserves reports whether a renewal in this state holds money of an open or
// unknown outcome.
func (s State) Reserves() bool { return accounts[s] == reserved }

// Apply returns the funds after a renewal went from one state and price to
// another. It returns ErrOverBudget if the budget does not cover it or if the
// price is unknown under a budget, and an error that wraps ecs.ErrCurrencyMismatch
// if the price is in another currency. A step that commits no more than before
// is always booked, because it has been paid or may have been.
func (f Funds) Apply(from State, was ecs.Money, to State, price ecs.Money) (Funds, error) {
	if price.Units < 0 || price.Nanos < 0 {
		return f, fmt.Errorf("a price of %s is negative", price)
	}
	if to.Commits() && price.IsZero() && !f.Budget.IsZero() {
		return f, ErrOverBudget
	}
	next, err := f.add(from, was, -1)
	if err != nil {
		return f, err
	}
	if next, err = next.add(to, price, 1); err != nil {
		return f, err
	}
	if f.Budget.IsZero() {
		return next, nil
	}
	for _, sums := range [...]func(Funds) (ecs.Money, error){Funds.committed, Funds.total} {
		was, err := sums(f)
		if err != nil {
			return f, err
		}
		is, err := sums(next)
		if err != nil {
			return f, err
		}
		grown, err := more(is, was)
		if err != nil {
			return f, err
		}
		passed, err := more(is, f.Budget)
		if err != nil {
			return f, err
		}
		if grown && passed {
			return f, ErrOverBudget
		}
	}
	return next, nil
}

// more reports whether a is more than b, of which either may be no amount.
func more(a, b ecs.Money) (bool, error) {
	if a.Units == 0 && a.Nanos == 0 {
		return false, nil
	}
	if b.IsZero() {
		return true, nil
	}
	order, err := a.Cmp(b)
	return order > 0, err
}

func (f Funds) add(state State, price ecs.Money, sign int64) (Funds, error) {
	price.Units, price.Nanos = sign*price.Units, int32(sign)*price.Nanos
	var err error
	switch accounts[state] {
	case planned:
		f.Planned, err = f.Planned.Plus(price)
	case reserved:
		f.Reserved, err = f.Reserved.Plus(price)
	case spent:
		f.Spent, err = f.Spent.Plus(price)
	}
	return f, err
}

func (f Funds) committed() (ecs.Money, error) { return f.Reserved.Plus(f.Spent) }

func (f Funds) total() (ecs.Money, error) {
	sum, err := f.committed()
	if err != nil {
		return sum, err
	}
	return sum.Plus(f.Planned)
}

// Allocate walks renewals in their order of service and skips each PLANNED one
// that the budget does not cover. It returns the price of those it keeps. A
// plan and the job made from it call it with the same arguments, so that the
// plan shows what the job does.
func Allocate(budget ecs.Money, renewals []Renewal) (ecs.Money, error) {
	funds := Funds{Budget: budget}
	for i := range renewals {
		r := &renewals[i]
		if r.State != Planned {
			continue
		}
		next, err := funds.Apply("", ecs.Money{}, Planned, r.Price)
		switch {
		case err == nil:
			funds = next
		case errors.Is(err, ErrOverBudget):
			r.State = Skipped
			r.Failure = Failure{Reason: ecs.ReasonBudgetExceeded, Message: "it costs " + r.Price.String() + ", and the budget goes to instances that expire earlier"}
		default:
			return ecs.Money{}, err
		}
	}
	return funds.Planned, nil
}
