package renewal_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// lateGrant is a cloud with a rate budget that makes each payment wait. It measures how
// old the last read of an instance is when the payment is sent.
type lateGrant struct {
	*fakeCloud
	wait time.Duration
	// only delays one region; empty delays all.
	only string

	mu     sync.Mutex
	read   map[string]time.Time
	oldest time.Duration
}

func (l *lateGrant) Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance] {
	l.mu.Lock()
	for _, id := range ids {
		l.read[id] = time.Now()
	}
	l.mu.Unlock()
	return l.fakeCloud.Instances(ctx, regionID, ids)
}

func (l *lateGrant) RenewGrant(ctx context.Context, regionID string) (payment.Grant, error) {
	if l.only == "" || l.only == regionID {
		timer := time.NewTimer(l.wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	grant, err := l.fakeCloud.RenewGrant(ctx, regionID)
	return lateSend{grant, l}, err
}

type lateSend struct {
	payment.Grant
	cloud *lateGrant
}

func (s lateSend) Send(ctx context.Context, o ecs.RenewOrder) (string, error) {
	s.cloud.mu.Lock()
	s.cloud.oldest = max(s.cloud.oldest, time.Since(s.cloud.read[o.InstanceID]))
	s.cloud.mu.Unlock()
	return s.Grant.Send(ctx, o)
}

// The rate budget makes a payment wait: the instance is read after the wait.
func TestRule3_ReadAfterTheRateWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := &lateGrant{fakeCloud: newCloud(), wait: 20 * time.Second, read: map[string]time.Time{}}
		e := started(t, c, records, quiet)
		defer e.Close()
		job := create(t, e, named("job", "i-1"))
		if _, renewals := ended(t, e, job.ID); renewals["i-1"].State != ledger.Renewed {
			t.Errorf("the renewal is %s", renewals["i-1"].State)
		}
		if c.oldest > 5*time.Second {
			t.Errorf("sent %s after the last read, want at most 5s", c.oldest)
		}
	})
}

// orderedCloud records the order of the calls about an instance before each send.
type orderedCloud struct {
	*fakeCloud
	mu    sync.Mutex
	calls map[string][]string
	// sent are the calls before each send, by instance.
	sent map[string][]string
}

func (o *orderedCloud) note(call string, ids ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range ids {
		o.calls[id] = append(o.calls[id], call)
	}
}

func (o *orderedCloud) Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance] {
	o.note("read", ids...)
	return o.fakeCloud.Instances(ctx, regionID, ids)
}

func (o *orderedCloud) RenewalPrice(ctx context.Context, regionID, id string, p ecs.Period) (ecs.Quote, error) {
	o.note("price", id)
	return o.fakeCloud.RenewalPrice(ctx, regionID, id, p)
}

func (o *orderedCloud) RenewGrant(ctx context.Context, regionID string) (payment.Grant, error) {
	grant, err := o.fakeCloud.RenewGrant(ctx, regionID)
	return orderedSend{grant, o}, err
}

type orderedSend struct {
	payment.Grant
	cloud *orderedCloud
}

func (s orderedSend) Send(ctx context.Context, order ecs.RenewOrder) (string, error) {
	s.cloud.mu.Lock()
	s.cloud.sent[order.InstanceID] = slices.Clone(s.cloud.calls[order.InstanceID])
	s.cloud.mu.Unlock()
	return s.Grant.Send(ctx, order)
}

// The price is read before the instance: nothing is read between the fresh read and
// the send.
func TestRule3_PriceBeforeTheRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := &orderedCloud{fakeCloud: newCloud(), calls: map[string][]string{}, sent: map[string][]string{}}
		e := started(t, c, records, quiet)
		defer e.Close()
		ended(t, e, create(t, e, named("job", "i-1", "i-2", "i-3")).ID)
		for _, id := range []string{"i-1", "i-2", "i-3"} {
			calls := c.sent[id]
			if n := len(calls); n < 2 || calls[n-2] != "price" || calls[n-1] != "read" {
				t.Errorf("the calls before the send of %s are %v, want a price and a read at the end", id, calls)
			}
		}
	})
}

// latePrices is a cloud that returns the price of one instance late.
type latePrices struct {
	*fakeCloud
	id   string
	late time.Duration
	asks atomic.Int32
}

func (c *latePrices) RenewalPrice(ctx context.Context, regionID, instanceID string, p ecs.Period) (ecs.Quote, error) {
	if instanceID == c.id {
		c.asks.Add(1)
		select {
		case <-time.After(c.late):
		case <-ctx.Done():
			return ecs.Quote{}, ctx.Err()
		}
	}
	return c.fakeCloud.RenewalPrice(ctx, regionID, instanceID, p)
}

// A price that comes late delays no other payment, and its renewal is deferred and
// then waits for it.
func TestRule8_LatePriceDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := &latePrices{fakeCloud: newCloud(), id: "i-1", late: 20 * time.Second}
		e := started(t, c, records, quiet)
		defer e.Close()
		job := create(t, e, named("job", "i-1", "i-2", "i-3"))
		time.Sleep(3 * time.Second)
		for _, id := range []string{"i-2", "i-3"} {
			if n := c.charges(id); n != 1 {
				t.Errorf("%s was charged %d times while the price of i-1 is late, want once", id, n)
			}
		}
		_, renewals := ended(t, e, job.ID)
		if r := renewals["i-1"]; r.State != ledger.Renewed || c.charges("i-1") != 1 || c.asks.Load() != 2 {
			t.Errorf("i-1 is %s (%s), charged %d times, after %d requests of its price; want RENEWED, once, 2", r.State, r.Failure.Reason, c.charges("i-1"), c.asks.Load())
		}
	})
}

// The price rises above the limit while the payment waits for the rate.
func TestRule7_PriceRisesWhileTheRateWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := &lateGrant{fakeCloud: newCloud(), wait: 100 * time.Second, read: map[string]time.Time{}}
		e := started(t, c, records, quiet)
		defer e.Close()
		q := month("r-1", "i-1")
		q.MaxPrice = c.price
		go func() {
			time.Sleep(30 * time.Second)
			c.fakeCloud.mu.Lock()
			defer c.fakeCloud.mu.Unlock()
			c.price.Units++
		}()
		if _, err := e.Renew(t.Context(), q); !ecs.HasReason(err, ecs.ReasonPriceExceedsLimit) {
			t.Errorf("got %v, want PRICE_EXCEEDS_LIMIT", err)
		}
		if n := c.charges("i-1"); n != 0 {
			t.Errorf("charged %d times over the limit", n)
		}
	})
}

// lateIntent is a ledger with a late first intent.
type lateIntent struct {
	renewal.Ledger
	late  time.Duration
	while func()
}

func (l *lateIntent) AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, ts []ledger.Transition) ([]error, error) {
	results, err := l.Ledger.AdvanceRenewals(ctx, worker, jobID, ts)
	if l.late > 0 && slices.ContainsFunc(ts, func(t ledger.Transition) bool { return t.Renewal.State == ledger.Submitting }) {
		l.while()
		time.Sleep(l.late)
		l.late = 0
	}
	return results, err
}

// The intent takes longer than the read is good for, and a person renews meanwhile:
// the order is not sent, and passes the gate again.
func TestRule3_RenewedInConsoleWhileTheIntentIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := newCloud()
		c.lag = 0
		slow := &lateIntent{Ledger: records, late: 6 * time.Second, while: func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.renewBy("console", "i-1", oneMonth)
		}}
		e := started(t, c, slow, quiet)
		defer e.Close()
		job := create(t, e, named("job", "i-1"))
		_, renewals := ended(t, e, job.ID)
		if r := renewals["i-1"]; r.State != ledger.Skipped || r.Failure.Reason != ecs.ReasonAlreadyRenewed {
			t.Errorf("the renewal is %s (%s), want SKIPPED, ALREADY_RENEWED", r.State, r.Failure.Reason)
		}
		if n := c.charges("i-1"); n != 1 {
			t.Errorf("charged %d times, want once, by the person", n)
		}
	})
}

// lateClaim is a ledger that is slow to return the planned renewals of one
// region, so that another region has its part of a job first.
type lateClaim struct{ renewal.Ledger }

func (l lateClaim) ClaimRenewals(ctx context.Context, worker ecs.Lease, c ledger.Claim) ([]ledger.Renewal, error) {
	if c.RegionID == region {
		time.Sleep(time.Second)
	}
	return l.Ledger.ClaimRenewals(ctx, worker, c)
}

// In a job over two regions, the one with the earlier expiries is throttled:
// the other is served meanwhile.
func TestRule8_ThrottledRegionDelaysNoOtherOfItsJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := &lateGrant{fakeCloud: newCloud(), wait: 30 * time.Minute, only: "cn-beijing", read: map[string]time.Time{}}
		e := started(t, c, lateClaim{records}, quiet)
		defer e.Close()
		near := func(id, regionID string, expire time.Time) ledger.Renewal {
			now := time.Now().UTC()
			return ledger.Renewal{
				ID: id, RequestID: "job", RegionID: regionID, InstanceID: id, Period: oneMonth, State: ledger.Planned,
				ExpireBefore: expire, PlanTime: now, CreateTime: now, UpdateTime: now,
			}
		}
		c.instances["i-0"] = ecs.Instance{ID: "i-0", RegionID: "cn-beijing", ChargeType: ecs.ChargeSubscription, ExpireTime: inTenDays().AddDate(0, 0, -5)}
		now := time.Now().UTC()
		job := ledger.Job{ID: "job", RequestID: "job", PayloadHash: "v1:job", Terms: ledger.Terms{Period: oneMonth}.Encode(), CreateTime: now, UpdateTime: now}
		if err := records.CreateRenewalJob(t.Context(), job, []ledger.Renewal{
			near("i-0", "cn-beijing", c.instances["i-0"].ExpireTime), near("i-1", region, inTenDays()),
		}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if n := c.charges("i-1"); n != 1 {
			t.Errorf("two minutes later i-1 was charged %d times, want once", n)
		}
	})
}

// unsettled is a cloud with unreadable auto-renew settings.
type unsettled struct{ *fakeCloud }

func (unsettled) AutoRenewSettings(_ context.Context, regionID string, ids []string) []ecs.Result[ecs.AutoRenewSetting] {
	results := make([]ecs.Result[ecs.AutoRenewSetting], len(ids))
	for i, id := range ids {
		results[i] = ecs.Result[ecs.AutoRenewSetting]{ID: id, Err: (&ecs.Error{
			Reason: ecs.ReasonCloudUnavailable, Message: "not now", Retry: ecs.RetryBackoff,
		}).On(regionID, id)}
	}
	return results
}

// A setting that cannot be read is not taken for permission to renew.
func TestRule13_SettingCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := unsettled{newCloud()}
		e := started(t, c, records, quiet)
		defer e.Close()
		if _, _, err := e.Preview(t.Context(), named("preview", "i-1")); !ecs.HasReason(err, ecs.ReasonCloudUnavailable) {
			t.Errorf("a dry run: %v, want CLOUD_UNAVAILABLE", err)
		}
		if _, err := e.Create(t.Context(), named("job", "i-1")); !ecs.HasReason(err, ecs.ReasonCloudUnavailable) {
			t.Errorf("a job: %v, want CLOUD_UNAVAILABLE", err)
		}
		if _, err := e.Renew(t.Context(), month("r-1", "i-1")); !ecs.HasReason(err, ecs.ReasonCloudUnavailable) {
			t.Errorf("a single renewal: %v, want CLOUD_UNAVAILABLE", err)
		}
		if len(c.bill) != 0 {
			t.Errorf("charged %v", c.bill)
		}
	})
}

// The token of a renewal of a job is replaced as well if the cloud rejects it.
func TestRule5_JobReplacesARejectedToken(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, _ *store.Store, e *renewal.Engine) {
		c.faults = []fault{poisoned}
		job := create(t, e, named("job", "i-1"))
		_, renewals := ended(t, e, job.ID)
		if r := renewals["i-1"]; r.State != ledger.Renewed || c.charges("i-1") != 1 {
			t.Errorf("the renewal is %s (%s), charged %d times, want RENEWED and once", r.State, r.Failure.Message, c.charges("i-1"))
		}
	})
}

// risingPrice is a cloud with a price that rises with each question.
type risingPrice struct{ *fakeCloud }

func (c risingPrice) RenewalPrice(ctx context.Context, regionID, id string, p ecs.Period) (ecs.Quote, error) {
	quote, err := c.fakeCloud.RenewalPrice(ctx, regionID, id, p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.price.Units++
	return quote, err
}

// A single renewal without a limit is bound by the price that its plan showed.
func TestRule7_PriceRisesAfterThePlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := risingPrice{newCloud()}
		e := started(t, c, records, quiet)
		defer e.Close()
		if _, err := e.Renew(t.Context(), month("r-1", "i-1")); !ecs.HasReason(err, ecs.ReasonPriceExceedsLimit) {
			t.Errorf("got %v, want PRICE_EXCEEDS_LIMIT", err)
		}
		if n := c.charges("i-1"); n != 0 {
			t.Errorf("charged %d times over the price of the plan", n)
		}
	})
}
