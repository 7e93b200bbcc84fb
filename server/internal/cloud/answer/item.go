package answer

import (
	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Item is the outcome of one instance in a response to StartInstances,
// StopInstances or RebootInstances.
type Item struct {
	// Code is 200, or the cloud's error code; "" if there was none.
	Code string
	// Message is the cloud's text: scrub it.
	Message    string
	Transition ecs.Transition
}

// Accepted reports whether the cloud accepted the request for this item.
func (i Item) Accepted() bool { return i.Code == "200" }

// ReadItems reads a response for many instances, by instance id.
func ReadItems(body []byte) (items map[string]Item, requestID string, err error) {
	items = make(map[string]Item)
	requestID, err = object(body, func(d *jx.Decoder, key []byte) error {
		if string(key) != "InstanceResponses" {
			return d.Skip()
		}
		return wrapped(d, "InstanceResponse", func(d *jx.Decoder) error {
			id, item, err := readItem(d)
			if id != "" {
				items[id] = item
			}
			return err
		})
	})
	return items, requestID, err
}

func readItem(d *jx.Decoder) (id string, item Item, err error) {
	t := &item.Transition
	err = fields(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "InstanceId":
			id, err = text(d)
		case "Code":
			item.Code, err = text(d)
		case "Message":
			item.Message, err = text(d)
		case "PreviousStatus":
			t.RawPrevious, err = text(d)
		case "CurrentStatus":
			t.RawCurrent, err = text(d)
		default:
			err = d.Skip()
		}
		return err
	})
	t.Previous, t.Current = statuses[t.RawPrevious], statuses[t.RawCurrent]
	if item.Code != "" && item.Code != "200" && !isCode(item.Code) {
		item.Code = "" // no word of the cloud's: its outcome is not known
	}
	return id, item, err
}
