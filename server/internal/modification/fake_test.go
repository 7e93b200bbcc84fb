package modification_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/modification"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const region, id = "cn-hangzhou", "i-1"

// fault is a fault of the fake cloud in one send.
type fault string

const (
	lostReply   fault = "reply lost after the effect"
	lostRequest fault = "reset before the effect"
	throttled   fault = "throttled"
	refused     fault = "refused for good"
	poisoned    fault = "token poisoned before any effect"
	lagging     fault = "refused for the charge type before the last change"
)

var errNoReply = &ecs.Error{Reason: ecs.ReasonOutcomeUnknown, Message: "no reply", Effect: ecs.EffectUnknown}

// fakeCloud is one instance with the token rules of the real cloud: a token has
// its effect once and is then replayed, and a poisoned one is refused for ever.
type fakeCloud struct {
	mu       sync.Mutex
	instance ecs.Instance
	// next is the instance from shows on.
	next  *ecs.Instance
	shows time.Time
	// lag is how late an effect shows.
	lag     time.Duration
	price   ecs.Money
	upgrade error
	tokens  map[string]string
	poison  map[string]bool
	orders  []ecs.ModifyOrder // with an effect
	billed  []ecs.BilledOrder // of these
	sends   []ecs.ModifyOrder
	faults  []fault
	// hooks run at the start of a step, by its name.
	hooks map[string]func()
}

func yuan(units int64) ecs.Money { return ecs.Money{CurrencyCode: "CNY", Units: units} }

func newCloud() *fakeCloud {
	return &fakeCloud{
		instance: ecs.Instance{ID: id, RegionID: region, Type: "ecs.g7.large", ChargeType: ecs.ChargePayAsYouGo, Status: ecs.StatusStopped},
		lag:      8 * time.Second, price: yuan(100), tokens: map[string]string{}, poison: map[string]bool{}, hooks: map[string]func(){},
	}
}

// subscribed makes the instance a subscription that ends in 20 days.
func (c *fakeCloud) subscribed() *fakeCloud {
	c.instance.ChargeType, c.instance.ExpireTime = ecs.ChargeSubscription, time.Now().UTC().Truncate(24*time.Hour).Add(20*24*time.Hour+16*time.Hour)
	return c
}

func (c *fakeCloud) at(step string) {
	if hook := c.hooks[step]; hook != nil {
		delete(c.hooks, step)
		hook()
	}
}

// change changes the instance as a person in the console would.
func (c *fakeCloud) change(f func(*ecs.Instance)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.instance)
}

// truth is the instance with the effects that do not show yet.
func (c *fakeCloud) truth() ecs.Instance {
	if c.next != nil {
		return *c.next
	}
	return c.instance
}

func (c *fakeCloud) Instances(_ context.Context, _ string, ids []string) []ecs.Result[ecs.Instance] {
	c.at("read")
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next != nil && !time.Now().Before(c.shows) {
		c.instance, c.next = *c.next, nil
	}
	return []ecs.Result[ecs.Instance]{{ID: ids[0], Value: c.instance}}
}

func (c *fakeCloud) Disks(context.Context, string, ecs.DiskQuery, string, int) (ecs.DiskPage, error) {
	return ecs.DiskPage{Disks: []ecs.Disk{{Type: "system", Category: "cloud_essd", SizeGiB: 40}}}, nil
}

// monthly are the monthly prices of the types, in yuan.
var monthly = map[string]int64{"ecs.c7.large": 50, "ecs.g7.large": 100, "ecs.g7.xlarge": 200}

func (c *fakeCloud) InstancePrice(_ context.Context, o ecs.LaunchOrder) (ecs.Quote, error) {
	c.at("price")
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.instance.ChargeType == ecs.ChargeSubscription {
		return ecs.Quote{Price: yuan(monthly[o.Spec.Type])}, nil
	}
	return ecs.Quote{Price: c.price}, nil
}

func (c *fakeCloud) UpgradePrice(_ context.Context, _, _, instanceType string) (ecs.Quote, error) {
	c.at("price")
	c.mu.Lock()
	defer c.mu.Unlock()
	if monthly[instanceType] < monthly[c.instance.Type] {
		return ecs.Quote{}, ecs.Errorf(ecs.ReasonUnsupportedOperation, "no price of a downgrade")
	}
	return ecs.Quote{Price: c.price}, c.upgrade
}

func (c *fakeCloud) ModifyGrant(context.Context, string, string) (modification.Grant, error) {
	c.at("grant")
	return fakeGrant{c}, nil
}

type fakeGrant struct{ cloud *fakeCloud }

func (fakeGrant) Release() {}

func (g fakeGrant) Send(_ context.Context, o ecs.ModifyOrder) (ecs.Modified, error) {
	c := g.cloud
	c.at("send")
	c.mu.Lock()
	defer c.mu.Unlock()
	if o.ClientToken == "" {
		return ecs.Modified{}, errors.New("an order without a token")
	}
	c.sends = append(c.sends, o)
	var next fault
	if len(c.faults) > 0 {
		next, c.faults = c.faults[0], c.faults[1:]
	}
	switch next {
	case lostRequest:
		return ecs.Modified{}, errNoReply
	case throttled:
		return ecs.Modified{}, &ecs.Error{Reason: ecs.ReasonThrottled, Message: "throttled", Retry: ecs.RetryWait, RetryAfter: 30 * time.Second}
	case refused:
		return ecs.Modified{}, &ecs.Error{Reason: ecs.ReasonInsufficientBalance, Message: "no money"}
	case lagging:
		return ecs.Modified{}, ecs.Errorf(ecs.ReasonNotSubscription, "it is pay-as-you-go")
	case poisoned:
		c.poison[o.ClientToken] = true
	}
	if c.poison[o.ClientToken] {
		return ecs.Modified{}, &ecs.Error{Reason: ecs.ReasonClientTokenRejected, Message: "token failed before", Effect: ecs.EffectUnknown}
	}
	order, known := c.tokens[o.ClientToken]
	if !known {
		i := c.truth()
		if o.InstanceType == i.Type || o.To == i.ChargeType {
			return ecs.Modified{}, ecs.Errorf(ecs.ReasonUnsupportedOperation, "it is that already")
		}
		switch {
		case o.InstanceType != "":
			i.Type = o.InstanceType
		case o.To == ecs.ChargeSubscription:
			i.ChargeType, i.ExpireTime = o.To, o.Period.Bought(time.Now())
		default:
			i.ChargeType, i.ExpireTime = o.To, time.Time{}
		}
		c.next, c.shows = &i, time.Now().Add(c.lag)
		c.orders = append(c.orders, o)
		order = fmt.Sprintf("order-%d", len(c.orders))
		c.tokens[o.ClientToken] = order
		c.billed = append(c.billed, ecs.BilledOrder{
			ID: order, Type: "Convert", Paid: true, CreateTime: time.Now().UTC().Truncate(time.Second), Amount: c.price, InstanceIDs: []string{id},
		})
	}
	if next == lostReply {
		return ecs.Modified{}, errNoReply
	}
	return ecs.Modified{OrderID: order, Fee: yuan(7)}, nil
}

// changes are the kinds of modifications, with the instance that they start from.
var changes = map[string]struct {
	change ledger.Change
	cloud  func() *fakeCloud
}{
	"to a subscription":     {ledger.Change{ChargeType: ecs.ChargeSubscription, Period: ecs.Period{Count: 1, Unit: ecs.Month}}, newCloud},
	"to pay-as-you-go":      {ledger.Change{ChargeType: ecs.ChargePayAsYouGo}, func() *fakeCloud { return newCloud().subscribed() }},
	"upgrade":               {ledger.Change{InstanceType: "ecs.g7.xlarge"}, func() *fakeCloud { return newCloud().subscribed() }},
	"downgrade":             {ledger.Change{InstanceType: "ecs.c7.large"}, func() *fakeCloud { return newCloud().subscribed() }},
	"type of pay-as-you-go": {ledger.Change{InstanceType: "ecs.g7.xlarge"}, newCloud},
}

func request(to ledger.Change, change ...func(*modification.Request)) modification.Request {
	q := modification.Request{RegionID: region, InstanceID: id, Change: to, RequestID: "q-1", Fingerprint: "v1:1", Caller: "test"}
	for _, f := range change {
		f(&q)
	}
	return q
}

var quiet = modification.Config{Regions: []string{region}, Logger: slog.New(slog.DiscardHandler)}

// inBubble runs a test in virtual time with an engine over a store in memory.
func inBubble(t *testing.T, newCloud func() *fakeCloud, test func(*testing.T, *fakeCloud, *store.Store, *modification.Engine)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, c := memoryStore(t), newCloud()
		e := modification.New(c, s, quiet)
		e.Start()
		test(t, c, s, e)
		e.Close()
		_ = s.Close()
	})
}

func memoryStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	return s
}
