package action

import (
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
	period, refusal := renewalPeriod(c)
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

// renewalPeriod reads Period and PeriodUnit. ExpectedRenewDay needs a unified
// expiry day, which the simulated account does not have.
func renewalPeriod(c *Call) (subscription.Period, *wire.Error) {
	if c.Params.Get("ExpectedRenewDay") != "" {
		return subscription.Period{}, wire.Invalid("ExpectedRenewDay")
	}
	if c.Params.Get("Period") == "" {
		return subscription.Period{}, wire.Missing("Period")
	}
	return soldPeriod(c)
}
