package answer

import (
	"errors"

	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// ErrNoInstance reports that a response to an order names nothing that was made.
var ErrNoInstance = errors.New("the answer names no instance")

// ReadLaunched reads a response to RunInstances or CreateInstance.
func ReadLaunched(body []byte) (made ecs.Launched, requestID string, err error) {
	requestID, err = object(body, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "InstanceIdSets":
			err = texts(d, "InstanceIdSet", &made.InstanceIDs)
		case "InstanceId":
			var id string
			if id, err = text(d); id != "" {
				made.InstanceIDs = append(made.InstanceIDs, id)
			}
		case "OrderId":
			made.OrderID, err = text(d)
		default:
			err = d.Skip()
		}
		return err
	})
	if err == nil && len(made.InstanceIDs) == 0 {
		err = ErrNoInstance
	}
	if err != nil {
		return ecs.Launched{}, "", err
	}
	return made, requestID, nil
}
