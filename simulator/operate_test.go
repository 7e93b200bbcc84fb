package simulator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator"
)

// change changes an instance directly.
func (c *cloud) change(id string, change simulator.Change) {
	c.t.Helper()
	if err := c.Change(id, change); err != nil {
		c.t.Fatal(err)
	}
}

func ref[T any](v T) *T { return &v }

func lockFor(reasons ...string) simulator.Change { return simulator.Change{LockReasons: &reasons} }

// Each operation is rejected in each state that does not permit it, with the code and the status of the cloud's tables.
func TestOperationRefusals(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1, StopLatency: -1})
	ids := map[string]string{"unknown": "i-unknown"}
	expired := start.Add(-48 * time.Hour)
	for name, s := range map[string]simulator.Seed{
		"running":  {ChargeType: "PostPaid"},
		"stopped":  {ChargeType: "PostPaid", Status: "Stopped"},
		"starting": {ChargeType: "PostPaid", Status: "Starting"},
		"secured":  {ChargeType: "PostPaid", LockReason: "security"},
		"arrears":  {ChargeType: "PostPaid", Status: "Stopped", LockReason: "financial"},
		"paid":     {},
		"expired":  {ExpireTime: &expired},
	} {
		ids[name] = c.seed(s)[0]
	}
	ids["protected"] = c.seed(simulator.Seed{ChargeType: "PostPaid", Status: "Stopped"})[0]
	c.change(ids["protected"], simulator.Change{DeletionProtection: ref(true)})
	c.advance(time.Second)

	type attempt struct{ instance, want string }
	for action, attempts := range map[string][]attempt{
		"StartInstance": {
			{"unknown", "404 InvalidInstanceId.NotFound"}, {"running", "403 IncorrectInstanceStatus"},
			{"starting", "403 IncorrectInstanceStatus"}, {"secured", "403 InstanceLockedForSecurity"},
			{"arrears", "403 InstanceExpired"}, {"expired", "403 InstanceExpired"},
		},
		"StopInstance": {
			{"unknown", "404 InvalidInstanceId.NotFound"}, {"stopped", "403 IncorrectInstanceStatus"},
			{"starting", "403 IncorrectInstanceStatus"}, {"secured", "403 InstanceLockedForSecurity"},
			{"expired", "403 InstanceExpiredOrInArrears"},
		},
		"RebootInstance": {
			{"unknown", "404 InvalidInstanceId.NotFound"}, {"stopped", "403 IncorrectInstanceStatus"},
			{"secured", "403 InstanceLockedForSecurity"}, {"expired", "403 InstanceExpiredOrInArrears"},
		},
		"DeleteInstance": {
			{"unknown", "404 InvalidInstanceId.NotFound"}, {"running", "403 IncorrectInstanceStatus"},
			{"secured", "403 InstanceLockedForSecurity"}, {"protected", "403 InvalidOperation.DeletionProtection"},
			{"paid", "403 ChargeTypeViolation"}, {"expired", "403 ChargeTypeViolation"},
		},
		"AllocatePublicIpAddress": {
			{"unknown", "404 InvalidInstanceId.NotFound"}, {"running", "400 AllocateIpInvalidInstanceBandwidth"},
			{"secured", "403 InstanceLockedForSecurity"}, {"arrears", "403 InstanceExpiredOrInArrears"},
		},
		"ModifyInstanceAutoReleaseTime": {
			{"unknown", "404 NoSuchResource"}, {"paid", "403 ChargeTypeViolation"},
		},
		"ModifyInstanceAttribute": {
			{"unknown", "404 InvalidInstanceId.NotFound"}, {"secured", "403 InstanceLockedForSecurity"},
			{"paid", "400 ChargeTypeViolation"},
		},
	} {
		for _, a := range attempts {
			request := &requests.RpcRequest{}
			request.InitWithApiInfo("Ecs", "2014-05-26", action, "", "")
			request.QueryParams["InstanceId"] = ids[a.instance]
			if action == "ModifyInstanceAttribute" {
				request.QueryParams["DeletionProtection"] = "true"
			}
			for _, dryRun := range []string{"true", ""} { // the dry run first: it must have the same result
				if request.QueryParams["DryRun"] = dryRun; dryRun != "" && action[0] != 'S' && action[0] != 'R' && action[0] != 'D' {
					continue // has none
				}
				refusal := c.refused(request, ecs.CreateStartInstanceResponse())
				if got := fmt.Sprintf("%d %s", refusal.HttpStatus(), refusal.ErrorCode()); got != a.want {
					t.Errorf("%s in state %s (dry run %q): got %s, want %s", action, a.instance, dryRun, got, a.want)
				}
			}
		}
	}
	if code := c.release(ids["expired"], func(r *ecs.DeleteInstanceRequest) { r.TerminateSubscription = "true" }); code != "" {
		t.Errorf("release of what expired: %q", code)
	}
	if code := c.release(ids["arrears"]); code != "" {
		t.Errorf("release in arrears: %q", code)
	}
	dry := func(r *ecs.DeleteInstanceRequest) { r.DryRun = "true" }
	if code := c.release(ids["stopped"], dry); code != "DryRunOperation" {
		t.Errorf("the dry run of a release: %q", code)
	}
	if code := c.release(ids["stopped"]); code != "" {
		t.Errorf("release after its dry run: %q", code)
	}
}

// A batch affects all or none, or as many as possible, and reports each instance.
func TestBatches(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StopLatency: time.Second})
	running := c.seed(simulator.Seed{Count: 2, ChargeType: "PostPaid"})
	stopped := c.seed(simulator.Seed{ChargeType: "PostPaid", Status: "Stopped"})[0]
	request := ecs.CreateStopInstancesRequest()
	request.InstanceId = &[]string{running[0], stopped, running[1], "i-unknown"}
	if refusal := c.refused(request, ecs.CreateStopInstancesResponse()); refusal.ErrorCode() != "IncorrectInstanceStatus" {
		t.Errorf("all together: %v", refusal)
	}
	c.expect(running[0], "Running") // not stopped either
	request.BatchOptimization = "SuccessFirst"
	response := ecs.CreateStopInstancesResponse()
	c.do(request, response)
	for n := range response.InstanceResponses.InstanceResponse {
		response.InstanceResponses.InstanceResponse[n].Message = ""
	}
	if diff := cmp.Diff([]ecs.InstanceResponse{
		{InstanceId: running[0], Code: "200", PreviousStatus: "Running", CurrentStatus: "Stopping"},
		{InstanceId: stopped, Code: "IncorrectInstanceStatus", PreviousStatus: "Stopped", CurrentStatus: "Stopped"},
		{InstanceId: running[1], Code: "200", PreviousStatus: "Running", CurrentStatus: "Stopping"},
		{InstanceId: "i-unknown", Code: "InvalidInstanceId.NotFound"},
	}, response.InstanceResponses.InstanceResponse); diff != "" {
		t.Errorf("what can be (-want +got):\n%s", diff)
	}
	c.advance(time.Second)
	// The SDK retains earlier parameters of a request, so each call gets its own.
	start := func(dryRun string, ids ...string) string {
		t.Helper()
		request := ecs.CreateStartInstancesRequest()
		request.InstanceId, request.DryRun = &ids, requests.Boolean(dryRun)
		return c.code(request, ecs.CreateStartInstancesResponse())
	}
	if code := start("true", running[0], running[1], stopped); code != "DRYRUN.SUCCESS" {
		t.Errorf("a dry run: %q", code)
	}
	c.expect(running[0], "Stopped")
	if code := start("", running[0], running[1], stopped); code != "" {
		t.Fatal(code)
	}
	c.advance(time.Minute)
	reboot := ecs.CreateRebootInstancesRequest()
	reboot.InstanceId, reboot.ForceReboot = &[]string{running[0], running[1], stopped}, "true"
	c.do(reboot, ecs.CreateRebootInstancesResponse())
	c.advance(time.Minute)

	many := make([]string, 101)
	for n := range many {
		many[n] = fmt.Sprintf("i-%d", n)
	}
	if code := start("", many...); code != "InvalidParameter" {
		t.Errorf("101 instances: %q", code)
	}
	if code := start(""); code != "MissingParameter" {
		t.Errorf("no instances: %q", code)
	}

	release := func(ids ...string) *ecs.DeleteInstancesRequest {
		request := ecs.CreateDeleteInstancesRequest()
		request.InstanceId, request.ClientToken, request.Force = &ids, "t-1", "true"
		return request
	}
	if code := c.code(release(running[0], running[1], "i-unknown"), ecs.CreateDeleteInstancesResponse()); code != "InvalidInstanceId.NotFound" {
		t.Errorf("release of one that is not there: %q", code)
	}
	c.expect(running[0], "Running")
	first, again := ecs.CreateDeleteInstancesResponse(), ecs.CreateDeleteInstancesResponse()
	c.do(release(running...), first)
	c.do(release(running...), again) // the token repeats the response; the instances are gone
	if first.TaskGroupId == "" || first.TaskGroupId != again.TaskGroupId {
		t.Errorf("tasks %q and %q", first.TaskGroupId, again.TaskGroupId)
	}
	c.expect(running[0], "")
}

// An economical stop releases the public address. The next start assigns another, or fails if the stock is empty.
func TestEconomicalStop(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1, StopLatency: -1})
	id := c.run(func(r *ecs.RunInstancesRequest) { r.InternetMaxBandwidthOut = "1" })[0]
	address := func() string {
		t.Helper()
		i, err := c.Instance(id)
		if err != nil {
			t.Fatal(err)
		}
		return i.PublicIPAddress
	}
	first := address()
	economical := func(r *ecs.StopInstanceRequest) { r.StoppedMode = "StopCharging" }
	if code := c.stop(id, economical); code != "" || first == "" {
		t.Fatal(code, first)
	}
	c.expect(id, "Stopped")
	if i := c.described(id)[0]; i.StoppedMode != "StopCharging" || len(i.PublicIpAddress.IpAddress) != 0 {
		t.Errorf("stopped: %s %v", i.StoppedMode, i.PublicIpAddress.IpAddress)
	}
	limit := simulator.StockLimit{ZoneID: c.described(id)[0].ZoneId, InstanceType: "ecs.g7.large", Left: ref(0)}
	if err := c.LimitStock(limit); err != nil {
		t.Fatal(err)
	}
	if code := c.start(id); code != "OperationDenied.NoStock" {
		t.Errorf("without stock: %q", code)
	}
	limit.Left = ref(-1)
	if err := c.LimitStock(limit); err != nil {
		t.Fatal(err)
	}
	if code := c.start(id); code != "" {
		t.Fatal(code)
	}
	c.expect(id, "Running")
	if now := address(); now == "" || now == first {
		t.Errorf("address %q after %q", now, first)
	}
	subscription := c.seed(simulator.Seed{})[0]
	if code := c.stop(subscription, economical); code != "" {
		t.Fatal(code)
	}
	c.expect(subscription, "Stopped")
	if i := c.described(subscription)[0]; i.StoppedMode != "KeepCharging" {
		t.Errorf("a subscription stops as %s", i.StoppedMode)
	}
}

// Auto-release happens at its minute, protected or not; it can be moved and cancelled.
func TestAutoRelease(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1})
	ids := c.run(func(r *ecs.RunInstancesRequest) {
		r.Amount, r.AutoReleaseTime, r.DeletionProtection = "3", "2026-11-20T05:00:30Z", "true"
	})
	set := func(id, at string) string {
		t.Helper()
		request := ecs.CreateModifyInstanceAutoReleaseTimeRequest()
		request.InstanceId, request.AutoReleaseTime = id, at
		return c.code(request, ecs.CreateModifyInstanceAutoReleaseTimeResponse())
	}
	for _, code := range []string{set(ids[1], ""), set(ids[2], "2026-11-21T00:00:00Z")} {
		if code != "" {
			t.Fatal(code)
		}
	}
	for _, bad := range []string{"2026-11-20T04:29:59Z", "2029-11-20T04:00:01Z", "soon"} {
		if code := set(ids[2], bad); code != "InvalidAutoReleaseTime.Malformed" {
			t.Errorf("%s: %q", bad, code)
		}
	}
	c.advance(time.Hour - time.Second)
	c.expect(ids[0], "Running")
	c.advance(time.Second)
	c.expect(ids[0], "")
	c.expect(ids[1], "Running")
	c.expect(ids[2], "Running")
	if got := c.described(ids[2])[0].AutoReleaseTime; got != "2026-11-21T00:00Z" {
		t.Errorf("auto-release at %s", got)
	}
	c.advance(24 * time.Hour)
	c.expect(ids[1], "Running")
	c.expect(ids[2], "")
}

// A reclaimed spot instance is locked for its notice, then released or, with that interruption behavior, stopped
// economically.
func TestReclaim(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1})
	spot := func(interruption string) string {
		return c.run(func(r *ecs.RunInstancesRequest) {
			r.SpotStrategy, r.SpotInterruptionBehavior = "SpotAsPriceGo", interruption
		})[0]
	}
	ended, halted, spared := spot(""), spot("Stop"), spot("")
	for _, id := range []string{ended, halted, spared} {
		c.change(id, simulator.Change{Reclaim: true})
	}
	request := ecs.CreateDescribeInstancesRequest()
	request.LockReason = "recycling"
	response := ecs.CreateDescribeInstancesResponse()
	c.do(request, response)
	if n := len(response.Instances.Instance); n != 3 || response.Instances.Instance[0].OperationLocks.LockReason[0].LockReason != "Recycling" {
		t.Errorf("%d instances are locked", n)
	}
	c.change(spared, lockFor())
	c.advance(5*time.Minute - time.Second)
	c.expect(ended, "Running")
	c.advance(time.Second)
	c.expect(ended, "")
	c.expect(halted, "Stopped")
	c.expect(spared, "Running")
	if i := c.described(halted)[0]; i.StoppedMode != "StopCharging" || len(i.OperationLocks.LockReason) != 0 {
		t.Errorf("halted: %s %v", i.StoppedMode, i.OperationLocks)
	}
	if code := c.start(halted); code != "" {
		t.Errorf("start after a reclaim: %q", code)
	}
	if err := c.Change(c.seed(simulator.Seed{ChargeType: "PostPaid"})[0], simulator.Change{Reclaim: true}); err == nil {
		t.Error("reclaimed an instance that is not spot")
	}
}

// The market reclaims a spot instance if its hour costs more than its limit, and not before its protected hour is over.
func TestMarket_Reclaims(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1})
	var ids []string
	price := c.spotPrice("ecs.g7.large", "cn-hangzhou-h")
	for range 3 {
		ids = append(ids, c.run(func(r *ecs.RunInstancesRequest) {
			r.ZoneId, r.SpotStrategy, r.SpotPriceLimit = "cn-hangzhou-h", "SpotWithPriceLimit", requests.NewFloat(price)
		})...)
	}
	for hour := 0; ; hour++ {
		if hour > 30*24 {
			t.Fatal("the market stood still for a month")
		}
		i := c.described(ids[0])
		if len(i) == 0 {
			break
		}
		locked, high := len(i[0].OperationLocks.LockReason) > 0, c.spotPrice("ecs.g7.large", "cn-hangzhou-h") > price
		if hour > 0 && locked != high {
			t.Fatalf("hour %d: locked %v, price above the limit %v", hour, locked, high)
		}
		if locked {
			if c.start(ids[1]) != "IncorrectInstanceStatus" {
				t.Error("started while it is reclaimed")
			}
			c.advance(5 * time.Minute)
			continue
		}
		c.advance(time.Hour)
	}
	c.expect(ids[2], "")
}

// spotPrice returns the current market price.
func (c *cloud) spotPrice(kind, zone string) float64 {
	c.t.Helper()
	request := ecs.CreateDescribeSpotPriceHistoryRequest()
	request.InstanceType, request.ZoneId, request.NetworkType = kind, zone, "vpc"
	request.StartTime = c.Now().Format("2006-01-02T15:04:05Z")
	request.EndTime = request.StartTime
	response := ecs.CreateDescribeSpotPriceHistoryResponse()
	c.do(request, response)
	prices := response.SpotPrices.SpotPriceType
	if len(prices) == 0 {
		c.t.Fatal("no spot price")
	}
	return prices[len(prices)-1].SpotPrice
}

// Attributes are changed one by one, and a public address is assigned once.
func TestAttributesAndAddresses(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1})
	id := c.seed(simulator.Seed{ChargeType: "PostPaid"})[0]
	modify := func(change func(*ecs.ModifyInstanceAttributeRequest)) string {
		t.Helper()
		request := ecs.CreateModifyInstanceAttributeRequest()
		request.InstanceId = id
		change(request)
		return c.code(request, ecs.CreateModifyInstanceAttributeResponse())
	}
	if code := modify(func(r *ecs.ModifyInstanceAttributeRequest) {
		r.InstanceName, r.Description, r.HostName = "renamed", "described", "host"
		r.Password, r.DeletionProtection = "Secret-123", "true"
	}); code != "" {
		t.Fatal(code)
	}
	if i := c.described(id)[0]; i.InstanceName != "renamed" || i.Description != "described" || i.HostName != "host" || !i.DeletionProtection {
		t.Errorf("%+v", i)
	}
	if code := c.release(id, force); code != "InvalidOperation.DeletionProtection" {
		t.Errorf("release: %q", code)
	}
	for want, change := range map[string]func(*ecs.ModifyInstanceAttributeRequest){
		"InvalidInstanceName.Malformed":   func(r *ecs.ModifyInstanceAttributeRequest) { r.InstanceName = "1" },
		"InvalidPassword.Malformed":       func(r *ecs.ModifyInstanceAttributeRequest) { r.Password = "weak" },
		"InvalidHostName.Malformed":       func(r *ecs.ModifyInstanceAttributeRequest) { r.HostName = "-a" },
		"InvalidSecurityGroupId.NotFound": func(r *ecs.ModifyInstanceAttributeRequest) { r.SecurityGroupIds = &[]string{"sg-1"} },
		"InvalidParameter":                func(r *ecs.ModifyInstanceAttributeRequest) { r.DeletionProtection = "maybe" },
	} {
		if code := modify(change); code != want {
			t.Errorf("got %q, want %q", code, want)
		}
	}
	created := ecs.CreateCreateInstanceRequest()
	created.ImageId, created.InstanceType, created.InternetMaxBandwidthOut = "m-1", "ecs.g7.large", "1"
	response := ecs.CreateCreateInstanceResponse()
	c.do(created, response)
	allocate := ecs.CreateAllocatePublicIpAddressRequest()
	allocate.InstanceId = response.InstanceId
	first := ecs.CreateAllocatePublicIpAddressResponse()
	c.do(allocate, first)
	if got := c.described(response.InstanceId)[0].PublicIpAddress.IpAddress; len(got) != 1 || got[0] != first.IpAddress {
		t.Errorf("address %v, allocated %s", got, first.IpAddress)
	}
	if code := c.code(allocate, ecs.CreateAllocatePublicIpAddressResponse()); code != "AllocatedAlready" {
		t.Errorf("again: %q", code)
	}
}

// Tags are set, listed and removed.
func TestTags(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	ids := c.seed(simulator.Seed{Count: 60, Tags: map[string]string{"env": "prod", "team": "a"}})
	untag := func(all requests.Boolean, keys []string, ids ...string) string {
		t.Helper()
		request := ecs.CreateUntagResourcesRequest()
		request.ResourceType, request.ResourceId, request.TagKey, request.All = "instance", &ids, &keys, all
		return c.code(request, ecs.CreateUntagResourcesResponse())
	}
	if code := untag("", []string{"team", "other"}, ids[0], ids[1]); code != "" {
		t.Fatal(code)
	}
	list := ecs.CreateListTagResourcesRequest()
	list.ResourceType, list.ResourceId = "instance", &[]string{ids[0], ids[2]}
	response := ecs.CreateListTagResourcesResponse()
	c.do(list, response)
	var got []string
	for _, r := range response.TagResources.TagResource {
		got = append(got, r.ResourceId+" "+r.TagKey+"="+r.TagValue)
	}
	if diff := cmp.Diff([]string{ids[0] + " env=prod", ids[2] + " env=prod", ids[2] + " team=a"}, got); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	all := ecs.CreateListTagResourcesRequest()
	all.ResourceType = "instance"
	all.Tag = &[]ecs.ListTagResourcesTag{{Key: "team", Value: "a"}}
	seen := map[string]int{}
	for {
		page := ecs.CreateListTagResourcesResponse()
		c.do(all, page)
		for _, r := range page.TagResources.TagResource {
			seen[r.ResourceId]++
		}
		if all.NextToken = page.NextToken; all.NextToken == "" {
			break
		}
	}
	if len(seen) != 58 || seen[ids[5]] != 2 {
		t.Errorf("%d instances have the tag, one of them %d tags", len(seen), seen[ids[5]])
	}
	if code := untag("true", nil, ids[0]); code != "" {
		t.Fatal(code)
	}
	if i := c.described(ids[0])[0]; len(i.Tags.Tag) != 0 {
		t.Errorf("left: %v", i.Tags.Tag)
	}
	if code := untag("true", nil, "i-unknown"); code != "InvalidResourceId.NotFound" {
		t.Errorf("untag of nothing: %q", code)
	}
	if code := untag("", nil, ids[1]); code != "MissingParameter.Tags" {
		t.Errorf("untag of no tag: %q", code)
	}
}
