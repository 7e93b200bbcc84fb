package action

import (
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

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
	}
	p, refusal := pricePeriod(w, c)
	if refusal != nil {
		return refusal
	}
	i, ok := w.Fleet.Find(c.Region.ID, id)
	switch {
	case !ok:
		return errInstanceNotFound
	case i.ChargeType != fleet.PrePaid:
		return errChargeType
	}
	out := c.open("DescribeRenewalPrice")
	writePriceInfo(out, priceSheet{
		lines:    w.Engine.RenewalBill(i, p),
		typeID:   i.Type.ID,
		instance: i.ID, months: months(p.Count, p.Unit), places: 2,
	})
	out.Close()
	return nil
}

// pricePeriod reads Period and PriceUnit, or ExpectedRenewDay.
func pricePeriod(w *World, c *Call) (subscription.Period, *wire.Error) {
	if day, given, refusal := renewDay(w, c); given {
		return day, refusal
	}
	p := subscription.Period{Unit: catalog.Unit(c.Params.Get("PriceUnit"))}
	if p.Unit == "" {
		p.Unit = catalog.Month
	}
	var refusal *wire.Error
	if p.Count, refusal = c.number("Period", 1, 1, 1000); refusal != nil {
		return p, errPeriod
	}
	unit, count := p.Priced()
	switch {
	case !unit:
		return p, errPriceUnit
	case !count:
		return p, errPeriod
	}
	return p, nil
}
