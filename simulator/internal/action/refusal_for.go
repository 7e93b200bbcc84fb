package action

import (
	"errors"

	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/lifecycle"
	"github.com/ecsd-io/ecsd/simulator/internal/stock"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// refusals are the cloud's words for what the rooms below refuse.
var refusals = []struct {
	err     error
	refusal *wire.Error
}{
	{fleet.ErrNotFound, errInstanceNotFound},
	{account.ErrBalance, errBalance},
	{subscription.ErrPostPaid, errChargeType},
	{subscription.ErrSecurityLocked, errSecurityLocked},
	{subscription.ErrNotRenewal, errStatus},
	{subscription.ErrExpired, errStatus},
	{subscription.ErrTooFar, errTooFar},
	{subscription.ErrNoDuration, errRenewDuration},
	{lifecycle.ErrStatus, errStatus},
	{lifecycle.ErrInitializing, errInitializing},
	{lifecycle.ErrSecurityLocked, errSecurityLocked},
	{lifecycle.ErrArrears, errArrears},
	{lifecycle.ErrProtected, errProtected},
	{lifecycle.ErrChargeType, errChargeType},
	{stock.ErrSoldOut, errNoStock},
}

func refusalFor(err error) *wire.Error {
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			return r.refusal
		}
	}
	return errInternal
}
