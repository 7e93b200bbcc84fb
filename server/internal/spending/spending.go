package spending

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Store is the part of the store that spending uses.
type Store interface {
	// Spending reads the limits of a caller with their accounts.
	Spending(ctx context.Context, caller string) (ledger.Spending, error)
	// SpendFreeze reads the switch that stops all spending.
	SpendFreeze(ctx context.Context) (ledger.Freeze, error)
	// SetSpendFreeze changes it, and returns its state.
	SetSpendFreeze(ctx context.Context, f ledger.Freeze) (ledger.Freeze, error)
}

// Spending is safe for concurrent use.
type Spending struct {
	store   Store
	callers func() []string
}

// New returns the spending of the callers of a store. callers returns the names of
// those that have a limit.
func New(store Store, callers func() []string) *Spending {
	return &Spending{store: store, callers: callers}
}

// Limit is a limit of a caller in its current period.
type Limit struct {
	Caller string
	ledger.Cap
	Start, End            time.Time
	Spent, Reserved, Left ecs.Money
}

// Limits returns the limits of a caller, or of all callers for "", and the freeze.
func (s *Spending) Limits(ctx context.Context, caller string) ([]Limit, ledger.Freeze, error) {
	callers := []string{caller}
	if caller == "" {
		callers = s.callers()
	}
	var limits []Limit
	for _, name := range callers {
		of, err := s.store.Spending(ctx, name)
		if err != nil {
			return nil, ledger.Freeze{}, err
		}
		for _, c := range of.Caps {
			limit, err := limitOf(of, c)
			if err != nil {
				return nil, ledger.Freeze{}, err
			}
			limits = append(limits, limit)
		}
	}
	freeze, err := s.store.SpendFreeze(ctx)
	return limits, freeze, err
}

func limitOf(of ledger.Spending, c ledger.Cap) (Limit, error) {
	account := of.Account(c, of.At)
	l := Limit{Caller: of.Caller, Cap: c, Start: account.Start, End: account.End, Spent: account.Spent, Reserved: account.Reserved}
	l.Spent.CurrencyCode, l.Reserved.CurrencyCode = account.Currency, account.Currency // also of an amount of 0
	var err error
	l.Left, err = account.Left(c.Limit)
	return l, err
}

// Freeze freezes spending, or ends the freeze, in the name of a caller. It returns
// the state, which is an earlier one if nothing changes.
func (s *Spending) Freeze(ctx context.Context, frozen bool, caller, reason string) (ledger.Freeze, error) {
	return s.store.SetSpendFreeze(ctx, ledger.Freeze{Frozen: frozen, Reason: reason, By: caller, Time: time.Now().UTC()})
}
