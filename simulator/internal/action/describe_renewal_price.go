package action

import (
	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// yearRule is the number of the rule that makes years cheaper.
const yearRule = 587

func describeRenewalPrice(w *World, c *Call) *wire.Error {
	id := c.Params.Get("ResourceId")
	kind := c.Params.Get("ResourceType")
	switch {
	case c.Denied:
		return errForbidden
	case id == "":
		return wire.Missing("ResourceId")
	case kind != "" && kind != "instance":
		return errPriceResourceType
	case c.Params.Get("ExpectedRenewDay") != "":
		return wire.Invalid("ExpectedRenewDay")
	}
	p := subscription.Period{Unit: catalog.Unit(c.Params.Get("PriceUnit"))}
	if p.Unit == "" {
		p.Unit = catalog.Month
	}
	var refusal *wire.Error
	if p.Count, refusal = c.number("Period", 1, 1, 1000); refusal != nil {
		return errPeriod
	}
	unit, count := p.Priced()
	switch {
	case !unit:
		return errPriceUnit
	case !count:
		return errPeriod
	}
	i, ok := w.Fleet.Find(c.Region.ID, id)
	switch {
	case !ok:
		return errInstanceNotFound
	case i.ChargeType != fleet.PrePaid:
		return errChargeType
	}

	price := catalog.PriceOf(i.Type, p.Count, p.Unit)
	out := c.open("DescribeRenewalPrice")
	out.Object("PriceInfo")
	out.Object("Price")
	writePrice(out, i, p, price)
	out.End()
	out.Object("RelatedPrice")
	out.Object("MarketplaceImagePrice")
	out.Str("Currency", account.Currency)
	writeAmounts(out, catalog.Price{})
	out.End()
	out.End()
	out.Object("PriceWarning")
	out.Str("Code", "")
	out.Str("Msg", "")
	out.End()
	out.List("Rules", "Rule")
	writeRule(out, price)
	out.End()
	out.End()
	out.Close()
	return nil
}

func writePrice(out *wire.Writer, i *fleet.Instance, p subscription.Period, price catalog.Price) {
	out.Str("Currency", account.Currency)
	writeAmounts(out, price)
	writeStandard(out, price)
	for _, name := range []string{
		"SpotInstanceTypePrice", "SpotInstanceTypeOriginalPrice", "ReservedInstanceHourPrice",
		"ReservedInstanceHourTradePrice", "ReservedInstanceHourDiscountPrice",
	} {
		out.Decimal(name, 0, 2)
	}
	writeDepreciation(out, p, price)
	writeRuleIDs(out, price)
	out.List("SubPrices", "SubPrice")
	out.Item()
	out.Str("InstanceId", i.ID)
	writeAmounts(out, price)
	writeStandard(out, price)
	writeDepreciation(out, p, price)
	writeRuleIDs(out, price)
	writePromotions(out, price)
	out.End()
	out.End()
	writePromotions(out, price)
	out.List("Coupons", "Coupon")
	out.End()
	out.List("DetailInfos", "DetailInfo")
	out.Item()
	out.Str("Resource", "instanceType")
	writeAmounts(out, price)
	writeStandard(out, price)
	writeDepreciation(out, p, price)
	out.List("Attributes", "Attribute")
	out.Item()
	out.Str("Code", "instanceType")
	out.Str("Value", i.Type.ID)
	out.End()
	out.End()
	out.List("SubRules", "Rule")
	writeRule(out, price)
	out.End()
	out.End()
	out.End()
}

func writeAmounts(out *wire.Writer, p catalog.Price) {
	out.Decimal("OriginalPrice", p.List, 2)
	out.Decimal("DiscountPrice", p.Discount(), 2)
	out.Decimal("TradePrice", p.Trade, 2)
}

func writeStandard(out *wire.Writer, p catalog.Price) {
	out.Decimal("StandardPrice", p.List, 2)
	out.Decimal("StandardDiscountPrice", p.Discount(), 2)
	out.Bool("IsContractPromotion", false)
}

func writeDepreciation(out *wire.Writer, p subscription.Period, price catalog.Price) {
	months := int64(p.Count)
	if p.Unit == catalog.Year {
		months *= 12
	}
	out.Object("DepreciateInfo")
	out.Bool("IsShow", price.Discount() > 0)
	out.Decimal("ListPrice", price.List, 2)
	out.Decimal("OriginalStandardPrice", price.List, 2)
	out.Decimal("CheapStandardPrice", price.Trade, 2)
	out.Decimal("CheapRate", price.Discount()*100/price.List, 2)
	out.Decimal("DifferentialPrice", price.Discount(), 2)
	out.Str("DifferentialName", "")
	out.Decimal("MonthPrice", price.Trade/months, 2)
	out.Str("StartTime", "")
	out.End()
}

func writeRuleIDs(out *wire.Writer, price catalog.Price) {
	out.List("RuleIdSet", "RuleId")
	if price.Discount() > 0 {
		out.ItemStr("587")
	}
	out.End()
}

func writeRule(out *wire.Writer, price catalog.Price) {
	if price.Discount() == 0 {
		return
	}
	out.Item()
	out.Int("RuleId", yearRule)
	out.Str("Description", "Discount for a subscription by the year")
	out.End()
}

// writePromotions writes the list of promotions, which are coupons and
// campaigns; the simulated account has none.
func writePromotions(out *wire.Writer, _ catalog.Price) {
	out.List("Promotions", "Promotion")
	out.End()
}
