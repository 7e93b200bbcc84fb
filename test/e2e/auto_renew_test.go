package e2e_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
)

// With an empty account and automatic renewal on, the deduction for an instance that expires in five days has failed
// for four days: the list and the metrics report it. They also report a setting that differs from the requested one.
func TestAutoRenew_DeductionFails(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	start := time.Now().Add(-40 * day).UTC()
	w := newWorld(t, simulator.Config{Start: start, ByHand: true, Balance: -1}, func(c *server.Config) {
		c.Limits.DeductionCheck, c.PollInterval = time.Second, time.Second
	})
	soon, later := time.Now().Add(5*day).UTC().Truncate(time.Minute), time.Now().Add(12*day).UTC().Truncate(time.Minute)
	of := func(expire time.Time, status string) string {
		return w.seed(simulator.Seed{ExpireTime: &expire, RenewalStatus: status})[0]
	}
	failing, off, scheduled, drifting := of(soon, "AutoRenewal"), of(soon, "Normal"), of(later, "AutoRenewal"), of(soon, "Normal")
	if _, err := w.sim.Advance(40 * day); err != nil {
		t.Fatal(err)
	}
	set, err := w.renewals.SetAutoRenew(within(t, 20*time.Second), &ecsdv1.SetAutoRenewRequest{
		InstanceIds: []string{drifting}, Status: ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_AUTO_RENEWAL,
	})
	if err != nil || set.GetResults()[0].GetError() != nil {
		t.Fatal(set, err)
	}
	list := func() map[string]string {
		t.Helper()
		answer, err := w.renewals.ListExpiringInstances(within(t, 20*time.Second), &ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(14 * day)}})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, i := range answer.GetExpiringInstances() {
			text := i.GetAutoRenewState().String()
			if i.GetNextDeductionTime() != nil {
				text += " next"
			}
			if d := i.GetDrift(); d != nil {
				text += " asked " + d.GetDesiredStatus().String()
			}
			got[i.GetInstance().GetInstanceId()] = text
		}
		return got
	}
	want := map[string]string{
		failing: "AUTO_RENEW_STATE_FAILING next", off: "AUTO_RENEW_STATE_OFF",
		scheduled: "AUTO_RENEW_STATE_SCHEDULED next", drifting: "AUTO_RENEW_STATE_SCHEDULED next",
	}
	if diff := cmp.Diff(want, list()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	never := "NotRenewal"
	if err := w.sim.Change(drifting, simulator.Change{RenewalStatus: &never}); err != nil {
		t.Fatal(err)
	}
	want[drifting] = "AUTO_RENEW_STATE_OFF asked AUTO_RENEW_STATUS_AUTO_RENEWAL"
	if diff := cmp.Diff(want, list()); diff != "" {
		t.Errorf("changed in the console (-want +got):\n%s", diff)
	}
	held, err := w.renewals.BatchGetAutoRenewSettings(within(t, 20*time.Second), &ecsdv1.BatchGetAutoRenewSettingsRequest{InstanceIds: []string{drifting, failing}})
	if err != nil {
		t.Fatal(err)
	}
	drift, fails := held.GetResults()[0].GetSetting(), held.GetResults()[1].GetSetting()
	if drift.GetDrift().GetDesiredPeriod().GetCount() != 1 || drift.GetDrift().GetRequestTime() == nil || drift.GetDrift().GetCaller() == "" ||
		fails.GetAutoRenewState() != ecsdv1.AutoRenewState_AUTO_RENEW_STATE_FAILING || fails.GetDrift() != nil {
		t.Errorf("the settings are %v", held)
	}
	w.wait("the metrics report", func() bool {
		failing, _ := w.metric(`ecsd_auto_renewals{region="cn-hangzhou",state="FAILING"}`)
		off, _ := w.metric(`ecsd_auto_renewals{region="cn-hangzhou",state="OFF"}`)
		drifted, _ := w.metric(`ecsd_auto_renew_drift{region="cn-hangzhou"}`)
		return failing == 1 && off == 2 && drifted == 1
	})
	// The setting of the one that expires in twelve days is not read for this.
	w.wait("the metrics report the expiring instances", func() bool {
		soon, _ := w.metric(`ecsd_expiring_instances{region="cn-hangzhou",renewed_by="none",within="7d"}`)
		automatic, _ := w.metric(`ecsd_expiring_instances{region="cn-hangzhou",renewed_by="auto_renew",within="7d"}`)
		unread, _ := w.metric(`ecsd_expiring_instances{region="cn-hangzhou",renewed_by="unknown",within="14d"}`)
		unpriced, _ := w.metric(`ecsd_expiring_unpriced_instances{within="14d"}`)
		return soon == 2 && automatic == 1 && unread == 1 && unpriced == 4
	})
	if _, err := w.renewals.QuoteRenewals(within(t, 20*time.Second), &ecsdv1.QuoteRenewalsRequest{InstanceIds: []string{off}, Period: &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH}}); err != nil {
		t.Fatal(err)
	}
	w.wait("the metrics report the quoted price", func() bool {
		cost, _ := w.metric(`ecsd_expiring_cost{currency="CNY",within="7d"}`)
		unpriced, _ := w.metric(`ecsd_expiring_unpriced_instances{within="14d"}`)
		return cost > 0 && unpriced == 3
	})
	status, err := ecsdv1.NewAccessServiceClient(w.conn).GetServerStatus(within(t, 20*time.Second), &ecsdv1.GetServerStatusRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if check := status.GetRegions()[0].GetAutoRenewals(); check.GetFailingCount() != 1 || check.GetOffCount() != 2 || check.GetDriftedCount() != 1 || check.GetCheckTime() == nil {
		t.Errorf("the status has %v", check)
	}
}
