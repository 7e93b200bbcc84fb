package action

import (
	"strings"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// maxConverted is the maximum count of instances per change of the charge type.
const maxConverted = 20

func modifyChargeType(w *World, c *Call) *wire.Error {
	if c.Denied {
		return errForbidden
	}
	if !validToken(c.Params.Get("ClientToken")) {
		return errToken
	}
	v, refusal := readConversion(c)
	if refusal != nil {
		return refusal
	}
	dryRun, _, refusal := c.boolean("DryRun")
	if refusal != nil {
		return refusal
	}
	if dryRun {
		if err := w.Engine.CheckConversion(v, c.Now); err != nil {
			return conversionRefusal(err)
		}
		return errDryRun
	}
	answer, refusal := once(w, c, generalTokenWords, func(token string) (string, *wire.Error) {
		v.ClientToken = token
		lines, err := w.Engine.Convert(v, c.Now)
		if err != nil {
			return "", conversionRefusal(err)
		}
		fields := []string{lines[0].OrderID}
		for _, o := range lines {
			fields = append(fields, o.Amount.String())
		}
		return strings.Join(fields, " "), nil
	})
	if refusal != nil {
		return refusal
	}
	fields := strings.Fields(answer)
	out := c.open("ModifyInstanceChargeType")
	out.Str("OrderId", fields[0])
	out.List("FeeOfInstances", "FeeOfInstance")
	for n, id := range v.InstanceIDs {
		fee, _ := control.ParseAmount(fields[n+1]) // it was formatted above
		out.Item()
		out.Str("InstanceId", id)
		out.Str("Fee", max(fee, -fee).String()) // to pay or, in the other direction, to refund
		out.Str("Currency", account.Currency)
		out.End()
	}
	out.End()
	out.Close()
	return nil
}

func readConversion(c *Call) (subscription.Conversion, *wire.Error) {
	v := subscription.Conversion{RegionID: c.Region.ID}
	ids, refusal := jsonList(c, "InstanceIds")
	switch ids = unique(ids); {
	case refusal != nil || len(ids) == 0:
		return v, errConversionIDs
	case len(ids) > maxConverted:
		return v, errConversionMany
	}
	v.InstanceIDs = ids
	if v.IncludeDataDisks, _, refusal = c.boolean("IncludeDataDisks"); refusal != nil {
		return v, refusal
	}
	if _, _, refusal := c.boolean("IsDetailFee"); refusal != nil {
		return v, refusal
	}
	if autoPay, sent, refusal := c.boolean("AutoPay"); refusal != nil || sent && !autoPay {
		return v, wire.Invalid("AutoPay") // the simulated account has no one to pay an order later
	}
	switch c.Params.Get("InstanceChargeType") {
	case fleet.PostPaid:
		return v, nil
	case "", fleet.PrePaid:
	default:
		return v, errConversionCharge
	}
	if c.Params.Get("Period") == "" {
		return v, errPeriod
	}
	v.Period, refusal = soldPeriod(c, errConversionUnit)
	return v, refusal
}
