package ecs

// Quote is the cloud's price of a renewal.
type Quote struct {
	// Price is the charged amount, Original the list price, Discount their
	// difference.
	Price    Money
	Original Money
	Discount Money
}

// RenewOrder is one paid call: renew this instance for this period, once for
// this token.
type RenewOrder struct {
	RegionID   string
	InstanceID string
	Period     Period
	// ClientToken makes the call idempotent in the cloud: at most 64 ASCII
	// characters, the same for every try of one order.
	ClientToken string
}

// AutoRenewSetting is the action of the cloud when a subscription nears its
// end.
type AutoRenewSetting struct {
	Status AutoRenewStatus
	// RawStatus is the cloud's own word.
	RawStatus string
	// Period is the period bought by each automatic renewal, zero if the cloud
	// holds none.
	Period Period
}
