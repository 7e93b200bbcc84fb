package ecs

import (
	"slices"
	"time"
)

// OrderRenew is the billing API's word for the order of a renewal, by whomever:
// a call, a person in the console, or the cloud itself.
const OrderRenew = "Renew"

// BilledOrder is an order of the account as the billing API shows it. The list
// of orders names no instances; the details of an order do, in one BilledOrder
// per part.
type BilledOrder struct {
	ID string
	// Type is the cloud's word, such as OrderRenew.
	Type string
	// Paid reports whether the order was paid. One that was not paid changes nothing.
	Paid bool
	// CreateTime is when the order was made, by the cloud's clock, to the second.
	CreateTime time.Time
	// Amount is the charge before tax, for all instances of the order or part.
	Amount Money
	// InstanceIDs are the ordered instances, From and Until the ordered period. The
	// times are zero if the cloud shows none.
	InstanceIDs []string
	From, Until time.Time
}

// Of reports whether the order is about an instance.
func (o BilledOrder) Of(instanceID string) bool { return slices.Contains(o.InstanceIDs, instanceID) }

// Renews reports an order of a renewal.
func (o BilledOrder) Renews() bool { return o.Type == OrderRenew }

// SubscriptionEnd is when the cloud stops and releases an instance that is not
// renewed. A time is zero if the cloud shows none.
type SubscriptionEnd struct {
	StopTime    time.Time
	ReleaseTime time.Time
}
