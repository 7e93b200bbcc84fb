package control

import "time"

// Order is one charge in the billing ledger: a line for each instance that an
// order is for. The ledger is only ever added
// to, and the balance is what the account began with, plus what was paid in,
// less the sum of the ledger.
type Order struct {
	// OrderID is what the API answered, or would have answered had the reply
	// not been lost.
	OrderID string `json:"order_id"`
	// Action is the API's action, or "AutoRenew" for a charge by the cloud
	// itself.
	Action     string `json:"action"`
	InstanceID string `json:"instance_id"`
	RegionID   string `json:"region_id"`
	// Period is how many PeriodUnit (Week, Month or Year) were bought; 0 and
	// empty for what is paid as it goes.
	Period     int    `json:"period"`
	PeriodUnit string `json:"period_unit"`
	// Amount is what was taken from the account: nothing for an instance that
	// is paid as it goes, whose hours are not billed here, and less than
	// nothing for a refund.
	Amount Amount `json:"amount"`
	// Currency is CNY.
	Currency string `json:"currency"`
	// ClientToken is the request's; empty where it had none.
	ClientToken string `json:"client_token"`
	// Time is the simulated time of the charge.
	Time time.Time `json:"time"`
}

// LedgerFilter chooses orders; a field that is empty chooses all.
type LedgerFilter struct {
	InstanceID  string
	RegionID    string
	ClientToken string
	Action      string
}

// Matches reports whether an order is chosen.
func (f LedgerFilter) Matches(o Order) bool {
	return (f.InstanceID == "" || f.InstanceID == o.InstanceID) &&
		(f.RegionID == "" || f.RegionID == o.RegionID) &&
		(f.ClientToken == "" || f.ClientToken == o.ClientToken) &&
		(f.Action == "" || f.Action == o.Action)
}
