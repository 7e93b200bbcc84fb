package simulator_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// launch returns a valid request with the test's changes.
func launch(change ...func(*ecs.RunInstancesRequest)) *ecs.RunInstancesRequest {
	request := ecs.CreateRunInstancesRequest()
	request.ImageId = "centos_7_03_64_20G_alibase_20170818.vhd"
	request.InstanceType = "ecs.g7.large"
	request.InstanceName = "Instance12-04"
	for _, f := range change {
		f(request)
	}
	return request
}

// run launches instances and returns their IDs.
func (c *cloud) run(change ...func(*ecs.RunInstancesRequest)) []string {
	c.t.Helper()
	response := ecs.CreateRunInstancesResponse()
	c.do(launch(change...), response)
	return response.InstanceIdSets.InstanceIdSet
}

// described returns the instances with the IDs, as DescribeInstances lists them.
func (c *cloud) described(ids ...string) []ecs.Instance {
	c.t.Helper()
	request := ecs.CreateDescribeInstancesRequest()
	text, err := json.Marshal(ids)
	if err != nil {
		c.t.Fatal(err)
	}
	request.InstanceIds = string(text)
	request.PageSize = "100"
	response := ecs.CreateDescribeInstancesResponse()
	c.do(request, response)
	return response.Instances.Instance
}

// status returns the listed status of one instance, "" if it is not listed.
func (c *cloud) status(id string) string {
	c.t.Helper()
	for _, i := range c.described(id) {
		return i.Status
	}
	return ""
}

// expect fails the test if an instance has another status.
func (c *cloud) expect(id, want string) {
	c.t.Helper()
	if got := c.status(id); got != want {
		c.t.Fatalf("at %s, %s is %q, want %q", c.Now().Format(time.RFC3339), id, got, want)
	}
}

func (c *cloud) start(id string) string {
	c.t.Helper()
	request := ecs.CreateStartInstanceRequest()
	request.InstanceId = id
	return c.code(request, ecs.CreateStartInstanceResponse())
}

func (c *cloud) stop(id string, change ...func(*ecs.StopInstanceRequest)) string {
	c.t.Helper()
	request := ecs.CreateStopInstanceRequest()
	request.InstanceId = id
	for _, f := range change {
		f(request)
	}
	return c.code(request, ecs.CreateStopInstanceResponse())
}

func (c *cloud) reboot(id string) string {
	c.t.Helper()
	request := ecs.CreateRebootInstanceRequest()
	request.InstanceId = id
	return c.code(request, ecs.CreateRebootInstanceResponse())
}

func (c *cloud) release(id string, change ...func(*ecs.DeleteInstanceRequest)) string {
	c.t.Helper()
	request := ecs.CreateDeleteInstanceRequest()
	request.InstanceId = id
	for _, f := range change {
		f(request)
	}
	return c.code(request, ecs.CreateDeleteInstanceResponse())
}

func force(r *ecs.DeleteInstanceRequest) { r.Force = "true" }

// An instance goes through the documented states from its launch to its release.
func TestInstance_Lifecycle(t *testing.T) {
	c := newCloud(t, simulator.Config{
		StartLatency: 10 * time.Second, StopLatency: 5 * time.Second, ListLag: time.Second, ListLagByID: true,
	})
	id := c.run()[0]
	c.expect(id, "") // not listed yet
	c.advance(time.Second)
	c.expect(id, "Pending")
	if code := c.release(id, force); code != "IncorrectInstanceStatus.Initializing" {
		t.Errorf("release while pending: %q", code)
	}
	c.advance(time.Second)
	c.expect(id, "Starting")
	for what, code := range map[string]string{
		"start": c.start(id), "stop": c.stop(id), "reboot": c.reboot(id),
	} {
		if code != "IncorrectInstanceStatus" {
			t.Errorf("%s while starting: %q", what, code)
		}
	}
	if code := c.release(id, force); code != "IncorrectInstanceStatus.Initializing" {
		t.Errorf("release while starting: %q", code)
	}
	c.advance(8 * time.Second)
	c.expect(id, "Running")
	if code := c.start(id); code != "IncorrectInstanceStatus" {
		t.Errorf("start while running: %q", code)
	}
	if code := c.release(id); code != "IncorrectInstanceStatus" {
		t.Errorf("release while running: %q", code)
	}
	if code := c.reboot(id); code != "" {
		t.Fatal(code)
	}
	c.expect(id, "Starting")
	c.advance(10 * time.Second)
	c.expect(id, "Running")
	if code := c.stop(id); code != "" {
		t.Fatal(code)
	}
	c.expect(id, "Stopping")
	c.advance(5 * time.Second)
	c.expect(id, "Stopped")
	if i := c.described(id)[0]; i.StoppedMode != "KeepCharging" || i.CreationTime != "2026-11-20T04:00Z" {
		t.Errorf("stopped mode %q, made at %s", i.StoppedMode, i.CreationTime)
	}
	if code := c.start(id); code != "" {
		t.Fatal(code)
	}
	c.advance(10 * time.Second)
	c.expect(id, "Running")
	if code := c.stop(id, func(r *ecs.StopInstanceRequest) { r.ForceStop = "true" }); code != "" {
		t.Fatal(code)
	}
	c.advance(time.Second) // a fifth of the five
	c.expect(id, "Stopped")
	if code := c.release(id); code != "" {
		t.Fatal(code)
	}
	c.expect(id, "")
	if code := c.release(id); code != "InvalidInstanceId.NotFound" {
		t.Errorf("release again: %q", code)
	}
}

// RunInstances applies every part of the request to the instances.
func TestRunInstances(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1})
	ids := c.run(func(r *ecs.RunInstancesRequest) {
		r.Amount, r.MinAmount, r.UniqueSuffix = "3", "1", "true"
		r.InstanceName, r.HostName, r.Description = "web", "web-host", "front end"
		r.InternetMaxBandwidthOut = "5"
		r.AutoReleaseTime = "2026-11-20T05:00:59Z"
		r.Tag = &[]ecs.RunInstancesTag{{Key: "team", Value: "订单"}, {Key: "env", Value: "prod"}}
		r.DeletionProtection = "true"
		r.SpotStrategy, r.SpotPriceLimit, r.SpotInterruptionBehavior = "SpotWithPriceLimit", requests.NewFloat(0.9), "Stop"
		r.Password, r.UserData, r.ClientToken = "Secret-123", "IyEvYmluL3NoCg==", "token-1"
	})
	type shown struct {
		Name, Host, Status, ChargeType, AutoRelease, Spot, Interruption, Type, Image string
		Limit                                                                        float64
		Protected, Public                                                            bool
		Tags                                                                         int
	}
	var got []shown
	for _, i := range c.described(ids...) {
		got = append(got, shown{
			i.InstanceName, i.HostName, i.Status, i.InstanceChargeType, i.AutoReleaseTime, i.SpotStrategy,
			i.SpotInterruptionBehavior, i.InstanceType, i.ImageId, i.SpotPriceLimit, i.DeletionProtection,
			len(i.PublicIpAddress.IpAddress) == 1, len(i.Tags.Tag),
		})
	}
	one := shown{
		"web001", "web-host001", "Running", "PostPaid", "2026-11-20T05:00Z", "SpotWithPriceLimit", "Stop",
		"ecs.g7.large", "centos_7_03_64_20G_alibase_20170818.vhd", 0.9, true, true, 2,
	}
	two, three := one, one
	two.Name, two.Host = "web002", "web-host002"
	three.Name, three.Host = "web003", "web-host003"
	if diff := cmp.Diff([]shown{one, two, three}, got); diff != "" {
		t.Errorf("instances (-want +got):\n%s", diff)
	}
	var lines []control.Order
	for _, o := range c.Ledger(simulator.LedgerFilter{ClientToken: "token-1"}) {
		if o.Action != "RunInstances" || o.Amount != 0 || o.Period != 0 {
			t.Errorf("line %+v", o)
		}
		lines = append(lines, o)
	}
	if len(lines) != 3 || lines[0].OrderID != lines[2].OrderID || lines[0].InstanceID != ids[0] {
		t.Errorf("ledger: %+v", lines)
	}
}

// A subscription is paid at its launch and ends at midnight.
func TestRunSubscription(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1, Balance: 100_000})
	response := ecs.CreateRunInstancesResponse()
	c.do(launch(func(r *ecs.RunInstancesRequest) {
		r.InstanceChargeType, r.Period, r.Amount, r.ClientToken = "PrePaid", "1", "2", "t"
		r.AutoRenew, r.AutoRenewPeriod = "true", "3"
	}), response)
	if response.TradePrice != 520.8 {
		t.Errorf("price %v", response.TradePrice)
	}
	for _, id := range response.InstanceIdSets.InstanceIdSet {
		i, err := c.Instance(id)
		if err != nil {
			t.Fatal(err)
		}
		if !i.ExpireTime.Equal(time.Date(2026, 12, 20, 16, 0, 0, 0, time.UTC)) || i.RenewalStatus != "AutoRenewal" || i.RenewalDuration != 3 {
			t.Errorf("%+v", i)
		}
	}
	if b := c.Balance(); b.String() != "479.20" {
		t.Errorf("balance %s", b)
	}
	if code := c.release(response.InstanceIdSets.InstanceIdSet[0], force); code != "ChargeTypeViolation" {
		t.Errorf("release of a paid subscription: %q", code)
	}
	code := c.code(launch(func(r *ecs.RunInstancesRequest) {
		r.InstanceChargeType, r.Period, r.Amount = "PrePaid", "1", "2"
	}), ecs.CreateRunInstancesResponse())
	if code != "InvalidAccountStatus.NotEnoughBalance" || len(c.Instances(simulator.InstanceFilter{})) != 2 {
		t.Errorf("over the balance: %q", code)
	}
}

// CreateInstance creates one stopped instance, without a public address.
func TestCreateInstance(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1})
	request := ecs.CreateCreateInstanceRequest()
	request.ImageId, request.InstanceType, request.InstanceName = "m-bp1custom", "ecs.n4.small", "one"
	request.IoOptimized, request.SystemDiskCategory, request.InternetMaxBandwidthOut = "optimized", "cloud_ssd", "1"
	response := ecs.CreateCreateInstanceResponse()
	c.do(request, response)
	id := response.InstanceId
	c.expect(id, "Pending")
	c.advance(time.Minute)
	c.expect(id, "Stopped")
	if i := c.described(id)[0]; len(i.PublicIpAddress.IpAddress) != 0 || i.StartTime != "" {
		t.Errorf("%+v", i)
	}
	if code := c.start(id); code != "" {
		t.Fatal(code)
	}
	if code := c.release(id, force); code != "IncorrectInstanceStatus.Initializing" {
		t.Errorf("release in its first start: %q", code)
	}
	c.advance(time.Minute)
	c.expect(id, "Running")
}
