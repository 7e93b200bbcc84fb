package simulator_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// Pay-as-you-go is billed by the hour, to the second, at the hourly price of the instance, its disks and its bandwidth.
func TestBills_Usage(t *testing.T) {
	hourly := func(price float64, hours float64) control.Amount { return control.Amount(price*hours*100 + 1e-6) }
	stop := func(c *cloud, id string) {
		request := ecs.CreateStopInstanceRequest()
		request.InstanceId, request.StoppedMode = id, "StopCharging"
		c.do(request, ecs.CreateStopInstanceResponse())
	}
	bandwidth := func(r *ecs.RunInstancesRequest) {
		r.InternetChargeType, r.InternetMaxBandwidthOut = "PayByBandwidth", "5"
	}
	const instance, disks, internet = 0.543, 0.209 + 1.042, 0.240 // of an hour
	for name, test := range map[string]struct {
		launch func(*ecs.RunInstancesRequest)
		use    func(c *cloud, id string)
		want   control.Amount
	}{
		"a day": {use: func(c *cloud, _ string) { c.advance(24 * time.Hour) }, want: hourly(instance, 24)},
		"90 minutes, then a release": {use: func(c *cloud, id string) {
			c.advance(90 * time.Minute)
			c.release(id, force)
			c.advance(24 * time.Hour)
		}, want: hourly(instance, 1.5)},
		"with disks and bandwidth": {launch: withManyParts, use: func(c *cloud, _ string) { c.advance(24 * time.Hour) }, want: hourly(instance+disks+internet, 24)},
		"an economical stop": {launch: withManyParts, use: func(c *cloud, id string) {
			stop(c, id)
			c.advance(24 * time.Hour)
		}, want: hourly(disks, 24)},
		"an economical stop without disks": {launch: bandwidth, use: func(c *cloud, id string) {
			stop(c, id)
			c.advance(24 * time.Hour)
		}},
		"a subscription after half an hour": {use: func(c *cloud, id string) {
			c.advance(30 * time.Minute)
			if _, code := c.convert(id, toSubscription(1)); code != "" {
				c.t.Fatal(code)
			}
			c.advance(24 * time.Hour)
		}, want: hourly(instance, 0.5)},
		"a subscription with a pay-as-you-go disk": {launch: withManyParts, use: func(c *cloud, id string) {
			if _, code := c.convert(id, toSubscription(1)); code != "" {
				c.t.Fatal(code)
			}
			c.advance(24 * time.Hour)
		}, want: hourly(1.042, 24)},
		"a larger type for half of the time": {use: func(c *cloud, id string) {
			c.advance(12*time.Hour + 20*time.Minute)
			c.change(id, simulator.Change{Status: ref("Stopped")})
			if code := c.respec(id, "ecs.g7.xlarge", ""); code != "" {
				c.t.Fatal(code)
			}
			c.advance(12*time.Hour - 20*time.Minute)
		}, want: hourly(instance*(12+1.0/3)+1.085*(12-1.0/3), 1)},
		"a disk that outlives its instance": {launch: func(r *ecs.RunInstancesRequest) {
			r.DataDisk = &[]ecs.RunInstancesDataDisk{{Category: "cloud_essd", Size: "500", DeleteWithInstance: "false"}}
		}, use: func(c *cloud, id string) {
			c.release(id, force)
			c.advance(24 * time.Hour)
		}, want: hourly(1.042, 24)},
	} {
		t.Run(name, func(t *testing.T) {
			c := instant(t)
			if test.launch == nil {
				test.launch = func(*ecs.RunInstancesRequest) {}
			}
			id := c.run(test.launch)[0]
			orders := c.Balance()
			test.use(c, id)
			if got := c.billed(); got != test.want {
				t.Errorf("billed %s, want %s", got, test.want)
			}
			for _, o := range c.Ledger(simulator.LedgerFilter{}) {
				orders -= o.Amount
			}
			if b := c.Balance(); b != orders-c.billed() {
				t.Errorf("balance %s, want %s less the bills of %s", b, orders, c.billed())
			}
		})
	}
}

// A spot instance is billed at the market price of each hour.
func TestBills_Spot(t *testing.T) {
	c := instant(t)
	c.run(func(r *ecs.RunInstancesRequest) { r.SpotStrategy = "SpotAsPriceGo" })
	c.advance(24 * time.Hour)
	if got, full := c.billed(), control.Amount(13_03); got <= 0 || got >= full {
		t.Errorf("billed %s, want less than the %s of the list price", got, full)
	}
}

// An account that does not pay keeps its pay-as-you-go instances for 15 days, loses their use for another 15, and then
// loses them. Subscriptions are not affected.
func TestArrears(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1, StopLatency: -1, Balance: 1_00})
	running := c.seed(simulator.Seed{ChargeType: "PostPaid"})[0]
	halted := c.seed(simulator.Seed{ChargeType: "PostPaid", Status: "Stopped"})[0]
	month := control.Duration(60 * 24 * time.Hour)
	subscribed := c.seed(simulator.Seed{ExpireAfter: &month})[0]
	c.change(running, simulator.Change{DeletionProtection: ref(true)})
	var story []string
	last := map[string]string{}
	for range 32 * 24 {
		for name, id := range map[string]string{"running": running, "halted": halted, "subscribed": subscribed} {
			state := "gone"
			if i, err := c.Instance(id); err == nil {
				state = fmt.Sprint(i.Status, " ", i.LockReasons)
			}
			if state != last[name] {
				story = append(story, c.Now().Format("01-02 15:04 ")+name+" "+state)
				last[name] = state
			}
		}
		c.advance(time.Hour)
	}
	slices.Sort(story)
	if diff := cmp.Diff([]string{
		"11-20 04:00 halted Stopped []", "11-20 04:00 running Running []", "11-20 04:00 subscribed Running []",
		"12-05 05:00 halted Stopped [financial]", "12-05 05:00 running Stopped [financial]",
		"12-20 05:00 halted gone", "12-20 05:00 running gone",
	}, story); diff != "" {
		t.Errorf("the story (-want +got):\n%s", diff)
	}
	// 15 days and an hour of two instances, to the second, and nothing after the stop.
	if got, want := c.billed(), control.Amount(2*543*(15*24+1)/10); got != want {
		t.Errorf("billed %s, want %s", got, want)
	}
}

// A payment restarts the instances that were running. What the account owes, it cannot spend.
func TestArrears_Paid(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: time.Minute, Balance: 1_00})
	running := c.seed(simulator.Seed{ChargeType: "PostPaid"})[0]
	halted := c.seed(simulator.Seed{ChargeType: "PostPaid", Status: "Stopped"})[0]
	c.advance(24 * time.Hour)
	if code := c.code(launch(), ecs.CreateRunInstancesResponse()); code != "Account.Arrearage" {
		t.Errorf("a launch in arrears: %q", code)
	}
	if _, code := c.convert(running, toSubscription(1)); code != "Account.Arrearage" {
		t.Errorf("a change to a subscription in arrears: %q", code)
	}
	c.expect(running, "Running")
	c.advance(15 * 24 * time.Hour)
	c.expect(running, "Stopped")
	if code := c.start(running); code != "InstanceExpired" {
		t.Errorf("a start in arrears: %q", code)
	}
	c.SetBalance(99_99)
	c.expect(running, "Stopped")
	c.SetBalance(100_00)
	c.expect(running, "Starting")
	c.expect(halted, "Stopped")
	for _, i := range c.described(running, halted) {
		if len(i.OperationLocks.LockReason) != 0 {
			t.Errorf("%s is locked: %v", i.InstanceId, i.OperationLocks)
		}
	}
	c.advance(time.Minute)
	c.expect(running, "Running")
	before := c.billed()
	c.advance(24 * time.Hour)
	if got := c.billed() - before; got < 25_00 || got > 26_50 {
		t.Errorf("billed %s for a day after the payment, want about 26.06", got)
	}
	c.advance(15 * 24 * time.Hour) // the next arrears begin anew
	c.expect(running, "Running")
}

// If the automatic restart fails, ReActivateInstances brings an instance back, until it is released.
func TestArrears_Reactivated(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1, Balance: 1_00, NoRestart: true, ArrearsStopAfter: time.Hour})
	ids := c.seed(simulator.Seed{Count: 2, ChargeType: "PostPaid"})
	c.advance(3 * time.Hour)
	c.expect(ids[0], "Stopped")
	c.SetBalance(1000_00)
	c.expect(ids[0], "Stopped")
	request := ecs.CreateReActivateInstancesRequest()
	request.InstanceId = ids[0]
	c.do(request, ecs.CreateReActivateInstancesResponse())
	c.expect(ids[0], "Running")
	c.advance(16 * 24 * time.Hour)
	c.expect(ids[0], "Running")
	c.expect(ids[1], "")
}

// An instance that is made pay-as-you-go directly is billed from that moment on.
func TestBills_ChangedDirectly(t *testing.T) {
	c := instant(t)
	id := c.seed(simulator.Seed{})[0]
	c.advance(30 * time.Minute)
	c.change(id, simulator.Change{ChargeType: ref("PostPaid")})
	c.advance(30 * time.Minute)
	if got := c.billed(); got != 27 { // half an hour at 0.543
		t.Errorf("billed %s, want 0.27", got)
	}
}
