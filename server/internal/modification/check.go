package modification

import (
	"errors"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Check returns why an instance cannot be changed as it is, nil if it can. The
// rules are those of the API reference of ModifyInstanceChargeType,
// ModifyPrepayInstanceSpec and ModifyInstanceSpec.
func Check(to ledger.Change, i ecs.Instance, downgrade bool, now time.Time) *ecs.Error {
	refusal := check(to, i, downgrade, now)
	if refusal == nil {
		return nil
	}
	return refusal.On(i.RegionID, i.ID)
}

func check(to ledger.Change, i ecs.Instance, downgrade bool, now time.Time) *ecs.Error {
	subscription := i.ChargeType == ecs.ChargeSubscription
	switch {
	case i.Spot != nil:
		return ecs.Errorf(ecs.ReasonUnsupportedOperation, "instance %s is a spot instance; the cloud changes neither its charge type nor its type; nothing was paid", i.ID)
	case to.ChargeType == ecs.ChargeSubscription && subscription:
		return ecs.Errorf(ecs.ReasonNotPayAsYouGo, "instance %s already is a subscription; nothing was paid", i.ID)
	case to.ChargeType == ecs.ChargePayAsYouGo && !subscription:
		return ecs.Errorf(ecs.ReasonNotSubscription, "instance %s already is pay-as-you-go; nothing was changed", i.ID)
	case to.InstanceType != "" && to.InstanceType == i.Type:
		return ecs.Errorf(ecs.ReasonUnsupportedOperation, "instance %s already has type %s; nothing was paid", i.ID, i.Type)
	case i.LockedFor(ecs.LockSecurity), i.LockedFor(ecs.LockRefunded):
		return ecs.Errorf(ecs.ReasonInstanceLocked, "instance %s is locked by the cloud; have the lock lifted first", i.ID)
	case subscription && !i.ExpireTime.After(now):
		return ecs.Errorf(ecs.ReasonInstanceExpired, "the subscription of instance %s expired at %s; renew it first", i.ID, stamp(i.ExpireTime))
	case i.LockedFor(ecs.LockFinancial):
		return ecs.Errorf(ecs.ReasonAccountRestricted, "instance %s is locked for overdue payment; pay the bill of the account first", i.ID)
	case to.ChargeType == ecs.ChargeSubscription && !i.AutoReleaseTime.IsZero():
		return ecs.Errorf(ecs.ReasonUnsupportedOperation, "instance %s will be released automatically at %s; clear that first, by SetAutoReleaseTime", i.ID, stamp(i.AutoReleaseTime))
	}
	return checkStatus(to, i, downgrade)
}

// checkStatus holds the status against the required ones. A status that ends by
// itself may be waited for.
func checkStatus(to ledger.Change, i ecs.Instance, downgrade bool) *ecs.Error {
	onlyStopped := to.InstanceType != "" && (downgrade || i.ChargeType == ecs.ChargePayAsYouGo)
	switch {
	case i.Status == ecs.StatusStopped, i.Status == ecs.StatusRunning && !onlyStopped:
		return nil
	case i.Status == ecs.StatusPending, i.Status == ecs.StatusStarting, i.Status == ecs.StatusStopping:
		e := ecs.Errorf(ecs.ReasonOperationInProgress, "instance %s is %s, which is transient; nothing was changed, retry later", i.ID, i.Raw.Status)
		e.Retry, e.RetryAfter = ecs.RetryBackoff, readEvery
		return e
	case onlyStopped:
		return ecs.Errorf(ecs.ReasonIncorrectStatus, "instance %s is %s; the cloud changes the type of a pay-as-you-go instance, or to a cheaper one, only while it is Stopped", i.ID, i.Raw.Status)
	}
	return ecs.Errorf(ecs.ReasonIncorrectStatus, "instance %s is %s; it must be Running or Stopped", i.ID, i.Raw.Status)
}

// Overpriced holds a price against the limit of the request, and returns nil if
// it may be paid. A change that has no price is refused if there is a limit.
func Overpriced(m ledger.Modification, price ecs.Money) *ecs.Error {
	if m.MaxPrice.IsZero() {
		return nil
	}
	facts := map[string]string{"max_price": m.MaxPrice.String()}
	if price.IsZero() {
		e := ecs.Errorf(ecs.ReasonPriceUnavailable, "the cloud returns no price for the change of instance %s, and max_price is %s; nothing was paid", m.InstanceID, m.MaxPrice)
		e.Facts = facts
		return e.On(m.RegionID, m.InstanceID)
	}
	facts["price"] = price.String()
	over, err := price.Cmp(m.MaxPrice)
	var e *ecs.Error
	switch {
	case errors.Is(err, ecs.ErrCurrencyMismatch):
		e = ecs.Errorf(ecs.ReasonCurrencyMismatch, "max_price is in %s, the cloud charges %s; nothing was paid", m.MaxPrice.CurrencyCode, price.CurrencyCode)
	case over > 0:
		e = ecs.Errorf(ecs.ReasonPriceExceedsLimit, "the change of instance %s costs %s, over max_price %s; nothing was paid", m.InstanceID, price, m.MaxPrice)
	default:
		return nil
	}
	e.Facts = facts
	return e.On(m.RegionID, m.InstanceID)
}
