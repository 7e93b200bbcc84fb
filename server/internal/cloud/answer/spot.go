package answer

import (
	"fmt"
	"math"
	"strconv"

	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// ReadSpotPrices reads a response to DescribeSpotPriceHistory. Prices are read
// as text; the currency, which occurs once in the response, may come last.
func ReadSpotPrices(body []byte) (page ecs.SpotPricePage, requestID string, err error) {
	var currency string
	type pair struct{ price, list string }
	var amounts []pair
	w := make(words, 16)
	requestID, err = object(body, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "Currency":
			currency, err = text(d)
		case "NextOffset":
			err = count(d, &page.NextOffset)
		case "SpotPrices":
			err = wrapped(d, "SpotPriceType", func(d *jx.Decoder) error {
				var p ecs.SpotPrice
				var amount pair
				err := fields(d, func(d *jx.Decoder, key []byte) (err error) {
					switch string(key) {
					case "ZoneId":
						p.ZoneID, err = w.word(d)
					case "InstanceType":
						p.InstanceType, err = w.word(d)
					case "Timestamp":
						var at []byte
						at, err = raw(d)
						p.Time = moment(at)
					case "SpotPrice":
						amount.price, err = w.word(d)
					case "OriginPrice":
						amount.list, err = w.word(d)
					default:
						err = d.Skip()
					}
					return err
				})
				page.Prices, amounts = append(page.Prices, p), append(amounts, amount)
				return err
			})
		default:
			err = d.Skip()
		}
		return err
	})
	if err != nil {
		return ecs.SpotPricePage{}, "", err
	}
	for i, amount := range amounts {
		p := &page.Prices[i]
		if p.Price, err = price(currency, amount.price); err != nil {
			return ecs.SpotPricePage{}, "", fmt.Errorf("read a spot price: %w", err)
		}
		if amount.list == "" {
			continue
		}
		if p.ListPrice, err = price(currency, amount.list); err != nil {
			return ecs.SpotPricePage{}, "", fmt.Errorf("read a list price: %w", err)
		}
	}
	return page, requestID, nil
}

// price reads an amount that must be one.
func price(currency, text string) (ecs.Money, error) {
	amount, err := money(currency, text)
	if err == nil && !amount.Valid() {
		err = fmt.Errorf("%q is no currency", currency)
	}
	return amount, err
}

// ReadSpotAdvice reads a response to DescribeSpotAdvice.
func ReadSpotAdvice(body []byte) (advice []ecs.SpotAdvice, requestID string, err error) {
	requestID, err = object(body, func(d *jx.Decoder, key []byte) error {
		if string(key) != "AvailableSpotZones" {
			return d.Skip()
		}
		return wrapped(d, "AvailableSpotZone", func(d *jx.Decoder) error {
			zoneID, began := "", len(advice)
			err := fields(d, func(d *jx.Decoder, key []byte) (err error) {
				switch string(key) {
				case "ZoneId":
					zoneID, err = text(d)
				case "AvailableSpotResources":
					err = wrapped(d, "AvailableSpotResource", func(d *jx.Decoder) error {
						one, err := readAdvice(d)
						if one.InstanceType != "" {
							advice = append(advice, one)
						}
						return err
					})
				default:
					err = d.Skip()
				}
				return err
			})
			for i := range advice[began:] {
				advice[began+i].ZoneID = zoneID
			}
			return err
		})
	})
	if err != nil {
		return nil, "", err
	}
	return advice, requestID, nil
}

func readAdvice(d *jx.Decoder) (advice ecs.SpotAdvice, err error) {
	err = fields(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "InstanceType":
			advice.InstanceType, err = text(d)
		case "AverageSpotDiscount":
			err = count(d, &advice.AverageDiscountPercent)
		case "InterruptionRate":
			var rate string
			rate, err = text(d)
			if percent, wrong := strconv.ParseFloat(rate, 64); wrong == nil && !math.IsInf(percent, 0) && !math.IsNaN(percent) {
				advice.InterruptionRatePercent = percent
			}
		case "InterruptRateDesc":
			advice.RawInterruptionRate, err = text(d)
		default:
			err = d.Skip()
		}
		return err
	})
	return advice, err
}
