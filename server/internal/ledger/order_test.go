package ledger_test

import (
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// The order of a modification is the only paid one of the instance in the window of its sends, is no renewal, and has
// brought the expected expiry or cost the expected price.
func TestModification_OrderIn(t *testing.T) {
	sent := time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)
	month := ecs.Period{Count: 1, Unit: ecs.Month}
	price := ecs.Money{CurrencyCode: "CNY", Units: 100}
	conversion := ledger.Modification{
		InstanceID: "i-1", State: ledger.ModificationUnknown, Price: price, ExpireExpected: month.Bought(sent),
		Change:   ledger.Change{ChargeType: ecs.ChargeSubscription, Period: month},
		Attempts: []ledger.Attempt{{Number: 1, SendTime: sent, Outcome: ledger.OutcomeUnknown}},
	}
	upgrade := conversion
	upgrade.Before.ChargeType, upgrade.Change = ecs.ChargeSubscription, ledger.Change{InstanceType: "ecs.g7.xlarge"}
	refunded := conversion
	refunded.Before.ChargeType, refunded.Change = ecs.ChargeSubscription, ledger.Change{ChargeType: ecs.ChargePayAsYouGo}
	order := func(change func(*ecs.BilledOrder)) ecs.BilledOrder {
		o := ecs.BilledOrder{ID: "o-1", Type: "Convert", Paid: true, CreateTime: sent.Add(time.Second), Amount: price, InstanceIDs: []string{"i-1"}}
		if change != nil {
			change(&o)
		}
		return o
	}
	other := order(func(o *ecs.BilledOrder) { o.ID = "o-2" })
	for name, c := range map[string]struct {
		of     ledger.Modification
		orders []ecs.BilledOrder
		found  bool
	}{
		"none":               {conversion, nil, false},
		"at its price":       {conversion, []ecs.BilledOrder{order(nil)}, true},
		"at another price":   {conversion, []ecs.BilledOrder{order(func(o *ecs.BilledOrder) { o.Amount.Units++ })}, false},
		"with its expiry":    {conversion, []ecs.BilledOrder{order(func(o *ecs.BilledOrder) { o.Amount.Units++; o.Until = month.Bought(sent) })}, true},
		"another expiry":     {conversion, []ecs.BilledOrder{order(func(o *ecs.BilledOrder) { o.Until = month.Bought(sent).AddDate(0, 1, 0) })}, false},
		"a renewal":          {conversion, []ecs.BilledOrder{order(func(o *ecs.BilledOrder) { o.Type = ecs.OrderRenew })}, false},
		"not paid":           {conversion, []ecs.BilledOrder{order(func(o *ecs.BilledOrder) { o.Paid = false })}, false},
		"of another":         {conversion, []ecs.BilledOrder{order(func(o *ecs.BilledOrder) { o.InstanceIDs = []string{"i-2"} })}, false},
		"before the send":    {conversion, []ecs.BilledOrder{order(func(o *ecs.BilledOrder) { o.CreateTime = sent.Add(-3 * time.Second) })}, false},
		"long after":         {conversion, []ecs.BilledOrder{order(func(o *ecs.BilledOrder) { o.CreateTime = sent.Add(time.Hour) })}, false},
		"two":                {conversion, []ecs.BilledOrder{order(nil), other}, false},
		"an upgrade":         {upgrade, []ecs.BilledOrder{order(nil)}, true},
		"an upgrade, dearer": {upgrade, []ecs.BilledOrder{order(func(o *ecs.BilledOrder) { o.Amount.Units++ })}, false},
		"a refund":           {refunded, []ecs.BilledOrder{order(nil)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got, found := c.of.OrderIn(c.orders); found != c.found {
				t.Errorf("OrderIn returns %v, %t, want %t", got, found, c.found)
			}
		})
	}
}

// The order of a renewal that the bill shows without an expiry must have cost the
// expected price soon after a send: a person pays the same price.
func TestRenewal_OrderIn(t *testing.T) {
	sent := time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)
	month, price := ecs.Period{Count: 1, Unit: ecs.Month}, ecs.Money{CurrencyCode: "CNY", Units: 100}
	before := time.Date(2026, 12, 1, 16, 0, 0, 0, time.UTC)
	r := ledger.Renewal{
		InstanceID: "i-1", State: ledger.Unknown, Period: month, Price: price, ExpireBefore: before, ExpireExpected: before.AddDate(0, 1, 0),
		Attempts: []ledger.Attempt{
			{Number: 1, SendTime: sent.Add(-time.Hour), Outcome: ledger.OutcomeDeferred},
			{Number: 2, SendTime: sent, Outcome: ledger.OutcomeUnknown},
		},
	}
	for name, c := range map[string]struct {
		after  time.Duration
		until  time.Time
		units  int64
		wanted bool
	}{
		"soon, at its price":             {after: 20 * time.Second, units: 100, wanted: true},
		"soon, at another price":         {after: 20 * time.Second, units: 101},
		"a minute later, at its price":   {after: time.Minute, units: 100},
		"a minute later, its expiry":     {after: time.Minute, units: 100, until: r.ExpireExpected, wanted: true},
		"soon, another expiry":           {after: time.Second, units: 100, until: r.ExpireExpected.AddDate(0, 1, 0)},
		"after a deferred send":          {after: -time.Hour + time.Second, units: 100},
		"before the send, at its price":  {after: -3 * time.Second, units: 100},
		"an hour after the send, expiry": {after: time.Hour, units: 100, until: r.ExpireExpected},
	} {
		t.Run(name, func(t *testing.T) {
			o := ecs.BilledOrder{
				ID: "o-1", Type: ecs.OrderRenew, Paid: true, CreateTime: sent.Add(c.after), Until: c.until, InstanceIDs: []string{"i-1"},
				Amount: ecs.Money{CurrencyCode: "CNY", Units: c.units},
			}
			if got, found := r.OrderIn([]ecs.BilledOrder{o}); found != c.wanted {
				t.Errorf("OrderIn returns %v, %t, want %t", got, found, c.wanted)
			}
		})
	}
}
