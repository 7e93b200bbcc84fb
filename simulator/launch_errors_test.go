package simulator_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// Every invalid launch is rejected with the cloud's code and status, creates nothing and costs nothing.
func TestLaunchRefusals(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1})
	network, err := c.Network("")
	if err != nil {
		t.Fatal(err)
	}
	tags := func(n int) *[]ecs.RunInstancesTag {
		list := make([]ecs.RunInstancesTag, 0, n)
		for k := range n {
			list = append(list, ecs.RunInstancesTag{Key: fmt.Sprintf("k%d", k), Value: "v"})
		}
		return &list
	}
	at := func(d time.Duration) string { return start.Add(d).Format("2006-01-02T15:04:05Z") }
	type request = ecs.RunInstancesRequest
	for _, test := range []struct {
		what   string
		change func(*request)
		want   string
	}{
		{"no instance", func(r *request) { r.Amount = "0" }, "403 InvalidParam.Amount"},
		{"101 instances", func(r *request) { r.Amount = "101" }, "403 InvalidParam.Amount"},
		{"a negative amount", func(r *request) { r.Amount = "-1" }, "403 InvalidParam.Amount"},
		{"at least more than at most", func(r *request) { r.Amount, r.MinAmount = "2", "3" }, "400 InvalidMinAmount.Malformed"},
		{"no image", func(r *request) { r.ImageId = "" }, "400 MissingParameter"},
		{"no type", func(r *request) { r.InstanceType = "" }, "400 MissingParameter"},
		{"another image", func(r *request) { r.ImageId = "ubuntu" }, "404 InvalidImageId.NotFound"},
		{"another type", func(r *request) { r.InstanceType = "g7.large" }, "400 InvalidInstanceType.ValueNotSupported"},
		{"a type that is not sold", func(r *request) { r.InstanceType = "ecs.x9.large" }, "400 InvalidInstanceType.ValueNotSupported"},
		{"another zone", func(r *request) { r.ZoneId = "cn-hangzhou-z" }, "404 InvalidZoneId.NotFound"},
		{"another vSwitch", func(r *request) { r.VSwitchId = "vsw-1" }, "404 InvalidVSwitchId.NotFound"},
		{"the vSwitch of another zone", func(r *request) {
			r.VSwitchId, r.ZoneId = network.VSwitches[0].VSwitchID, network.VSwitches[1].ZoneID
		}, "400 InvalidParameter.Mismatch"},
		{"another group", func(r *request) { r.SecurityGroupId = "sg-1" }, "404 InvalidSecurityGroupId.NotFound"},
		{"groups twice", func(r *request) {
			r.SecurityGroupId, r.SecurityGroupIds = network.SecurityGroupIDs[0], &[]string{network.SecurityGroupIDs[1]}
		}, "400 InvalidParameter.Conflict"},
		{"another template", func(r *request) { r.LaunchTemplateId = "lt-1" }, "404 InvalidLaunchTemplate.NotFound"},
		{"another template's name", func(r *request) { r.LaunchTemplateName = "nothing" }, "404 InvalidLaunchTemplate.NotFound"},
		{"another version", func(r *request) { r.LaunchTemplateName, r.LaunchTemplateVersion = "web", "9" }, "404 InvalidLaunchTemplateVersion.NotFound"},
		{"a zone that has none of the type", func(r *request) {
			r.InstanceType, r.ZoneId = "ecs.gn7i-c8g1.2xlarge", "cn-hangzhou-k"
		}, "403 InvalidInstanceType.ZoneNotSupported"},

		{"another charge type", func(r *request) { r.InstanceChargeType = "Gratis" }, "404 InvalidInstanceChargeType.NotFound"},
		{"a subscription of no length", func(r *request) { r.InstanceChargeType = "PrePaid" }, "400 MissingParamter"},
		{"a subscription of ten months", func(r *request) { r.InstanceChargeType, r.Period = "PrePaid", "10" }, "400 InvalidPeriod"},
		{"a subscription by the day", func(r *request) {
			r.InstanceChargeType, r.Period, r.PeriodUnit = "PrePaid", "1", "Day"
		}, "400 InvalidPeriodType.ValueNotSupported"},
		{"auto-renewal by five months", func(r *request) {
			r.InstanceChargeType, r.Period, r.AutoRenew, r.AutoRenewPeriod = "PrePaid", "1", "true", "5"
		}, "400 InvalidAutoRenewPeriod.ValueNotSupported"},
		{"payment by somebody later", func(r *request) { r.AutoPay = "false" }, "403 InvalidPayMethod"},
		{"a protected subscription", func(r *request) {
			r.InstanceChargeType, r.Period, r.DeletionProtection = "PrePaid", "1", "true"
		}, "403 ChargeTypeViolation"},
		{"auto-release in 29 minutes", func(r *request) { r.AutoReleaseTime = at(29 * time.Minute) }, "400 InvalidAutoReleaseTime.Malformed"},
		{"auto-release in over three years", func(r *request) { r.AutoReleaseTime = "2029-11-20T04:00:01Z" }, "400 InvalidAutoReleaseTime.Malformed"},
		{"auto-release at no time", func(r *request) { r.AutoReleaseTime = "tomorrow" }, "400 InvalidAutoReleaseTime.Malformed"},
		{"auto-release of a subscription", func(r *request) {
			r.InstanceChargeType, r.Period, r.AutoReleaseTime = "PrePaid", "1", at(time.Hour)
		}, "403 ChargeTypeViolation"},

		{"another strategy", func(r *request) { r.SpotStrategy = "Spot" }, "400 InvalidSpotStrategy"},
		{"a spot subscription", func(r *request) {
			r.InstanceChargeType, r.Period, r.SpotStrategy = "PrePaid", "1", "SpotAsPriceGo"
		}, "400 InvalidSpotPrepaid"},
		{"a limit that nothing takes", func(r *request) { r.SpotPriceLimit = requests.NewFloat(1) }, "400 InvalidSpotPriceLimit"},
		{"a limit as the price goes", func(r *request) {
			r.SpotStrategy, r.SpotPriceLimit = "SpotAsPriceGo", requests.NewFloat(1)
		}, "400 InvalidSpotPriceLimit"},
		{"no limit", func(r *request) { r.SpotStrategy = "SpotWithPriceLimit" }, "400 InvalidSpotPriceLimit"},
		{"a limit of four places", func(r *request) {
			r.SpotStrategy, r.SpotPriceLimit = "SpotWithPriceLimit", requests.NewFloat(0.1234)
		}, "400 InvalidSpotPriceLimit"},
		{"a negative limit", func(r *request) {
			r.SpotStrategy, r.SpotPriceLimit = "SpotWithPriceLimit", requests.NewFloat(-1)
		}, "400 InvalidSpotPriceLimit"},
		{"a limit below the market", func(r *request) {
			r.SpotStrategy, r.SpotPriceLimit = "SpotWithPriceLimit", requests.NewFloat(0.001)
		}, "400 InvalidSpotPriceLimit.LowerThanPublicPrice"},
		{"two protected hours", func(r *request) { r.SpotStrategy, r.SpotDuration = "SpotAsPriceGo", "2" }, "400 InvalidSpotDuration"},
		{"another interruption", func(r *request) {
			r.SpotStrategy, r.SpotInterruptionBehavior = "SpotAsPriceGo", "Hibernate"
		}, "400 InvalidSpotInterruptionBehavior"},

		{"a short name", func(r *request) { r.InstanceName = "a" }, "400 InvalidInstanceName.Malformed"},
		{"a name that begins with a digit", func(r *request) { r.InstanceName = "1a" }, "400 InvalidInstanceName.Malformed"},
		{"a URL as a name", func(r *request) { r.InstanceName = "http://a" }, "400 InvalidInstanceName.Malformed"},
		{"a long name", func(r *request) { r.InstanceName = strings.Repeat("n", 129) }, "400 InvalidInstanceName.Malformed"},
		{"half a numbered name", func(r *request) { r.InstanceName = "web[1,2" }, "400 InvalidInstanceName.Malformed"},
		{"a name that leaves no room for its number", func(r *request) {
			r.InstanceName, r.UniqueSuffix = strings.Repeat("n", 126), "true"
		}, "403 InvalidParams.InstanceNameExceed"},
		{"a host name with an underscore", func(r *request) { r.HostName = "a_b" }, "400 InvalidHostName.Malformed"},
		{"a short description", func(r *request) { r.Description = "d" }, "400 InvalidDescription.Malformed"},
		{"a weak password", func(r *request) { r.Password = "password1" }, "400 InvalidPassword.Malformed"},
		{"a short password", func(r *request) { r.Password = "Pass-1" }, "400 InvalidPassword.Malformed"},
		{"a password twice", func(r *request) { r.Password, r.PasswordInherit = "Secret-123", "true" }, "400 InvalidPasswordParam.Mismatch"},
		{"32 KB of user data and a byte", func(r *request) {
			r.UserData = base64.StdEncoding.EncodeToString(make([]byte, 32<<10+1))
		}, "400 InvalidUserData.SizeExceeded"},
		{"user data in plain text", func(r *request) { r.UserData = "#!/bin/sh" }, "400 InvalidParameter"},
		{"another key pair", func(r *request) { r.KeyPairName = "mine" }, "404 InvalidKeyPairName.NotFound"},

		{"21 tags", func(r *request) { r.Tag = tags(21) }, "400 InvalidTagCount"},
		{"a key twice", func(r *request) { r.Tag = &[]ecs.RunInstancesTag{{Key: "a", Value: "1"}, {Key: "a", Value: "2"}} }, "400 Duplicate.TagKey"},
		{"a reserved key", func(r *request) { r.Tag = &[]ecs.RunInstancesTag{{Key: "acs:a", Value: "1"}} }, "400 InvalidTagKey.Malformed"},
		{"101 Mbit/s", func(r *request) { r.InternetMaxBandwidthOut = "101" }, "400 InvalidParameter"},
		{"another traffic", func(r *request) { r.InternetChargeType = "PayByHour" }, "400 InvalidInternetChargeType.ValueNotSupported"},
		{"another disk", func(r *request) { r.SystemDiskCategory = "tape" }, "400 InvalidSystemDiskCategory.ValueNotSupported"},
		{"a small disk", func(r *request) { r.SystemDiskCategory, r.SystemDiskSize = "cloud_ssd", "10" }, "404 InvalidSystemDiskSize.LessThanMinSize"},
		{"a data disk of a snapshot that is not there", func(r *request) {
			r.DataDisk = &[]ecs.RunInstancesDataDisk{{Category: "cloud_ssd", Size: "20", SnapshotId: "s-1"}}
		}, "404 InvalidDataDiskSnapshotId.NotFound"},
		{"a dedicated host", func(r *request) { r.DedicatedHostId = "dh-1" }, "400 InvalidDedicatedHostId.NotFound"},
		{"a long token", func(r *request) { r.ClientToken = strings.Repeat("t", 65) }, "400 InvalidClientToken.ValueNotSupported"},
		{"a token that is not ASCII", func(r *request) { r.ClientToken = "令牌" }, "400 InvalidClientToken.ValueNotSupported"},
		{"only a try", func(r *request) { r.DryRun = "true" }, "400 DryRunOperation"},
	} {
		refusal := c.refused(launch(test.change), ecs.CreateRunInstancesResponse())
		if got := fmt.Sprintf("%d %s", refusal.HttpStatus(), refusal.ErrorCode()); got != test.want {
			t.Errorf("%s: got %s, want %s (%s)", test.what, got, test.want, refusal.Message())
		}
	}
	if all := c.Instances(simulator.InstanceFilter{}); len(all) != 0 {
		t.Errorf("%d instances were made", len(all))
	}
	if lines := c.Ledger(simulator.LedgerFilter{}); len(lines) != 0 {
		t.Errorf("the ledger has %v", lines)
	}
	// Values at the limits are valid.
	ids := c.run(func(r *request) {
		r.Amount, r.Tag, r.AutoReleaseTime = "100", tags(20), at(30*time.Minute)
		r.UserData = base64.StdEncoding.EncodeToString(make([]byte, 32<<10))
		r.InstanceName, r.UniqueSuffix = strings.Repeat("n", 125), "true"
		r.VSwitchId, r.SecurityGroupId = network.VSwitches[1].VSwitchID, network.SecurityGroupIDs[1]
	})
	if len(ids) != 100 {
		t.Errorf("%d instances", len(ids))
	}
}

// A launch template fills in missing parameters, names are numbered as requested, and a launch without a zone goes to a
// zone with stock.
func TestLaunchTemplatesAndNames(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1})
	request := ecs.CreateRunInstancesRequest()
	request.LaunchTemplateName, request.Amount, request.InstanceName = "web", "3", "node[09,3]-a"
	response := ecs.CreateRunInstancesResponse()
	c.do(request, response)
	var got []string
	for _, i := range c.described(response.InstanceIdSets.InstanceIdSet...) {
		got = append(got, fmt.Sprintf("%s %s %s %d", i.InstanceName, i.InstanceType, i.OSType, i.InternetMaxBandwidthOut))
	}
	want := "node009-a ecs.c7.large linux 5, node010-a ecs.c7.large linux 5, node011-a ecs.c7.large linux 5"
	if text := strings.Join(got, ", "); text != want {
		t.Errorf("got %s, want %s", text, want)
	}
	none := 0
	if err := c.LimitStock(simulator.StockLimit{ZoneID: "cn-hangzhou-h", InstanceType: "ecs.g7.large", Left: &none}); err != nil {
		t.Fatal(err)
	}
	if i := c.described(c.run()...)[0]; i.ZoneId == "cn-hangzhou-h" {
		t.Error("launched where it is sold out")
	}
}

// With a minimum count, a launch takes the available stock; without one, all or nothing.
func TestLaunch_ShortStock(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1})
	three := 3
	if err := c.LimitStock(simulator.StockLimit{ZoneID: "cn-hangzhou-h", InstanceType: "ecs.g7.large", Left: &three}); err != nil {
		t.Fatal(err)
	}
	here := func(r *ecs.RunInstancesRequest) { r.ZoneId, r.Amount = "cn-hangzhou-h", "5" }
	if code := c.code(launch(here), ecs.CreateRunInstancesResponse()); code != "OperationDenied.NoStock" {
		t.Errorf("five of three: %q", code)
	}
	if n := len(c.run(here, func(r *ecs.RunInstancesRequest) { r.MinAmount = "2" })); n != 3 {
		t.Errorf("two to five of three: %d", n)
	}
	if code := c.code(launch(here, func(r *ecs.RunInstancesRequest) { r.MinAmount = "1" }), ecs.CreateRunInstancesResponse()); code != "OperationDenied.NoStock" {
		t.Errorf("of none: %q", code)
	}
}

// A launch with an empty account fails, and its stock is still available.
func TestLaunch_EmptyAccount(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1, Balance: -1})
	one := 1
	if err := c.LimitStock(simulator.StockLimit{ZoneID: "cn-hangzhou-h", InstanceType: "ecs.g7.large", Left: &one}); err != nil {
		t.Fatal(err)
	}
	here := func(r *ecs.RunInstancesRequest) {
		r.ZoneId, r.ClientToken, r.SystemDiskSize = "cn-hangzhou-h", "t", "60"
	}
	if code := c.code(launch(here), ecs.CreateRunInstancesResponse()); code != "InvalidAccountStatus.NotEnoughBalance" {
		t.Errorf("got %q", code)
	}
	c.SetBalance(100)
	c.run(here) // the token can be used again
	if left := c.disks(func(*ecs.DescribeDisksRequest) {}); len(left) != 1 {
		t.Errorf("%d disks", len(left))
	}
}

// A client token makes a launch take effect once: the response is repeated, other parameters are rejected, and an empty
// stock or a fault can spoil the token.
func TestLaunchTokens(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1})
	with := func(token string) func(*ecs.RunInstancesRequest) {
		return func(r *ecs.RunInstancesRequest) { r.ClientToken, r.Amount = token, "2" }
	}
	first := c.run(with("a"))
	c.advance(time.Hour)
	if again := c.run(with("a")); strings.Join(again, " ") != strings.Join(first, " ") {
		t.Errorf("the token again: %v, first %v", again, first)
	}
	refusal := c.refused(launch(with("a"), func(r *ecs.RunInstancesRequest) { r.Amount = "3" }), ecs.CreateRunInstancesResponse())
	if refusal.ErrorCode() != "IdempotentParameterMismatch" || refusal.HttpStatus() != 400 {
		t.Errorf("other parameters: %v", refusal)
	}

	if _, err := c.AddFault(simulator.Fault{Action: "RunInstances", Kind: "lost_reply", Count: 1}); err != nil {
		t.Fatal(err)
	}
	if err := c.client.DoAction(launch(with("lost")), ecs.CreateRunInstancesResponse()); err == nil {
		t.Error("the reply was not lost")
	}
	lost := c.run(with("lost"))
	if lines := c.Ledger(simulator.LedgerFilter{ClientToken: "lost"}); len(lines) != 2 || lines[0].InstanceID != lost[0] {
		t.Errorf("after a lost reply: %v, %+v", lost, lines)
	}

	if _, err := c.AddFault(simulator.Fault{Action: "RunInstances", Kind: "poison", Count: 1}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"InternalError", "IdempotentFailed"} {
		if code := c.code(launch(with("bad")), ecs.CreateRunInstancesResponse()); code != want {
			t.Errorf("a poisoned token: %q, want %q", code, want)
		}
	}
	none := 0
	limit := simulator.StockLimit{ZoneID: "cn-hangzhou-h", InstanceType: "ecs.g7.large", Left: &none}
	if err := c.LimitStock(limit); err != nil {
		t.Fatal(err)
	}
	here := func(r *ecs.RunInstancesRequest) { r.ZoneId = "cn-hangzhou-h" }
	for _, want := range []string{"OperationDenied.NoStock", "IdempotentFailed"} {
		if code := c.code(launch(with("empty"), here), ecs.CreateRunInstancesResponse()); code != want {
			t.Errorf("without stock: %q, want %q", code, want)
		}
	}
	if n := len(c.Instances(simulator.InstanceFilter{})); n != 4 {
		t.Errorf("%d instances, want 4", n)
	}
}

// While the first request with a token waits, another one finds it in progress.
func TestLaunchToken_InProgress(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1})
	if _, err := c.AddFault(simulator.Fault{Action: "RunInstances", Kind: "slow", When: "before", Delay: control.Duration(time.Minute), Count: 1}); err != nil {
		t.Fatal(err)
	}
	token := func(r *ecs.RunInstancesRequest) { r.ClientToken = "t" }
	done := make(chan error, 1)
	other := c.another()
	go func() { done <- other.client.DoAction(launch(token), ecs.CreateRunInstancesResponse()) }()
	for c.Faults()[0].Struck == 0 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(5 * time.Millisecond) // the token is claimed right after the fault is applied
	if code := c.code(launch(token), ecs.CreateRunInstancesResponse()); code != "IdempotentProcessing" {
		t.Errorf("while it waits: %q", code)
	}
	if err := c.Close(); err != nil { // ends the wait, and the call continues
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := len(c.Instances(simulator.InstanceFilter{})); n != 1 {
		t.Errorf("%d instances", n)
	}
}

// However many clients send the same launch concurrently, it takes effect once.
func TestLaunchToken_Concurrent(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1})
	var wait sync.WaitGroup
	for range 16 {
		client := c.another().client
		wait.Go(func() {
			response := ecs.CreateRunInstancesResponse()
			err := client.DoAction(launch(func(r *ecs.RunInstancesRequest) { r.ClientToken, r.Amount = "t", "3" }), response)
			if err == nil && len(response.InstanceIdSets.InstanceIdSet) != 3 {
				t.Errorf("%d instances", len(response.InstanceIdSets.InstanceIdSet))
			}
			if err != nil && !strings.Contains(err.Error(), "IdempotentProcessing") {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n, lines := len(c.Instances(simulator.InstanceFilter{})), len(c.Ledger(simulator.LedgerFilter{})); n != 3 || lines != 3 {
		t.Errorf("%d instances and %d lines of the ledger, want 3", n, lines)
	}
}
