package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// demo is a service with its embedded simulator, as serve --simulate starts it.
type demo struct {
	*world
	passed time.Duration
}

func newDemo(t *testing.T) *demo {
	t.Helper()
	return &demo{world: newService(t, cloud{}, func(c *server.Config) {
		c.Simulate, c.Endpoints, c.Scheme, c.Simulator = true, nil, "", "127.0.0.1:0"
		c.PollInterval = time.Second
	})}
}

// control calls the control interface of the embedded simulator.
func (d *demo) control(method, path, body string, answer any) {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), method, "http://"+d.at.Simulator+control.Prefix+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		d.t.Fatalf("%s %s: %d %s (%v)", method, path, response.StatusCode, text, err)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		d.t.Fatal(err)
	}
}

// plant creates an instance.
func (d *demo) plant(seed string) string {
	d.t.Helper()
	var made struct {
		IDs []string `json:"instance_ids"`
	}
	d.control("POST", "instances", seed, &made)
	return made.IDs[0]
}

// advance lets simulated time pass and returns the simulated time.
func (d *demo) advance(by time.Duration) time.Time {
	d.t.Helper()
	var now control.ClockState
	d.control("POST", "clock/advance", fmt.Sprintf(`{"by": %q}`, by), &now)
	d.passed += by
	if off := time.Until(now.Now) - d.passed; off.Abs() > time.Minute {
		d.t.Fatalf("the simulator is %s off", off)
	}
	return now.Now
}

// expiring returns those of the IDs that expire within a span from now, by what is ListExpiringInstances.
func (d *demo) expiring(span time.Duration, expired bool, of ...string) []*ecsdv1.ExpiringInstance {
	d.t.Helper()
	var found []*ecsdv1.ExpiringInstance
	for token := ""; ; {
		page, err := d.renewals.ListExpiringInstances(within(d.t, 30*time.Second), &ecsdv1.ListExpiringInstancesRequest{
			WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(span)}, IncludeExpired: proto.Bool(expired), PageToken: token,
		})
		if err != nil {
			d.t.Fatal(err)
		}
		for _, i := range page.GetExpiringInstances() {
			if slices.Contains(of, i.GetInstance().GetInstanceId()) {
				found = append(found, i)
			}
		}
		if token = page.GetNextPageToken(); token == "" {
			return found
		}
	}
}

// renew renews an instance by a month. The simulated time until the cloud shows the new expiry passes at once.
func (d *demo) renew(id string) *ecsdv1.Renewal {
	d.t.Helper()
	type outcome struct {
		renewal *ecsdv1.Renewal
		err     error
	}
	ended := make(chan outcome, 1)
	ctx := within(d.t, 50*time.Second)
	go func() {
		answer, err := d.renewals.RenewInstance(ctx, &ecsdv1.RenewInstanceRequest{
			InstanceId: id, Period: oneMonth, PriceLimit: anyPrice, RequestId: uuid.NewString(),
		})
		ended <- outcome{answer.GetRenewal(), err}
	}()
	d.wait("the order is in the ledger", func() bool {
		var ledger struct{ Orders []control.Order }
		d.control("GET", "ledger?action=RenewInstance&instance_id="+id, "", &ledger)
		return len(ledger.Orders) == 1
	})
	d.advance(10 * time.Second)
	got := <-ended
	if got.err != nil {
		d.t.Fatal(got.err)
	}
	return got.renewal
}

// With serve --simulate, an advance of the simulated clock makes instances expire in ecsd too: windows, forecasts,
// renewals, automatic renewals, changes of size and auto-release times follow it.
func TestSimulate_FollowsTheClock(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	d := newDemo(t)
	expire := time.Now().Add(20 * day).UTC().Truncate(time.Minute)
	subscription := func(renewal string) string {
		return d.plant(fmt.Sprintf(`{"expire_time": %q, "renewal_status": %q}`, expire.Format(time.RFC3339), renewal))
	}
	saved, lost, failing := subscription("Normal"), subscription("Normal"), subscription("AutoRenewal")
	if got := d.expiring(time.Hour, true, saved, lost); len(got) != 0 {
		t.Fatalf("20 days before the expiry, %d instances expire within an hour", len(got))
	}

	// Half an hour before the expiry.
	d.control("POST", "account", `{"balance": "0"}`, new(control.AccountState))
	d.advance(20*day - 30*time.Minute)
	d.control("POST", "account", `{"balance": "100000"}`, new(control.AccountState))
	if got := d.expiring(time.Hour, false, saved, lost); len(got) != 2 {
		t.Errorf("half an hour before the expiry, %d instances expire within an hour, want 2", len(got))
	}
	if got := d.expiring(time.Hour, false, failing); len(got) != 1 || got[0].GetAutoRenewState() != ecsdv1.AutoRenewState_AUTO_RENEW_STATE_FAILING {
		t.Errorf("deductions failed for 9 days, and ecsd reports %v", got)
	}
	plan, err := d.renewals.PreviewRenewals(within(t, 30*time.Second), &ecsdv1.PreviewRenewalsRequest{Job: &ecsdv1.CreateRenewalJobRequest{
		Selection: inWindow(&ecsdv1.ExpiryWindow{End: &ecsdv1.ExpiryWindow_Within{Within: durationpb.New(time.Hour)}, IncludeExpired: proto.Bool(false)}),
		Term:      forOneMonth, PriceLimit: anyTotal,
	}})
	if err != nil {
		t.Fatal(err)
	}
	planned := map[string]bool{}
	for _, r := range plan.GetRenewals() {
		planned[r.GetInstanceId()] = true
	}
	if !planned[saved] || !planned[lost] {
		t.Errorf("the plan of a window of an hour lacks them: %v", planned)
	}
	if got := d.renew(saved); got.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_RENEWED || !got.GetExpireTimeAfter().AsTime().After(expire.Add(27*day)) {
		t.Fatalf("renewal: %v", got)
	}

	// Two days after the expiry: stopped and locked.
	now := d.advance(2 * day)
	if got := d.expiring(time.Hour, false, saved, lost); len(got) != 0 {
		t.Errorf("after the expiry, %d instances expire within an hour", len(got))
	}
	if got := d.expiring(time.Hour, true, saved, lost); len(got) != 1 || got[0].GetInstance().GetInstanceId() != lost ||
		got[0].GetInstance().GetStatus() != ecsdv1.InstanceStatus_INSTANCE_STATUS_STOPPED {
		t.Errorf("the expired instance is not listed as stopped: %v", got)
	}
	set, err := d.renewals.SetAutoRenew(within(t, 20*time.Second), &ecsdv1.SetAutoRenewRequest{
		InstanceIds: []string{lost}, Status: ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_AUTO_RENEWAL,
	})
	if err != nil || set.GetResults()[0].GetError().GetReason() != "INSTANCE_EXPIRED" {
		t.Errorf("automatic renewal of an expired instance: %v (%v)", set, err)
	}
	_, err = d.instances.ModifyInstanceType(within(t, 20*time.Second), &ecsdv1.ModifyInstanceTypeRequest{
		InstanceId: lost, InstanceType: "ecs.g7.xlarge", RequestId: uuid.NewString(),
		PriceLimit: &ecsdv1.ModifyInstanceTypeRequest_AnyPrice{AnyPrice: true},
	})
	wantError(t, err, codes.FailedPrecondition, "INSTANCE_EXPIRED")
	// A stopped instance is renewed from the day of the renewal, not from its expiry.
	if got := d.renew(lost); got.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_RENEWED || !got.GetExpireTimeAfter().AsTime().After(now.Add(27*day)) {
		t.Fatalf("renewal of an expired instance: %v", got)
	}

	// Automatic release: the limits of its time are relative to the simulated time.
	hourly := d.plant(`{"charge_type": "PostPaid"}`)
	release := func(at time.Time) error {
		_, err := d.instances.SetAutoReleaseTime(within(t, 20*time.Second), &ecsdv1.SetAutoReleaseTimeRequest{
			InstanceId: hourly, Setting: &ecsdv1.SetAutoReleaseTimeRequest_AutoReleaseTime{AutoReleaseTime: timestamppb.New(at)},
		})
		return err
	}
	wantError(t, release(time.Now().Add(time.Hour)), codes.InvalidArgument, "INVALID_FIELD")
	if err := release(now.Add(2 * time.Hour)); err != nil {
		t.Errorf("an automatic release in two simulated hours: %v", err)
	}
	d.advance(3 * time.Hour)
	d.wait("the instance is released", func() bool {
		_, err := d.instances.GetInstance(within(t, 20*time.Second), &ecsdv1.GetInstanceRequest{InstanceId: hourly})
		info, found := detail[*errdetails.ErrorInfo](err)
		return found && info.GetReason() == "INSTANCE_NOT_FOUND"
	})
}
