package renewal_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/payment"
)

// chance derives every random value of a history from its seed and from its
// purpose, not from the order of goroutines: the same seed gives the same
// history.
type chance uint64

func (c chance) draw(what ...any) uint64 {
	h := fnv.New64a()
	fmt.Fprintln(h, append([]any{uint64(c)}, what...)...)
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return x
}

// n draws from [0, n).
func (c chance) n(n int, what ...any) int { return int(c.draw(what...) % uint64(n)) }

// percent is true in p of 100 draws.
func (c chance) percent(p int, what ...any) bool { return c.n(100, what...) < p }

// between draws a time from [least, most), to the microsecond, so that events
// rarely share a moment.
func (c chance) between(least, most time.Duration, what ...any) time.Duration {
	return least + time.Duration(c.draw(what...)%uint64((most-least)/time.Microsecond))*time.Microsecond
}

// stormCharge is one line of the bill of a storm.
type stormCharge struct {
	token, instanceID, orderID string
	price                      ecs.Money
	before, after              time.Time
	// sent is when the paid call left ecsd, at when it was charged.
	sent, at time.Time
}

// byHand reports a renewal that a person made in the console.
func (c stormCharge) byHand() bool { return c.token == "" }

// stormChange is an expiry and when reads begin to show it.
type stormChange struct {
	expiry  time.Time
	visible time.Time
}

// stormCloud is one account in virtual time. It shares no code with the engine.
type stormCloud struct {
	chance
	// calm ends all faults.
	calm time.Time
	// lag is the longest delay of a new expiry; staleness is the age of the
	// oldest state that a read returns.
	lag, staleness time.Duration

	// billing is how the bill behaves, orderLag the longest delay of an order in it.
	billing  billingMode
	orderLag time.Duration

	mu       sync.Mutex
	ids      []string
	regions  map[string]string
	changes  map[string][]stormChange
	never    map[string]bool
	bill     []stormCharge
	poisoned map[string]bool
	calls    map[string]int
	// sends are the times at which paid calls left, by token.
	sends map[string][]time.Time
	// rises are the moments at which every price rises.
	rises []time.Time
	began time.Time
}

const stormBase = 100

func newStormCloud(c chance, instances int) *stormCloud {
	s := &stormCloud{
		chance: c, regions: map[string]string{}, changes: map[string][]stormChange{}, never: map[string]bool{},
		poisoned: map[string]bool{}, calls: map[string]int{}, sends: map[string][]time.Time{}, began: time.Now(),
	}
	s.lag = []time.Duration{0, 3 * time.Second, 12 * time.Second, 12 * time.Second, 15 * time.Minute}[c.n(5, "lag")]
	s.staleness = c.between(0, 3*time.Second, "staleness")
	s.billing = billingModes[c.n(len(billingModes), "billing")]
	s.orderLag = c.between(0, 4*time.Second, "order lag")
	s.calm = s.began.Add(10 * time.Minute)
	for i := range instances {
		id := fmt.Sprint("i-", i)
		s.ids = append(s.ids, id)
		s.regions[id] = []string{"cn-hangzhou", "cn-beijing"}[c.n(2, "region", i)]
		midnight := s.began.Truncate(24 * time.Hour).Add(16 * time.Hour)
		s.changes[id] = []stormChange{{expiry: midnight.AddDate(0, 0, 1+c.n(9, "expiry", i))}}
		s.never[id] = c.percent(5, "never", i)
	}
	for i := range c.n(3, "rises") {
		s.rises = append(s.rises, s.began.Add(c.between(0, 6*time.Minute, "rise", i)))
	}
	return s
}

// call counts a call and waits as long as it takes; the error is that of ctx.
func (s *stormCloud) call(ctx context.Context, what string, least, most time.Duration) (n int, err error) {
	s.mu.Lock()
	s.calls[what]++
	n = s.calls[what]
	s.mu.Unlock()
	timer := time.NewTimer(s.between(least, most, what, n, "latency"))
	defer timer.Stop()
	select {
	case <-timer.C:
		return n, nil
	case <-ctx.Done():
		return n, ctx.Err()
	}
}

// faulty reports a fault of a call, in p of 100 until the calm.
func (s *stormCloud) faulty(p int, what ...any) bool {
	return time.Now().Before(s.calm) && s.percent(p, what...)
}

func (s *stormCloud) Instances(ctx context.Context, _ string, ids []string) []ecs.Result[ecs.Instance] {
	results := make([]ecs.Result[ecs.Instance], len(ids))
	what := "read " + ids[0]
	n, err := s.call(ctx, what, time.Millisecond, 300*time.Millisecond)
	if err == nil && s.faulty(5, what, n, "fails") {
		err = &ecs.Error{Reason: ecs.ReasonCloudUnavailable, Message: "unavailable", Retry: ecs.RetryBackoff}
	}
	seen := time.Now().Add(-s.between(0, s.staleness+time.Microsecond, what, n, "stale"))
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, id := range ids {
		results[i] = ecs.Result[ecs.Instance]{ID: id, Err: err}
		if err == nil {
			results[i].Value = s.instance(id, seen)
		}
	}
	return results
}

// instance is an instance as reads show it at a moment. Under mu.
func (s *stormCloud) instance(id string, seen time.Time) ecs.Instance {
	i := ecs.Instance{ID: id, RegionID: s.regions[id], Status: ecs.StatusRunning, ChargeType: ecs.ChargeSubscription}
	for _, c := range s.changes[id] {
		if !c.visible.After(seen) {
			i.ExpireTime = c.expiry
		}
	}
	return i
}

func (s *stormCloud) InstancePage(ctx context.Context, regionID string, q ecs.Query, _ string, _ int) (ecs.Page, error) {
	if _, err := s.call(ctx, "list "+regionID, time.Millisecond, 500*time.Millisecond); err != nil {
		return ecs.Page{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var page ecs.Page
	for _, id := range s.ids {
		if i := s.instance(id, time.Now()); i.RegionID == regionID && q.Expiry.Contains(i.ExpireTime) {
			page.Instances = append(page.Instances, i)
		}
	}
	return page, nil
}

// price is the price of each renewal at a moment.
func (s *stormCloud) price(at time.Time) ecs.Money {
	units := int64(stormBase)
	for _, rise := range s.rises {
		if !at.Before(rise) {
			units += 20
		}
	}
	return ecs.Money{CurrencyCode: "CNY", Units: units}
}

// RenewalPrice is late sometimes: a minute and more.
func (s *stormCloud) RenewalPrice(ctx context.Context, _, id string, _ ecs.Period) (ecs.Quote, error) {
	what := "price " + id
	most := 200 * time.Millisecond
	s.mu.Lock()
	n := s.calls[what]
	s.mu.Unlock()
	if s.faulty(15, what, n, "late") {
		most = 90 * time.Second
	}
	n, err := s.call(ctx, what, time.Millisecond, most)
	if err != nil {
		return ecs.Quote{}, err
	}
	if s.faulty(5, what, n, "fails") {
		return ecs.Quote{}, &ecs.Error{Reason: ecs.ReasonThrottled, Message: "throttled", Retry: ecs.RetryWait, RetryAfter: 5 * time.Second}
	}
	p := s.price(time.Now())
	return ecs.Quote{Price: p, Original: p}, nil
}

func (s *stormCloud) AutoRenewSettings(ctx context.Context, _ string, ids []string) []ecs.Result[ecs.AutoRenewSetting] {
	_, err := s.call(ctx, "settings", time.Millisecond, 100*time.Millisecond)
	results := make([]ecs.Result[ecs.AutoRenewSetting], len(ids))
	for i, id := range ids {
		results[i] = ecs.Result[ecs.AutoRenewSetting]{ID: id, Err: err, Value: ecs.AutoRenewSetting{Status: ecs.AutoRenewOff}}
		if s.never[id] {
			results[i].Value.Status = ecs.AutoRenewNever
		}
	}
	return results
}

func (s *stormCloud) SetAutoRenew(context.Context, string, []string, ecs.AutoRenewStatus, ecs.Period) []ecs.Result[struct{}] {
	panic("no storm sets auto-renewal")
}

// RenewGrant waits now and then, as a rate budget does.
func (s *stormCloud) RenewGrant(ctx context.Context, regionID string) (payment.Grant, error) {
	what := "grant " + regionID
	s.mu.Lock()
	n := s.calls[what]
	s.mu.Unlock()
	most := 2 * time.Millisecond
	switch {
	case s.faulty(5, what, n, "waits long"):
		most = 2 * time.Minute
	case s.faulty(20, what, n, "waits"):
		most = 40 * time.Second
	}
	if _, err := s.call(ctx, what, 0, most); err != nil {
		return nil, &ecs.Error{Reason: ecs.ReasonRateBudgetExhausted, Message: "no budget", Retry: ecs.RetryWait, RetryAfter: time.Second, Cause: err}
	}
	return &stormGrant{cloud: s, given: time.Now()}, nil
}

type stormGrant struct {
	cloud *stormCloud
	given time.Time
}

func (g *stormGrant) Release() {}

// Send charges an order, or does something worse.
func (g *stormGrant) Send(ctx context.Context, o ecs.RenewOrder) (string, error) {
	s := g.cloud
	unknown := &ecs.Error{Reason: ecs.ReasonOutcomeUnknown, Message: "no response", Retry: ecs.RetryBackoff, Effect: ecs.EffectUnknown}
	if time.Since(g.given) > 5*time.Second {
		return "", &ecs.Error{Reason: ecs.ReasonRateBudgetExhausted, Message: "the grant expired", Retry: ecs.RetryBackoff}
	}
	sent := time.Now()
	what := "send " + o.ClientToken
	s.mu.Lock()
	s.sends[o.ClientToken] = append(s.sends[o.ClientToken], sent)
	s.mu.Unlock()
	n, err := s.call(ctx, what, time.Millisecond, 800*time.Millisecond)
	if err != nil {
		return "", unknown
	}
	if time.Now().Before(s.calm) {
		switch k := s.n(100, what, n, "fault"); {
		case k < 8: // lost in transit
			return "", unknown
		case k < 14: // delivered, and later than its sender waits
			time.AfterFunc(s.between(0, 20*time.Second, what, n, "delivery"), func() { _, _ = s.charge(o, sent) })
			return "", unknown
		case k < 22: // delivered, and the response lost
			_, _ = s.charge(o, sent)
			return "", unknown
		case k < 32:
			return "", &ecs.Error{Reason: ecs.ReasonThrottled, Message: "throttled", Retry: ecs.RetryWait, RetryAfter: s.between(0, 30*time.Second, what, n, "throttle")}
		case k < 36:
			return "", &ecs.Error{Reason: ecs.ReasonOperationInProgress, Message: "busy", Retry: ecs.RetryBackoff}
		case k < 40:
			return "", &ecs.Error{Reason: ecs.ReasonInsufficientBalance, Message: "no money"}
		case k < 43: // delivered twice, and the second copy refused
			_, _ = s.charge(o, sent)
			return "", unknown
		case k < 47:
			s.mu.Lock()
			s.poisoned[o.ClientToken] = true
			s.mu.Unlock()
		}
	}
	return s.charge(o, sent)
}

// charge charges an order once per token.
func (s *stormCloud) charge(o ecs.RenewOrder, sent time.Time) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.bill {
		if c.token == o.ClientToken {
			return c.orderID, nil
		}
	}
	if s.poisoned[o.ClientToken] {
		return "", &ecs.Error{Reason: ecs.ReasonClientTokenRejected, Message: "token failed before", Effect: ecs.EffectUnknown}
	}
	return s.renew(o.ClientToken, o.InstanceID, o.Period, sent), nil
}

// renew extends an instance. Under mu.
func (s *stormCloud) renew(token, id string, p ecs.Period, sent time.Time) string {
	all := s.changes[id]
	before := all[len(all)-1].expiry
	after := before.In(time.FixedZone("UTC+8", 8*60*60)).AddDate(0, int(p.Count), 0).UTC()
	orderID := fmt.Sprint("o-", len(s.bill)+1)
	visible := time.Now().Add(s.between(0, s.lag+time.Microsecond, "visible", id, len(all)))
	s.changes[id] = append(all, stormChange{expiry: after, visible: visible})
	price := s.price(time.Now())
	price.Units *= int64(p.Count)
	s.bill = append(s.bill, stormCharge{token, id, orderID, price, before, after, sent, time.Now()})
	return orderID
}

// console simulates a manual renewal of an instance.
func (s *stormCloud) console(id string, months int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renew("", id, ecs.Period{Count: months, Unit: ecs.Month}, time.Now())
}

// visible returns when reads began to show a charge.
func (s *stormCloud) visible(c stormCharge) time.Time {
	at := slices.IndexFunc(s.changes[c.instanceID], func(ch stormChange) bool { return ch.expiry.Equal(c.after) })
	return s.changes[c.instanceID][at].visible
}
