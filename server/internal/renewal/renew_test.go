package renewal_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// inBubble runs a test in virtual time with an engine over a fresh ledger.
func inBubble(t *testing.T, test func(t *testing.T, c *fakeCloud, e *renewal.Engine)) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := newCloud()
		e := started(t, c, records, quiet)
		defer e.Close()
		test(t, c, e)
	})
}

// started is an engine that works.
func started(t *testing.T, c renewal.Cloud, records renewal.Ledger, config renewal.Config) *renewal.Engine {
	t.Helper()
	e := renewal.New(c, records, config)
	if err := e.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestRenew_PaysOnceAndVerifies(t *testing.T) {
	inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
		before := c.instances["i-1"].ExpireTime
		r, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil {
			t.Fatal(err)
		}
		if r.State != ledger.Renewed || r.OrderID != "order-1" || !r.ExpireBefore.Equal(before) {
			t.Errorf("got %+v", r)
		}
		if want := (ecs.Period{Count: 1, Unit: ecs.Month}).From(before); !r.ExpireAfter.Equal(want) {
			t.Errorf("expiry after: got %s, want %s", r.ExpireAfter, want)
		}
		again, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil || again.ID != r.ID || again.OrderID != r.OrderID {
			t.Errorf("asked again: got %+v, %v, want the same renewal", again, err)
		}
		if n := c.charges("i-1"); n != 1 {
			t.Errorf("charged %d times, want once", n)
		}
	})
}

// readLast is a cloud whose first read waits for what another process does.
type readLast struct {
	renewal.Cloud
	first     sync.Once
	meanwhile func()
}

func (c *readLast) Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance] {
	c.first.Do(c.meanwhile)
	return c.Cloud.Instances(ctx, regionID, ids)
}

func (c *readLast) InstancePage(ctx context.Context, regionID string, q ecs.Query, cursor string, limit int) (ecs.Page, error) {
	c.first.Do(c.meanwhile)
	return c.Cloud.InstancePage(ctx, regionID, q, cursor, limit)
}

// The same request is made at another process, which pays after this one has looked for the request and before it has
// read the instance. That the expiry is no longer the expected one is no refusal of the request, a new one or one that
// was refused before.
func TestRenew_PaidByAnotherProcess(t *testing.T) {
	for _, first := range []fault{fine, refused} {
		t.Run(string(first), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				records, c := memoryStore(t), newCloud()
				defer records.Close()
				q := month("r-1", "i-1")
				q.Expected = c.instances["i-1"].ExpireTime
				there := started(t, c, records, quiet)
				defer there.Close()
				c.faults = []fault{first}
				if first == refused {
					if _, err := there.Renew(t.Context(), q); !ecs.HasReason(err, ecs.ReasonInsufficientBalance) {
						t.Fatal(err)
					}
				}
				here := renewal.New(&readLast{Cloud: c, meanwhile: func() {
					if _, err := there.Renew(t.Context(), q); err != nil {
						t.Error(err)
					}
				}}, records, quiet)
				defer here.Close()
				r, err := here.Renew(t.Context(), q)
				if err != nil || r.State != ledger.Renewed {
					t.Errorf("%s, %v", r.State, err)
				}
				if n := c.charges("i-1"); n != 1 {
					t.Errorf("charged %d times, want once", n)
				}
			})
		})
	}
}

// The same request for a job is made at another process, which renews all before this one has read the instances. That
// nothing is left to renew is no refusal of the request.
func TestCreate_MadeByAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records, c := memoryStore(t), newCloud()
		defer records.Close()
		q := named("job")
		q.RegionID, q.Regions = "", []string{region}
		q.Query.Expiry.Before = c.instances["i-1"].ExpireTime.Add(time.Hour)
		there := started(t, c, records, quiet)
		defer there.Close()
		var made renewal.Job
		here := renewal.New(&readLast{Cloud: c, meanwhile: func() {
			made = create(t, there, q)
			ended(t, there, made.ID)
		}}, records, quiet)
		defer here.Close()
		if job, err := here.Create(t.Context(), q); err != nil || job.ID != made.ID {
			t.Errorf("job %q, %v, want %q", job.ID, err, made.ID)
		}
		if n := c.charges("i-1"); n != 1 {
			t.Errorf("charged %d times, want once", n)
		}
	})
}

// TestRenew_FaultsSettled runs every fault of the cloud, alone and in pairs: the
// instance is charged exactly once, or not at all if it was refused.
func TestRenew_FaultsSettled(t *testing.T) {
	all := []fault{fine, lostReply, lostRequest, throttled, busy, poisoned, refused}
	for _, first := range all {
		for _, second := range all {
			t.Run(string(first)+", "+string(second), func(t *testing.T) {
				inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
					c.faults = []fault{first, second}
					r, err := e.Renew(t.Context(), month("r-1", "i-1"))
					n := c.charges("i-1")
					switch {
					case err != nil && ecs.HasReason(err, ecs.ReasonInsufficientBalance) && n == 0:
					case err == nil && r.State == ledger.Renewed && n == 1:
					case second == refused && r.State == ledger.NeedsAttention && n == 0: // the first send may have paid
					default:
						t.Errorf("charged %d times, state %s, error %v", n, r.State, err)
					}
				})
			})
		}
	}
}

func TestRenew_PoisonedTokenReplacedAfterWindow(t *testing.T) {
	inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
		c.faults = []fault{poisoned}
		begun := time.Now()
		r, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Attempts) != 2 || r.Attempts[0].ClientToken == r.Attempts[1].ClientToken {
			t.Fatalf("attempts %+v, want a second with another token", r.Attempts)
		}
		if waited := r.Attempts[1].SendTime.Sub(begun); waited < time.Minute {
			t.Errorf("the token was replaced after %s, before the settle window was over", waited)
		}
	})
}

func TestRenew_TokenStaysWhileUnknown(t *testing.T) {
	inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
		c.faults = []fault{lostRequest, throttled, lostRequest, busy}
		r, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range r.Attempts {
			if a.ClientToken != r.Attempts[0].ClientToken {
				t.Errorf("attempt %d has another token", a.Number)
			}
		}
		if len(r.Attempts) != 5 {
			t.Errorf("%d attempts, want 5", len(r.Attempts))
		}
	})
}

// TestRenew_LateExpiry: the cloud shows the charge only after the
// settle window. The evidence says "not paid"; only the unchanged token keeps
// the second send from paying again.
func TestRenew_LateExpiry(t *testing.T) {
	inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
		c.lag = 90 * time.Second
		c.faults = []fault{lostReply}
		r, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil || r.State != ledger.Renewed || len(r.Attempts) != 2 || c.charges("i-1") != 1 {
			t.Errorf("charged %d times, state %s after %d attempts, error %v", c.charges("i-1"), r.State, len(r.Attempts), err)
		}
	})
}

func TestRenew_ExpiredTokenNeedsAttention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := newCloud()
		c.faults = []fault{lostRequest, lostRequest, lostRequest}
		e := started(t, c, records, renewal.Config{Limits: payment.Limits{TrustAge: 90 * time.Second}, Logger: quiet.Logger})
		defer e.Close()
		r, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if r.State != ledger.NeedsAttention || !ecs.HasReason(err, ecs.ReasonOutcomeUnknown) {
			t.Errorf("got state %s, error %v, want NEEDS_ATTENTION", r.State, err)
		}
		if ecs.AsError(err).Effect != ecs.EffectUnknown {
			t.Error("the error does not say that money may have moved")
		}
	})
}

func TestRenew_RenewedInConsole(t *testing.T) {
	inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
		c.faults = []fault{lostRequest}
		c.hook = func() {
			c.hook = nil
			c.mu.Lock()
			defer c.mu.Unlock()
			c.renewBy("console", "i-1", ecs.Period{Count: 1, Unit: ecs.Month})
		}
		r, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil || r.State != ledger.Renewed || c.charges("i-1") != 1 {
			t.Errorf("charged %d times, state %s, error %v", c.charges("i-1"), r.State, err)
		}
	})
}

func TestRenew_ExpiryNeverVisible(t *testing.T) {
	inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
		c.lag = 24 * time.Hour
		r, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil || r.State != ledger.Unverified || r.Failure.Reason != ecs.ReasonExpiryUnverified || r.OrderID == "" {
			t.Errorf("got %+v, %v, want a paid renewal that is UNVERIFIED", r, err)
		}
		again, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil || again.State != ledger.Unverified || c.charges("i-1") != 1 {
			t.Errorf("asked again: charged %d times, %+v, %v", c.charges("i-1"), again, err)
		}
	})
}

func TestRenew_RefusedBeforePayment(t *testing.T) {
	limit := func(currency string, units int64) ecs.Money { return ecs.Money{CurrencyCode: currency, Units: units} }
	unpriced := ecs.Errorf(ecs.ReasonPriceUnavailable, "not priced")
	for name, test := range map[string]struct {
		instance string
		max      ecs.Money
		priceErr error
		lock     ecs.LockReason
		want     ecs.Reason
	}{
		"pay-as-you-go":             {instance: "i-payg", want: ecs.ReasonNotSubscription},
		"unknown instance":          {instance: "i-none", want: ecs.ReasonInstanceNotFound},
		"price over the limit":      {instance: "i-1", max: limit("CNY", 99), want: ecs.ReasonPriceExceedsLimit},
		"limit in another currency": {instance: "i-1", max: limit("USD", 1000), want: ecs.ReasonCurrencyMismatch},
		"no price to hold a limit":  {instance: "i-1", max: limit("CNY", 1000), priceErr: unpriced, want: ecs.ReasonPriceUnavailable},
		"price cannot be had":       {instance: "i-1", priceErr: ecs.Errorf(ecs.ReasonThrottled, "throttled"), want: ecs.ReasonThrottled},
		"locked for security":       {instance: "i-1", lock: ecs.LockSecurity, want: ecs.ReasonInstanceLocked},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
				c.priceErr = test.priceErr
				if test.lock != ecs.LockUnknown {
					locked := c.instances[test.instance]
					locked.Locks = []ecs.Lock{{Reason: test.lock}}
					c.instances[test.instance] = locked
				}
				q := month("r-1", test.instance)
				q.MaxPrice = test.max
				for _, ask := range []func(context.Context, renewal.Request) (ledger.Renewal, error){e.Plan, e.Renew} {
					if _, err := ask(t.Context(), q); !ecs.HasReason(err, test.want) {
						t.Errorf("got %v, want %s", err, test.want)
					}
				}
				if len(c.bill) != 0 {
					t.Errorf("charged %v", c.bill)
				}
			})
		})
	}
}

func TestRenew_LimitAtPriceAndUnpricedPeriod(t *testing.T) {
	inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
		q := month("r-1", "i-1")
		q.MaxPrice = c.price
		if _, err := e.Renew(t.Context(), q); err != nil {
			t.Errorf("a limit equal to the price: %v", err)
		}
		c.priceErr = ecs.Errorf(ecs.ReasonPriceUnavailable, "not priced")
		if _, err := e.Renew(t.Context(), month("r-2", "i-2")); err != nil {
			t.Errorf("no limit and no price: %v", err)
		}
	})
}

func TestRequestID_OtherPayload(t *testing.T) {
	inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
		if _, err := e.Renew(t.Context(), month("r-1", "i-1")); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Renew(t.Context(), month("r-1", "i-2")); !ecs.HasReason(err, ecs.ReasonRequestIDReused) {
			t.Errorf("another payload: got %v, want REQUEST_ID_REUSED", err)
		}
		if c.charges("i-2") != 0 {
			t.Error("the second instance was charged")
		}
	})
}

func TestRenew_ManyCallersOfOneRequest(t *testing.T) {
	inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() {
				if r, err := e.Renew(t.Context(), month("r-1", "i-1")); err != nil || r.OrderID != "order-1" {
					t.Errorf("got %+v, %v", r, err)
				}
			})
		}
		callers.Go(func() {
			time.Sleep(time.Second) // virtual: the first is being verified
			if _, err := e.Renew(t.Context(), month("r-1", "i-3")); !ecs.HasReason(err, ecs.ReasonRequestIDReused) {
				t.Errorf("another payload meanwhile: got %v", err)
			}
			if _, err := e.Renew(t.Context(), month("r-2", "i-1")); !ecs.HasReason(err, ecs.ReasonRenewalInProgress) {
				t.Errorf("another request for the instance meanwhile: got %v", err)
			}
		})
		callers.Wait()
		if n := c.charges("i-1"); n != 1 {
			t.Errorf("charged %d times, want once", n)
		}
	})
}

func TestDeadline_DoesNotStopAPayment(t *testing.T) {
	inBubble(t, func(t *testing.T, c *fakeCloud, e *renewal.Engine) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if _, err := e.Renew(ctx, month("r-1", "i-1")); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v, want the deadline", err)
		}
		r, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil || r.State != ledger.Renewed || c.charges("i-1") != 1 {
			t.Errorf("asked again: charged %d times, state %s, error %v", c.charges("i-1"), r.State, err)
		}
	})
}

// TestCallersLeave_NothingIsPaid cancels the only caller before the intent is
// stored.
func TestCallersLeave_NothingIsPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := &slowPrice{fakeCloud: newCloud()}
		e := started(t, c, records, quiet)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := e.Renew(ctx, month("r-1", "i-1")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		time.Sleep(time.Minute)
		e.Close()
		if len(c.bill) != 0 {
			t.Errorf("charged %v", c.bill)
		}
	})
}

// slowPrice takes five seconds to name a price, and does not hear a cancel.
type slowPrice struct{ *fakeCloud }

func (s *slowPrice) RenewalPrice(ctx context.Context, regionID, id string, p ecs.Period) (ecs.Quote, error) {
	time.Sleep(5 * time.Second)
	return s.fakeCloud.RenewalPrice(ctx, regionID, id, p)
}

// The error of a passed deadline reports the state of the renewal.
func TestRenew_DeadlineReportsTheState(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, _ *store.Store, e *renewal.Engine) {
		c.faults = []fault{lostRequest}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		_, err := e.Renew(ctx, month("r-1", "i-1"))
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "UNKNOWN after 1 attempts") {
			t.Errorf("got %v, want the deadline with the state", err)
		}
	})
}
