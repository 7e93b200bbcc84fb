package answer

import (
	"strings"

	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// ReadOrder reads a response to RenewInstance. The order ID may be empty if no
// order was needed.
func ReadOrder(body []byte) (orderID, requestID string, err error) {
	return ReadField(body, "OrderId")
}

// ReadAutoRenew reads a response to DescribeInstanceAutoRenewAttribute, by
// instance id.
func ReadAutoRenew(body []byte) (settings map[string]ecs.AutoRenewSetting, requestID string, err error) {
	settings = make(map[string]ecs.AutoRenewSetting)
	requestID, err = object(body, func(d *jx.Decoder, key []byte) error {
		if string(key) != "InstanceRenewAttributes" {
			return d.Skip()
		}
		return wrapped(d, "InstanceRenewAttribute", func(d *jx.Decoder) error {
			id, setting, err := readSetting(d)
			if id != "" {
				settings[id] = setting
			}
			return err
		})
	})
	return settings, requestID, err
}

func readSetting(d *jx.Decoder) (id string, setting ecs.AutoRenewSetting, err error) {
	var (
		enabled  bool
		duration int32
		unit     string
	)
	err = fields(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "InstanceId":
			id, err = text(d)
		case "RenewalStatus":
			setting.RawStatus, err = text(d)
		case "AutoRenewEnabled":
			enabled, err = boolean(d)
		case "Duration":
			err = count(d, &duration)
		case "PeriodUnit":
			unit, err = text(d)
		default:
			err = d.Skip()
		}
		return err
	})
	setting.Status = renewalStatuses[setting.RawStatus]
	if setting.RawStatus == "" {
		// Responses older than RenewalStatus have only this field.
		setting.Status = ecs.AutoRenewOff
		if enabled {
			setting.Status = ecs.AutoRenewOn
		}
	}
	if duration > 0 {
		setting.Period = ecs.Period{Count: duration, Unit: ecs.Month}
		if unit != "" {
			setting.Period.Unit = periodUnits[strings.ToLower(unit)]
		}
	}
	return id, setting, err
}
