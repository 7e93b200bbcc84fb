package action

import (
	"errors"
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

var renewalStatuses = []string{fleet.AutoRenewal, fleet.Normal, fleet.NotRenewal}

func describeAutoRenew(w *World, c *Call) *wire.Error {
	status := c.Params.Get("RenewalStatus")
	ids, refusal := renewalIDs(c)
	switch {
	case c.Denied:
		return errForbidden
	case refusal != nil:
		return refusal
	case ids == nil && status == "":
		return errRenewNothing
	case status != "" && !slices.Contains(renewalStatuses, status):
		return errRenewStatus
	}
	number, refusal := c.number("PageNumber", 1, 1, 1<<24)
	if refusal != nil {
		return refusal
	}
	size, refusal := c.number("PageSize", 10, 1, 100)
	if refusal != nil {
		return refusal
	}
	chosen, refusal := renewalsOf(w, c, ids)
	if refusal != nil {
		return refusal
	}
	chosen = slices.DeleteFunc(chosen, func(i *fleet.Instance) bool {
		return i.ChargeType != fleet.PrePaid || status != "" && i.Renewal.Status != status
	})

	out := c.open("DescribeInstanceAutoRenewAttribute")
	out.Int("TotalCount", int64(len(chosen)))
	out.Int("PageNumber", int64(number))
	out.Int("PageSize", int64(size))
	out.List("InstanceRenewAttributes", "InstanceRenewAttribute")
	first := min((number-1)*size, len(chosen))
	for _, i := range chosen[first:min(first+size, len(chosen))] {
		out.Item()
		out.Str("InstanceId", i.ID)
		out.Bool("AutoRenewEnabled", i.Renewal.Status == fleet.AutoRenewal)
		out.Str("RenewalStatus", i.Renewal.Status)
		out.Int("Duration", int64(i.Renewal.Duration))
		out.Str("PeriodUnit", string(i.Renewal.Unit))
		out.End()
	}
	out.End()
	out.Close()
	return nil
}

// renewalsOf returns the instances with the IDs, or all of the region if there are none. One invalid ID fails the
// batch.
func renewalsOf(w *World, c *Call, ids []string) ([]*fleet.Instance, *wire.Error) {
	if ids == nil {
		return w.Fleet.All(c.Region.ID), nil
	}
	var found []*fleet.Instance
	for _, id := range ids {
		i, ok := w.Fleet.Find(c.Region.ID, id)
		if !ok {
			return nil, errRenewInvalidID(id)
		}
		if i.ChargeType != fleet.PrePaid {
			return nil, errRenewPostPaid
		}
		found = append(found, i)
	}
	return found, nil
}

func modifyAutoRenew(w *World, c *Call) *wire.Error {
	ids, refusal := renewalIDs(c)
	switch {
	case c.Denied:
		return errForbidden
	case refusal != nil:
		return refusal
	case ids == nil:
		return errRenewMissingID
	}
	status := c.Params.Get("RenewalStatus")
	if status == "" {
		status = fleet.Normal
		on, _, refusal := c.boolean("AutoRenew")
		if refusal != nil {
			return refusal
		}
		if on {
			status = fleet.AutoRenewal
		}
	}
	if !slices.Contains(renewalStatuses, status) {
		return errRenewStatus
	}
	period, refusal := autoRenewPeriod(c)
	if refusal != nil {
		return refusal
	}
	for _, id := range ids {
		if _, ok := w.Fleet.Find(c.Region.ID, id); !ok {
			return errRenewInvalidID(id)
		}
	}
	err := w.Engine.SetAutoRenew(c.Region.ID, ids, status, period, c.Now)
	if errors.Is(err, subscription.ErrPostPaid) {
		return errRenewPostPaid
	}
	if err != nil {
		return refusalFor(err)
	}
	c.open("ModifyInstanceAutoRenewAttribute").Close()
	return nil
}

// autoRenewPeriod parses Duration and PeriodUnit; a count of 0 retains the current setting.
func autoRenewPeriod(c *Call) (subscription.Period, *wire.Error) {
	p := subscription.Period{Unit: catalog.Unit(c.Params.Get("PeriodUnit"))}
	if p.Unit == "" {
		p.Unit = catalog.Month
	}
	unit, _ := p.AutoRenewable()
	if !unit {
		return p, errRenewUnit
	}
	if c.Params.Get("Duration") == "" {
		return p, nil
	}
	var refusal *wire.Error
	if p.Count, refusal = c.number("Duration", 0, 1, 1000); refusal != nil {
		return p, errRenewDuration
	}
	if _, count := p.AutoRenewable(); !count {
		return p, errRenewDuration
	}
	return p, nil
}

// renewalIDs parses the comma-separated InstanceId; nil if there is none.
func renewalIDs(c *Call) ([]string, *wire.Error) {
	text := c.Params.Get("InstanceId")
	if text == "" {
		return nil, nil
	}
	var ids []string
	for id := range strings.SplitSeq(text, ",") {
		if id = strings.TrimSpace(id); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) > maxListed {
		return nil, errRenewManyIDs
	}
	return ids, nil
}
