package action

import (
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

func renewInstance(w *World, c *Call) *wire.Error {
	if c.Denied {
		return errForbidden
	}
	id := c.Params.Get("InstanceId")
	if id == "" {
		return wire.Missing("InstanceId")
	}
	if !validToken(c.Params.Get("ClientToken")) {
		return errToken
	}
	period, refusal := renewalPeriod(w, c)
	if refusal != nil {
		return refusal
	}
	orderID, refusal := once(w, c, renewTokenWords, func(token string) (string, *wire.Error) {
		order, err := w.Engine.Renew(subscription.Renewal{
			RegionID: c.Region.ID, InstanceID: id, Period: period, ClientToken: token,
		}, c.Now)
		if err != nil {
			return "", refusalFor(err)
		}
		return order.OrderID, nil
	})
	if refusal != nil {
		return refusal
	}
	out := c.open("RenewInstance")
	out.Str("OrderId", orderID)
	out.Close()
	return nil
}

// renewalPeriod parses Period and PeriodUnit, or ExpectedRenewDay.
func renewalPeriod(w *World, c *Call) (subscription.Period, *wire.Error) {
	if day, given, refusal := renewDay(w, c); given {
		return day, refusal
	}
	if c.Params.Get("Period") == "" {
		return subscription.Period{}, errRenewPeriod
	}
	return soldPeriod(c, errPeriodUnit)
}

// renewDay parses ExpectedRenewDay: only the account's unified expiration date, and not together with a period.
func renewDay(w *World, c *Call) (p subscription.Period, given bool, refusal *wire.Error) {
	if c.Params.Get("ExpectedRenewDay") == "" {
		return p, false, nil
	}
	day, refusal := c.number("ExpectedRenewDay", 0, 1, 28)
	switch {
	case refusal != nil:
	case c.Params.Get("Period") != "":
		refusal = errRenewDayConflict
	case day != w.RenewDay:
		refusal = errRenewDay
	}
	return subscription.Period{Count: day, Unit: catalog.RenewDay}, true, refusal
}
