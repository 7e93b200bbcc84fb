package action

import (
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// offers returns the actions for stock and prices.
func offers() map[string]Action {
	return map[string]Action{
		"DescribeZones":             {Handler: describeZones},
		"DescribeInstanceTypes":     {Handler: describeInstanceTypes, AnyRegion: true},
		"DescribeAvailableResource": {Handler: describeAvailableResource, UnknownRegion: errOfferRegion},
		"DescribePrice":             {Handler: describePrice},
		"DescribeSpotPriceHistory":  {Handler: describeSpotPriceHistory, UnknownRegion: invalidParams("RegionId")},
		"DescribeSpotAdvice":        {Handler: describeSpotAdvice, UnknownRegion: errOfferRegion},
	}
}

// stockOf returns a zone's stock of a type, including limits set directly.
func stockOf(w *World, r *catalog.Region, zone string, t *catalog.InstanceType) catalog.Stock {
	stock := catalog.StockOf(r, zone, t)
	if left, limited := w.Stock.Left(zone, t.ID); limited && left == 0 {
		return min(stock, catalog.WithoutStock)
	}
	return stock
}

// oneOf rejects a parameter that was sent with none of the given values.
func (c *Call) oneOf(name string, refusal *wire.Error, values ...string) *wire.Error {
	sent := c.Params.Get(name)
	if sent == "" {
		return nil
	}
	for _, v := range values {
		if v == sent {
			return nil
		}
	}
	return refusal
}

// first returns the first error.
func first(refusals ...*wire.Error) *wire.Error {
	for _, r := range refusals {
		if r != nil {
			return r
		}
	}
	return nil
}

// spotStrategies are the values of SpotStrategy; the first means no spot.
var spotStrategies = []string{"NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo"}

// spot reports whether a request is about spot instances.
func (c *Call) spot() bool {
	s := c.Params.Get("SpotStrategy")
	return s != "" && s != spotStrategies[0]
}

// writeStrings writes a wrapped list of strings.
func writeStrings(out *wire.Writer, name, item string, list ...string) {
	out.List(name, item)
	for _, v := range list {
		out.ItemStr(v)
	}
	out.End()
}
