package action

import (
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// The spot strategies of the API.
const (
	noSpot         = "NoSpot"
	spotAsPriceGo  = "SpotAsPriceGo"
	spotPriceLimit = "SpotWithPriceLimit"
)

func readCharging(_ *World, c *Call, l *launch) *wire.Error {
	protected, _, refusal := c.boolean("DeletionProtection")
	if refusal != nil {
		return refusal
	}
	l.protected = protected
	if l.run {
		if autoPay, sent, refusal := c.boolean("AutoPay"); refusal != nil {
			return refusal
		} else if sent && !autoPay {
			return errPayMethod // the simulated account has no one to pay an order later
		}
	}
	switch l.chargeType = c.Params.Get("InstanceChargeType"); l.chargeType {
	case "", fleet.PostPaid:
		l.chargeType = fleet.PostPaid
		return nil
	case fleet.PrePaid:
	default:
		return errListChargeType
	}
	if protected {
		return errChargeType
	}
	if c.Params.Get("Period") == "" {
		return errPeriodMissing
	}
	unit := errPeriodUnit
	if l.run {
		unit = errPeriodType // RunInstances has another code than CreateInstance
	}
	if l.period, refusal = soldPeriod(c, unit); refusal != nil {
		return refusal
	}
	on, _, refusal := c.boolean("AutoRenew")
	if refusal != nil || !on {
		return refusal
	}
	if l.autoRenew, refusal = c.number("AutoRenewPeriod", 1, 1, 1000); refusal != nil {
		return errAutoRenewPeriod
	}
	if _, fine := (subscription.Period{Count: l.autoRenew, Unit: l.period.Unit}).AutoRenewable(); !fine {
		return errAutoRenewPeriod
	}
	return nil
}

// soldPeriod parses the Period and PeriodUnit of a purchase. wrongUnit is the error for a unit that is not sold.
func soldPeriod(c *Call, wrongUnit *wire.Error) (subscription.Period, *wire.Error) {
	p := subscription.Period{Unit: catalog.Unit(c.Params.Get("PeriodUnit"))}
	if p.Unit == "" {
		p.Unit = catalog.Month
	}
	var refusal *wire.Error
	if p.Count, refusal = c.number("Period", 0, 1, 1000); refusal != nil {
		return p, errPeriod
	}
	unit, count := p.Renewable()
	switch {
	case !unit:
		return p, wrongUnit
	case !count:
		return p, errPeriod
	}
	return p, nil
}

func readSpot(_ *World, c *Call, l *launch) *wire.Error {
	strategy, limit := c.Params.Get("SpotStrategy"), c.Params.Get("SpotPriceLimit")
	if strategy == "" {
		strategy = noSpot
	}
	l.spot = fleet.Spot{Strategy: strategy}
	switch {
	case strategy != noSpot && strategy != spotAsPriceGo && strategy != spotPriceLimit:
		return errSpotStrategy
	case strategy != noSpot && l.chargeType == fleet.PrePaid:
		return errSpotPrePaid
	case (limit != "") != (strategy == spotPriceLimit):
		return errSpotPriceLimit
	case strategy == noSpot:
		return nil
	}
	var refusal *wire.Error
	if l.spot.Duration, refusal = c.number("SpotDuration", 1, 0, 1); refusal != nil {
		return errSpotDuration
	}
	switch l.spot.Interruption = c.Params.Get("SpotInterruptionBehavior"); l.spot.Interruption {
	case "":
		l.spot.Interruption = "Terminate"
	case "Terminate", "Stop":
	default:
		return errSpotInterruption
	}
	if limit == "" {
		return nil
	}
	var fine bool
	if l.spot.PriceLimit, fine = thousandths(limit); !fine || l.spot.PriceLimit == 0 {
		return errSpotPriceLimit
	}
	return nil
}

// thousandths parses a decimal with at most three significant decimals; the Go SDK sends six.
func thousandths(text string) (int64, bool) {
	whole, places, _ := strings.Cut(text, ".")
	places = strings.TrimRight(places, "0")
	if len(places) > 3 || len(whole) > 9 {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+(places + "000")[:3], 10, 63)
	return int64(n), err == nil
}

// The limits of an auto-release time.
const (
	minAutoRelease   = 30 * time.Minute
	maxAutoReleaseYs = 3
)

func readAutoRelease(_ *World, c *Call, l *launch) *wire.Error {
	if !l.run {
		return nil
	}
	text := c.Params.Get("AutoReleaseTime")
	if text == "" {
		return nil
	}
	var fine bool
	if l.autoRelease, fine = autoReleaseTime(text, c.Now); !fine {
		return errAutoRelease
	}
	if l.chargeType != fleet.PostPaid {
		return errChargeType
	}
	return nil
}

// autoReleaseTime parses a time from 30 minutes to 3 years ahead; the cloud drops its seconds.
func autoReleaseTime(text string, now time.Time) (time.Time, bool) {
	t, ok := parseTime(text)
	if !ok || t.Before(now.Add(minAutoRelease)) || t.After(now.AddDate(maxAutoReleaseYs, 0, 0)) {
		return time.Time{}, false
	}
	return t.Truncate(time.Minute), true
}
