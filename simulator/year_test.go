package simulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// A year of subscriptions, hour by hour over the control interface, each bought for a month: the first renews
// automatically until the account is empty, the second is never renewed, the third is renewed manually after it was
// stopped. The events follow the cloud's schedule.
func TestSubscriptions_Year(t *testing.T) {
	c := newCloud(t, simulator.Config{
		ListLag: -1, StartLatency: -1, RenewLag: -1, StopAfter: time.Hour,
		Balance: 3*26040 + 4*26040, // three purchases, and four more months
	})
	buy := func(name string, autoRenew bool) string {
		return c.run(func(r *ecs.RunInstancesRequest) {
			r.InstanceName, r.InstanceChargeType, r.Period = name, "PrePaid", "1"
			r.AutoRenew, r.ClientToken = requests.NewBoolean(autoRenew), "buy-"+name
		})[0]
	}
	names := map[string]string{}
	for _, name := range []string{"renewing", "left", "saved"} {
		names[name] = buy(name, name == "renewing")
	}
	state := func(name string) string {
		i, err := c.Instance(names[name])
		if err != nil {
			return "gone"
		}
		return fmt.Sprintf("%s %s until %s", i.Status, strings.Join(i.LockReasons, ","), i.ExpireTime.Format(time.DateOnly))
	}
	last, paid := map[string]string{}, 0
	var story []string
	record := func(at time.Time, text string) { story = append(story, at.Format("2006-01-02 15:04 ")+text) }
	for c.Now().Before(start.AddDate(1, 0, 0)) {
		for _, name := range []string{"renewing", "left", "saved"} {
			if now := state(name); now != last[name] {
				record(c.Now(), name+": "+now)
				last[name] = now
			}
		}
		for _, o := range c.Ledger(simulator.LedgerFilter{})[paid:] {
			record(o.Time, fmt.Sprintf("%s %s %d %s %q", o.Action, o.Amount, o.Period, o.PeriodUnit, o.ClientToken))
			paid++
		}
		if c.Now().Equal(time.Date(2026, 12, 26, 4, 0, 0, 0, time.UTC)) {
			if _, code := c.renew(names["saved"], "1", "save"); code != "" {
				t.Fatal(code)
			}
		}
		if c.Now().Hour() == 0 { // over the control interface once a day
			c.post("clock/advance", `{"by":"1h"}`)
		} else {
			c.advance(time.Hour)
		}
	}
	want := []string{
		"2026-11-20 04:00 renewing: Running  until 2026-12-20",
		"2026-11-20 04:00 left: Running  until 2026-12-20",
		"2026-11-20 04:00 saved: Running  until 2026-12-20",
		`2026-11-20 04:00 RunInstances 260.40 1 Month "buy-renewing"`,
		`2026-11-20 04:00 RunInstances 260.40 1 Month "buy-left"`,
		`2026-11-20 04:00 RunInstances 260.40 1 Month "buy-saved"`,
		// Nine days before the expiry, at 08:00 UTC+8.
		"2026-12-12 00:00 renewing: Running  until 2027-01-20",
		`2026-12-12 00:00 AutoRenew 260.40 1 Month ""`,
		"2026-12-20 17:00 left: Stopped financial until 2026-12-20",
		"2026-12-20 17:00 saved: Stopped financial until 2026-12-20",
		// After the stop a period counts from the day of the renewal.
		"2026-12-26 05:00 saved: Running  until 2027-01-26",
		`2026-12-26 04:00 RenewInstance 260.40 1 Month "save"`,
		"2027-01-04 16:00 left: gone",
		"2027-01-12 00:00 renewing: Running  until 2027-02-20",
		`2027-01-12 00:00 AutoRenew 260.40 1 Month ""`,
		"2027-01-26 17:00 saved: Stopped financial until 2027-01-26",
		"2027-02-10 16:00 saved: gone",
		"2027-02-12 00:00 renewing: Running  until 2027-03-20",
		`2027-02-12 00:00 AutoRenew 260.40 1 Month ""`,
		// The account is empty: nine days of attempts, then the stop.
		"2027-03-20 17:00 renewing: Stopped financial until 2027-03-20",
		"2027-04-04 16:00 renewing: gone",
	}
	if diff := cmp.Diff(want, story); diff != "" {
		t.Errorf("the year (-want +got):\n%s", diff)
	}
	if b := c.Balance(); b != 0 {
		t.Errorf("balance %s", b)
	}
}

// post calls the control interface and returns its response.
func (c *cloud) post(path, body string) map[string]any {
	c.t.Helper()
	response, err := http.Post(c.server.URL+control.Prefix+path, "application/json", strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		c.t.Fatalf("POST %s: %s", path, text)
	}
	answer := map[string]any{}
	if err := json.Unmarshal(text, &answer); err != nil {
		c.t.Fatal(err)
	}
	return answer
}

// A change of the charge type is paid or refunded, and reschedules the events.
func TestModifyInstanceChargeType(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1})
	ids := c.seed(simulator.Seed{Count: 2, ChargeType: "PostPaid"})
	convert := func(change func(*ecs.ModifyInstanceChargeTypeRequest)) (*ecs.ModifyInstanceChargeTypeResponse, string) {
		t.Helper()
		request := ecs.CreateModifyInstanceChargeTypeRequest()
		request.InstanceIds = `["` + ids[0] + `"]`
		change(request)
		response := ecs.CreateModifyInstanceChargeTypeResponse()
		return response, c.code(request, response)
	}
	subscribe := func(r *ecs.ModifyInstanceChargeTypeRequest) { r.Period, r.ClientToken = "1", "t" }
	free := func(r *ecs.ModifyInstanceChargeTypeRequest) { r.InstanceChargeType = "PostPaid" }
	if _, code := convert(func(r *ecs.ModifyInstanceChargeTypeRequest) { r.Period, r.DryRun = "1", "true" }); code != "DryRunOperation" {
		t.Errorf("a dry run: %q", code)
	}
	response, code := convert(subscribe)
	if code != "" {
		t.Fatal(code)
	}
	if again, code := convert(subscribe); code != "" || again.OrderId != response.OrderId {
		t.Errorf("the token again: %s, %q", again.OrderId, code)
	}
	if fees := response.FeeOfInstances.FeeOfInstance; len(fees) != 1 || fees[0].Fee != "300.40" || fees[0].Currency != "CNY" {
		t.Errorf("fees %+v", fees)
	}
	if i := c.described(ids[0])[0]; i.InstanceChargeType != "PrePaid" || i.ExpiredTime != "2026-12-20T16:00Z" {
		t.Errorf("%s until %s", i.InstanceChargeType, i.ExpiredTime)
	}
	if refusal := func() string { _, code := convert(free); return code }(); refusal != "Throttling" {
		t.Errorf("back at once: %q", refusal)
	}
	c.advance(10*24*time.Hour + time.Hour)
	if response, code = convert(free); code != "" {
		t.Fatal(code)
	}
	if fees := response.FeeOfInstances.FeeOfInstance; fees[0].Fee != "200.26" { // 20 of 30 days
		t.Errorf("paid back %+v", fees)
	}
	if i := c.described(ids[0])[0]; i.InstanceChargeType != "PostPaid" || i.ExpiredTime != "2099-12-31T15:59Z" {
		t.Errorf("%s until %s", i.InstanceChargeType, i.ExpiredTime)
	}
	if b := c.Balance(); b != simulator.DefaultBalance-30040+20026-c.billed() {
		t.Errorf("balance %s", b)
	}
	c.advance(365 * 24 * time.Hour)
	c.expect(ids[0], "Running") // its old expiry is void

	c.change(ids[1], simulator.Change{AutoReleaseTime: ref(c.Now().Add(time.Hour))})
	spot := c.seed(simulator.Seed{ChargeType: "PostPaid", SpotStrategy: "SpotAsPriceGo"})[0]
	many := `["i-0"`
	for n := 1; n <= 20; n++ {
		many += fmt.Sprintf(`,"i-%d"`, n)
	}
	for _, test := range []struct {
		want   string
		change func(*ecs.ModifyInstanceChargeTypeRequest)
	}{
		{"InvalidInstanceChargeType.ValueNotSupported", free},
		{"InvalidPeriod", func(*ecs.ModifyInstanceChargeTypeRequest) {}},
		{"InvalidPeriod", func(r *ecs.ModifyInstanceChargeTypeRequest) { r.Period = "11" }},
		{"InvalidPeriod.UnitMismatch", func(r *ecs.ModifyInstanceChargeTypeRequest) { r.Period, r.PeriodUnit = "1", "Day" }},
		{"InvalidParameter.InstanceIds", func(r *ecs.ModifyInstanceChargeTypeRequest) { r.Period, r.InstanceIds = "1", "i-1" }},
		{"InvalidInstanceId.NotFound", func(r *ecs.ModifyInstanceChargeTypeRequest) { r.Period, r.InstanceIds = "1", `["i-1"]` }},
		{"InstancesIdQuotaExceed", func(r *ecs.ModifyInstanceChargeTypeRequest) { r.Period, r.InstanceIds = "1", many+"]" }},
		{"ReleaseTimeHaveBeenSet", func(r *ecs.ModifyInstanceChargeTypeRequest) {
			r.Period, r.InstanceIds = "1", `["`+ids[0]+`","`+ids[1]+`"]`
		}},
		{"InvalidInstanceChargeType.ValueNotSupported", func(r *ecs.ModifyInstanceChargeTypeRequest) {
			r.Period, r.InstanceIds = "1", `["`+spot+`"]`
		}},
	} {
		if _, code := convert(test.change); code != test.want {
			t.Errorf("got %q, want %q", code, test.want)
		}
	}
}

// With the billing page's schedule, a subscription that auto-renewal cannot pay runs for another 15 days, with further
// attempts.
func TestBillingSchedule(t *testing.T) {
	c := newCloud(t, simulator.Config{BillingSchedule: true, RenewLag: -1, Balance: -1})
	expiry := time.Date(2026, 12, 19, 16, 0, 0, 0, time.UTC) // 20 December in UTC+8
	ids := c.seed(simulator.Seed{Count: 2, ExpireTime: &expiry, RenewalStatus: "AutoRenewal"})
	paid, unpaid := ids[0], ids[1]
	c.change(paid, simulator.Change{RenewalStatus: ref("Normal")})
	at := func(days int) { // noon in UTC+8, the given count of days from the day of the expiry
		t.Helper()
		c.advance(expiry.AddDate(0, 0, days).Add(12 * time.Hour).Sub(c.Now()))
	}
	at(13)
	c.expect(unpaid, "Running")
	c.expect(paid, "Stopped")
	c.SetBalance(26040)
	at(14)
	if lines := c.Ledger(simulator.LedgerFilter{InstanceID: unpaid}); len(lines) != 1 || !lines[0].Time.Equal(expiry.AddDate(0, 0, 14).Add(8*time.Hour)) {
		t.Errorf("the last attempt: %+v", lines)
	}
	// The period counts from the old expiry, as the instance was not stopped.
	if got := c.described(unpaid)[0].ExpiredTime; got != "2027-01-19T16:00Z" {
		t.Errorf("renewed until %s", got)
	}
	expiry = time.Date(2027, 1, 19, 16, 0, 0, 0, time.UTC)
	at(14)
	c.expect(unpaid, "Running")
	at(15)
	c.expect(unpaid, "Stopped")
	at(29)
	c.expect(unpaid, "Stopped")
	at(30)
	c.expect(unpaid, "")
	c.expect(paid, "")
}

// An instance that is locked for payment directly before its expiry is released on the normal schedule, not when it is
// stopped.
func TestLocked_BeforeExpiry(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	expiry := start.Add(time.Hour)
	id := c.seed(simulator.Seed{ExpireTime: &expiry, LockReason: "financial"})[0]
	c.advance(24 * time.Hour)
	c.expect(id, "Running")
	c.advance(15 * 24 * time.Hour)
	c.expect(id, "")
}

// A weekly subscription is paid once per week, on the day after it started.
func TestAutoRenew_Weekly(t *testing.T) {
	c := newCloud(t, simulator.Config{RenewLag: -1})
	expire := start.Add(4 * time.Hour).Add(7 * 24 * time.Hour).Truncate(24 * time.Hour).Add(16 * time.Hour)
	c.seed(simulator.Seed{ExpireTime: &expire, RenewalStatus: "AutoRenewal", RenewalPeriodUnit: "Week"})
	var paid []string
	for range 15 {
		c.advance(24 * time.Hour)
		if n := len(c.Ledger(simulator.LedgerFilter{})); n > len(paid) {
			paid = append(paid, c.Now().Format("01-02"))
		}
	}
	if diff := cmp.Diff([]string{"11-22", "11-29"}, paid); diff != "" {
		t.Errorf("the days of deduction (-want +got):\n%s", diff)
	}
}
