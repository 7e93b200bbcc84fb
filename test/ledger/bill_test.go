package ledger_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/test/lib/program"
)

// The response to every paid call is lost, and the new expiry shows late: the bill settles each outcome within seconds,
// without a second call, and names its order.
func TestBilling_SettlesLostResponses(t *testing.T) {
	t.Parallel()
	c := newCloud(t, func(s *simulator.Config) { s.RenewLag, s.OrderLag = 25*time.Second, time.Second })
	ids := c.seed(t, 14)
	c.fault(t, simulator.Fault{Action: "RenewInstance", Kind: control.LostReply})
	caller := dial(t, newServer(t, c, engines["sqlite"](t), "--billing", "--renewal-settle-window", "1m").Address)
	jobID := caller.create(ids, nil)
	// Every outcome is unknown. The calls of the job take less than a second.
	took := within(t, 40*time.Second, func() bool {
		settled := 0
		for _, r := range caller.renewals(jobID) {
			if r.GetOrderId() != "" { // VERIFYING, or later
				settled++
			}
		}
		return settled > len(ids)/2
	})
	if took > 15*time.Second {
		t.Errorf("half of the outcomes were settled after %s, want within 15s", took)
	}
	job := caller.ended(jobID, time.Minute)
	e := caller.evidence(c)
	t.Logf("%s, half of the outcomes settled after %s; %s", job.GetState(), took.Round(100*time.Millisecond), e.summary())
	for _, f := range e.check() {
		t.Error(f)
	}
	if len(e.sends) != len(ids) || len(e.bill) != len(ids) {
		t.Errorf("%d paid calls and %d charges for %d instances", len(e.sends), len(e.bill), len(ids))
	}
	e.checkOrderIDs(t)
	calls := c.Stats().Actions
	if lists := calls["QueryOrders"].Calls; lists > 15 {
		t.Errorf("%d lists of orders for %d unknown outcomes", lists, len(ids))
	}
	if details := calls["GetOrderDetail"].Calls; details > 2*int64(len(ids)) { // a slow read is repeated
		t.Errorf("%d details of %d orders", details, len(ids))
	}
}

// checkOrderIDs compares the order IDs of the renewals with the bill.
func (e evidence) checkOrderIDs(t *testing.T) {
	t.Helper()
	for _, o := range e.bill {
		var found []string
		for _, r := range e.renewals {
			if r.GetInstanceId() == o.InstanceID && paid(r) {
				found = append(found, r.GetOrderId())
			}
		}
		if !slices.Equal(found, []string{o.OrderID}) {
			t.Errorf("order %s of %s is %q in the ledger", o.OrderID, o.InstanceID, found)
		}
	}
}

// A bill that is denied, empty or late changes nothing: no charge is repeated, and every renewal ends as without a bill.
// Order IDs that a bill showed too late are found afterwards.
func TestBilling_ThatShowsNothing(t *testing.T) {
	t.Parallel()
	for kind, fault := range map[string]simulator.Fault{
		"denied": {Kind: control.Denied},
		"empty":  {Kind: control.Empty},
		"late":   {Kind: control.Late, Delay: control.Duration(5 * time.Minute)},
		"html":   {Kind: control.HTML},
		"slow":   {Kind: control.Slow, Delay: control.Duration(5 * time.Second)},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, nil)
			ids := c.seed(t, 12)
			fault.Action = "QueryOrders"
			c.fault(t, fault)
			c.fault(t, simulator.Fault{Action: "RenewInstance", Kind: control.LostReply, Probability: 0.5})
			c.fault(t, simulator.Fault{Action: "RenewInstance", Kind: control.Reset, Probability: 0.3})
			caller := dial(t, newServer(t, c, engines["sqlite"](t), "--billing").Address)
			caller.ended(caller.create(ids, nil), time.Minute)
			e := caller.evidence(c)
			t.Log(e.summary())
			for _, f := range e.check() {
				t.Error(f)
			}
			if len(e.bill) != len(ids) {
				t.Errorf("%d charges for %d instances", len(e.bill), len(ids))
			}
			if kind != "empty" {
				return
			}
			c.ClearFaults()
			within(t, 40*time.Second, func() bool {
				return !slices.ContainsFunc(caller.evidence(c).renewals, func(r *ecsdv1.Renewal) bool { return r.GetOrderId() == "" })
			})
			caller.evidence(c).checkOrderIDs(t)
		})
	}
}

// The cloud publishes no price for weeks: their cost comes from their orders.
func TestBilling_CostOfWeeks(t *testing.T) {
	t.Parallel()
	c := newCloud(t, nil)
	ids := c.seed(t, 2)
	caller := dial(t, newServer(t, c, engines["sqlite"](t), "--billing").Address)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
	defer cancel()
	for _, id := range ids {
		_, err := caller.RenewInstance(ctx, &ecsdv1.RenewInstanceRequest{
			InstanceId: id, Period: &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_WEEK}, RequestId: uuid.NewString(),
			PriceLimit: &ecsdv1.RenewInstanceRequest_AnyPrice{AnyPrice: true},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	within(t, 40*time.Second, func() bool {
		return !slices.ContainsFunc(caller.renewals(""), func(r *ecsdv1.Renewal) bool { return r.GetPrice() == nil })
	})
	e := caller.evidence(c)
	for _, f := range e.check() { // prices and sums of jobs
		t.Error(f)
	}
	e.checkOrderIDs(t)
}

// A server starts without the permission, and shows it.
func TestBilling_DeniedAtTheStart(t *testing.T) {
	t.Parallel()
	c := newCloud(t, nil)
	for _, action := range []string{"QueryOrders", "QueryAccountBalance", "QueryAvailableInstances"} {
		c.fault(t, simulator.Fault{Action: action, Kind: control.Denied})
	}
	server := newServer(t, c, engines["sqlite"](t), "--billing")
	within(t, 10*time.Second, func() bool { return strings.Contains(server.Log(), "billing is not permitted") })
	caller := dial(t, server.Address)
	ids := c.seed(t, 3)
	caller.ended(caller.create(ids, nil), time.Minute)
	if ready, parts := readiness(t, server); !ready || parts["billing"] {
		t.Errorf("ready %t, parts %v; want a server that is ready without billing", ready, parts)
	}
	warnings := func(of string) int { return strings.Count(server.Log(), of) }
	orders, balance := warnings(`working without it","read":"orders"`), warnings(`working without it","read":"balance"`)
	if orders > 1 || balance > 1 || warnings(`"level":"WARN"`) != orders+balance {
		t.Errorf("want one warning of each read at most:\n%s", server.Log())
	}
}

// readiness reads /readyz: whether the server is ready, and which parts are.
func readiness(t *testing.T, server *program.Process) (ready bool, parts map[string]bool) {
	t.Helper()
	response, err := http.Get("http://" + server.Admin + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var report struct {
		Ready bool
		Parts map[string]struct{ Ready bool }
	}
	if err := json.NewDecoder(response.Body).Decode(&report); err != nil {
		t.Fatal(err)
	}
	parts = map[string]bool{}
	for name, part := range report.Parts {
		parts[name] = part.Ready
	}
	return report.Ready, parts
}

// A plan says how many renewals the balance covers, and a list of expiring instances when billing plans to stop and
// release them.
func TestBilling_BalanceAndEnds(t *testing.T) {
	t.Parallel()
	c := newCloud(t, nil)
	ids := c.seed(t, 5)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
	defer cancel()
	caller := dial(t, newServer(t, c, engines["sqlite"](t), "--billing").Address)
	preview := func() *ecsdv1.RenewalPlan {
		page, err := caller.PreviewRenewals(ctx, &ecsdv1.PreviewRenewalsRequest{Job: &ecsdv1.CreateRenewalJobRequest{
			Selection:  &ecsdv1.RenewalSelection{By: &ecsdv1.RenewalSelection_Instances{Instances: &ecsdv1.NamedInstances{InstanceIds: ids}}},
			Term:       &ecsdv1.CreateRenewalJobRequest_Period{Period: oneMonth},
			PriceLimit: &ecsdv1.CreateRenewalJobRequest_AnyPrice{AnyPrice: true},
		}})
		if err != nil {
			t.Fatal(err)
		}
		return page.GetPlan()
	}
	if plan := preview(); plan.GetCoveredCount() != 5 {
		t.Errorf("a full account covers %d of 5", plan.GetCoveredCount())
	}
	balance := fen(preview().GetTotalPrice()) * 3 / 5 // all cost the same
	c.SetBalance(balance)
	if plan := preview(); plan.CoveredCount == nil || plan.GetCoveredCount() != 3 || fen(plan.GetAvailableBalance()) != balance {
		t.Errorf("a balance of %s is %s and covers %d, want 3", balance, plan.GetAvailableBalance(), plan.GetCoveredCount())
	}
	list, err := caller.ListExpiringInstances(ctx, &ecsdv1.ListExpiringInstancesRequest{
		WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(365 * 24 * time.Hour)},
	})
	if err != nil || len(list.GetExpiringInstances()) != 5 {
		t.Fatalf("listed %d, %v", len(list.GetExpiringInstances()), err)
	}
	for _, i := range list.GetExpiringInstances() {
		expire := i.GetInstance().GetExpireTime().AsTime()
		if stop, release := i.GetStopTime().AsTime(), i.GetReleaseTime().AsTime(); !stop.Equal(expire.Add(simulator.DefaultStopAfter)) || !release.Equal(expire.Add(simulator.DefaultReleaseAfter)) {
			t.Errorf("%s expires at %s, stops at %s and is released at %s; billing plans other times", i.GetInstance().GetInstanceId(), expire, stop, release)
		}
	}
}
