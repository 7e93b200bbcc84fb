package ledgertest

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// LimitSpending implements the store's.
func (m *Memory) LimitSpending(caps ledger.Caps) { m.caps = caps }

// SpendFreeze implements the store's.
func (m *Memory) SpendFreeze(context.Context) (ledger.Freeze, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.freeze, nil
}

// SetSpendFreeze implements the store's.
func (m *Memory) SetSpendFreeze(_ context.Context, f ledger.Freeze) (ledger.Freeze, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.freeze.Frozen != f.Frozen {
		f.Time = moment(f.Time)
		m.freeze = f
	}
	return m.freeze, nil
}

// PermitSpending implements the store's.
func (m *Memory) PermitSpending(_ context.Context, caller string, price *ecs.Money) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	sp, err := m.spending(caller, nil)
	switch {
	case err != nil:
		return err
	case price == nil:
		return sp.Thaw()
	}
	return sp.Permit(*price)
}

// Spending implements the store's.
func (m *Memory) Spending(_ context.Context, caller string) (ledger.Spending, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.spending(caller, nil)
}

// booking returns the money of a stored renewal.
func (r *row) booking() ledger.Booking {
	return ledger.Booking{State: r.State.Spends(), Price: r.Price, Time: r.spendTime}
}

// spending adds up the renewals of a caller, with the permitted transitions of
// the same transaction. The stored accounts of a database have the same sums.
func (m *Memory) spending(caller string, permitted map[string]ledger.Transition, stored ...time.Time) (ledger.Spending, error) {
	sp := ledger.Spending{Caller: caller, At: moment(time.Now()), Freeze: m.freeze}
	if m.caps == nil {
		return sp, nil
	}
	if sp.Caps, sp.CapsErr = m.caps(caller); sp.CapsErr != nil {
		return sp, nil
	}
	sp.Accounts = sp.Missing(append(stored, sp.At)...)
	for id, r := range m.renewals {
		if r.Caller != caller {
			continue
		}
		b := r.booking()
		if t, found := permitted[id]; found {
			b = b.Settled(t.Renewal.State.Spends(), t.Renewal.Price)
		}
		if err := sp.Book(ledger.Booking{}, b); err != nil {
			return sp, err
		}
	}
	return sp, nil
}

// book evaluates the limits of a transition and sets the time of its money.
func (m *Memory) book(caller string, t ledger.Transition, was *row, permitted map[string]ledger.Transition) error {
	if !t.Sends() {
		return nil
	}
	sp, err := m.spending(caller, permitted, was.spendTime)
	if err != nil {
		return err
	}
	is, err := sp.Intend(was.booking(), t.Renewal.Price, t.Doubtful())
	if err == nil {
		was.spendTime = is.Time
	}
	return err
}
