package answer

import (
	"fmt"

	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// ReadModified reads a response to ModifyInstanceChargeType for one instance. A
// fee that cannot be read is left out: the order is accepted all the same.
func ReadModified(body []byte) (modified ecs.Modified, requestID string, err error) {
	var fee, currency string
	requestID, err = object(body, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "OrderId":
			modified.OrderID, err = text(d)
		case "FeeOfInstances":
			err = wrapped(d, "FeeOfInstance", func(d *jx.Decoder) error {
				return fields(d, func(d *jx.Decoder, key []byte) (err error) {
					switch string(key) {
					case "Fee":
						fee, err = text(d)
					case "Currency":
						currency, err = text(d)
					default:
						err = d.Skip()
					}
					return err
				})
			})
		default:
			err = d.Skip()
		}
		return err
	})
	if err != nil {
		return ecs.Modified{}, "", fmt.Errorf("read the modification: %w", err)
	}
	if m, err := money(currency, fee); err == nil && m.Valid() {
		modified.Fee = m
	}
	return modified, requestID, nil
}
