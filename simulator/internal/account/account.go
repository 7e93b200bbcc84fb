package account

import (
	"errors"
	"fmt"
	"sync"

	"github.com/ecsd-io/ecsd/simulator/control"
)

// Currency is the currency of every amount.
const Currency = "CNY"

// ErrBalance reports that the balance does not cover a charge.
var ErrBalance = errors.New("the balance does not cover the charge")

// ErrArrears reports a charge to an account that owes money.
var ErrArrears = errors.New("the account is in arrears")

// Account is safe for concurrent use.
type Account struct {
	mu      sync.Mutex
	balance control.Amount
	orders  []control.Order
	bills   []control.Bill
	lastID  uint64
}

// New returns an account. firstOrder is the first order ID.
func New(balance control.Amount, firstOrder uint64) *Account {
	return &Account{balance: balance, lastID: firstOrder}
}

// Charge deducts an order's amount from the balance and appends the order, or does neither and returns [ErrBalance] or
// [ErrArrears]. It sets OrderID and Currency.
func (a *Account) Charge(o control.Order) (control.Order, error) {
	lines := []control.Order{o}
	if _, err := a.ChargeAll(lines); err != nil {
		return control.Order{}, err
	}
	return lines[0], nil
}

// ChargeAll does the same for an order of several lines, one per instance, and returns its ID.
func (a *Account) ChargeAll(lines []control.Order) (orderID string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	sum := control.Amount(0)
	for _, o := range lines {
		sum += o.Amount
	}
	switch {
	case sum > 0 && a.balance < 0:
		return "", ErrArrears
	case sum > 0 && sum > a.balance:
		return "", ErrBalance
	}
	a.lastID++
	orderID = fmt.Sprintf("%015d", a.lastID)
	for n := range lines {
		lines[n].OrderID, lines[n].Currency = orderID, Currency
	}
	a.balance -= sum
	a.orders = append(a.orders, lines...)
	return orderID, nil
}

// Deduct deducts a bill of pay-as-you-go from the balance, which may become negative, and appends the bill.
func (a *Account) Deduct(b control.Bill) {
	a.mu.Lock()
	defer a.mu.Unlock()
	b.Currency = Currency
	a.balance -= b.Amount
	a.bills = append(a.bills, b)
}

// Bills returns the bills, oldest first.
func (a *Account) Bills() []control.Bill {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]control.Bill{}, a.bills...)
}

// Balance returns the balance.
func (a *Account) Balance() control.Amount {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.balance
}

// SetBalance replaces the balance, as a payment into the account would.
func (a *Account) SetBalance(b control.Amount) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance = b
}

// Orders returns the orders that f selects, oldest first.
func (a *Account) Orders(f control.LedgerFilter) []control.Order {
	a.mu.Lock()
	defer a.mu.Unlock()
	chosen := []control.Order{}
	for _, o := range a.orders {
		if f.Matches(o) {
			chosen = append(chosen, o)
		}
	}
	return chosen
}
