package renewal_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/ledger/ledgertest"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// grantsFail is a cloud that fails grants, prices or reads while an error is
// set.
type grantsFail struct {
	*fakeCloud
	grants, prices, reads atomic.Pointer[ecs.Error]
	// priced selects the instances with failing prices, nil for all.
	priced func(id string) bool
}

func (g *grantsFail) RenewGrant(ctx context.Context, regionID string) (payment.Grant, error) {
	if err := g.grants.Load(); err != nil {
		timer := time.NewTimer(2 * time.Minute)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil, err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return g.fakeCloud.RenewGrant(ctx, regionID)
}

func (g *grantsFail) RenewalPrice(ctx context.Context, regionID, id string, p ecs.Period) (ecs.Quote, error) {
	if err := g.prices.Load(); err != nil && (g.priced == nil || g.priced(id)) {
		return ecs.Quote{}, err
	}
	return g.fakeCloud.RenewalPrice(ctx, regionID, id, p)
}

func (g *grantsFail) Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance] {
	results := g.fakeCloud.Instances(ctx, regionID, ids)
	if err := g.reads.Load(); err != nil {
		for i := range results {
			results[i] = ecs.Result[ecs.Instance]{ID: ids[i], Err: err}
		}
	}
	return results
}

var (
	throttle    = &ecs.Error{Reason: ecs.ReasonThrottled, Message: "throttled", Retry: ecs.RetryWait, RetryAfter: 5 * time.Second}
	errCloudOut = &ecs.Error{Reason: ecs.ReasonCloudUnavailable, Message: "unavailable", Retry: ecs.RetryBackoff}
)

// withFaults runs a test in virtual time with an engine over a cloud that fails
// on demand.
func withFaults(t *testing.T, test func(t *testing.T, c *grantsFail, records *store.Store, e *renewal.Engine)) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := &grantsFail{fakeCloud: newCloud()}
		e := started(t, c, records, quiet)
		defer e.Close()
		test(t, c, records, e)
	})
}

func only(t *testing.T, records *store.Store, jobID string) ledger.Renewal {
	t.Helper()
	found, err := records.RenewalsOfJob(t.Context(), jobID, 0, "", 1)
	if err != nil || len(found) != 1 {
		t.Fatalf("the job has %d renewals, %v", len(found), err)
	}
	return found[0]
}

func TestClose_WhileARegionIsThrottled(t *testing.T) {
	withFaults(t, func(t *testing.T, c *grantsFail, records *store.Store, e *renewal.Engine) {
		c.grants.Store(throttle)
		job := create(t, e, named("job", "i-1"))
		time.Sleep(30 * time.Minute)
		e.Close()
		if r := only(t, records, job.ID); r.State != ledger.Planned {
			t.Errorf("the renewal is %s (%s: %s), want PLANNED, for the next process", r.State, r.Failure.Reason, r.Failure.Message)
		}
	})
}

// A region is throttled for half an hour; then it fails once, for a moment.
func TestPatience_BeginsAfterTheThrottle(t *testing.T) {
	withFaults(t, func(t *testing.T, c *grantsFail, records *store.Store, e *renewal.Engine) {
		c.grants.Store(throttle)
		job := create(t, e, named("job", "i-1"))
		time.Sleep(30 * time.Minute)
		c.prices.Store(errCloudOut)
		c.grants.Store(nil)
		time.Sleep(5 * time.Minute)
		c.prices.Store(nil)
		if _, renewals := ended(t, e, job.ID); renewals["i-1"].State != ledger.Renewed {
			r := renewals["i-1"]
			t.Errorf("the renewal is %s (%s: %s), want RENEWED", r.State, r.Failure.Reason, r.Failure.Message)
		}
	})
}

// The outcome is unknown, and the region cannot be read from then on.
func TestUnknown_NeedsAttentionIfTheInstanceCannotBeRead(t *testing.T) {
	withFaults(t, func(t *testing.T, c *grantsFail, records *store.Store, e *renewal.Engine) {
		c.faults = []fault{lostRequest}
		c.hook = func() { c.reads.Store(errCloudOut) }
		job := create(t, e, named("job", "i-1"))
		time.Sleep(25 * time.Hour)
		if r := only(t, records, job.ID); r.State != ledger.NeedsAttention {
			t.Errorf("the renewal is %s after 25 h, want NEEDS_ATTENTION", r.State)
		}
	})
}

// The job is cancelled in the middle of a send that is then throttled, and so is the
// region for hours.
func TestCancel_DuringASendThatIsThrottled(t *testing.T) {
	withFaults(t, func(t *testing.T, c *grantsFail, records *store.Store, e *renewal.Engine) {
		c.faults = []fault{throttled}
		sending, send := make(chan struct{}), make(chan struct{})
		c.hook = func() {
			close(sending)
			<-send
			c.grants.Store(throttle)
		}
		job := create(t, e, named("job", "i-1"))
		<-sending
		if _, err := e.Cancel(t.Context(), job.ID, "ops", "OPS-7"); err != nil {
			t.Fatal(err)
		}
		close(send)
		time.Sleep(5 * time.Minute)
		stored, err := records.RenewalJob(t.Context(), job.ID)
		if r := only(t, records, job.ID); err != nil || stored.State != ledger.JobCancelled {
			t.Errorf("five minutes after the cancel the job is %s, %v, its renewal %s; want CANCELLED", stored.State, err, r.State)
		}
	})
}

// fleet adds n subscriptions that expire in a week.
func fleet(c *fakeCloud, prefix string, n int) (ids []string) {
	for i := range n {
		id := fmt.Sprintf("i-%s%04d", prefix, i)
		c.instances[id] = ecs.Instance{ID: id, RegionID: region, Status: ecs.StatusRunning, ChargeType: ecs.ChargeSubscription, ExpireTime: inTenDays().AddDate(0, 0, -3)}
		ids = append(ids, id)
	}
	return ids
}

// Hundreds of prices of a large job fail, which expires earlier than another.
func TestRule8_FailingJobDelaysNoOther(t *testing.T) {
	withFaults(t, func(t *testing.T, c *grantsFail, _ *store.Store, e *renewal.Engine) {
		ids := fleet(c.fakeCloud, "x", 2000)
		c.priced = func(id string) bool { return strings.HasPrefix(id, "i-x") }
		c.prices.Store(&ecs.Error{Reason: ecs.ReasonIncorrectStatus, Message: "not now", Retry: ecs.RetryBackoff})
		create(t, e, named("large", ids...))
		time.Sleep(30 * time.Second)
		began := time.Now()
		job := create(t, e, named("small", "i-1", "i-2"))
		if _, renewals := ended(t, e, job.ID); renewals["i-1"].State != ledger.Renewed {
			t.Errorf("the renewal is %s", renewals["i-1"].State)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("it took %s beside a job whose prices fail", took)
		}
	})
}

// A process dies with an accepted order, in a region with hundreds of deferred
// payments of another process.
func TestVerify_IsTakenUpBesideDeferredPayments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := ledgertest.New()
		c := &grantsFail{fakeCloud: newCloud(), priced: func(id string) bool { return strings.HasPrefix(id, "i-x") }}
		c.prices.Store(&ecs.Error{Reason: ecs.ReasonThrottled, Message: "throttled", Retry: ecs.RetryWait})
		e := started(t, c, records, quiet)
		defer e.Close()
		create(t, e, named("large", fleet(c.fakeCloud, "x", 450)...))
		time.Sleep(10 * time.Second)
		dead := &process{stormLedger: records}
		dying := started(t, c, dead, quiet)
		job := create(t, dying, named("job", "i-1"))
		for { // until its order is accepted
			if all, _ := records.RenewalsOfJob(t.Context(), job.ID, 0, "", 1); all[0].State == ledger.Verifying {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		dead.dead.Store(true)
		dying.Close()
		time.Sleep(2 * time.Minute)
		if all, err := records.RenewalsOfJob(t.Context(), job.ID, 0, "", 1); err != nil || all[0].State != ledger.Renewed {
			t.Errorf("two minutes later the renewal is %s, %v, want RENEWED", all[0].State, err)
		}
	})
}

// oneRegionOnly serves cn-hangzhou only, like an edge that was started with
// fewer regions.
type oneRegionOnly struct{ *fakeCloud }

func (o oneRegionOnly) RenewalPrice(ctx context.Context, regionID, id string, p ecs.Period) (ecs.Quote, error) {
	if regionID != region {
		return ecs.Quote{}, ecs.Errorf(ecs.ReasonUnknownRegion, "region %q is not one that this server serves", regionID)
	}
	return o.fakeCloud.RenewalPrice(ctx, regionID, id, p)
}

// A server is started with fewer regions than the server that created the job.
func TestJob_OfARegionThatIsNotServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := newCloud()
		maker := renewal.New(c, records, quiet) // it never starts to pay
		q := named("job", "i-1")
		q.RegionID = "cn-beijing"
		job, err := maker.Create(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		maker.Close()
		e := started(t, oneRegionOnly{c}, records, renewal.Config{Logger: slog.New(slog.DiscardHandler), Regions: []string{region}})
		time.Sleep(time.Hour)
		if r := only(t, records, job.ID); r.State != ledger.Planned {
			t.Errorf("the renewal is %s (%s), want PLANNED, for a server of its region", r.State, r.Failure.Message)
		}
		e.Close()
	})
}

// readableFor is a ledger of which one job cannot be read by this process.
type unreadable struct {
	renewal.Ledger
	requestID string
	missing   bool
}

func (u unreadable) RenewalJob(ctx context.Context, jobID string) (ledger.Job, error) {
	job, err := u.Ledger.RenewalJob(ctx, jobID)
	if err == nil && job.RequestID == u.requestID {
		if u.missing {
			return ledger.Job{}, ecs.ErrNoRecord
		}
		job.Terms = []byte(`{"period":{"Count":1,"Unit":2},"limit_of_a_later_version":1}`)
	}
	return job, err
}

// Two versions run concurrently: the older one cannot read a job of the newer one,
// or its row. It must neither keep the job from the newer one nor stop with it.
func TestJob_ThatThisVersionCannotRead(t *testing.T) {
	for _, missing := range []bool{false, true} {
		t.Run(fmt.Sprintf("missing %t", missing), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				records := ledgertest.New()
				c := newCloud()
				maker := renewal.New(c, records, quiet)
				later := create(t, maker, named("later", "i-1"))
				other := create(t, maker, named("other", "i-2"))
				maker.Close()
				older := started(t, c, unreadable{records, "later", missing}, quiet)
				defer older.Close()
				time.Sleep(90 * time.Second)
				if r, err := records.RenewalJob(t.Context(), other.ID); err != nil || r.State != ledger.JobSucceeded {
					t.Errorf("the other job is %s, %v, want SUCCEEDED", r.State, err)
				}
				newer := started(t, c, records, quiet)
				defer newer.Close()
				time.Sleep(90 * time.Second)
				if r, err := records.RenewalJob(t.Context(), later.ID); err != nil || r.State != ledger.JobSucceeded {
					t.Errorf("the job that one version can read is %s, %v, want SUCCEEDED", r.State, err)
				}
			})
		})
	}
}

// slowGrants is a cloud with rate grants that wait, while the price rises.
type slowGrants struct{ *fakeCloud }

func (s slowGrants) RenewGrant(ctx context.Context, regionID string) (payment.Grant, error) {
	time.Sleep(100 * time.Second)
	s.mu.Lock()
	s.price.Units = 150
	s.mu.Unlock()
	return s.fakeCloud.RenewGrant(ctx, regionID)
}

// The price that permits a payment is a minute old at most, however long the rate
// grant is waited for.
func TestRule7_PriceRisesWhileTheGrantWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := slowGrants{newCloud()}
		e := started(t, c, records, quiet)
		defer e.Close()
		q := month("r-1", "i-1")
		q.MaxPrice = c.price
		if r, err := e.Renew(t.Context(), q); !ecs.HasReason(err, ecs.ReasonPriceExceedsLimit) {
			t.Errorf("got %s, %v, want PRICE_EXCEEDS_LIMIT", r.State, err)
		}
		if n := c.charges("i-1"); n != 0 {
			t.Errorf("charged %d times over max_price", n)
		}
	})
}

// outage is a ledger that fails while it is out.
type outage struct {
	renewal.Ledger
	out atomic.Bool
}

var errOut = errors.New("the database does not respond")

func (o *outage) AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, ts []ledger.Transition) ([]error, error) {
	if o.out.Load() {
		return nil, errOut
	}
	return o.Ledger.AdvanceRenewals(ctx, worker, jobID, ts)
}

func (o *outage) AcquireLease(ctx context.Context, name, holder string, ttl time.Duration) (ecs.Lease, error) {
	if o.out.Load() {
		return ecs.Lease{}, errOut
	}
	return o.Ledger.AcquireLease(ctx, name, holder, ttl)
}

func (o *outage) RenewLease(ctx context.Context, lease ecs.Lease, ttl time.Duration, note []byte) (ecs.Lease, error) {
	if o.out.Load() {
		return ecs.Lease{}, errOut
	}
	return o.Ledger.RenewLease(ctx, lease, ttl, note)
}

func (o *outage) ReleaseLease(ctx context.Context, lease ecs.Lease) error {
	if o.out.Load() {
		return errOut
	}
	return o.Ledger.ReleaseLease(ctx, lease)
}

// The database goes away between the intent and the outcome, for longer than the
// lease. The order was accepted: its ID must not be lost.
func TestOutcome_SurvivesAnOutageLongerThanTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := &outage{Ledger: ledgertest.New()}
		c := newCloud()
		c.hook = func() { records.out.Store(true) }
		e := started(t, c, records, quiet)
		defer e.Close()
		job := create(t, e, named("job", "i-1"))
		time.Sleep(2 * time.Minute)
		records.out.Store(false)
		_, renewals := ended(t, e, job.ID)
		if r := renewals["i-1"]; r.State != ledger.Renewed || r.OrderID != "order-1" || len(r.Attempts) != 1 {
			t.Errorf("the renewal is %s with order %q after %d attempts, want RENEWED with order-1 after 1", r.State, r.OrderID, len(r.Attempts))
		}
	})
}

// hanging is a ledger with writes that hang as long as their contexts allow.
type hanging struct {
	renewal.Ledger
	hangs atomic.Bool
}

func (h *hanging) AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, ts []ledger.Transition) ([]error, error) {
	if h.hangs.Load() {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return h.Ledger.AdvanceRenewals(ctx, worker, jobID, ts)
}

// Many callers each wait for a renewal when the database hangs: the server stops
// within a few timeouts, and not after one per renewal.
func TestClose_WhileTheLedgerHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := &hanging{Ledger: ledgertest.New()}
		c := newCloud()
		e := started(t, c, records, quiet)
		var callers sync.WaitGroup
		for i, id := range fleet(c, "y", 100) {
			callers.Go(func() { _, _ = e.Renew(t.Context(), month(fmt.Sprint("r-", i), id)) })
		}
		time.Sleep(3 * time.Second) // they are paid, and not verified
		records.hangs.Store(true)
		time.Sleep(time.Minute)
		began := time.Now()
		e.Close()
		if took := time.Since(began); took > time.Minute {
			t.Errorf("the end took %s", took)
		}
		callers.Wait()
	})
}
