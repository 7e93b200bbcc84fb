package ledger

import (
	"errors"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Errors of spending.
var (
	// ErrSpendCap reports a price that a spending limit of the caller does not cover.
	ErrSpendCap = errors.New("the spending limit of the caller does not cover it")
	// ErrFrozen reports that spending is frozen.
	ErrFrozen = errors.New("spending is frozen")
	// ErrCallerUnknown reports an order of a caller that is not known any more, so
	// that its limits are not known.
	ErrCallerUnknown = errors.New("the caller is not known any more")
)

// Cap is a spending limit of a caller.
type Cap struct {
	// Limit is the most that the caller may spend in one period, in one currency.
	Limit ecs.Money
	Per   ecs.Span
	// Zone is the time zone in which periods begin. Nil means UTC.
	Zone *time.Location
	// MaxEach is the most that one order may cost, zero for no such limit. It has the
	// currency of Limit.
	MaxEach ecs.Money
}

// Caps returns the spending limits of a caller, none if its spending has no
// limit. ErrCallerUnknown means that nothing may be spent in its name.
type Caps func(caller string) ([]Cap, error)

// Validate returns an error if the limit cannot be applied.
func (c Cap) Validate() error {
	if _, err := ecs.ParseSpan(string(c.Per)); err != nil {
		return err
	}
	for _, m := range []ecs.Money{c.Limit, c.MaxEach} {
		if m == c.MaxEach && m.IsZero() {
			continue
		}
		if !m.Valid() || m.Units < 0 || m.Nanos < 0 {
			return fmt.Errorf("invalid amount %s: want a currency of three letters and an amount that is not negative", m)
		}
	}
	if !c.MaxEach.IsZero() && c.MaxEach.CurrencyCode != c.Limit.CurrencyCode {
		return fmt.Errorf("max_each is in %s and limit in %s: want one currency", c.MaxEach.CurrencyCode, c.Limit.CurrencyCode)
	}
	return nil
}

// Period returns the period of the limit that contains a time.
func (c Cap) Period(at time.Time) (start, end time.Time) {
	start, end = c.Per.Around(at, c.zone())
	return start.UTC(), end.UTC()
}

func (c Cap) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

// String names the limit for messages.
func (c Cap) String() string { return fmt.Sprintf("%s per %s (%s)", c.Limit, c.Per, c.zone()) }

// CapError is an ErrSpendCap with the limit and its account.
type CapError struct {
	Caller string
	// Price is the price of the order, zero if it has none.
	Price ecs.Money
	// Cap is the limit that does not cover it, nil if no limit of the caller is in
	// the currency of the price.
	Cap *Cap
	// Spent, Reserved and Left are those of the period that ends at End.
	Spent, Reserved, Left ecs.Money
	End                   time.Time
	// Each reports that the price passes Cap.MaxEach.
	Each bool
}

// Unwrap returns ErrSpendCap.
func (e *CapError) Unwrap() error { return ErrSpendCap }

func (e *CapError) Error() string {
	switch {
	case e.Price.IsZero():
		return "the cloud returns no price, so that the spending limits of caller " + e.Caller + " cannot be compared with it"
	case e.Cap == nil:
		return fmt.Sprintf("it costs %s, and caller %s has spending limits in other currencies only", e.Price, e.Caller)
	case e.Each:
		return fmt.Sprintf("it costs %s, and caller %s may spend %s on each order", e.Price, e.Caller, e.Cap.MaxEach)
	}
	return fmt.Sprintf("it costs %s, over the spending limit of caller %s: %s, spent %s, reserved %s, left %s",
		e.Price, e.Caller, e.Cap, e.Spent, e.Reserved, e.Left)
}

// Freeze is the state of the switch that stops all spending.
type Freeze struct {
	Frozen bool
	// Reason is the text of the last change, By its caller and Time its time.
	Reason, By string
	Time       time.Time
}

// FrozenError is an ErrFrozen with the freeze.
type FrozenError struct{ Freeze Freeze }

// Unwrap returns ErrFrozen.
func (e *FrozenError) Unwrap() error { return ErrFrozen }

func (e *FrozenError) Error() string {
	return fmt.Sprintf("spending is frozen since %s by %s: %s", e.Freeze.Time.UTC().Format(time.RFC3339), e.Freeze.By, e.Freeze.Reason)
}

// SpendRefusal returns the error for a caller if spending was refused, nil for
// other errors. Nothing was paid.
func SpendRefusal(err error) *ecs.Error {
	var over *CapError
	var frozen *FrozenError
	switch {
	case errors.As(err, &over):
		e := ecs.Errorf(ecs.ReasonSpendCapExceeded, "%s; nothing was paid", over.Error())
		e.Facts, e.Cause = over.facts(), ErrSpendCap
		return e
	case errors.As(err, &frozen):
		e := ecs.Errorf(ecs.ReasonSpendingFrozen, "%s; nothing was paid", frozen.Error())
		e.Facts, e.Cause = map[string]string{"frozen_time": frozen.Freeze.Time.UTC().Format(time.RFC3339)}, ErrFrozen
		return e
	case errors.Is(err, ErrCallerUnknown):
		e := ecs.Errorf(ecs.ReasonPermissionDenied, "the caller of the order may not pay any more; nothing was paid")
		e.Cause = ErrCallerUnknown
		return e
	}
	return nil
}

func (e *CapError) facts() map[string]string {
	facts := map[string]string{"caller": e.Caller}
	if !e.Price.IsZero() {
		facts["price"] = e.Price.String()
	}
	if e.Cap == nil {
		return facts
	}
	facts["limit"], facts["per"], facts["time_zone"] = e.Cap.Limit.String(), string(e.Cap.Per), e.Cap.zone().String()
	facts["spent"], facts["reserved"], facts["left"] = e.Spent.String(), e.Reserved.String(), e.Left.String()
	facts["period_end_time"] = e.End.UTC().Format(time.RFC3339)
	if !e.Cap.MaxEach.IsZero() {
		facts["max_each"] = e.Cap.MaxEach.String()
	}
	return facts
}
