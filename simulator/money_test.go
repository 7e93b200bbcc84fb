package simulator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// instant is a cloud with changes that are visible at once.
func instant(t testing.TB) *cloud {
	t.Helper()
	return newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1, StopLatency: -1, RenewLag: -1})
}

// convert changes the charge type of an instance and returns the fee and the error code.
func (c *cloud) convert(id string, change func(*ecs.ModifyInstanceChargeTypeRequest)) (fee, code string) {
	c.t.Helper()
	request := ecs.CreateModifyInstanceChargeTypeRequest()
	request.InstanceIds = fmt.Sprintf("[%q]", id)
	change(request)
	response := ecs.CreateModifyInstanceChargeTypeResponse()
	if code = c.code(request, response); code != "" {
		return "", code
	}
	return response.FeeOfInstances.FeeOfInstance[0].Fee, ""
}

// toPayAsYouGo is the change to pay-as-you-go.
func toPayAsYouGo(r *ecs.ModifyInstanceChargeTypeRequest) { r.InstanceChargeType = "PostPaid" }

// toSubscription is the change to a subscription of some months.
func toSubscription(months int) func(*ecs.ModifyInstanceChargeTypeRequest) {
	return func(r *ecs.ModifyInstanceChargeTypeRequest) { r.Period = requests.NewInteger(months) }
}

// Each order has its type: the ledger distinguishes purchases, renewals, changes and refunds.
func TestLedger_OrderTypes(t *testing.T) {
	c := instant(t)
	id := c.run(func(r *ecs.RunInstancesRequest) { r.InstanceChargeType, r.Period = "PrePaid", "1" })[0]
	if _, code := c.renew(id, "1", ""); code != "" {
		t.Fatal(code)
	}
	pause := func() { c.advance(6 * time.Minute) } // a change is rejected for five minutes after another
	for _, kind := range []string{"ecs.g7.xlarge", "ecs.g7.large"} {
		c.change(id, simulator.Change{Status: ref("Stopped")})
		if _, code := c.resize(id, kind, nil); code != "" {
			t.Fatal(code)
		}
		pause()
	}
	if _, code := c.convert(id, toPayAsYouGo); code != "" {
		t.Fatal(code)
	}
	pause()
	if _, code := c.convert(id, toSubscription(1)); code != "" {
		t.Fatal(code)
	}
	var got []string
	for _, o := range c.Ledger(simulator.LedgerFilter{}) {
		got = append(got, string(o.Type))
	}
	if diff := cmp.Diff([]string{"New", "Renew", "Upgrade", "Degrade", "Refund", "Convert"}, got); diff != "" {
		t.Errorf("types of the orders (-want +got):\n%s", diff)
	}
}

// withManyParts is a purchase with two disks and bandwidth: 975.40 for a month.
func withManyParts(r *ecs.RunInstancesRequest) {
	r.SystemDiskCategory, r.SystemDiskSize = "cloud_essd", "100"
	r.DataDisk = &[]ecs.RunInstancesDataDisk{{Category: "cloud_essd", Size: "500"}}
	r.InternetChargeType, r.InternetMaxBandwidthOut = "PayByBandwidth", "5"
}

// renewalPrice returns the price of a renewal.
func (c *cloud) renewalPrice(id string, change func(*ecs.DescribeRenewalPriceRequest)) float64 {
	c.t.Helper()
	request := ecs.CreateDescribeRenewalPriceRequest()
	request.ResourceId = id
	if change != nil {
		change(request)
	}
	response := ecs.CreateDescribeRenewalPriceResponse()
	c.do(request, response)
	return response.PriceInfo.Price.TradePrice
}

// A renewal pays for everything whose expiry it moves: the instance, its subscription disks and its bandwidth.
func TestRenewal_DisksAndBandwidth(t *testing.T) {
	c := instant(t)
	id := c.run(withManyParts, func(r *ecs.RunInstancesRequest) { r.InstanceChargeType, r.Period = "PrePaid", "1" })[0]
	if price := c.renewalPrice(id, nil); price != 975.40 {
		t.Errorf("renewal price %v, want the 975.40 of the purchase", price)
	}
	raw := c.raw("DescribeRenewalPrice", values{"ResourceId": id})
	var details []string
	leaves("", raw, func(path string, v any) {
		if path == "PriceInfo.Price.DetailInfos.DetailInfo[].Resource" {
			details = append(details, fmt.Sprint(v))
		}
	})
	if diff := cmp.Diff([]string{"instanceType", "systemDisk", "dataDisk", "bandwidth"}, details); diff != "" {
		t.Errorf("details (-want +got):\n%s", diff)
	}
	if _, code := c.renew(id, "1", ""); code != "" {
		t.Fatal(code)
	}
	if b := c.Balance(); b != simulator.DefaultBalance-2*975_40 {
		t.Errorf("balance %s after a purchase and a renewal of 975.40", b)
	}
	for _, d := range c.disks(func(r *ecs.DescribeDisksRequest) { r.InstanceId = id }) {
		if d.ExpiredTime != "2027-01-20T16:00Z" || d.DiskChargeType != "PrePaid" {
			t.Errorf("disk %s is %s until %s", d.Device, d.DiskChargeType, d.ExpiredTime)
		}
	}
	// To the unified expiration date, each part by the day: 11 days from 21 January to 1 March less a month.
	day := c.renewalPrice(id, func(r *ecs.DescribeRenewalPriceRequest) { r.ExpectedRenewDay = "1" })
	if want := 1267.99; day < want || day > want+0.10 { // 39 thirtieths, each of the four parts rounded up
		t.Errorf("price to a day %v, want about %v", day, want)
	}
}

// A renewal does not pay for a data disk that is pay-as-you-go.
func TestRenewal_PayAsYouGoDisk(t *testing.T) {
	c := instant(t)
	id := c.run(withManyParts)[0]
	fee, code := c.convert(id, toSubscription(1))
	if code != "" || fee != "475.40" { // instance, system disk and bandwidth
		t.Fatalf("fee %s, %q, want 475.40", fee, code)
	}
	if price := c.renewalPrice(id, nil); price != 475.40 {
		t.Errorf("renewal price %v, want 475.40", price)
	}
}

// A change to a subscription converts the data disks if and only if the request includes them, and then pays for them.
// A change to pay-as-you-go converts all of them, and never refunds more than was paid.
func TestConversion_DataDisks(t *testing.T) {
	for _, test := range []struct {
		include, fee, system, data string
	}{
		{"", "475.40", "PrePaid", "PostPaid"},
		{"false", "475.40", "PrePaid", "PostPaid"},
		{"true", "975.40", "PrePaid", "PrePaid"},
	} {
		c := instant(t)
		id := c.run(withManyParts)[0]
		charges := func() (list []string) {
			for _, d := range c.disks(func(r *ecs.DescribeDisksRequest) { r.InstanceId = id }) {
				list = append(list, d.DiskChargeType+" until "+d.ExpiredTime)
			}
			return list
		}
		before := c.Balance()
		fee, code := c.convert(id, func(r *ecs.ModifyInstanceChargeTypeRequest) {
			r.Period, r.IncludeDataDisks = "1", requests.Boolean(test.include)
		})
		if code != "" || fee != test.fee || before-c.Balance() != amount(t, fee) {
			t.Errorf("IncludeDataDisks %q: fee %s, charged %s, %q, want %s", test.include, fee, before-c.Balance(), code, test.fee)
		}
		until := map[string]string{"PrePaid": "PrePaid until 2026-12-20T16:00Z", "PostPaid": "PostPaid until 2099-12-31T15:59Z"}
		if diff := cmp.Diff([]string{until[test.system], until[test.data]}, charges()); diff != "" {
			t.Errorf("IncludeDataDisks %q (-want +got):\n%s", test.include, diff)
		}
		c.advance(6 * time.Minute)
		refund, code := c.convert(id, toPayAsYouGo)
		if code != "" || amount(t, refund) > amount(t, fee) || amount(t, refund) < amount(t, fee)*9/10 {
			t.Errorf("IncludeDataDisks %q: refund %s of %s, %q", test.include, refund, fee, code)
		}
		if diff := cmp.Diff([]string{until["PostPaid"], until["PostPaid"]}, charges()); diff != "" {
			t.Errorf("pay-as-you-go again (-want +got):\n%s", diff)
		}
	}
}

// A refund is at most the payment, also after a discount for a year.
func TestRefund_AtMostPaid(t *testing.T) {
	for period, paid := range map[string]control.Amount{"1": 260_40, "12": 2656_08, "36": 4687_20} {
		c := instant(t)
		before := c.Balance()
		id := c.run(func(r *ecs.RunInstancesRequest) { r.InstanceChargeType, r.Period = "PrePaid", requests.Integer(period) })[0]
		if got := before - c.Balance(); got != paid {
			t.Errorf("%s months cost %s, want %s", period, got, paid)
		}
		c.advance(10 * time.Second)
		if _, code := c.convert(id, toPayAsYouGo); code != "" {
			t.Fatal(code)
		}
		if left := before - c.Balance(); left < 0 || left > paid/20 {
			t.Errorf("%s months: %s kept of %s", period, left, paid)
		}
	}
}

// A downgrade refunds a share of the payment for the instance, and nothing of its disks and bandwidth.
func TestRefund_DowngradeWithDisks(t *testing.T) {
	var refunds []control.Amount
	for _, parts := range []func(*ecs.RunInstancesRequest){func(*ecs.RunInstancesRequest) {}, withManyParts} {
		c := instant(t)
		id := c.run(parts, func(r *ecs.RunInstancesRequest) {
			r.InstanceChargeType, r.Period, r.InstanceType = "PrePaid", "1", "ecs.g7.xlarge"
		})[0]
		c.change(id, simulator.Change{Status: ref("Stopped")})
		if _, code := c.resize(id, "ecs.g7.large", nil); code != "" {
			t.Fatal(code)
		}
		refunds = append(refunds, -c.Ledger(simulator.LedgerFilter{Action: "ModifyPrepayInstanceSpec"})[0].Amount)
	}
	if refunds[0] != refunds[1] || refunds[0] <= 0 || refunds[0] > 260_40 {
		t.Errorf("refunds %v without and with disks, want the same, 260.40 at most", refunds)
	}
}

// Weeks are priced, bought, renewed and converted at seven thirtieths of a month.
func TestWeeks(t *testing.T) {
	c := instant(t)
	for weeks, want := range map[string]float64{"1": 60.76, "4": 243.04} {
		request := ecs.CreateDescribePriceRequest()
		request.InstanceType, request.PriceUnit, request.Period = "ecs.g7.large", "Week", requests.Integer(weeks)
		response := ecs.CreateDescribePriceResponse()
		c.do(request, response)
		if got := response.PriceInfo.Price.TradePrice; got != want {
			t.Errorf("price of %s weeks %v, want %v", weeks, got, want)
		}
	}
	request := ecs.CreateDescribePriceRequest()
	request.InstanceType, request.PriceUnit, request.Period = "ecs.g7.large", "Week", "5"
	if code := c.code(request, ecs.CreateDescribePriceResponse()); code != "InvalidPeriod" {
		t.Errorf("five weeks: %q", code)
	}
	id := c.run()[0]
	fee, code := c.convert(id, func(r *ecs.ModifyInstanceChargeTypeRequest) { r.Period, r.PeriodUnit = "2", "Week" })
	if code != "" || fee != "140.19" { // 14 days of 260.40 and 40.00 a month, each rounded up
		t.Errorf("fee of two weeks %s, %q", fee, code)
	}
	if i := c.described(id)[0]; i.ExpiredTime != "2026-12-04T16:00Z" || i.SaleCycle != "Week" {
		t.Errorf("until %s by the %s", i.ExpiredTime, i.SaleCycle)
	}
	for _, unit := range []string{"Day", "Year"} {
		if _, code := c.convert(c.run()[0], func(r *ecs.ModifyInstanceChargeTypeRequest) { r.Period, r.PeriodUnit = "1", unit }); code != "InvalidPeriod.UnitMismatch" {
			t.Errorf("by the %s: %q", unit, code)
		}
	}
}

// The first deduction of a week is on the first day after the purchase, at 08:00 UTC+8, whatever the hour of the
// purchase.
func TestAutoRenew_WeekBought(t *testing.T) {
	for bought, deducted := range map[string]string{
		"2026-12-06T15:00": "2026-12-07T08:00", "2026-12-09T20:00": "2026-12-10T08:00",
		"2026-12-13T07:59": "2026-12-14T08:00", "2026-12-13T00:00": "2026-12-14T08:00",
	} {
		at, err := time.ParseInLocation("2006-01-02T15:04", bought, time.FixedZone("UTC+8", 8*60*60))
		if err != nil {
			t.Fatal(err)
		}
		c := newCloud(t, simulator.Config{Start: at, ListLag: -1, RenewLag: -1})
		c.run(func(r *ecs.RunInstancesRequest) {
			r.InstanceChargeType, r.Period, r.PeriodUnit, r.AutoRenew, r.AutoRenewPeriod = "PrePaid", "1", "Week", "true", "1"
		})
		c.advance(7 * 24 * time.Hour)
		lines := c.Ledger(simulator.LedgerFilter{Action: "AutoRenew"})
		if len(lines) != 1 {
			t.Fatalf("bought %s: %d deductions in a week", bought, len(lines))
		}
		if got := lines[0].Time.In(at.Location()).Format("2006-01-02T15:04"); got != deducted {
			t.Errorf("bought %s: deducted %s, want %s", bought, got, deducted)
		}
	}
}

func amount(t *testing.T, text string) control.Amount {
	t.Helper()
	a, err := control.ParseAmount(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
