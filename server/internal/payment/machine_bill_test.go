package payment_test

import (
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
)

// bill is a bill with the order of the renewal, changed.
func bill(changes ...func(*ecs.BilledOrder)) []ecs.BilledOrder {
	o := ecs.BilledOrder{
		ID: "o-9", Type: ecs.OrderRenew, Paid: true, CreateTime: now.Add(-2 * time.Minute).Truncate(time.Second), Amount: yuan(100),
		InstanceIDs: []string{"i-1"}, From: expire, Until: proof,
	}
	for _, change := range changes {
		change(&o)
	}
	return []ecs.BilledOrder{o}
}

// The response to an order, or to its repetition, may lack the order ID.
func TestNext_OrderIDFromTheBill(t *testing.T) {
	weekly := renewals()["verifying"]
	weekly.Price = ecs.Money{}
	for name, c := range map[string]struct {
		renewal ledger.Renewal
		input   string
		orderID string
	}{
		"an unknown outcome":         {renewals()["unknown"], "observed, billed", "o-9"},
		"a paid renewal":             {renewals()["verifying"], "observed, renewed and billed", "o-9"},
		"a period that has no price": {weekly, "observed, renewed and billed", "o-9"},
		"a bill without it":          {renewals()["verifying"], "observed, renewed", ""},
	} {
		d, err := payment.Next(payment.Case{Renewal: c.renewal, Terms: ledger.Terms{Period: month}, Since: now.Add(-3 * time.Minute)}, inputs()[c.input], now)
		if err != nil || d.Next == nil {
			t.Errorf("%s: decided %+v, %v", name, d, err)
			continue
		}
		if d.Next.OrderID != c.orderID || d.Next.Price != yuan(100) && c.orderID != "" {
			t.Errorf("%s: order %q at %s, want %q at %s", name, d.Next.OrderID, d.Next.Price, c.orderID, yuan(100))
		}
	}
	known := renewals()["verifying"]
	known.OrderID = "o-1"
	d, err := payment.Next(payment.Case{Renewal: known, Terms: ledger.Terms{Period: month}, Since: now.Add(-3 * time.Minute)}, inputs()["observed, renewed and billed"], now)
	if err != nil || d.Next == nil || d.Next.OrderID != "o-1" {
		t.Errorf("the bill replaced the order ID of the response: %+v, %v", d.Next, err)
	}
}
