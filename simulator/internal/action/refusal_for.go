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

// refusalRow maps an error of a package below to the cloud's error.
type refusalRow struct {
	err     error
	refusal *wire.Error
}

var refusals = []refusalRow{
	{fleet.ErrNotFound, errInstanceNotFound},
	{account.ErrBalance, errBalance},
	{account.ErrArrears, errBalance},
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

func refusalFor(err error) *wire.Error { return lookUp(refusals, err) }

// conversionRefusals are those of ModifyInstanceChargeType, before the general ones.
var conversionRefusals = append([]refusalRow{
	{subscription.ErrSameCharge, errConversionCharge},
	{subscription.ErrUnsettled, errConversionStatus},
	{subscription.ErrReleaseSet, errConversionRelease},
	{subscription.ErrTooSoon, errConversionSoon},
	{subscription.ErrExpired, errConversionExpired},
	{fleet.ErrNotFound, errInstanceNotFound},
	{subscription.ErrSecurityLocked, errConversionStatus},
	{account.ErrArrears, errConversionArrears},
}, refusals...)

// launchRefusals are those of RunInstances and CreateInstance, before the general ones.
var launchRefusals = append([]refusalRow{{account.ErrArrears, errLaunchArrears}}, refusals...)

func conversionRefusal(err error) *wire.Error { return lookUp(conversionRefusals, err) }

func lookUp(rows []refusalRow, err error) *wire.Error {
	for _, r := range rows {
		if errors.Is(err, r.err) {
			return r.refusal
		}
	}
	return errInternal
}
