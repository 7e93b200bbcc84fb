package ledger

import (
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Booking is the money of one order: none if its State is "", else reserved or
// spent. It belongs to the periods that contain Time, until it is released.
type Booking struct {
	State SpendState
	Price ecs.Money
	Time  time.Time
}

// SpendState is the state of the money of an order.
type SpendState string

// The states, as the store names them. Money is reserved until it is proved that
// the order was paid or had no effect.
const (
	SpendNone     SpendState = ""
	SpendReserved SpendState = "RESERVED"
	SpendSpent    SpendState = "SPENT"
)

// Spends returns the state of the money of a renewal in this state.
func (s State) Spends() SpendState {
	switch accounts[s] {
	case reserved:
		return SpendReserved
	case spent:
		return SpendSpent
	}
	return SpendNone
}

// Account is what a caller has reserved and spent in one period.
type Account struct {
	Currency   string
	Start, End time.Time
	Reserved   ecs.Money
	Spent      ecs.Money
	// Changed reports that the account must be written.
	Changed bool
}

// Covers reports whether a booking belongs to the account.
func (a *Account) Covers(b Booking) bool {
	return b.State != SpendNone && b.Price.CurrencyCode == a.Currency && !b.Time.Before(a.Start) && b.Time.Before(a.End)
}

// Is reports whether the account is that of a period.
func (a *Account) Is(currency string, start, end time.Time) bool {
	return a.Currency == currency && a.Start.Equal(start) && a.End.Equal(end)
}

// Add adds a booking, or takes it away if sign is -1.
func (a *Account) Add(b Booking, sign int64) (err error) {
	price := ecs.Money{CurrencyCode: b.Price.CurrencyCode, Units: sign * b.Price.Units, Nanos: int32(sign) * b.Price.Nanos}
	if b.State == SpendReserved {
		a.Reserved, err = a.Reserved.Plus(price)
	} else {
		a.Spent, err = a.Spent.Plus(price)
	}
	return err
}

// committed returns the reserved and the spent money.
func (a *Account) committed() (ecs.Money, error) { return a.Reserved.Plus(a.Spent) }

// Left returns what a limit leaves, which is negative if the limit was lowered.
func (a *Account) Left(limit ecs.Money) (ecs.Money, error) {
	sum, err := a.committed()
	if err != nil {
		return sum, err
	}
	sum.Units, sum.Nanos = -sum.Units, -sum.Nanos
	return limit.Plus(sum)
}

// Spending is the spending of one caller in one transaction.
type Spending struct {
	Caller string
	// At is the time of the transaction.
	At     time.Time
	Freeze Freeze
	Caps   []Cap
	// CapsErr is why the limits are not known, nil if they are.
	CapsErr error
	// Accounts are those that contain At or a booking that may change. Each limit has
	// one for each period that contains one of these times: see Missing.
	Accounts []Account
}

// Account returns the account of the period of a limit that contains a time, nil
// if there is none.
func (s *Spending) Account(c Cap, at time.Time) *Account {
	start, end := c.Period(at)
	for i := range s.Accounts {
		if s.Accounts[i].Is(c.Limit.CurrencyCode, start, end) {
			return &s.Accounts[i]
		}
	}
	return nil
}

// Missing returns the accounts, with nothing booked, that the limits need at
// some times and that are not in Accounts.
func (s *Spending) Missing(times ...time.Time) []Account {
	known := Spending{Accounts: s.Accounts}
	for _, c := range s.Caps {
		for _, at := range times {
			if !at.IsZero() && known.Account(c, at) == nil {
				start, end := c.Period(at)
				known.Accounts = append(known.Accounts[:len(known.Accounts):len(known.Accounts)], Account{Currency: c.Limit.CurrencyCode, Start: start, End: end})
			}
		}
	}
	return known.Accounts[len(s.Accounts):]
}

// Intend books an order that is sent if the transaction succeeds. doubtful
// reports that an earlier send of the order may have paid: then it stays in the
// period in which that was sent. The errors are *FrozenError, *CapError and
// ErrCallerUnknown; nothing is booked then. An order that commits no more than
// before passes the limits, because it may have been paid.
func (s *Spending) Intend(was Booking, price ecs.Money, doubtful bool) (Booking, error) {
	is := Booking{State: SpendReserved, Price: price, Time: s.At}
	if doubtful && was.State != SpendNone && !was.Time.IsZero() {
		is.Time = was.Time
	}
	if err := s.permit(was, is); err != nil {
		return was, err
	}
	return is, s.Book(was, is)
}

// Permit returns the error that Intend would, for a new order.
func (s *Spending) Permit(price ecs.Money) error {
	return s.permit(Booking{}, Booking{State: SpendReserved, Price: price, Time: s.At})
}

// Thaw returns a *FrozenError if spending is frozen.
func (s *Spending) Thaw() error {
	if s.Freeze.Frozen {
		return &FrozenError{s.Freeze}
	}
	return nil
}

func (s *Spending) permit(was, is Booking) error {
	if err := s.Thaw(); err != nil {
		return err
	}
	if s.CapsErr != nil {
		return s.CapsErr
	}
	if len(s.Caps) == 0 {
		return nil
	}
	if is.Price.IsZero() {
		return &CapError{Caller: s.Caller}
	}
	var limited bool
	for i, c := range s.Caps {
		if c.Limit.CurrencyCode != is.Price.CurrencyCode {
			continue
		}
		limited = true
		if err := s.within(&s.Caps[i], was, is); err != nil {
			return err
		}
	}
	if !limited {
		return &CapError{Caller: s.Caller, Price: is.Price}
	}
	return nil
}

// within holds a booking against one limit.
func (s *Spending) within(c *Cap, was, is Booking) error {
	account := s.Account(*c, is.Time)
	if account == nil {
		return fmt.Errorf("caller %s has no account of %s at %s", s.Caller, c, is.Time)
	}
	before, err := account.committed()
	if err != nil {
		return err
	}
	next := *account
	if next.Covers(was) {
		if err := next.Add(was, -1); err != nil {
			return err
		}
	}
	if err := next.Add(is, 1); err != nil {
		return err
	}
	after, err := next.committed()
	if err != nil {
		return err
	}
	grown, err := more(after, before)
	if err != nil || !grown {
		return err
	}
	refused := &CapError{Caller: s.Caller, Price: is.Price, Cap: c, Spent: account.Spent, Reserved: account.Reserved, End: account.End}
	zero := ecs.Money{CurrencyCode: c.Limit.CurrencyCode}
	if refused.Spent.IsZero() {
		refused.Spent = zero
	}
	if refused.Reserved.IsZero() {
		refused.Reserved = zero
	}
	if refused.Left, err = account.Left(c.Limit); err != nil {
		return err
	}
	if !c.MaxEach.IsZero() {
		passed, err := more(is.Price, c.MaxEach)
		if err != nil {
			return err
		}
		if passed {
			refused.Each = true
			return refused
		}
	}
	passed, err := more(after, c.Limit)
	if err != nil {
		return err
	}
	if passed {
		return refused
	}
	return nil
}

// Book moves the money of an order from one booking to the next, in every account
// that contains either. It asks for no permission: what was paid is booked.
func (s *Spending) Book(was, is Booking) error {
	if was == is {
		return nil
	}
	for i := range s.Accounts {
		a := &s.Accounts[i]
		next := *a
		for _, step := range []struct {
			booking Booking
			sign    int64
		}{{was, -1}, {is, 1}} {
			if !next.Covers(step.booking) {
				continue
			}
			if err := next.Add(step.booking, step.sign); err != nil {
				return err
			}
			next.Changed = true
		}
		*a = next
	}
	return nil
}

// Settled returns the booking of an order when its money goes to another state at
// the price of its last send.
func (b Booking) Settled(to SpendState, price ecs.Money) Booking {
	b.State, b.Price = to, price
	return b
}

// Doubtful reports whether an earlier attempt than the one that the transition
// adds may have paid.
func (t Transition) Doubtful() bool {
	r := t.Renewal
	r.Attempts = r.Attempts[:max(len(r.Attempts)-1, 0)]
	return r.InDoubt()
}
