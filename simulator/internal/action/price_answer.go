package action

import (
	"strconv"

	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// yearRule is the ID of the rule that discounts years.
const yearRule = 587

// priceSheet holds the fields of a price in DescribePrice and DescribeRenewalPrice.
type priceSheet struct {
	lines  []catalog.Line
	typeID string
	// instance is the instance of a renewal, "" for a new purchase.
	instance string
	// months is the count of months that the price covers, 0 for an hour.
	months int64
	// places is the count of decimals: two, and three for an hour.
	places int
	// spot and list are the hourly prices of a spot instance.
	spot, list int64
}

func months(count int, unit catalog.Unit) int64 {
	switch unit {
	case catalog.Month:
		return int64(count)
	case catalog.Year:
		return 12 * int64(count)
	}
	return 0
}

// decimal writes an amount of thousandths of a yuan.
func (p priceSheet) decimal(out *wire.Writer, name string, amount int64) {
	if p.places == 2 {
		amount /= 10
	}
	out.Decimal(name, amount, p.places)
}

func writePriceInfo(out *wire.Writer, p priceSheet) {
	total := catalog.Total(p.lines)
	out.Object("PriceInfo")
	out.Object("Price")
	out.Str("Currency", account.Currency)
	p.writeAmounts(out, total)
	p.writeStandard(out, total)
	p.decimal(out, "SpotInstanceTypePrice", p.spot)
	p.decimal(out, "SpotInstanceTypeOriginalPrice", p.list)
	for _, name := range []string{"ReservedInstanceHourPrice", "ReservedInstanceHourTradePrice", "ReservedInstanceHourDiscountPrice"} {
		out.Decimal(name, 0, 2)
	}
	p.writeDepreciation(out, total)
	writeRuleIDs(out, total)
	p.writeSubPrices(out, total)
	writePromotions(out)
	out.List("Coupons", "Coupon")
	out.End()
	out.List("DetailInfos", "DetailInfo")
	for _, line := range p.lines {
		out.Item()
		p.writeDetail(out, line)
		out.End()
	}
	out.End()
	out.End()
	out.Object("RelatedPrice")
	out.Object("MarketplaceImagePrice")
	out.Str("Currency", account.Currency)
	p.writeAmounts(out, catalog.Amount{})
	out.End()
	out.End()
	out.Object("PriceWarning")
	out.Str("Code", "")
	out.Str("Msg", "")
	out.End()
	out.List("Rules", "Rule")
	writeRule(out, total)
	out.End()
	out.End()
}

func (p priceSheet) writeSubPrices(out *wire.Writer, total catalog.Amount) {
	out.List("SubPrices", "SubPrice")
	if p.instance != "" {
		out.Item()
		out.Str("InstanceId", p.instance)
		p.writeAmounts(out, total)
		p.writeStandard(out, total)
		p.writeDepreciation(out, total)
		writeRuleIDs(out, total)
		writePromotions(out)
		out.End()
	}
	out.End()
}

func (p priceSheet) writeDetail(out *wire.Writer, line catalog.Line) {
	out.Str("Resource", line.Resource)
	p.writeAmounts(out, line.Amount)
	p.writeStandard(out, line.Amount)
	p.writeDepreciation(out, line.Amount)
	out.List("Attributes", "Attribute")
	if line.Resource == "instanceType" {
		out.Item()
		out.Str("Code", "instanceType")
		out.Str("Value", p.typeID)
		out.End()
	}
	out.End()
	out.List("SubRules", "Rule")
	writeRule(out, line.Amount)
	out.End()
}

func (p priceSheet) writeAmounts(out *wire.Writer, a catalog.Amount) {
	p.decimal(out, "OriginalPrice", a.List)
	p.decimal(out, "DiscountPrice", a.Discount())
	p.decimal(out, "TradePrice", a.Trade)
}

func (p priceSheet) writeStandard(out *wire.Writer, a catalog.Amount) {
	p.decimal(out, "StandardPrice", a.List)
	p.decimal(out, "StandardDiscountPrice", a.Discount())
	out.Bool("IsContractPromotion", false)
}

func (p priceSheet) writeDepreciation(out *wire.Writer, a catalog.Amount) {
	rate, month := int64(0), int64(0)
	if a.List > 0 {
		rate = a.Discount() * 100 / a.List
	}
	if p.months > 0 {
		month = a.Trade / p.months
	}
	out.Object("DepreciateInfo")
	out.Bool("IsShow", a.Discount() > 0)
	p.decimal(out, "ListPrice", a.List)
	p.decimal(out, "OriginalStandardPrice", a.List)
	p.decimal(out, "CheapStandardPrice", a.Trade)
	out.Decimal("CheapRate", rate, 2)
	p.decimal(out, "DifferentialPrice", a.Discount())
	out.Str("DifferentialName", "")
	p.decimal(out, "MonthPrice", month)
	out.Str("StartTime", "")
	out.End()
}

func writeRuleIDs(out *wire.Writer, a catalog.Amount) {
	out.List("RuleIdSet", "RuleId")
	if a.Discount() > 0 {
		out.ItemStr(strconv.Itoa(yearRule))
	}
	out.End()
}

func writeRule(out *wire.Writer, a catalog.Amount) {
	if a.Discount() == 0 {
		return
	}
	out.Item()
	out.Int("RuleId", yearRule)
	out.Str("Description", "Discount for a subscription by the year")
	out.End()
}

// writePromotions writes the list of promotions; the simulated account has none.
func writePromotions(out *wire.Writer) {
	out.List("Promotions", "Promotion")
	out.End()
}
