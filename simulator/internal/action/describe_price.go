package action

import (
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// maxPriced is the maximum of instances in a price request.
const maxPriced = 1000

func describePrice(w *World, c *Call) *wire.Error {
	if c.Denied {
		return errForbidden
	}
	// The cloud also has prices of hosts, assurances and reservations; none of them is simulated.
	if refusal := c.oneOf("ResourceType", errPriceResourceType, "instance", "disk", "bandwidth"); refusal != nil {
		return refusal
	}
	count, unit, refusal := pricedPeriod(c)
	if refusal != nil {
		return refusal
	}
	amount, refusal := c.number("Amount", 1, 1, maxPriced)
	if refusal != nil {
		return errAmount
	}
	setup, refusal := pricedSetup(c)
	if refusal != nil {
		return refusal
	}
	sheet := priceSheet{lines: catalog.Bill(setup, count, unit), months: months(count, unit), places: 2}
	if unit == catalog.Hour {
		sheet.places = 3
	}
	if setup.Type != nil {
		sheet.typeID = setup.Type.ID
		if refusal := bidPrice(w, c, setup.Type, unit, &sheet); refusal != nil {
			return refusal
		}
	}
	for n := range sheet.lines {
		sheet.lines[n].Amount = sheet.lines[n].Amount.Times(amount)
	}
	out := c.open("DescribePrice")
	writePriceInfo(out, sheet)
	out.Close()
	return nil
}

// pricedPeriod reads Period and PriceUnit.
func pricedPeriod(c *Call) (int, catalog.Unit, *wire.Error) {
	unit := catalog.Unit(c.Params.Get("PriceUnit"))
	if unit == "" {
		unit = catalog.Hour
	}
	count, refusal := c.number("Period", 1, 1, 1000)
	if refusal != nil {
		return 0, "", errPeriod
	}
	known, sold := subscription.Period{Count: count, Unit: unit}.Offered()
	switch {
	case !known:
		return 0, "", errPriceUnit
	case !sold:
		return 0, "", errPeriod
	}
	return count, unit, nil
}

// bidPrice replaces the list price with the price of the spot market.
func bidPrice(w *World, c *Call, t *catalog.InstanceType, unit catalog.Unit, sheet *priceSheet) *wire.Error {
	zone := c.Params.Get("ZoneId")
	if refusal := first(
		c.oneOf("SpotStrategy", wire.Invalid("SpotStrategy"), spotStrategies...),
		c.oneOf("SpotDuration", wire.Invalid("SpotDuration"), "0", "1"),
		c.oneOf("ZoneId", wire.Invalid("ZoneId"), c.Region.Zones...),
	); refusal != nil {
		return refusal
	}
	if zone != "" && catalog.StockOf(c.Region, zone, t) == catalog.NotSold {
		return errPriceNotFound
	}
	if !c.spot() {
		return nil
	}
	if unit != catalog.Hour {
		return errPriceUnit // a spot instance is not a subscription
	}
	if zone == "" {
		zone = c.Region.Zones[0]
	}
	sheet.spot, sheet.list = w.Market.Price(zone, t, c.Now), catalog.HourOf(t)
	for n := range sheet.lines {
		if sheet.lines[n].Resource == "instanceType" {
			sheet.lines[n].Amount.Trade = sheet.spot
		}
	}
	return nil
}

// pricedSetup parses the resources to price.
func pricedSetup(c *Call) (catalog.Setup, *wire.Error) {
	var setup catalog.Setup
	bandwidth, refusal := c.number("InternetMaxBandwidthOut", 0, 0, 100)
	if refusal != nil {
		return setup, errPriceBandwidth
	}
	if refusal := first(
		c.oneOf("InstanceNetworkType", errPriceNetworkType, "vpc", "classic"),
		c.oneOf("InternetChargeType", errPriceInternetCharge, "PayByBandwidth", "PayByTraffic"),
		c.oneOf("IoOptimized", errPriceIoOptimized, "none", "optimized"),
	); refusal != nil {
		return setup, refusal
	}
	kind := c.Params.Get("ResourceType")
	if kind == "bandwidth" || c.Params.Get("InternetChargeType") == "PayByBandwidth" {
		setup.Bandwidth = bandwidth
	}
	if kind == "bandwidth" {
		return setup, nil
	}
	if setup.DataDisks, refusal = pricedDataDisks(c); refusal != nil {
		return setup, refusal
	}
	if kind == "disk" {
		if len(setup.DataDisks) == 0 {
			return setup, errDataDiskMissing
		}
		return setup, nil
	}
	id := c.Params.Get("InstanceType")
	if id == "" {
		return setup, errPriceTypeMissing
	}
	if setup.Type = catalog.FindInstanceType(id); setup.Type == nil {
		return setup, errType
	}
	if image := c.Params.Get("ImageId"); image != "" && catalog.FindImage(image) == nil {
		return setup, errPriceImage
	}
	setup.SystemDisk, refusal = pricedSystemDisk(c)
	return setup, refusal
}
