package e2e_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// metric returns the value of a metric with its labels, and whether it exists.
func (w *world) metric(name string) (float64, bool) {
	w.t.Helper()
	_, text := w.get("/metrics")
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindStringSubmatch(text)
	if found == nil {
		return 0, false
	}
	value, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		w.t.Fatal(err)
	}
	return value, true
}

// The metrics report the outcome of a job, its cost, and the unsettled renewals until a person has resolved them.
func TestRenewalMetrics(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, func(c *server.Config) {
		c.RenewalSettle, c.RenewalTrust, c.Rates = time.Second, time.Second, []server.Rate{{Action: "RenewInstance", PerMinute: 600}}
	})
	expire := time.Now().Add(3 * 24 * time.Hour).UTC().Truncate(time.Minute)
	ids := w.seed(simulator.Seed{Count: 3, ExpireTime: &expire})
	request := &ecsdv1.CreateRenewalJobRequest{
		RequestId:    uuid.NewString(),
		Selection:    inNext(14 * 24 * time.Hour),
		Term:         forOneMonth,
		ValidateOnly: true,
		PriceLimit:   anyTotal,
	}
	plan, err := w.renewals.PreviewRenewals(within(t, 30*time.Second), &ecsdv1.PreviewRenewalsRequest{Job: request})
	if err != nil {
		t.Fatal(err)
	}
	budget := plan.GetJob().GetReserved()
	budget.Units--
	request.ValidateOnly, request.PriceLimit = false, upTo(budget)
	job, _ := watched(t, w, request)
	spent := float64(job.GetSpent().GetUnits()) + float64(job.GetSpent().GetNanos())/1e9
	for name, want := range map[string]float64{
		`ecsd_renewals_ended_total{reason="",state="RENEWED"}`:                 2,
		`ecsd_renewals_ended_total{reason="BUDGET_EXCEEDED",state="SKIPPED"}`:  1,
		`ecsd_renewal_spent_total{currency="CNY"}`:                             spent,
		`ecsd_cloud_budget_limit{action="RenewInstance",region="cn-hangzhou"}`: 600,
	} {
		if got, _ := w.metric(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if _, there := w.metric(`ecsd_cloud_budget_calls{action="RenewInstance",region="cn-hangzhou"}`); !there {
		t.Error("the rate of the paid calls is not reported")
	}
	w.wait("nothing is left in doubt", func() bool {
		oldest, there := w.metric("ecsd_renewal_oldest_unsettled_seconds")
		left, _ := w.metric(`ecsd_renewals{reason="",state="VERIFYING"}`)
		attention, _ := w.metric(`ecsd_renewals{reason="",state="NEEDS_ATTENTION"}`)
		return there && oldest == 0 && left == 0 && attention == 0
	})

	w.fault(simulator.Fault{Kind: control.Reset, Action: "RenewInstance"})
	_, _ = w.renewals.RenewInstance(within(t, 5*time.Second), &ecsdv1.RenewInstanceRequest{InstanceId: ids[0], Period: oneMonth, RequestId: uuid.NewString(), PriceLimit: anyPrice})
	price := fmt.Sprint(float64(plan.GetRenewals()[0].GetPrice().GetUnits()) + float64(plan.GetRenewals()[0].GetPrice().GetNanos())/1e9)
	w.wait("a person is needed", func() bool {
		n, _ := w.metric(`ecsd_renewals{reason="OUTCOME_UNKNOWN",state="NEEDS_ATTENTION"}`)
		oldest, _ := w.metric("ecsd_renewal_oldest_unsettled_seconds")
		reserved, _ := w.metric(`ecsd_renewal_reserved{currency="CNY"}`)
		return n == 1 && oldest > 0 && fmt.Sprint(reserved) == price
	})
	doubtful, err := w.renewals.ListRenewals(within(t, 5*time.Second), &ecsdv1.ListRenewalsRequest{
		States: []ecsdv1.RenewalState{ecsdv1.RenewalState_RENEWAL_STATE_NEEDS_ATTENTION},
	})
	if err != nil || len(doubtful.GetRenewals()) != 1 {
		t.Fatalf("in doubt: %v (%v)", doubtful, err)
	}
	if _, err := w.renewals.ResolveRenewal(within(t, 5*time.Second), &ecsdv1.ResolveRenewalRequest{
		RenewalId: doubtful.GetRenewals()[0].GetRenewalId(), Resolution: ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_MARK_NOT_PAID,
	}); err != nil {
		t.Fatal(err)
	}
	w.wait("the decision shows", func() bool {
		n, _ := w.metric(`ecsd_renewals{reason="",state="NEEDS_ATTENTION"}`)
		ended, _ := w.metric(`ecsd_renewals_ended_total{reason="MARKED_NOT_PAID",state="FAILED"}`)
		_, text := w.get("/metrics")
		return n == 0 && ended == 1 && !strings.Contains(text, "ecsd_renewal_reserved{")
	})
}
