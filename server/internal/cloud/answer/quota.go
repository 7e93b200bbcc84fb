package answer

import (
	"math"
	"time"

	"github.com/go-faster/jx"
)

// RateQuota is a limit of the calls of an API, as Quota Center publishes it.
type RateQuota struct {
	// Code and Name name the API. Which of them holds the action is not documented.
	Code, Name string
	// RegionID is the region that the limit is for, "" if none is named.
	RegionID string
	// Shared: all regions share the limit.
	Shared bool
	// Total is the number of calls per period.
	Total  int64
	Period time.Duration
}

// periods are the units of a period.
var periods = map[string]time.Duration{
	"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour, "week": 7 * 24 * time.Hour,
}

// ReadRateQuotas reads a response to ListProductQuotas; next is "" on the last
// page.
func ReadRateQuotas(body []byte) (quotas []RateQuota, next, requestID string, err error) {
	requestID, err = object(body, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "NextToken":
			next, err = text(d)
			return err
		case "Quotas":
			if d.Next() != jx.Array {
				return d.Skip()
			}
			return d.Arr(func(d *jx.Decoder) error {
				q, err := readRateQuota(d)
				if err == nil {
					quotas = append(quotas, q)
				}
				return err
			})
		}
		return d.Skip()
	})
	return quotas, next, requestID, err
}

func readRateQuota(d *jx.Decoder) (q RateQuota, err error) {
	err = fields(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "QuotaActionCode":
			q.Code, err = text(d)
		case "QuotaName":
			q.Name, err = text(d)
		case "TotalQuota":
			q.Total, err = number(d)
		case "GlobalQuota":
			q.Shared, err = boolean(d)
		case "Period":
			q.Period, err = readPeriod(d)
		case "Dimensions":
			err = fields(d, func(d *jx.Decoder, key []byte) (err error) {
				if string(key) != "regionId" {
					return d.Skip()
				}
				q.RegionID, err = text(d)
				return err
			})
		default:
			err = d.Skip()
		}
		return err
	})
	return q, err
}

// readPeriod reads a period, 0 if its unit is not known.
func readPeriod(d *jx.Decoder) (time.Duration, error) {
	var count int64
	var unit string
	err := fields(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "PeriodValue":
			count, err = number(d)
		case "PeriodUnit":
			unit, err = text(d)
		default:
			err = d.Skip()
		}
		return err
	})
	if length := periods[unit]; length > 0 && count > 0 && count <= math.MaxInt32 && time.Duration(count) <= math.MaxInt64/length {
		return time.Duration(count) * length, err
	}
	return 0, err
}
