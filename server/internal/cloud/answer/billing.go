package answer

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// ReadBillingRefused reads an error of the billing API, which comes with the
// HTTP status 200 and Success false. Ok is false for a response that is none.
func ReadBillingRefused(body []byte) (refused Refused, ok bool) {
	d := jx.GetDecoder()
	defer jx.PutDecoder(d)
	d.ResetBytes(body)
	if d.Next() != jx.Object {
		return Refused{}, false
	}
	success := ""
	err := d.ObjBytes(func(d *jx.Decoder, key []byte) (err error) {
		if string(key) != "Success" {
			return d.Skip()
		}
		success, err = text(d)
		return err
	})
	if err != nil {
		return Refused{}, false
	}
	refused, ok = ReadRefused(body)
	if success == "true" || success == "" && (!ok || refused.Code == "Success") {
		return Refused{}, false
	}
	if !ok || refused.Code == "Success" {
		refused.Code = "UnknownError" // a failure without a code of its own
	}
	return refused, true
}

// OrderPage is one page of the list of orders.
type OrderPage struct {
	Orders []ecs.BilledOrder
	// Total counts the orders of all pages, as far as the cloud knows.
	Total int64
}

// ReadOrders reads a response to QueryOrders or GetOrderDetail.
func ReadOrders(body []byte) (page OrderPage, requestID string, err error) {
	requestID, err = data(body, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "TotalCount":
			page.Total, err = number(d)
			return err
		case "OrderList":
			return wrapped(d, "Order", func(d *jx.Decoder) error {
				order, err := readBilled(d)
				if err == nil && order.ID != "" {
					page.Orders = append(page.Orders, order)
				}
				return err
			})
		}
		return d.Skip()
	})
	return page, requestID, err
}

func readBilled(d *jx.Decoder) (order ecs.BilledOrder, err error) {
	var status, currency, amount, instances string
	err = fields(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "OrderId":
			order.ID, err = text(d)
		case "OrderType":
			order.Type, err = text(d)
		case "PaymentStatus":
			status, err = text(d)
		case "CreateTime":
			order.CreateTime, err = instant(d)
		case "UsageStartTime":
			order.From, err = instant(d)
		case "UsageEndTime":
			order.Until, err = instant(d)
		case "Currency":
			currency, err = text(d)
		case "PretaxAmount":
			amount, err = text(d)
		case "InstanceIDs":
			instances, err = text(d)
		default:
			err = d.Skip()
		}
		return err
	})
	if err != nil {
		return order, err
	}
	order.Paid = status == "Paid"
	if order.Amount, err = amountOf(currency, amount); err != nil {
		return order, fmt.Errorf("read the amount of order %s: %w", order.ID, err)
	}
	order.InstanceIDs = instanceList(instances)
	return order, nil
}

// instanceList reads the instances of an order: JSON text inside a string, or
// IDs with commas between them.
func instanceList(text string) []string {
	var ids []string
	if json.Unmarshal([]byte(text), &ids) == nil {
		return ids
	}
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(`[]", `, r) })
}

// ReadBalance reads a response to QueryAccountBalance: what the account can pay
// now, credit included.
func ReadBalance(body []byte) (balance ecs.Money, requestID string, err error) {
	var currency, available string
	requestID, err = data(body, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "Currency":
			currency, err = text(d)
		case "AvailableAmount":
			available, err = text(d)
		default:
			err = d.Skip()
		}
		return err
	})
	if err != nil {
		return ecs.Money{}, "", err
	}
	if balance, err = amountOf(currency, available); err == nil && !balance.Valid() {
		err = fmt.Errorf("%q %q is no amount", currency, available)
	}
	if err != nil {
		return ecs.Money{}, "", fmt.Errorf("read the balance: %w", err)
	}
	return balance, requestID, nil
}

// ReadSubscriptionEnds reads a response to QueryAvailableInstances into ends, by
// instance ID.
func ReadSubscriptionEnds(body []byte, ends map[string]ecs.SubscriptionEnd) (requestID string, err error) {
	return data(body, func(d *jx.Decoder, key []byte) error {
		if string(key) != "InstanceList" || d.Next() != jx.Array {
			return d.Skip()
		}
		return d.Arr(func(d *jx.Decoder) error {
			id, end, err := readEnd(d)
			if err == nil && id != "" {
				ends[id] = end
			}
			return err
		})
	})
}

func readEnd(d *jx.Decoder) (id string, end ecs.SubscriptionEnd, err error) {
	var expected ecs.SubscriptionEnd
	err = fields(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "InstanceID":
			id, err = text(d)
		case "StopTime":
			end.StopTime, err = instant(d)
		case "ReleaseTime":
			end.ReleaseTime, err = instant(d)
		case "ExpectedReleaseTime":
			expected.ReleaseTime, err = instant(d)
		default:
			err = d.Skip()
		}
		return err
	})
	if end.ReleaseTime.IsZero() {
		end.ReleaseTime = expected.ReleaseTime
	}
	return id, end, err
}

// data reads the fields of the object Data, which holds every result of the
// billing API.
func data(body []byte, field func(d *jx.Decoder, key []byte) error) (requestID string, err error) {
	return object(body, func(d *jx.Decoder, key []byte) error {
		if string(key) != "Data" {
			return d.Skip()
		}
		return fields(d, field)
	})
}

// amountOf reads an amount that the billing API writes as a string, perhaps with
// commas between thousands; "" is no amount.
func amountOf(currency, amount string) (ecs.Money, error) {
	if amount == "" || currency == "" {
		return ecs.Money{}, nil
	}
	return money(currency, strings.ReplaceAll(amount, ",", ""))
}
