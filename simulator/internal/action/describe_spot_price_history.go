package action

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/market"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// historyPage is the count of prices per response; the cloud does not document it.
const historyPage = 100

// defaultHistory is the span of a history without a StartTime.
const defaultHistory = 3 * time.Hour

func describeSpotPriceHistory(w *World, c *Call) *wire.Error {
	if c.Denied {
		return errForbidden
	}
	for _, name := range []string{"NetworkType", "InstanceType"} {
		if c.Params.Get(name) == "" {
			return wire.Missing(name)
		}
	}
	if refusal := first(
		c.oneOf("NetworkType", invalidParams("NetworkType"), "vpc", "classic"),
		c.oneOf("IoOptimized", invalidParams("IoOptimized"), "none", "optimized"),
		c.oneOf("OSType", invalidParams("OSType"), "linux", "windows"),
		c.oneOf("SpotDuration", errSpotDuration, "0", "1"),
		c.oneOf("ZoneId", errHistoryZone, c.Region.Zones...),
	); refusal != nil {
		return refusal
	}
	from, to, refusal := historySpan(c)
	if refusal != nil {
		return refusal
	}
	offset := 0
	if text := c.Params.Get("Offset"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return invalidParams("Offset")
		}
		offset = n
	}
	kind := catalog.FindInstanceType(c.Params.Get("InstanceType"))
	switch {
	case !strings.HasPrefix(c.Params.Get("InstanceType"), "ecs."):
		return invalidParams("InstanceType")
	case kind == nil:
		return errType
	}
	if c.Params.Get("IoOptimized") == "none" {
		return errHistoryIoOptimized
	}
	zones := slices.DeleteFunc(slices.Clone(c.Region.Zones), func(z string) bool {
		wanted := c.Params.Get("ZoneId")
		return wanted != "" && z != wanted || catalog.StockOf(c.Region, z, kind) == catalog.NotSold
	})
	if len(zones) == 0 {
		return errHistoryType
	}
	if c.Params.Get("NetworkType") == "classic" {
		zones = nil // no zone has stock in the classic network any more
	}
	writeHistory(c, w.Market, kind, zones, from, to, offset)
	return nil
}

// writeHistory writes a page, by zone and then by time.
func writeHistory(c *Call, m *market.Market, kind *catalog.InstanceType, zones []string, from, to time.Time, offset int) {
	out := c.open("DescribeSpotPriceHistory")
	out.Str("Currency", account.Currency)
	out.List("SpotPrices", "SpotPriceType")
	row, end := 0, offset+historyPage
	for _, zone := range zones {
		for _, p := range m.History(zone, kind, from, to) {
			if offset <= row && row < end {
				out.Item()
				out.Str("InstanceType", kind.ID)
				out.Str("ZoneId", zone)
				out.Str("NetworkType", "vpc")
				out.Str("IoOptimized", "optimized")
				out.Append("Timestamp", func(b []byte) []byte { return p.Time.AppendFormat(b, time.RFC3339) })
				out.Decimal("SpotPrice", p.Price, 3)
				out.Decimal("OriginPrice", catalog.HourOf(kind), 3)
				out.End()
			}
			row++
		}
	}
	out.End()
	next := 0
	if row > end {
		next = end
	}
	out.Int("NextOffset", int64(next))
	out.Close()
}

// historySpan parses StartTime and EndTime. Times after now or before the market's history are left out, not rejected.
func historySpan(c *Call) (from, to time.Time, refusal *wire.Error) {
	now := c.Now.Truncate(time.Second)
	to = now
	if text := c.Params.Get("EndTime"); text != "" {
		var ok bool
		if to, ok = parseTime(text); !ok {
			return from, to, invalidParams("EndTime")
		}
	}
	from = to.Add(-defaultHistory)
	if text := c.Params.Get("StartTime"); text != "" {
		var ok bool
		if from, ok = parseTime(text); !ok || from.After(to) || to.Sub(from) > market.Span {
			return from, to, invalidParams("StartTime")
		}
	}
	if from.After(now) {
		return from, to, invalidParams("StartTime")
	}
	if to.After(now) {
		to = now
	}
	oldest := now.Add(-market.Span)
	if to.Before(oldest) {
		return from, to, invalidParams("EndTime")
	}
	if from.Before(oldest) {
		from = oldest
	}
	return from, to, nil
}
