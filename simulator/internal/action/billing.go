package action

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// bss returns the actions of billing, BssOpenApi. They show the ledger of the account, after the order lag.
func bss() map[string]Action {
	return map[string]Action{
		"QueryOrders":             {Handler: queryOrders},
		"GetOrderDetail":          {Handler: getOrderDetail},
		"QueryAvailableInstances": {Handler: queryAvailableInstances},
		"QueryAccountBalance":     {Handler: queryAccountBalance},
		"SetRenewal":              {Handler: setRenewal},
	}
}

const (
	// defaultOrderWindow is the window of QueryOrders without times.
	defaultOrderWindow = time.Hour
	// maxBillingPage is the largest page of billing.
	maxBillingPage = 300
	billingTime    = "2006-01-02T15:04:05Z"
)

// billing starts a response of billing, whose results are in Data.
func (c *Call) billing() *wire.Writer {
	out := c.open(c.Name)
	out.Str("Code", "Success")
	out.Str("Message", "Successful!")
	out.Bool("Success", true)
	return out
}

// billingError responds with an error as billing does: HTTP status 200 and Success false.
func (c *Call) billingError(code, message string) *wire.Error {
	out := c.open(c.Name)
	out.Str("Code", code)
	out.Str("Message", message)
	out.Bool("Success", false)
	out.Close()
	return nil
}

func (c *Call) billingDenied() *wire.Error {
	return c.billingError("NotAuthorized", "This API is not authorized for caller.")
}

func (c *Call) billingMissing(name string) *wire.Error {
	return c.billingError("MissingParameter", "The input parameter "+name+" that is mandatory for processing this request is not supplied.")
}

func (c *Call) billingInvalid(name string) *wire.Error {
	return c.billingError("InvalidParameter", "The specified parameter "+name+" is not valid.")
}

// window parses a start and an end time; either may be missing.
func (c *Call) window(start, end string) (from, to time.Time, invalid string) {
	for _, t := range []struct {
		name string
		into *time.Time
	}{{start, &from}, {end, &to}} {
		text := c.Params.Get(t.name)
		if text == "" {
			continue
		}
		at, err := time.Parse(billingTime, text)
		if err != nil {
			return from, to, t.name
		}
		*t.into = at
	}
	return from, to, ""
}

// billingPage parses PageNum and PageSize and returns the bounds of the page in a list of n.
func (c *Call) billingPage(n int) (number, size, low, high int, invalid string) {
	number, refusal := c.number("PageNum", 1, 1, 1_000_000)
	if refusal != nil {
		return 0, 0, 0, 0, "PageNum"
	}
	if size, refusal = c.number("PageSize", 20, 1, maxBillingPage); refusal != nil {
		return 0, 0, 0, 0, "PageSize"
	}
	low = min((number-1)*size, n)
	return number, size, low, min(low+size, n), ""
}

// billed is an order with its lines, one per instance.
type billed []control.Order

// shown returns the orders that billing shows now, newest first.
func (w *World) shown(c *Call) []billed {
	if c.Empty {
		return nil
	}
	var orders []billed
	for _, line := range w.Account.Orders(control.LedgerFilter{}) {
		if line.Time.Add(max(w.OrderLag, c.Late)).After(c.Now) || slices.Contains(c.Omitted, line.InstanceID) {
			continue
		}
		if last := len(orders) - 1; last >= 0 && orders[last][0].OrderID == line.OrderID {
			orders[last] = append(orders[last], line)
		} else {
			orders = append(orders, billed{line})
		}
	}
	slices.Reverse(orders)
	return orders
}

// subscriptionType is Subscription, or PayAsYouGo for an order without a period that costs nothing.
func (b billed) subscriptionType() string {
	if b[0].Amount == 0 && b[0].Period == 0 {
		return "PayAsYouGo"
	}
	return "Subscription"
}

func (b billed) amount() (sum control.Amount) {
	for _, line := range b {
		sum += line.Amount
	}
	return sum
}

// write writes the fields that the list and the details of orders have in common.
func (b billed) write(out *wire.Writer, amount control.Amount) {
	first := b[0]
	at := first.Time.UTC().Format(billingTime)
	out.Str("OrderId", first.OrderID)
	out.Str("OrderType", string(first.Type))
	out.Str("ProductCode", "ecs")
	out.Str("ProductType", "")
	out.Str("CommodityCode", "ecs")
	out.Str("SubscriptionType", b.subscriptionType())
	out.Str("CreateTime", at)
	out.Str("PaymentTime", at)
	out.Str("PaymentStatus", "Paid")
	out.Str("Currency", account.Currency)
	out.Str("PaymentCurrency", account.Currency)
	out.Str("PretaxGrossAmount", amount.String())
	out.Str("PretaxAmount", amount.String())
	out.Str("PretaxAmountLocal", amount.String())
	out.Str("Tax", "0.00")
	out.Str("AfterTaxAmount", amount.String())
	out.Str("RelatedOrderId", "")
}

func queryOrders(w *World, c *Call) *wire.Error {
	if c.Denied {
		return c.billingDenied()
	}
	from, to, invalid := c.window("CreateTimeStart", "CreateTimeEnd")
	if invalid != "" {
		return c.billingInvalid(invalid)
	}
	if to.IsZero() {
		to = c.Now
	}
	if from.IsZero() {
		from = to.Add(-defaultOrderWindow)
	}
	wanted := func(name, have string) bool {
		want := c.Params.Get(name)
		return want == "" || strings.EqualFold(want, have)
	}
	var chosen []billed
	for _, b := range w.shown(c) {
		at := b[0].Time.Truncate(time.Second)
		if !at.Before(from) && !at.After(to) && wanted("OrderType", string(b[0].Type)) && wanted("ProductCode", "ecs") &&
			wanted("PaymentStatus", "Paid") && wanted("SubscriptionType", b.subscriptionType()) {
			chosen = append(chosen, b)
		}
	}
	number, size, low, high, invalid := c.billingPage(len(chosen))
	if invalid != "" {
		return c.billingInvalid(invalid)
	}
	out := c.billing()
	out.Object("Data")
	out.Str("HostName", "")
	out.Int("PageNum", int64(number))
	out.Int("PageSize", int64(size))
	out.Int("TotalCount", int64(len(chosen)))
	out.List("OrderList", "Order")
	for _, b := range chosen[low:high] {
		out.Item()
		b.write(out, b.amount())
		out.End()
	}
	out.End()
	out.End()
	out.Close()
	return nil
}

func getOrderDetail(w *World, c *Call) *wire.Error {
	id := c.Params.Get("OrderId")
	switch {
	case c.Denied:
		return c.billingDenied()
	case id == "":
		return c.billingMissing("OrderId")
	}
	var lines billed
	for _, b := range w.shown(c) {
		if b[0].OrderID == id {
			lines = b
		}
	}
	out := c.billing()
	out.Object("Data")
	out.Str("HostName", "")
	out.Int("PageNum", 1)
	out.Int("PageSize", 20)
	out.Int("TotalCount", int64(len(lines)))
	out.List("OrderList", "Order")
	for _, line := range lines {
		out.Item()
		lines.write(out, line.Amount)
		out.Str("SubOrderId", line.OrderID+"-"+line.InstanceID)
		out.Str("OrderSubType", string(line.Type))
		out.Str("Operator", strconv.FormatInt(w.OwnerID, 10))
		out.Str("Region", line.RegionID)
		out.Str("Quantity", "1")
		out.Str("Config", "Region: "+line.RegionID)
		out.Str("OriginalConfig", "")
		out.Str("InstanceIDs", `["`+line.InstanceID+`"]`)
		for _, t := range []struct {
			name string
			at   time.Time
		}{{"UsageStartTime", line.PeriodStart}, {"UsageEndTime", line.PeriodEnd}} {
			out.Str(t.name, billingStamp(t.at))
		}
		out.End()
	}
	out.End()
	out.End()
	out.Close()
	return nil
}

func billingStamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(billingTime)
}

func queryAccountBalance(w *World, c *Call) *wire.Error {
	if c.Denied {
		return c.billingDenied()
	}
	available := thousands(w.Account.Balance().String())
	out := c.billing()
	out.Object("Data")
	out.Str("AvailableAmount", available)
	out.Str("AvailableCashAmount", available)
	out.Str("CreditAmount", "0.00")
	out.Str("MybankCreditAmount", "0.00")
	out.Str("QuotaLimit", "0.00")
	out.Str("Currency", account.Currency)
	out.End()
	out.Close()
	return nil
}

// thousands writes an amount with commas, as billing does.
func thousands(amount string) string {
	digits, negative := strings.CutPrefix(amount, "-")
	whole, places, _ := strings.Cut(digits, ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if negative {
		whole = "-" + whole
	}
	return whole + "." + places
}

// The states of renewal in the words of billing: Normal of ECS is ManualRenewal here.
var billingRenewals = map[string]string{
	"AutoRenewal": fleet.AutoRenewal, "ManualRenewal": fleet.Normal, "NotRenewal": fleet.NotRenewal,
}

// billingUnits are the units of billing's auto-renewal.
var billingUnits = map[string]catalog.Unit{"M": catalog.Month, "Y": catalog.Year}

func setRenewal(w *World, c *Call) *wire.Error {
	status, known := billingRenewals[c.Params.Get("RenewalStatus")]
	ids := strings.FieldsFunc(c.Params.Get("InstanceIDs"), func(r rune) bool { return r == ',' || r == ' ' })
	period := subscription.Period{Unit: catalog.Month}
	if unit := c.Params.Get("RenewalPeriodUnit"); unit != "" {
		period.Unit = billingUnits[unit]
	}
	count, refusal := c.number("RenewalPeriod", 0, 1, 100)
	period.Count = count
	_, sold := period.AutoRenewable()
	switch {
	case c.Denied:
		return c.billingDenied()
	case len(ids) == 0:
		return c.billingMissing("InstanceIDs")
	case !known:
		return c.billingInvalid("RenewalStatus")
	case refusal != nil || count > 0 && !sold:
		return c.billingInvalid("RenewalPeriod")
	}
	byRegion := map[string][]string{}
	for _, id := range ids {
		i, ok := w.Fleet.Get(id)
		if !ok || i.ChargeType != fleet.PrePaid {
			return c.billingInvalid("InstanceIDs")
		}
		byRegion[i.Region.ID] = append(byRegion[i.Region.ID], id)
	}
	for region, some := range byRegion {
		if err := w.Engine.SetAutoRenew(region, some, status, period, c.Now); err != nil {
			return c.billingInvalid("RenewalPeriod")
		}
	}
	c.billing().Close()
	return nil
}
