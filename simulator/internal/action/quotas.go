package action

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/throttle"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// quotas returns the actions of Quota Center. It lists the rates at which the simulator throttles ECS.
func quotas() map[string]Action {
	return map[string]Action{
		"ListProductQuotas": {Handler: listProductQuotas},
	}
}

const (
	defaultQuotaPage, maxQuotaPage = 30, 100

	commonQuota = "CommonQuota"
	flowControl = "FlowControl"
)

// quota is the rate of an action in a region.
type quota struct {
	action, region string
	rate           throttle.Rate
}

func listProductQuotas(w *World, c *Call) *wire.Error {
	if c.Denied {
		return wire.Refuse(403, "NoPermission", "You are not authorized to perform this operation.")
	}
	product := c.Params.Get("ProductCode")
	if product == "" {
		return wire.Missing("ProductCode")
	}
	category := cmp.Or(c.Params.Get("QuotaCategory"), commonQuota)
	if !slices.Contains([]string{commonQuota, flowControl, "WhiteListLabel"}, category) {
		return wire.Refuse(400, "PARAMETER.ILLEGALL", "The specified parameter QuotaCategory is not valid.") // the cloud's spelling
	}
	size, refusal := c.number("MaxResults", defaultQuotaPage, 1, maxQuotaPage)
	if refusal != nil {
		return refusal
	}
	from := 0
	if token := c.Params.Get("NextToken"); token != "" {
		n, err := strconv.Atoi(token)
		if err != nil || n < 0 {
			return wire.Refuse(400, "PARAMETER.ILLEGALL", "The specified parameter NextToken is not valid.")
		}
		from = n
	}
	var all []quota
	if product == "ecs" && category == flowControl {
		all = w.quotas(c)
	}
	page := all[min(from, len(all)):min(from+size, len(all))]
	out := c.open("ListProductQuotas")
	out.Int("TotalCount", int64(len(all)))
	out.Int("MaxResults", int64(size))
	if next := from + len(page); next < len(all) {
		out.Str("NextToken", strconv.Itoa(next))
	}
	out.Array("Quotas")
	for _, q := range page {
		out.Item()
		q.write(out, strconv.FormatInt(w.OwnerID, 10))
		out.End()
	}
	out.End()
	out.Close()
	return nil
}

// quotas returns the rates that the dimensions and the name of a request select, by region and action.
func (w *World) quotas(c *Call) []quota {
	region := ""
	for i := 1; i <= 10; i++ {
		if prefix := "Dimensions." + strconv.Itoa(i); c.Params.Get(prefix+".Key") == "regionId" {
			region = c.Params.Get(prefix + ".Value")
		}
	}
	code, word := c.Params.Get("QuotaActionCode"), strings.ToLower(c.Params.Get("KeyWord"))
	var all []quota
	for _, r := range w.Regions {
		if region != "" && region != r.ID {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(ecs())) {
			rate, limited := w.Rates[name]
			if !limited {
				rate, limited = w.Rates[throttle.Any]
			}
			if limited && (code == "" || code == name) && strings.Contains(strings.ToLower(name), word) {
				all = append(all, quota{action: name, region: r.ID, rate: rate})
			}
		}
	}
	return all
}

func (q quota) write(out *wire.Writer, owner string) {
	value, unit := int64(q.rate.Window/time.Second), "second"
	if q.rate.Window%time.Minute == 0 {
		value, unit = int64(q.rate.Window/time.Minute), "minute"
	}
	out.Str("ProductCode", "ecs")
	out.Str("QuotaCategory", flowControl)
	out.Str("QuotaActionCode", q.action)
	out.Str("QuotaName", q.action)
	out.Str("QuotaDescription", "Calls of "+q.action+" per period")
	out.Str("QuotaArn", "acs:quotas:"+q.region+":"+owner+":quota/ecs/"+q.action)
	out.Str("QuotaUnit", "COUNT")
	out.Str("QuotaType", "normal")
	out.Int("TotalQuota", int64(q.rate.Calls))
	out.Int("TotalUsage", 0)
	out.Object("Period")
	out.Int("PeriodValue", value)
	out.Str("PeriodUnit", unit)
	out.End()
	out.Object("Dimensions")
	out.Str("regionId", q.region)
	out.End()
	out.Bool("GlobalQuota", false)
	// The limits of the simulator cannot be raised, and it counts no usage.
	out.Str("ApplicableType", "continuous")
	for _, list := range []string{"ApplicableRange", "SupportedRange", "QuotaItems"} {
		out.Array(list)
		out.End()
	}
	out.Bool("Adjustable", false)
	out.Bool("Consumable", false)
	for _, name := range []string{"UnadjustableDetail", "EffectiveTime", "ExpireTime", "ApplyReasonTips"} {
		out.Str(name, "")
	}
	out.Object("UsageMetric")
	out.Str("MetricNamespace", "")
	out.Str("MetricName", "")
	out.Object("MetricDimensions")
	out.End()
	out.End()
}
