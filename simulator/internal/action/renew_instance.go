package action

import (
	"crypto/sha256"
	"errors"

	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
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
	token := c.Params.Get("ClientToken")
	if !validToken(token) {
		return errToken
	}
	period, refusal := renewalPeriod(c)
	if refusal != nil {
		return refusal
	}

	var claim account.Claim
	var orderID string
	var replay bool
	if token != "" {
		var err error
		claim, orderID, replay, err = w.Tokens.Claim("RenewInstance "+token, fingerprint(c.Params), c.Now)
		if err != nil {
			return refusalFor(err)
		}
	}
	gate := c.Gate()
	if gate.Refusal != nil {
		if gate.Poison {
			claim.Poison()
		} else {
			claim.Release()
		}
		return gate.Refusal
	}
	if !replay {
		order, err := w.Engine.Renew(subscription.Renewal{
			RegionID: c.Region.ID, InstanceID: id, Period: period, ClientToken: token,
		}, c.Now)
		if err != nil {
			claim.Release()
			return refusalFor(err)
		}
		orderID = order.OrderID
		if gate.Poison {
			claim.Poison()
		} else {
			claim.Done(orderID)
		}
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
	p := subscription.Period{Unit: catalog.Unit(c.Params.Get("PeriodUnit"))}
	if p.Unit == "" {
		p.Unit = catalog.Month
	}
	var refusal *wire.Error
	if p.Count, refusal = c.number("Period", 0, 1, 1000); refusal != nil {
		return p, errPeriod
	}
	unit, count := p.Renewable()
	switch {
	case !unit:
		return p, errPeriodUnit
	case !count:
		return p, errPeriod
	}
	return p, nil
}

// refusals are the cloud's words for what the rooms below refuse.
var refusals = []struct {
	err     error
	refusal *wire.Error
}{
	{fleet.ErrNotFound, errInstanceNotFound},
	{account.ErrBalance, errBalance},
	{account.ErrTokenMismatch, errTokenMismatch},
	{account.ErrTokenProcessing, errTokenProcessing},
	{account.ErrTokenPoisoned, errTokenPoisoned},
	{subscription.ErrPostPaid, errChargeType},
	{subscription.ErrSecurityLocked, errSecurityLocked},
	{subscription.ErrNotRenewal, errStatus},
	{subscription.ErrExpired, errStatus},
	{subscription.ErrTooFar, errTooFar},
	{subscription.ErrNoDuration, errRenewDuration},
}

func refusalFor(err error) *wire.Error {
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			return r.refusal
		}
	}
	return errInternal
}

func validToken(token string) bool {
	if len(token) > 64 {
		return false
	}
	for n := range len(token) {
		if token[n] > 0x7e || token[n] < 0x20 {
			return false
		}
	}
	return true
}

// perRequest are the parameters that differ between two sendings of the same
// request, and so do not belong to what a client token stands for.
var perRequest = map[string]bool{
	"AccessKeyId": true, "Format": true, "SecurityToken": true, "Signature": true,
	"SignatureMethod": true, "SignatureNonce": true, "SignatureType": true,
	"SignatureVersion": true, "Timestamp": true, "ClientToken": true,
}

func fingerprint(p wire.Params) string {
	h := sha256.New()
	p.Each(func(key, value string) {
		if !perRequest[key] {
			h.Write([]byte(key))
			h.Write([]byte{0})
			h.Write([]byte(value))
			h.Write([]byte{0})
		}
	})
	return string(h.Sum(nil))
}
