package renewal_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fault is a fault of the fake cloud in one paid call.
type fault string

const (
	fine        fault = "fine"
	lostReply   fault = "reply lost after the charge"
	lostRequest fault = "reset before the charge"
	throttled   fault = "throttled"
	busy        fault = "an earlier order is in work"
	poisoned    fault = "token poisoned before any charge"
	refused     fault = "refused for good"

	poisonedAfter fault = "token poisoned after the charge"
)

// charge is one line of the fake cloud's bill.
type charge struct {
	token      string
	instanceID string
	orderID    string
}

// fakeCloud is one account with the token rules of the real one: a token is
// charged once and then replayed, and a poisoned one is refused for ever.
type fakeCloud struct {
	mu        sync.Mutex
	instances map[string]ecs.Instance
	shown     map[string][]shownExpiry
	// lag is how late a new expiry shows.
	lag      time.Duration
	price    ecs.Money
	priceErr error
	faults   []fault
	bill     []charge
	poison   map[string]bool
	settings map[string]ecs.AutoRenewSetting
	reads    int
	// sent counts paid calls; balance is how many the account can pay, 0 for any.
	sent, balance int
	// sells is the period that the cloud sells, zero for the ordered one.
	sells ecs.Period
	// hook runs in the middle of a paid call.
	hook func()
}

type shownExpiry struct {
	from   time.Time
	expiry time.Time
}

// quiet is the default configuration without a log.
var quiet = renewal.Config{Logger: slog.New(slog.DiscardHandler)}

const region = "cn-hangzhou"

// inTenDays is a midnight of UTC+8, at which subscriptions expire.
func inTenDays() time.Time { return time.Now().UTC().Truncate(24 * time.Hour).Add(256 * time.Hour) }

// newCloud has subscriptions i-1 to i-3 that end in ten days, and i-payg.
func newCloud() *fakeCloud {
	c := &fakeCloud{
		instances: map[string]ecs.Instance{}, shown: map[string][]shownExpiry{}, poison: map[string]bool{},
		settings: map[string]ecs.AutoRenewSetting{}, lag: 10 * time.Second, price: ecs.Money{CurrencyCode: "CNY", Units: 100},
	}
	for _, id := range []string{"i-1", "i-2", "i-3"} {
		c.instances[id] = ecs.Instance{ID: id, RegionID: region, ChargeType: ecs.ChargeSubscription, ExpireTime: inTenDays()}
		c.settings[id] = ecs.AutoRenewSetting{Status: ecs.AutoRenewOff, RawStatus: "Normal"}
	}
	c.instances["i-payg"] = ecs.Instance{ID: "i-payg", RegionID: region, ChargeType: ecs.ChargePayAsYouGo}
	return c
}

func (c *fakeCloud) Instances(_ context.Context, _ string, ids []string) []ecs.Result[ecs.Instance] {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	results := make([]ecs.Result[ecs.Instance], len(ids))
	for i, id := range ids {
		instance, ok := c.instances[id]
		if !ok {
			results[i] = ecs.Result[ecs.Instance]{ID: id, Err: ecs.Errorf(ecs.ReasonInstanceNotFound, "no instance %s", id).On(region, id)}
			continue
		}
		for _, s := range c.shown[id] {
			if !time.Now().Before(s.from) {
				instance.ExpireTime = s.expiry
			}
		}
		results[i] = ecs.Result[ecs.Instance]{ID: id, Value: instance}
	}
	return results
}

// InstancePage lists the subscriptions of a window, two per page.
func (c *fakeCloud) InstancePage(ctx context.Context, regionID string, q ecs.Query, cursor string, _ int) (ecs.Page, error) {
	var page ecs.Page
	ids := slices.Sorted(maps.Keys(c.instances))
	for i, read := range c.Instances(ctx, regionID, ids) {
		if read.Value.ChargeType != ecs.ChargeSubscription || !q.Expiry.Contains(read.Value.ExpireTime) || read.ID <= cursor {
			continue
		}
		page.Instances = append(page.Instances, read.Value)
		if len(page.Instances) == 2 && i < len(ids)-1 {
			page.Next = read.ID
			break
		}
	}
	return page, nil
}

func (c *fakeCloud) RenewalPrice(context.Context, string, string, ecs.Period) (ecs.Quote, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ecs.Quote{Price: c.price, Original: c.price}, c.priceErr
}

// truth is the expiry that is paid for, shown or not.
func (c *fakeCloud) truth(id string) time.Time {
	if s := c.shown[id]; len(s) > 0 {
		return s[len(s)-1].expiry
	}
	return c.instances[id].ExpireTime
}

// renewBy charges an instance, for any buyer.
func (c *fakeCloud) renewBy(token, id string, p ecs.Period) string {
	orderID := fmt.Sprintf("order-%d", len(c.bill)+1)
	c.bill = append(c.bill, charge{token, id, orderID})
	if !c.sells.IsZero() {
		p = c.sells
	}
	c.shown[id] = append(c.shown[id], shownExpiry{time.Now().Add(c.lag), p.From(c.truth(id))})
	return orderID
}

// RenewGrant never waits.
func (c *fakeCloud) RenewGrant(context.Context, string) (payment.Grant, error) {
	return fakeGrant{c}, nil
}

type fakeGrant struct{ cloud *fakeCloud }

func (g fakeGrant) Release() {}

func (g fakeGrant) Send(ctx context.Context, o ecs.RenewOrder) (string, error) {
	c := g.cloud
	if c.hook != nil {
		c.hook()
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if o.ClientToken == "" {
		return "", errors.New("a paid call without a token")
	}
	c.sent++
	next := fine
	if len(c.faults) > 0 {
		next, c.faults = c.faults[0], c.faults[1:]
	}
	unknown := &ecs.Error{Reason: ecs.ReasonOutcomeUnknown, Message: "no answer", Effect: ecs.EffectUnknown}
	switch next {
	case lostRequest:
		return "", unknown
	case throttled:
		return "", &ecs.Error{Reason: ecs.ReasonThrottled, Message: "throttled", Retry: ecs.RetryWait, RetryAfter: 30 * time.Second}
	case busy:
		return "", &ecs.Error{Reason: ecs.ReasonOperationInProgress, Message: "busy", Retry: ecs.RetryBackoff}
	case refused:
		return "", &ecs.Error{Reason: ecs.ReasonInsufficientBalance, Message: "no money", Cloud: ecs.CloudError{Code: "InvalidAccountStatus.NotEnoughBalance", RequestID: "R1"}}
	case poisoned:
		c.poison[o.ClientToken] = true
	}
	if c.poison[o.ClientToken] {
		return "", &ecs.Error{Reason: ecs.ReasonClientTokenRejected, Message: "token failed before", Effect: ecs.EffectUnknown, Cloud: ecs.CloudError{Code: "IdempotentFailed"}}
	}
	orderID := ""
	for _, paid := range c.bill {
		if paid.token == o.ClientToken {
			orderID = paid.orderID
		}
	}
	if orderID == "" && c.balance > 0 && len(c.bill) >= c.balance {
		return "", &ecs.Error{Reason: ecs.ReasonInsufficientBalance, Message: "no money"}
	}
	if orderID == "" {
		orderID = c.renewBy(o.ClientToken, o.InstanceID, o.Period)
	}
	if next == poisonedAfter {
		c.poison[o.ClientToken] = true
		return "", unknown
	}
	if next == lostReply {
		return "", unknown
	}
	return orderID, nil
}

func (c *fakeCloud) AutoRenewSettings(_ context.Context, _ string, ids []string) []ecs.Result[ecs.AutoRenewSetting] {
	c.mu.Lock()
	defer c.mu.Unlock()
	results := make([]ecs.Result[ecs.AutoRenewSetting], len(ids))
	for i, id := range ids {
		results[i] = ecs.Result[ecs.AutoRenewSetting]{ID: id, Value: c.settings[id]}
	}
	return results
}

// charges is how often the account was charged for an instance.
func (c *fakeCloud) charges(id string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, paid := range c.bill {
		if paid.instanceID == id {
			n++
		}
	}
	return n
}

func memoryStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// month is the request that most tests make.
func month(requestID, instanceID string) renewal.Request {
	return renewal.Request{RequestID: requestID, Fingerprint: "v1:" + instanceID, RegionID: region, InstanceID: instanceID, Period: ecs.Period{Count: 1, Unit: ecs.Month}, Caller: "test"}
}

var oneMonth = ecs.Period{Count: 1, Unit: ecs.Month}
