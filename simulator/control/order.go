package control

import "time"

// OrderType is the kind of an order, in the words of the cloud's billing.
type OrderType string

// The types of orders. A conversion is a change of the charge type to a subscription; a change to pay-as-you-go is a
// refund.
const (
	OrderNew        OrderType = "New"
	OrderRenewal    OrderType = "Renew"
	OrderUpgrade    OrderType = "Upgrade"
	OrderDowngrade  OrderType = "Degrade"
	OrderConversion OrderType = "Convert"
	OrderRefund     OrderType = "Refund"
)

// Order is one charge in the billing ledger: one line per instance of an order. The ledger is append-only. The balance
// is the initial balance, plus payments into the account, minus the sums of the ledger and of the bills.
type Order struct {
	// OrderID is the order ID in the API's response, including a lost one. The lines of one order share it.
	OrderID string `json:"order_id"`
	// Type is the kind of the order.
	Type OrderType `json:"type"`
	// Action is the API's action, or "AutoRenew" for a charge by the cloud itself.
	Action     string `json:"action"`
	InstanceID string `json:"instance_id"`
	RegionID   string `json:"region_id"`
	// Period is the count of PeriodUnit (Week, Month or Year) bought; 0 and empty for pay-as-you-go.
	Period     int    `json:"period"`
	PeriodUnit string `json:"period_unit"`
	// Amount is the charge: 0 for a pay-as-you-go instance, whose hours are in the bills, and negative for a refund.
	Amount Amount `json:"amount"`
	// Currency is CNY.
	Currency string `json:"currency"`
	// ClientToken is the request's token; empty if it had none.
	ClientToken string `json:"client_token"`
	// PeriodStart and PeriodEnd are the ordered period; they are zero for an order without one.
	PeriodStart time.Time `json:"period_start,omitzero"`
	PeriodEnd   time.Time `json:"period_end,omitzero"`
	// Time is the simulated time at which the order was created and paid.
	Time time.Time `json:"time"`
}

// Bill is the bill of an hour of pay-as-you-go, for all instances and disks together. Like the orders, the bills are
// append-only; the balance is also less by their sum.
type Bill struct {
	// From and Until are the billed time.
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// Amount is the price, in CNY.
	Amount   Amount `json:"amount"`
	Currency string `json:"currency"`
}

// LedgerFilter selects orders; an empty field selects all.
type LedgerFilter struct {
	InstanceID  string
	RegionID    string
	ClientToken string
	Action      string
}

// Matches reports whether an order is selected.
func (f LedgerFilter) Matches(o Order) bool {
	return (f.InstanceID == "" || f.InstanceID == o.InstanceID) &&
		(f.RegionID == "" || f.RegionID == o.RegionID) &&
		(f.ClientToken == "" || f.ClientToken == o.ClientToken) &&
		(f.Action == "" || f.Action == o.Action)
}
