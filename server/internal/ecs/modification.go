package ecs

import "time"

// ModifyOrder is one call that changes the charge type or the type of an
// instance. The fields that it sets decide the action of the cloud.
type ModifyOrder struct {
	RegionID   string
	InstanceID string
	// From is the charge type that the instance has.
	From ChargeType
	// To is the new charge type, unknown if it stays; a subscription is bought for
	// Period.
	To     ChargeType
	Period Period
	// InstanceType is the new type, "" if it stays. Downgrade marks a cheaper type
	// for a subscription.
	InstanceType string
	Downgrade    bool
	// ClientToken makes the call idempotent in the cloud: at most 64 ASCII
	// characters, the same for every try of one order.
	ClientToken string
}

// Action returns the action of the cloud that carries out the order.
func (o ModifyOrder) Action() string {
	switch {
	case o.InstanceType == "":
		return "ModifyInstanceChargeType"
	case o.From == ChargeSubscription:
		return "ModifyPrepayInstanceSpec"
	}
	return "ModifyInstanceSpec"
}

// Modified is the response to an accepted ModifyOrder.
type Modified struct {
	// OrderID is "" if the cloud makes no order: for pay-as-you-go.
	OrderID string
	// Fee is what a change of the charge type costs or refunds, zero if the cloud
	// does not report it.
	Fee Money
}

// SoldForModification is the range of ModifyInstanceChargeType. Weeks are
// documented for the China site only, and not priced.
var SoldForModification = Sale{"a change to a subscription", nil, []int32{1, 2, 3, 4, 5, 6, 7, 8, 9, 12}, false}

// Bought returns the expiry of a subscription that is bought at now: 00:00 UTC+8
// of the day after its last day.
func (p Period) Bought(now time.Time) time.Time { return p.From(midnight(now)).Add(day) }

// IsBought reports whether an expiry is that of a subscription that was bought
// when forecast was made, or up to a day earlier or later.
func (p Period) IsBought(expire, forecast time.Time) bool {
	return !expire.Before(forecast.Add(-day)) && !expire.After(forecast.Add(day))
}
