package renewal_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// Each test holds one rule of payments. The storm holds all of them at once, at
// random; docs/promises.md lists both.

// oneRegion runs a test in virtual time with an engine over a database in memory.
func oneRegion(t *testing.T, test func(t *testing.T, c *fakeCloud, records *store.Store, e *renewal.Engine)) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := newCloud()
		e := started(t, c, records, quiet)
		defer e.Close()
		test(t, c, records, e)
	})
}

// named is a request for a job over named instances.
func named(requestID string, ids ...string) renewal.JobRequest {
	return renewal.JobRequest{
		RequestID: requestID, Fingerprint: "v1:" + requestID, Caller: "team", RegionID: region, IDs: ids, Period: oneMonth,
	}
}

// ended waits for the end of a job and returns it with its renewals by instance.
func ended(t *testing.T, e *renewal.Engine, jobID string) (renewal.Job, map[string]ledger.Renewal) {
	t.Helper()
	var job renewal.Job
	byID := map[string]ledger.Renewal{}
	err := e.Follow(t.Context(), jobID, renewal.Position{}, func(step *renewal.Step) error {
		job = step.Value.Job
		for _, r := range step.Value.Renewals {
			byID[r.InstanceID] = r
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return job, byID
}

func create(t *testing.T, e *renewal.Engine, q renewal.JobRequest) renewal.Job {
	t.Helper()
	job, err := e.Create(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func TestRule1_IntentIsStoredBeforeTheSend(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, records *store.Store, e *renewal.Engine) {
		var stored []ledger.Renewal
		c.hook = func() {
			stored, _ = records.ListRenewals(context.Background(), ledger.Filter{InstanceID: "i-1"}, ledger.Cursor{}, 1)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if _, err := e.Renew(ctx, month("r-1", "i-1")); err != nil {
			t.Fatal(err)
		}
		if len(stored) != 1 || stored[0].State != ledger.Submitting {
			t.Fatalf("while the order was sent the ledger held %+v, want SUBMITTING", stored)
		}
		if last := stored[0].LastAttempt(); last.Outcome != ledger.OutcomeOpen || last.ClientToken == "" {
			t.Errorf("the open attempt is %+v, want one with its token", last)
		}
		if !stored[0].ExpireBefore.Equal(inTenDays()) || stored[0].Price != c.price {
			t.Errorf("the intent has expiry %s and price %s", stored[0].ExpireBefore, stored[0].Price)
		}
	})
}

// latePrice is a cloud that names prices late, and runs a function meanwhile.
type latePrice struct {
	*fakeCloud
	late  time.Duration
	while func(instanceID string)
}

func (l *latePrice) RenewalPrice(ctx context.Context, regionID, id string, p ecs.Period) (ecs.Quote, error) {
	if l.while != nil {
		l.while(id)
	}
	l.mu.Lock()
	late := l.late
	l.mu.Unlock()
	timer := time.NewTimer(late)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ecs.Quote{}, ctx.Err()
	}
	return l.fakeCloud.RenewalPrice(ctx, regionID, id, p)
}

// A person renews in the console while the price of a job is late.
func TestRule3_RenewedInConsoleWhilePriceWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := &latePrice{fakeCloud: newCloud(), late: 95 * time.Second}
		c.lag = 0
		e := started(t, c, records, quiet)
		defer e.Close()
		job := create(t, e, named("job", "i-1"))
		time.Sleep(10 * time.Second)
		c.mu.Lock()
		c.renewBy("console", "i-1", oneMonth)
		c.mu.Unlock()
		_, renewals := ended(t, e, job.ID)
		if r := renewals["i-1"]; r.State != ledger.Skipped || r.Failure.Reason != ecs.ReasonAlreadyRenewed {
			t.Errorf("the renewal is %s (%s), want SKIPPED, ALREADY_RENEWED", r.State, r.Failure.Reason)
		}
		if n := c.charges("i-1"); n != 1 {
			t.Errorf("charged %d times, want once, by the person", n)
		}
	})
}

// The first send is throttled for a while, and a person renews meanwhile: later
// sends pass the gate as well.
func TestRule3_RenewedInConsoleBeforeAResend(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, _ *store.Store, e *renewal.Engine) {
		c.lag = 0
		c.faults = []fault{throttled}
		job := create(t, e, named("job", "i-1"))
		time.Sleep(10 * time.Second)
		c.mu.Lock()
		c.renewBy("console", "i-1", oneMonth)
		c.mu.Unlock()
		_, renewals := ended(t, e, job.ID)
		if r := renewals["i-1"]; r.Failure.Reason != ecs.ReasonAlreadyRenewed {
			t.Errorf("the renewal is %s (%s), want ALREADY_RENEWED", r.State, r.Failure.Reason)
		}
		if n := c.charges("i-1"); n != 1 {
			t.Errorf("charged %d times, want once, by the person", n)
		}
	})
}

// Job 1 pays; job 2 was planned from a read that did not show it yet, and its
// price is late, so that it comes to its turn when job 1 is RENEWED.
func TestRule4_OverlappingJobsWithALatePrice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := &latePrice{fakeCloud: newCloud()}
		c.lag = 9 * time.Second
		e := started(t, c, records, quiet)
		defer e.Close()
		first := create(t, e, named("job-1", "i-1"))
		time.Sleep(6 * time.Second)
		c.mu.Lock()
		c.late = 10 * time.Second
		c.mu.Unlock()
		second := create(t, e, named("job-2", "i-1"))
		ended(t, e, first.ID)
		_, renewals := ended(t, e, second.ID)
		if n := c.charges("i-1"); n != 1 {
			t.Errorf("charged %d times, want once", n)
		}
		if r := renewals["i-1"]; r.State != ledger.Skipped {
			t.Errorf("the second renewal is %s (%s), want SKIPPED", r.State, r.Failure.Reason)
		}
	})
}

// The cloud shows the new expiry a quarter of an hour late: the first renewal ends
// UNVERIFIED, and nothing pays for the same expiry again.
func TestRule4_ExpiryShownLate(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, _ *store.Store, e *renewal.Engine) {
		c.lag = 15 * time.Minute
		first, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil || first.State != ledger.Unverified {
			t.Fatalf("the first is %s, %v", first.State, err)
		}
		if _, err := e.Renew(t.Context(), month("r-2", "i-1")); !ecs.HasReason(err, ecs.ReasonAlreadyRenewed) {
			t.Errorf("a second request: %v, want ALREADY_RENEWED", err)
		} else if !strings.Contains(err.Error(), first.ID) {
			t.Errorf("a second request: %v does not name the first renewal", err)
		}
		job := create(t, e, named("job", "i-1"))
		_, renewals := ended(t, e, job.ID)
		if r := renewals["i-1"]; r.Failure.Reason != ecs.ReasonAlreadyRenewed {
			t.Errorf("a job: %s (%s), want ALREADY_RENEWED", r.State, r.Failure.Reason)
		}
		_, plan, err := e.Preview(t.Context(), named("preview", "i-1"))
		if err != nil || plan.Renewals[0].Failure.Reason != ecs.ReasonAlreadyRenewed {
			t.Errorf("a preview: %+v, %v, want ALREADY_RENEWED", plan.Renewals, err)
		}
		if n := c.charges("i-1"); n != 1 {
			t.Errorf("charged %d times, want once", n)
		}
	})
}

// A second period on purpose names the expiry that the first payment brought.
func TestRule4_SecondPeriodOnPurpose(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, _ *store.Store, e *renewal.Engine) {
		first, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil {
			t.Fatal(err)
		}
		wrong := month("r-2", "i-1")
		wrong.Expected = first.ExpireBefore
		if _, err := e.Renew(t.Context(), wrong); !ecs.HasReason(err, ecs.ReasonAlreadyRenewed) {
			t.Errorf("expecting the expiry before the first payment: %v, want ALREADY_RENEWED", err)
		}
		right := month("r-3", "i-1")
		right.Expected = first.ExpireAfter
		if r, err := e.Renew(t.Context(), right); err != nil || r.State != ledger.Renewed {
			t.Errorf("expecting the expiry after the first payment: %s, %v", r.State, err)
		}
		if n := c.charges("i-1"); n != 2 {
			t.Errorf("charged %d times, want twice", n)
		}
	})
}

// An order is never sent again only to learn its ID: the process dies after the send,
// and its successor sees the expiry.
func TestRule5_NoPaidCallForAnOrderID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := newCloud()
		dies(t, c, records, 3, false, 5*time.Second)
		e := started(t, c, records, quiet)
		defer e.Close()
		r, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil || r.State != ledger.Renewed || r.OrderID != "" {
			t.Errorf("the renewal is %s with order %q, %v", r.State, r.OrderID, err)
		}
		if c.sent != 1 {
			t.Errorf("sent %d times, want once", c.sent)
		}
	})
}

func TestRule5_TokensAreReplacedThreeTimes(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, _ *store.Store, e *renewal.Engine) {
		c.faults = slices.Repeat([]fault{poisoned}, 20)
		r, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if r.State != ledger.NeedsAttention || !ecs.HasReason(err, ecs.ReasonOutcomeUnknown) {
			t.Errorf("got %s, %v, want NEEDS_ATTENTION", r.State, err)
		}
		if len(r.Attempts) != 4 {
			t.Errorf("sent with %d tokens, want the first and three others", len(r.Attempts))
		}
		for i := range len(r.Attempts) - 1 {
			if pause := r.Attempts[i+1].SendTime.Sub(r.Attempts[i].FinishTime); pause > 66*time.Second {
				t.Errorf("token %d was sent %s after the one before, want about the settle window", i+2, pause)
			}
		}
	})
}

func TestRule7_PriceRisesBeforeAResend(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, _ *store.Store, e *renewal.Engine) {
		c.faults = []fault{throttled}
		q := month("r-1", "i-1")
		q.MaxPrice = c.price
		go func() {
			time.Sleep(10 * time.Second)
			c.mu.Lock()
			defer c.mu.Unlock()
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

// A person buys another period while the outcome is unknown: the moved expiry
// is no proof.
func TestRule10_AnotherExpiryIsNoProof(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, _ *store.Store, e *renewal.Engine) {
		c.faults = []fault{lostRequest}
		c.hook = func() {
			c.hook = nil
			c.mu.Lock()
			defer c.mu.Unlock()
			c.renewBy("console", "i-1", ecs.Period{Count: 3, Unit: ecs.Month})
		}
		r, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if r.State != ledger.NeedsAttention || !ecs.HasReason(err, ecs.ReasonOutcomeUnknown) {
			t.Errorf("got %s, %v, want NEEDS_ATTENTION", r.State, err)
		}
		if n := c.charges("i-1"); n != 1 {
			t.Errorf("charged %d times, want once, by the person", n)
		}
	})
}

func TestRule11_UnreadableTermsStopTheirJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := newCloud()
		now := time.Now().UTC()
		newer := ledger.Job{
			ID: "newer", RequestID: "newer", PayloadHash: "v1:newer", State: ledger.JobPending, CreateTime: now, UpdateTime: now,
			Terms: []byte(`{"period":{"Count":1,"Unit":2},"max_price_in_euro":1}`),
		}
		r := ledger.Renewal{
			ID: "r", RequestID: "newer", RegionID: region, InstanceID: "i-1", Period: oneMonth, State: ledger.Planned,
			ExpireBefore: inTenDays(), PlanTime: now, CreateTime: now, UpdateTime: now,
		}
		if err := records.CreateRenewalJob(t.Context(), newer, []ledger.Renewal{r}); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		e := started(t, c, records, renewal.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		defer e.Close()
		job := create(t, e, named("job", "i-2"))
		if _, renewals := ended(t, e, job.ID); renewals["i-2"].State != ledger.Renewed {
			t.Errorf("another job is %s", renewals["i-2"].State)
		}
		time.Sleep(time.Minute)
		e.Close()
		if left, err := records.Renewal(t.Context(), "r"); err != nil || left.State != ledger.Planned || c.charges("i-1") != 0 {
			t.Errorf("the renewal of the unreadable job is %s, charged %d times, %v", left.State, c.charges("i-1"), err)
		}
		if n := strings.Count(log.String(), "level=ERROR"); n != 1 || !strings.Contains(log.String(), "job=newer") {
			t.Errorf("the log has %d errors:\n%s", n, log.String())
		}
	})
}

func TestRule12_RefusalIsNotReplayed(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, _ *store.Store, e *renewal.Engine) {
		c.faults = []fault{refused}
		if _, err := e.Renew(t.Context(), month("r-1", "i-1")); !ecs.HasReason(err, ecs.ReasonInsufficientBalance) {
			t.Fatalf("got %v, want INSUFFICIENT_BALANCE", err)
		}
		r, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil || r.State != ledger.Renewed {
			t.Fatalf("the same request after the account was filled: %s, %v", r.State, err)
		}
		if len(r.Attempts) != 2 || r.Attempts[0].ClientToken == r.Attempts[1].ClientToken {
			t.Errorf("attempts %+v, want a second with another token", r.Attempts)
		}
		if again, err := e.Renew(t.Context(), month("r-1", "i-1")); err != nil || again.OrderID != r.OrderID || c.charges("i-1") != 1 {
			t.Errorf("once more: %+v, %v, charged %d times", again, err, c.charges("i-1"))
		}
	})
}

func TestRule12_DecisionIsReplayedAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := newCloud()
		c.faults = []fault{lostRequest, lostRequest}
		e := started(t, c, records, renewal.Config{Limits: payment.Limits{TrustAge: 90 * time.Second}, Logger: quiet.Logger})
		defer e.Close()
		r, _ := e.Renew(t.Context(), month("r-1", "i-1"))
		if r.State != ledger.NeedsAttention {
			t.Fatalf("the renewal is %s", r.State)
		}
		if _, err := e.Resolve(t.Context(), r.ID, payment.Decided{Resolution: payment.MarkNotPaid, By: "ops", Note: "OPS-8"}); err != nil {
			t.Fatal(err)
		}
		_, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if !ecs.HasReason(err, ecs.ReasonMarkedNotPaid) || ecs.AsError(err).Facts["replayed"] != "true" || ecs.AsError(err).Facts["original_time"] == "" {
			t.Errorf("got %v with %v, want MARKED_NOT_PAID, replayed", err, ecs.AsError(err).Facts)
		}
		if len(c.bill) != 0 {
			t.Errorf("charged %v after the decision", c.bill)
		}
	})
}

func TestRule13_DryRunKnowsTheSettingNotToRenew(t *testing.T) {
	oneRegion(t, func(t *testing.T, c *fakeCloud, _ *store.Store, e *renewal.Engine) {
		c.settings["i-1"] = ecs.AutoRenewSetting{Status: ecs.AutoRenewNever, RawStatus: "NotRenewal"}
		if _, err := e.Plan(t.Context(), month("r-1", "i-1")); !ecs.HasReason(err, ecs.ReasonSetNotToRenew) {
			t.Errorf("a dry run of one: %v, want SET_NOT_TO_RENEW", err)
		}
		_, plan, err := e.Preview(t.Context(), named("preview", "i-1", "i-2"))
		if err != nil || plan.Total != c.price {
			t.Fatalf("a dry run of a job costs %s, %v, want %s", plan.Total, err, c.price)
		}
		for _, r := range plan.Renewals {
			if r.InstanceID == "i-1" && r.Failure.Reason != ecs.ReasonSetNotToRenew {
				t.Errorf("i-1 is planned as %s (%s)", r.State, r.Failure.Reason)
			}
		}
		job := create(t, e, named("job", "i-1", "i-2"))
		ended(t, e, job.ID)
		if c.charges("i-1") != 0 || c.charges("i-2") != 1 {
			t.Errorf("charged %v", c.bill)
		}
	})
}

// A plan marks recently renewed instances, with the request that renewed them.
func TestRule13_PlanNamesRecentRenewals(t *testing.T) {
	oneRegion(t, func(t *testing.T, _ *fakeCloud, _ *store.Store, e *renewal.Engine) {
		r, err := e.Renew(t.Context(), month("r-1", "i-1"))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(24 * time.Hour)
		_, plan, err := e.Preview(t.Context(), named("preview", "i-1", "i-2"))
		if err != nil {
			t.Fatal(err)
		}
		if recent := plan.Recent["i-1"]; recent.ID != r.ID || recent.RequestID != "r-1" {
			t.Errorf("the plan marks %+v, want renewal %s of r-1", recent, r.ID)
		}
		if _, marked := plan.Recent["i-2"]; marked {
			t.Error("the plan marks i-2, which was not renewed")
		}
	})
}

// damaged is a ledger with a difference in its audit.
type damaged struct{ renewal.Ledger }

func (damaged) AuditRenewalJobs(context.Context) ([]ledger.Discrepancy, error) {
	return []ledger.Discrepancy{{JobID: "job-7", Field: "spent", Stored: "CNY 2.00", Actual: "CNY 1.00"}}, nil
}

// The sums of jobs are compared with their renewals at start and periodically.
func TestRule14_SumsAreAudited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		var log bytes.Buffer
		e := started(t, newCloud(), damaged{records}, renewal.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		time.Sleep(6 * time.Minute)
		e.Close()
		if n := strings.Count(log.String(), "level=ERROR msg=\"renewal job differs from its renewals\" job=job-7 field=spent"); n != 2 {
			t.Errorf("the log has %d lines about the difference, want one per audit:\n%s", n, log.String())
		}
	})
}

func TestRule16_UnknownOutcomesAreLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := newCloud()
		c.faults = []fault{lostRequest, lostRequest, lostRequest}
		var log bytes.Buffer
		e := started(t, c, records, renewal.Config{
			Limits: payment.Limits{TrustAge: 90 * time.Second}, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		})
		r, _ := e.Renew(t.Context(), month("r-1", "i-1"))
		e.Close()
		if r.State != ledger.NeedsAttention {
			t.Fatalf("the renewal is %s", r.State)
		}
		for _, want := range []string{
			"renewal outcome unknown", "renewal needs attention", "renewal=" + r.ID, "instance=i-1", "ecsd renewals resolve",
		} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log does not contain %q:\n%s", want, log.String())
			}
		}
	})
}
