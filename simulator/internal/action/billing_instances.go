package action

import (
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// maxBillingIDs is the largest number of IDs in one QueryAvailableInstances.
const maxBillingIDs = 100

// queryAvailableInstances lists the subscriptions of all regions, with the times at which an expired one is stopped and
// released.
func queryAvailableInstances(w *World, c *Call) *wire.Error {
	if c.Denied {
		return c.billingDenied()
	}
	from, to, invalid := c.window("EndTimeStart", "EndTimeEnd")
	if invalid != "" {
		return c.billingInvalid(invalid)
	}
	var ids []string
	if text := c.Params.Get("InstanceIDs"); text != "" {
		ids = strings.Split(text, ",")
	}
	status := c.Params.Get("RenewStatus")
	switch _, known := billingRenewals[status]; {
	case len(ids) > maxBillingIDs:
		return c.billingInvalid("InstanceIDs")
	case status != "" && !known:
		return c.billingInvalid("RenewStatus")
	case c.Params.Get("Region") != "" && c.Params.Get("ProductCode") == "":
		return c.billingMissing("ProductCode")
	}
	var chosen []*fleet.Instance
	for _, i := range w.Fleet.All("") {
		if i.ChargeType == fleet.PrePaid && (ids == nil || slices.Contains(ids, i.ID)) &&
			(status == "" || billingRenewals[status] == i.Renewal.Status) &&
			(from.IsZero() || !i.Expiry.Before(from)) && (to.IsZero() || !i.Expiry.After(to)) &&
			(c.Params.Get("Region") == "" || c.Params.Get("Region") == i.Region.ID) &&
			(c.Params.Get("ProductCode") == "" || strings.EqualFold(c.Params.Get("ProductCode"), "ecs")) &&
			!strings.EqualFold(c.Params.Get("SubscriptionType"), "PayAsYouGo") && !c.Empty && !slices.Contains(c.Omitted, i.ID) {
			chosen = append(chosen, i)
		}
	}
	number, size, low, high, invalid := c.billingPage(len(chosen))
	if invalid != "" {
		return c.billingInvalid(invalid)
	}
	out := c.billing()
	out.Object("Data")
	out.Int("PageNum", int64(number))
	out.Int("PageSize", int64(size))
	out.Int("TotalCount", int64(len(chosen)))
	out.Array("InstanceList")
	for _, i := range chosen[low:high] {
		out.Item()
		w.writeBilled(out, i)
		out.End()
	}
	out.End()
	out.End()
	out.Close()
	return nil
}

// writeBilled writes an instance as billing shows it. The times follow the expiry that the API shows.
func (w *World) writeBilled(out *wire.Writer, i *fleet.Instance) {
	stop, release := w.Engine.Ends(i)
	state := "Normal"
	if i.Locked(fleet.LockFinancial) {
		state = "WaitForExpire"
	}
	out.Int("OwnerId", w.OwnerID)
	out.Str("ProductCode", "ecs")
	out.Str("ProductType", "")
	out.Str("SubscriptionType", "Subscription")
	out.Str("InstanceID", i.ID)
	out.Str("Region", i.Region.ID)
	out.Str("Status", state)
	out.Str("SubStatus", state)
	out.Str("Seller", "26842")
	out.Int("SellerId", 26842)
	out.Str("CreateTime", billingStamp(i.Creation))
	out.Str("EndTime", billingStamp(i.Expiry))
	out.Str("StopTime", billingStamp(stop))
	out.Str("ReleaseTime", billingStamp(release))
	out.Str("ExpectedReleaseTime", billingStamp(release))
	for word, status := range billingRenewals {
		if status == i.Renewal.Status {
			out.Str("RenewStatus", word)
		}
	}
	if i.Renewal.Duration > 0 {
		unit := "M"
		if i.Renewal.Unit == catalog.Year {
			unit = "Y"
		}
		out.Int("RenewalDuration", int64(i.Renewal.Duration))
		out.Str("RenewalDurationUnit", unit)
	}
}
