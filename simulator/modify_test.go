package simulator_test

import (
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/simulator"
)

func (c *cloud) resize(id, to string, change func(*ecs.ModifyPrepayInstanceSpecRequest)) (orderID, code string) {
	c.t.Helper()
	request := ecs.CreateModifyPrepayInstanceSpecRequest()
	request.InstanceId, request.InstanceType = id, to
	if change != nil {
		change(request)
	}
	response := ecs.CreateModifyPrepayInstanceSpecResponse()
	code = c.code(request, response)
	return response.OrderId, code
}

func (c *cloud) respec(id, to, token string) string {
	c.t.Helper()
	request := ecs.CreateModifyInstanceSpecRequest()
	request.InstanceId, request.InstanceType, request.ClientToken = id, to, token
	return c.code(request, ecs.CreateModifyInstanceSpecResponse())
}

func (c *cloud) resizePrice(id, to string) (price float64, code string) {
	c.t.Helper()
	request := ecs.CreateDescribeInstanceModificationPriceRequest()
	request.InstanceId, request.InstanceType = id, to
	response := ecs.CreateDescribeInstanceModificationPriceResponse()
	code = c.code(request, response)
	return response.PriceInfo.Price.TradePrice, code
}

// An upgrade of a subscription costs the difference until its expiry, a downgrade refunds a share of the payment, and
// the new type shows after the lag.
func TestModifyPrepayInstanceSpec(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1, RenewLag: 8 * time.Second})
	id := c.run(func(r *ecs.RunInstancesRequest) { r.InstanceChargeType, r.Period = "PrePaid", "1" })[0] // ecs.g7.large, 30.5 days
	token := func(r *ecs.ModifyPrepayInstanceSpecRequest) { r.ClientToken = "up" }
	if price, code := c.resizePrice(id, "ecs.g7.xlarge"); code != "" || price != 269.08 { // 31 days of 260.40 a month
		t.Errorf("price of the upgrade %v, %q", price, code)
	}
	order, code := c.resize(id, "ecs.g7.xlarge", token)
	if code != "" {
		t.Fatal(code)
	}
	if again, code := c.resize(id, "ecs.g7.xlarge", token); code != "" || again != order {
		t.Errorf("the token again: order %s, want %s, %q", again, order, code)
	}
	if b := c.Balance(); b != simulator.DefaultBalance-26040-26908 {
		t.Errorf("balance %s after the upgrade", b)
	}
	if got := c.described(id)[0].InstanceType; got != "ecs.g7.large" {
		t.Errorf("type %s before the lag", got)
	}
	c.advance(8 * time.Second)
	if got := c.described(id)[0].InstanceType; got != "ecs.g7.xlarge" {
		t.Errorf("type %s after the lag", got)
	}
	for _, step := range []struct {
		want, to string
		change   func(*ecs.ModifyPrepayInstanceSpecRequest)
		pass     time.Duration
	}{
		{want: "Throttling", to: "ecs.g7.2xlarge"},
		{want: "InvalidInstanceType.ValueNotSupported", to: "ecs.g7.xlarge", pass: 5 * time.Minute},
		{want: "InvalidInstanceType.ValueNotSupported", to: "ecs.none.large"},
		{want: "InvalidInstanceId.NotFound", to: "ecs.g7.large", change: func(r *ecs.ModifyPrepayInstanceSpecRequest) { r.InstanceId = "i-1" }},
		{want: "InvalidParameter.OperatorType", to: "ecs.g7.large", change: func(r *ecs.ModifyPrepayInstanceSpecRequest) { r.OperatorType = "upgrade" }},
		{want: "IncorrectInstanceStatus", to: "ecs.g7.large"}, // a downgrade of a running instance
		{want: "InvalidAccountStatus.NotEnoughBalance", to: "ecs.gn7i-c8g1.2xlarge"},
	} {
		c.advance(step.pass)
		if step.want == "InvalidAccountStatus.NotEnoughBalance" {
			c.SetBalance(100)
		}
		if _, code := c.resize(id, step.to, step.change); code != step.want {
			t.Errorf("to %s: %q, want %s", step.to, code, step.want)
		}
	}
	if err := c.LimitStock(simulator.StockLimit{ZoneID: "cn-hangzhou-h", InstanceType: "ecs.g7.2xlarge", Left: ref(0)}); err != nil {
		t.Fatal(err)
	}
	c.SetBalance(10_000_00)
	if _, code := c.resize(id, "ecs.g7.2xlarge", nil); code != "OperationDenied.NoStock" {
		t.Errorf("sold out: %q", code)
	}
	if code := c.respec(id, "ecs.g7.large", ""); code != "ChargeTypeViolation" {
		t.Errorf("ModifyInstanceSpec of a subscription: %q", code)
	}
	c.change(id, simulator.Change{Status: ref("Stopped")})
	if _, code := c.resize(id, "ecs.g7.large", nil); code != "" {
		t.Fatal(code)
	}
	// 30 whole days of 30 are left: half of 260.40 + 269.08.
	if b := c.Balance(); b != 10_000_00+26474 {
		t.Errorf("balance %s after the downgrade, want a refund of 264.74", b)
	}
	if _, code := c.resizePrice(id, "ecs.c7.large"); code != "InvalidInstanceType.ValueNotSupported" {
		t.Errorf("price of a downgrade: %q", code)
	}
}

func TestModifyInstanceSpec(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1, RenewLag: -1})
	id := c.seed(simulator.Seed{ChargeType: "PostPaid", InstanceType: "ecs.g7.large", Status: "Running"})[0]
	if code := c.respec(id, "ecs.g7.xlarge", "t"); code != "IncorrectInstanceStatus" {
		t.Errorf("running: %q", code)
	}
	c.change(id, simulator.Change{Status: ref("Stopped")})
	for range 2 { // the second is a replay
		if code := c.respec(id, "ecs.g7.xlarge", "t"); code != "" {
			t.Errorf("stopped: %q", code)
		}
	}
	if got := c.described(id)[0].InstanceType; got != "ecs.g7.xlarge" {
		t.Errorf("type %s", got)
	}
	if b := c.Balance(); b != simulator.DefaultBalance {
		t.Errorf("balance %s: pay-as-you-go pays later", b)
	}
	if _, code := c.resizePrice(id, "ecs.g7.2xlarge"); code != "ChargeTypeViolation" {
		t.Errorf("price: %q", code)
	}
	if _, code := c.resize(id, "ecs.g7.2xlarge", nil); code != "ChargeTypeViolation" {
		t.Errorf("ModifyPrepayInstanceSpec: %q", code)
	}
}

func TestDescribeResourcesModification(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1})
	id := c.seed(simulator.Seed{ChargeType: "PostPaid", InstanceType: "ecs.g7.large"})[0]
	if err := c.LimitStock(simulator.StockLimit{ZoneID: c.described(id)[0].ZoneId, InstanceType: "ecs.g7.2xlarge", Left: ref(0)}); err != nil {
		t.Fatal(err)
	}
	request := ecs.CreateDescribeResourcesModificationRequest()
	request.ResourceId, request.DestinationResource = id, "InstanceType"
	response := ecs.CreateDescribeResourcesModificationResponse()
	c.do(request, response)
	status := map[string]string{}
	for _, r := range response.AvailableZones.AvailableZone[0].AvailableResources.AvailableResource[0].SupportedResources.SupportedResource {
		status[r.Value] = r.Status
	}
	for kind, want := range map[string]string{"ecs.g7.xlarge": "Available", "ecs.g7.2xlarge": "SoldOut", "ecs.g7.large": ""} {
		if status[kind] != want {
			t.Errorf("%s is %q, want %q", kind, status[kind], want)
		}
	}
}

func TestReActivateInstances(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: time.Minute})
	id := c.seed(simulator.Seed{ChargeType: "PostPaid"})[0]
	prepaid := c.seed(simulator.Seed{ChargeType: "PrePaid"})[0]
	reactivate := func(id string) string {
		request := ecs.CreateReActivateInstancesRequest()
		request.InstanceId = id
		return c.code(request, ecs.CreateReActivateInstancesResponse())
	}
	if code := reactivate(id); code != "ReopenInstance.InstanceStatusNotValid" {
		t.Errorf("without arrears: %q", code)
	}
	if code := reactivate(prepaid); code != "ChargeTypeViolation" {
		t.Errorf("a subscription: %q", code)
	}
	c.change(id, simulator.Change{Status: ref("Stopped"), LockReasons: &[]string{"financial"}})
	c.SetBalance(99_99)
	if code := reactivate(id); code != "ReopenInstance.InstanceNotEnoughBalance" {
		t.Errorf("in arrears: %q", code)
	}
	c.SetBalance(100_00)
	if code := reactivate(id); code != "" {
		t.Errorf("settled: %q", code)
	}
	c.expect(id, "Starting")
	c.advance(time.Minute)
	c.expect(id, "Running")
	c.change(id, simulator.Change{Status: ref("Stopped"), LockReasons: &[]string{"financial", "security"}})
	if code := reactivate(id); code != "InstanceLockedForSecurity" {
		t.Errorf("locked: %q", code)
	}
}
