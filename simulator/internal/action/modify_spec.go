package action

import (
	"errors"
	"slices"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/stock"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/usage"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// errDirection is not published: the reference says only that the operator type may be omitted.
var (
	errDirection = wire.Refuse(400, "InvalidParameter.OperatorType",
		"The specified OperatorType does not match the prices of the instance types.")
	errNotPriced = wire.Refuse(400, "InvalidInstanceType.ValueNotSupported",
		"The specified InstanceType is not an upgrade of the instance.")
	errResizeType = wire.Refuse(403, "InvalidInstanceType.ValueNotSupported",
		"The specified InstanceType does not exist or beyond the permitted range.")
	errReopenBalance = wire.Refuse(400, "ReopenInstance.InstanceNotEnoughBalance",
		"Reopen instance must have enough account balance.")
	errReopenStatus = wire.Refuse(400, "ReopenInstance.InstanceStatusNotValid",
		"Instance status is not Expired, ImageExpired or EcsAndImageExpired.")
)

// resizeRefusals are those of ModifyInstanceSpec, ModifyPrepayInstanceSpec and DescribeInstanceModificationPrice, before
// the general ones.
var resizeRefusals = append([]refusalRow{
	{subscription.ErrCharge, errChargeType},
	{subscription.ErrSameType, errResizeType},
	{subscription.ErrDirection, errDirection},
	{subscription.ErrUnsettled, errStatus},
	{subscription.ErrTooSoon, errConversionSoon},
	{subscription.ErrExpired, errArrears},
	{stock.ErrSoldOut, errNoStock},
}, refusals...)

// modifySpec returns the handler of ModifyInstanceSpec, of which only the instance type is simulated, and of
// ModifyPrepayInstanceSpec.
func modifySpec(action string) Handler {
	return func(w *World, c *Call) *wire.Error {
		r, refusal := readResize(w, c, action)
		if refusal != nil {
			return refusal
		}
		if autoPay, sent, refusal := c.boolean("AutoPay"); refusal != nil || sent && !autoPay {
			return wire.Invalid("AutoPay") // the simulated account has no one to pay an order later
		}
		orderID, refusal := once(w, c, generalTokenWords, func(token string) (string, *wire.Error) {
			r.ClientToken = token
			order, err := w.Engine.Resize(r, c.Now)
			if err != nil {
				return "", lookUp(resizeRefusals, err)
			}
			return order.OrderID, nil
		})
		if refusal != nil {
			return refusal
		}
		out := c.open(action)
		if action == "ModifyPrepayInstanceSpec" {
			out.Str("OrderId", orderID)
		} else {
			out.Str("TaskId", "t-"+orderID)
		}
		out.Close()
		return nil
	}
}

func readResize(w *World, c *Call, action string) (subscription.Resize, *wire.Error) {
	r := subscription.Resize{
		Action: action, RegionID: c.Region.ID, InstanceID: c.Params.Get("InstanceId"),
		Type: catalog.FindInstanceType(c.Params.Get("InstanceType")), Direction: c.Params.Get("OperatorType"),
	}
	switch {
	case c.Denied:
		return r, errForbidden
	case r.InstanceID == "":
		return r, wire.Missing("InstanceId")
	case c.Params.Get("InstanceType") == "":
		return r, wire.Missing("InstanceType")
	case !validToken(c.Params.Get("ClientToken")):
		return r, errToken
	case r.Type == nil:
		return r, errResizeType
	case r.Direction != "" && r.Direction != "upgrade" && r.Direction != "downgrade":
		return r, errDirection
	}
	r.Take = func(i *fleet.Instance) error {
		if !catalog.StockOf(c.Region, i.ZoneID, r.Type).Buyable() {
			return stock.ErrSoldOut
		}
		_, err := w.Stock.Take(i.ZoneID, r.Type.ID, 1, 1)
		return err
	}
	r.Return = func(i *fleet.Instance) { w.Stock.Return(i.ZoneID, r.Type.ID, 1) }
	return r, nil
}

// describeModificationPrice prices the upgrade of a subscription. The cloud prices neither a downgrade nor
// pay-as-you-go here.
func describeModificationPrice(w *World, c *Call) *wire.Error {
	r, refusal := readResize(w, c, "ModifyPrepayInstanceSpec")
	if refusal != nil {
		return refusal
	}
	price, err := w.Engine.ResizePrice(r, c.Now)
	switch {
	case errors.Is(err, subscription.ErrDirection):
		return errNotPriced
	case err != nil:
		return lookUp(resizeRefusals, err)
	}
	out := c.open("DescribeInstanceModificationPrice")
	writePriceInfo(out, priceSheet{
		lines:  []catalog.Line{{Resource: "instanceType", Amount: catalog.Amount{List: int64(price) * 10, Trade: int64(price) * 10}}},
		typeID: r.Type.ID, instance: r.InstanceID, places: 2,
	})
	out.Close()
	return nil
}

// describeResourcesModification lists the types, or the system disks, that an instance can be changed to in its zone.
func describeResourcesModification(w *World, c *Call) *wire.Error {
	i, ok := w.Fleet.Find(c.Region.ID, c.Params.Get("ResourceId"))
	destination := c.Params.Get("DestinationResource")
	switch {
	case c.Denied:
		return errForbidden
	case c.Params.Get("ResourceId") == "":
		return wire.Missing("ResourceId")
	case destination != toInstanceType && destination != toSystemDisk:
		return wire.Invalid("DestinationResource")
	case !ok:
		return errInstanceNotFound
	}
	types := slices.DeleteFunc(catalog.Sold(c.Region, i.ZoneID), func(t *catalog.InstanceType) bool { return t.ID == i.Type.ID })
	out := c.open("DescribeResourcesModification")
	out.List("AvailableZones", "AvailableZone")
	writeOffers(w, c, i.ZoneID, catalog.WithStock, destination, types)
	out.End()
	out.Close()
	return nil
}

// reactivateInstances starts a pay-as-you-go instance that was stopped for overdue payment. It takes one ID, whatever
// its name says.
func reactivateInstances(w *World, c *Call) *wire.Error {
	id := c.Params.Get("InstanceId")
	switch {
	case c.Denied:
		return errForbidden
	case id == "":
		return wire.Missing("InstanceId")
	}
	i, ok := w.Fleet.Find(c.Region.ID, id)
	switch {
	case !ok:
		return errInstanceNotFound
	case i.Locked(fleet.LockSecurity):
		return errSecurityLocked
	case i.ChargeType != fleet.PostPaid:
		return errChargeType
	case w.Account.Balance() < usage.RestartBalance:
		return errReopenBalance
	}
	if err := w.Machine.Reactivate(c.Region.ID, id, c.Now); err != nil {
		return errReopenStatus
	}
	c.open("ReActivateInstances").Close()
	return nil
}
