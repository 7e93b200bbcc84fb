package billing_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/billing"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/ledger/ledgertest"
	"github.com/ecsd-io/ecsd/server/internal/payment"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeBill is a bill with an order of each instance that was added to it.
type fakeBill struct {
	mu             sync.Mutex
	orders         []ecs.BilledOrder
	err            error
	delay          time.Duration
	lists, details int
}

func (f *fakeBill) add(instanceIDs ...string) (orderID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	orderID = fmt.Sprint("o-", len(f.orders)+1)
	f.orders = append(f.orders, ecs.BilledOrder{
		ID: orderID, Type: ecs.OrderRenew, Paid: true, CreateTime: time.Now().Truncate(time.Second), Amount: yuan(100), InstanceIDs: instanceIDs,
	})
	return orderID
}

func yuan(units int64) ecs.Money { return ecs.Money{CurrencyCode: "CNY", Units: units} }

func (f *fakeBill) wait(ctx context.Context) error {
	timer := time.NewTimer(f.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return f.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *fakeBill) RenewalOrders(ctx context.Context, since, until time.Time) ([]ecs.BilledOrder, error) {
	f.mu.Lock()
	f.lists++
	f.mu.Unlock()
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var listed []ecs.BilledOrder
	for _, o := range f.orders {
		if !o.CreateTime.Before(since) && !o.CreateTime.After(until) {
			o.InstanceIDs = nil
			listed = append(listed, o)
		}
	}
	return listed, nil
}

func (f *fakeBill) ChangeOrders(ctx context.Context, since, until time.Time) ([]ecs.BilledOrder, error) {
	return f.RenewalOrders(ctx, since, until)
}

func (f *fakeBill) OrderDetails(ctx context.Context, orderID string) ([]ecs.BilledOrder, error) {
	f.mu.Lock()
	f.details++
	f.mu.Unlock()
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	at := slices.IndexFunc(f.orders, func(o ecs.BilledOrder) bool { return o.ID == orderID })
	return f.orders[at : at+1], nil
}

// Balance and SubscriptionEnds fail like the rest.
func (f *fakeBill) Balance(ctx context.Context) (ecs.Money, error) { return yuan(500), f.wait(ctx) }

func (f *fakeBill) SubscriptionEnds(ctx context.Context, ids []string) (map[string]ecs.SubscriptionEnd, error) {
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	return map[string]ecs.SubscriptionEnd{ids[0]: {StopTime: time.Now()}}, nil
}

// recent is the window of an instance from a minute ago.
func recent(id string) ledger.OrderWindow {
	return ledger.OrderWindow{InstanceID: id, Since: time.Now().Add(-time.Minute), Until: time.Now().Add(time.Minute), Price: yuan(100)}
}

func quiet() billing.Config { return billing.Config{Logger: slog.New(slog.DiscardHandler)} }

// One list answers all unknown outcomes of a window, and the details of an order are
// read once.
func TestRenewalOrders_FewReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bill := &fakeBill{delay: 50 * time.Millisecond}
		b := billing.New(bill, ledgertest.New(), quiet())
		var wanted []ledger.OrderWindow
		for i := range 10 {
			id := fmt.Sprint("i-", i)
			bill.add(id)
			wanted = append(wanted, recent(id))
		}
		var regions sync.WaitGroup
		for region := range 5 { // at the same time
			regions.Go(func() {
				found := b.RenewalOrders(t.Context(), wanted[2*region:2*region+2])
				for _, w := range wanted[2*region : 2*region+2] {
					if len(found[w.InstanceID]) != 1 || !found[w.InstanceID][0].Of(w.InstanceID) {
						t.Errorf("%s has %v, want its order", w.InstanceID, found[w.InstanceID])
					}
				}
			})
		}
		regions.Wait()
		if bill.lists > 2 || bill.details != 10 {
			t.Errorf("5 callers made %d lists and read %d details, want at most 2 and 10", bill.lists, bill.details)
		}
		time.Sleep(5 * time.Second)
		b.RenewalOrders(t.Context(), wanted)
		if bill.details != 10 {
			t.Errorf("%d details after another read, want 10", bill.details)
		}
	})
}

// The pace stays below the cloud's ten calls per second, and many orders of others do
// not keep the caller.
func TestRenewalOrders_ManyOrdersOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bill := &fakeBill{}
		for i := range 300 {
			bill.add(fmt.Sprint("i-other-", i))
		}
		bill.orders[299].InstanceIDs, bill.orders[299].Amount = []string{"i-1"}, yuan(77)
		b := billing.New(bill, ledgertest.New(), quiet())
		wanted := recent("i-1")
		wanted.Price = yuan(77)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		found := b.RenewalOrders(ctx, []ledger.OrderWindow{wanted})
		if len(found["i-1"]) != 1 {
			t.Errorf("the order at the expected price was not read first: %v", found)
		}
		calls, took := bill.lists+bill.details, time.Since(began)
		if calls > 20 || took > 3*time.Second || float64(calls) > 10*took.Seconds()+2 {
			t.Errorf("%d calls in %s", calls, took)
		}
	})
}

// A window of an hour ago is named, and one read covers windows close to each other.
func TestRenewalOrders_Windows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bill := &fakeBill{}
		old := bill.add("i-1")
		was := recent("i-1")
		time.Sleep(3 * time.Hour)
		late := bill.add("i-1")
		b := billing.New(bill, ledgertest.New(), quiet())
		found := b.RenewalOrders(t.Context(), []ledger.OrderWindow{was})
		if len(found["i-1"]) != 1 || found["i-1"][0].ID != old {
			t.Errorf("the old window has %v, want %s and not %s", found["i-1"], old, late)
		}
		time.Sleep(time.Minute)
		before := bill.lists
		next := was
		next.Since, next.Until = was.Since.Add(3*time.Minute), was.Until.Add(3*time.Minute)
		b.RenewalOrders(t.Context(), []ledger.OrderWindow{was, next, recent("i-2")})
		if n := bill.lists - before; n != 2 {
			t.Errorf("%d lists for two windows three minutes apart and one hours later, want 2", n)
		}
	})
}

// An order that a renewal of the ledger has is no evidence about another.
func TestRenewalOrders_WithoutThoseOfTheLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bill, records := &fakeBill{}, ledgertest.New()
		taken, free := bill.add("i-1"), bill.add("i-1")
		r := paid("r-1", "i-1")
		r.OrderID = taken
		store(t, records, r)
		found := billing.New(bill, records, quiet()).RenewalOrders(t.Context(), []ledger.OrderWindow{recent("i-1")})
		if len(found["i-1"]) != 1 || found["i-1"][0].ID != free {
			t.Errorf("found %v, want %s only", found["i-1"], free)
		}
	})
}

// Renewals are no changes, and changes are no renewals, in one window too.
func TestChangeOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bill := &fakeBill{}
		renewed, changed := bill.add("i-1"), bill.add("i-1")
		bill.orders[1].Type = "Convert"
		b := billing.New(bill, ledgertest.New(), quiet())
		for name, c := range map[string]struct {
			read func(context.Context, []ledger.OrderWindow) map[string][]ecs.BilledOrder
			want string
		}{"renewals": {b.RenewalOrders, renewed}, "changes": {b.ChangeOrders, changed}} {
			if found := c.read(t.Context(), []ledger.OrderWindow{recent("i-1")}); len(found["i-1"]) != 1 || found["i-1"][0].ID != c.want {
				t.Errorf("%s: found %v, want %s only", name, found["i-1"], c.want)
			}
		}
		if bill.lists != 2 {
			t.Errorf("%d lists, want one of renewals and one of changes", bill.lists)
		}
	})
}

// Without permission there is one warning, a degraded part, and no call for minutes.
func TestBills_Denied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		bill := &fakeBill{err: &ecs.Error{Reason: ecs.ReasonCloudPermissionDenied, Message: "not authorized"}}
		b := billing.New(bill, ledgertest.New(), billing.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		ctx, cancel := context.WithCancel(t.Context())
		var work sync.WaitGroup
		work.Go(func() { b.Run(ctx) })
		for range 60 {
			time.Sleep(5 * time.Second)
			if found := b.RenewalOrders(t.Context(), []ledger.OrderWindow{recent("i-1")}); found != nil {
				t.Errorf("found %v", found)
			}
		}
		if err := b.Check(t.Context()); err == nil {
			t.Error("the part is ready although the bill is denied")
		}
		if bill.lists != 1 {
			t.Errorf("%d calls in five minutes, want 1", bill.lists)
		}
		bill.err = nil
		time.Sleep(10 * time.Minute)
		b.RenewalOrders(t.Context(), []ledger.OrderWindow{recent("i-1")})
		if err := b.Check(t.Context()); err != nil {
			t.Errorf("the bill is readable again, and the part is not ready: %v", err)
		}
		cancel()
		work.Wait()
		if n := strings.Count(log.String(), "level=WARN"); n != 1 {
			t.Errorf("%d warnings, want 1:\n%s", n, log.String())
		}
	})
}

// A bill that does not respond keeps a caller no longer than its context, and is left
// alone for a while.
func TestRenewalOrders_Slow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bill := &fakeBill{delay: time.Hour}
		b := billing.New(bill, ledgertest.New(), quiet())
		began := time.Now()
		for range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			b.RenewalOrders(ctx, []ledger.OrderWindow{recent("i-1")})
			cancel()
		}
		if took := time.Since(began); took > 7*time.Second || bill.lists > 2 {
			t.Errorf("10 reads took %s and made %d calls", took, bill.lists)
		}
	})
}

// The balance and the ends have permissions of their own: without them the orders
// are read nevertheless.
func TestBills_PartsDenied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bill := &fakeBill{}
		b := billing.New(bill, ledgertest.New(), quiet())
		if got := b.Balance(t.Context()); got != yuan(500) {
			t.Errorf("the balance is %s", got)
		}
		if got := b.SubscriptionEnds(t.Context(), []string{"i-1"}); len(got) != 1 {
			t.Errorf("the ends are %v", got)
		}
		bill.err = &ecs.Error{Reason: ecs.ReasonCloudPermissionDenied, Message: "not authorized"}
		if got := b.Balance(t.Context()); !got.IsZero() {
			t.Errorf("a denied balance is %s", got)
		}
		bill.err = nil
		bill.add("i-1")
		if found := b.RenewalOrders(t.Context(), []ledger.OrderWindow{recent("i-1")}); len(found["i-1"]) != 1 {
			t.Error("the orders are not read because the balance is denied")
		}
		if err := b.Check(t.Context()); err == nil {
			t.Error("the part is ready although the balance is denied")
		}
		bill.delay = time.Hour
		began := time.Now()
		b.SubscriptionEnds(t.Context(), []string{"i-1"})
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("a bill that does not respond keeps the caller for %s", took)
		}
	})
}

// paid is a renewal that ended RENEWED without an order ID.
func paid(id, instanceID string) ledger.Renewal {
	now := time.Now().UTC()
	before := now.Add(72 * time.Hour)
	month := ecs.Period{Count: 1, Unit: ecs.Month}
	return ledger.Renewal{
		ID: id, RequestID: id, RegionID: "cn-hangzhou", InstanceID: instanceID, Period: month, State: ledger.Renewed, Price: yuan(100),
		ExpireBefore: before, ExpireExpected: month.From(before), CreateTime: now, UpdateTime: now, PlanTime: now, PaidTime: now,
		Attempts: []ledger.Attempt{{Number: 1, ClientToken: "t-" + id, SendTime: now, FinishTime: now, Outcome: ledger.OutcomeUnknown}},
	}
}

// store writes a renewal as a job of one, through the states before its own: by
// default to RENEWED.
func store(t *testing.T, records *ledgertest.Memory, r ledger.Renewal, states ...ledger.State) {
	t.Helper()
	planned := r
	planned.State, planned.Attempts, planned.PaidTime, planned.OrderID = ledger.Planned, nil, time.Time{}, ""
	job := ledger.Job{ID: "j-" + r.ID, RequestID: r.ID, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime}
	if err := records.CreateRenewalJob(t.Context(), job, []ledger.Renewal{planned}); err != nil {
		t.Fatal(err)
	}
	worker, err := records.AcquireLease(t.Context(), "w-"+r.ID, "test", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if claimed, err := records.ClaimRenewals(t.Context(), worker, ledger.Claim{JobID: job.ID, Limit: 1}); err != nil || len(claimed) != 1 {
		t.Fatal(claimed, err)
	}
	was := planned
	if states == nil {
		states = []ledger.State{ledger.Submitting, ledger.Verifying, ledger.Renewed}
	}
	for _, state := range states {
		next := r
		next.State = state
		if state == ledger.Submitting {
			next.Attempts = slices.Clone(r.Attempts)
			next.Attempts[0].Outcome, next.Attempts[0].FinishTime = ledger.OutcomeOpen, time.Time{}
		}
		refused, err := records.AdvanceRenewals(t.Context(), worker, job.ID, []ledger.Transition{ledger.NewTransition(was, next, time.Time{})})
		if err != nil || refused[0] != nil {
			t.Fatalf("%s: %v, %v", state, refused, err)
		}
		was = next
	}
}

func TestFill_OrderIDAndCost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bill, records := &fakeBill{}, ledgertest.New()
		var changed []string
		b := billing.New(bill, records, billing.Config{Logger: slog.New(slog.DiscardHandler), Changed: func(id string) { changed = append(changed, id) }})
		lost, weekly, known := paid("r-lost", "i-1"), paid("r-weekly", "i-2"), paid("r-known", "i-3")
		weekly.Price, weekly.OrderID = ecs.Money{}, bill.add("i-2")
		orderID := bill.add("i-1")
		known.OrderID = bill.add("i-3")
		for _, r := range []ledger.Renewal{lost, weekly, known} {
			store(t, records, r)
		}
		if err := b.Fill(t.Context()); err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string]string{"r-lost": orderID, "r-weekly": weekly.OrderID, "r-known": known.OrderID} {
			r, err := records.Renewal(t.Context(), id)
			if err != nil || r.OrderID != want || r.Price != yuan(100) || r.State != ledger.Renewed {
				t.Errorf("%s is %s with order %q at %s, %v; want %s at %s", id, r.State, r.OrderID, r.Price, err, want, yuan(100))
			}
		}
		job, err := records.RenewalJob(t.Context(), "j-r-weekly")
		if err != nil || job.Spent != yuan(100) {
			t.Errorf("the weekly job spent %s, %v, want %s", job.Spent, err, yuan(100))
		}
		if found, err := records.AuditRenewalJobs(t.Context()); err != nil || len(found) > 0 {
			t.Errorf("the sums do not match: %v, %v", found, err)
		}
		if len(changed) != 2 {
			t.Errorf("changed jobs %v, want 2", changed)
		}
		calls := bill.lists + bill.details
		time.Sleep(time.Hour)
		if err := b.Fill(t.Context()); err != nil || bill.lists+bill.details != calls {
			t.Errorf("a search without anything to find made calls, %v", err)
		}
	})
}

// A renewal that waits for an operator is settled by its order, and only by that.
func TestFill_NeedsAttention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bill, records := &fakeBill{}, ledgertest.New()
		settled := map[string]payment.Decided{}
		config := quiet()
		config.Settle = func(_ context.Context, id string, paid payment.Decided) error {
			settled[id] = paid
			return nil
		}
		b := billing.New(bill, records, config)
		for id, instance := range map[string]string{"r-1": "i-1", "r-2": "i-2"} {
			r := paid(id, instance)
			r.State, r.PaidTime = ledger.NeedsAttention, time.Time{}
			store(t, records, r, ledger.Submitting, ledger.Unknown, ledger.NeedsAttention)
		}
		if err := b.Fill(t.Context()); err != nil || len(settled) != 0 {
			t.Errorf("settled %v by an empty bill, %v", settled, err)
		}
		orderID := bill.add("i-1")
		time.Sleep(time.Minute)
		if err := b.Fill(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d := settled["r-1"]; len(settled) != 1 || d.Resolution != payment.MarkPaid || d.OrderID != orderID {
			t.Errorf("settled %v, want r-1 by order %s", settled, orderID)
		}
	})
}

// An order that cannot be told from another's is left out, and searched less often.
func TestFill_AmbiguousOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bill, records := &fakeBill{}, ledgertest.New()
		b := billing.New(bill, records, quiet())
		store(t, records, paid("r-1", "i-1"))
		bill.add("i-1")
		bill.add("i-1")
		for range 6 * 60 * 2 { // two hours
			if err := b.Fill(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second)
		}
		if r, err := records.Renewal(t.Context(), "r-1"); err != nil || r.OrderID != "" {
			t.Errorf("the renewal has order %q of two, %v", r.OrderID, err)
		}
		if bill.lists > 12 {
			t.Errorf("%d lists in two hours for one renewal, want at most 12", bill.lists)
		}
	})
}

// Two renewals of one instance never get one order.
func TestFill_OneOrderForOneRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bill, records := &fakeBill{}, ledgertest.New()
		store(t, records, paid("r-1", "i-1"))
		second := paid("r-2", "i-1")
		second.ExpireBefore = second.ExpireExpected
		second.PlanTime = second.PlanTime.Add(time.Second)
		store(t, records, second)
		bill.add("i-1")
		b := billing.New(bill, records, quiet())
		for range 3 {
			if err := b.Fill(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		first, _ := records.Renewal(t.Context(), "r-1")
		second, _ = records.Renewal(t.Context(), "r-2")
		if (first.OrderID == "") == (second.OrderID == "") {
			t.Errorf("the renewals have the orders %q and %q, want one for one of them", first.OrderID, second.OrderID)
		}
	})
}
