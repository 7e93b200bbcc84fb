package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

type diskMade struct {
	ID    string `json:"DiskId"`
	Order string `json:"OrderId"`
}

// createDisk creates an ESSD of 100 GiB, which costs 0.209 yuan per hour.
func (c *cloud) createDisk(more values) diskMade {
	c.t.Helper()
	params := values{"ZoneId": "cn-hangzhou-h", "DiskCategory": "cloud_essd", "Size": "100"}
	for k, v := range more {
		params[k] = v
	}
	return decoded[diskMade](c, "CreateDisk", params)
}

// must sends a request that has to succeed.
func (c *cloud) must(action string, params values) {
	c.t.Helper()
	decoded[struct{}](c, action, params)
}

// disk returns the listed disk, or none.
func (c *cloud) disk(id string) ecs.Disk {
	c.t.Helper()
	found := c.disks(func(r *ecs.DescribeDisksRequest) { r.DiskIds = fmt.Sprintf("[%q]", id) })
	if len(found) != 1 {
		return ecs.Disk{}
	}
	return found[0]
}

// runIn launches a pay-as-you-go instance in a zone.
func (c *cloud) runIn(zone string, change ...func(*ecs.RunInstancesRequest)) string {
	c.t.Helper()
	return c.run(append(change, func(r *ecs.RunInstancesRequest) { r.ZoneId = zone })...)[0]
}

// A pay-as-you-go disk is billed by the second from its creation to its deletion, at the price of its size.
func TestDisk_BilledWithoutInstance(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	disk := c.createDisk(values{"DiskName": "spare", "Description": "of tests", "Tag.1.Key": "k", "Tag.1.Value": "v", "ClientToken": "once"})
	if again := c.createDisk(values{"DiskName": "spare", "Description": "of tests", "Tag.1.Key": "k", "Tag.1.Value": "v", "ClientToken": "once"}); again != disk {
		t.Errorf("the token again: %v, want %v", again, disk)
	}
	got := c.disk(disk.ID)
	if got.Status != "Available" || got.Size != 100 || got.Category != "cloud_essd" || got.PerformanceLevel != "PL1" || got.DiskName != "spare" || got.ZoneId != "cn-hangzhou-h" ||
		got.DiskChargeType != "PostPaid" || !got.Portable || !got.DeleteAutoSnapshot || got.CreationTime != "2026-11-20T04:00:00Z" || got.Tags.Tag[0].TagKey != "k" {
		t.Errorf("got %+v", got)
	}
	c.advance(10*time.Hour + 30*time.Minute)
	c.must("ResizeDisk", values{"DiskId": disk.ID, "NewSize": "200"})
	c.advance(9*time.Hour + 30*time.Minute)
	c.must("DeleteDisk", values{"DiskId": disk.ID})
	c.advance(5 * time.Hour)
	// 10.5 hours of 0.209 and 9.5 hours of 0.417.
	if spent := simulator.DefaultBalance - c.Balance(); spent != 6_15 {
		t.Errorf("spent %s", spent)
	}
	if left := c.disks(func(*ecs.DescribeDisksRequest) {}); len(left) != 0 {
		t.Errorf("left %+v", left)
	}
}

// An attached disk belongs to its instance, is billed once, and is released with it only if that is set.
func TestDisk_AttachedAndDetached(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1, StopLatency: -1})
	id := c.runIn("cn-hangzhou-h")
	disk := c.createDisk(values{"Tag.1.Key": "k", "Tag.1.Value": "v"}).ID
	c.advance(30 * time.Minute)
	c.must("AttachDisk", values{"InstanceId": id, "DiskId": disk, "RegionId": "-"})
	got := c.disk(disk)
	if got.Status != "In_use" || got.InstanceId != id || got.Device != "/dev/xvdb" || got.DeleteWithInstance || got.AttachedTime != "2026-11-20T04:30:00Z" ||
		got.CreationTime != "2026-11-20T04:00:00Z" || got.Tags.Tag[0].TagKey != "k" || got.Attachments.Attachment[0].AttachedTime != "2026-11-20T04:30:00Z" {
		t.Errorf("attached %+v", got)
	}
	c.advance(45 * time.Minute)
	c.must("DetachDisk", values{"InstanceId": id, "DiskId": disk, "RegionId": "-"})
	if got := c.disk(disk); got.Status != "Available" || got.InstanceId != "" || got.DetachedTime != "2026-11-20T05:15:00Z" || got.CreationTime != "2026-11-20T04:00:00Z" || got.Tags.Tag[0].TagKey != "k" {
		t.Errorf("detached %+v", got)
	}
	c.advance(45 * time.Minute)
	if spent := simulator.DefaultBalance - c.Balance(); spent != 1_50 { // 2 hours of 0.543 and 0.209
		t.Errorf("spent %s", spent)
	}

	c.must("AttachDisk", values{"InstanceId": id, "DiskId": disk, "Device": "/dev/xvdk", "DeleteWithInstance": "true"})
	second := c.createDisk(nil).ID
	c.must("AttachDisk", values{"InstanceId": id, "DiskId": second})
	if got := c.disk(disk); got.Device != "/dev/xvdk" || !got.DeleteWithInstance {
		t.Errorf("attached again %+v", got)
	}
	c.release(id, force)
	if gone, kept := c.disk(disk), c.disk(second); gone.DiskId != "" || kept.Status != "Available" {
		t.Errorf("after the release: %+v and %+v", gone, kept)
	}
}

// The disks of a subscription cost money until its expiry, and its renewals include them.
func TestDisk_OfSubscription(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1, RenewLag: -1})
	id := c.runIn("cn-hangzhou-h", func(r *ecs.RunInstancesRequest) { r.InstanceChargeType, r.Period = "PrePaid", "1" })
	renewal := func() float64 {
		t.Helper()
		return decoded[ecs.DescribeRenewalPriceResponse](c, "DescribeRenewalPrice", values{"ResourceId": id}).PriceInfo.Price.TradePrice
	}
	spent := func(action string) (sum control.Amount) {
		t.Helper()
		for _, o := range c.Ledger(simulator.LedgerFilter{Action: action}) {
			sum += o.Amount
		}
		return sum
	}
	base := renewal()
	made := c.createDisk(values{"ZoneId": "-", "InstanceId": id, "ClientToken": "buy"})
	if again := c.createDisk(values{"ZoneId": "-", "InstanceId": id, "ClientToken": "buy"}); again != made || made.Order == "" {
		t.Errorf("the token again: %v, want %v", again, made)
	}
	if got := spent("CreateDisk"); got != 103_34 { // 31 days of 100.00 a month
		t.Errorf("the disk costs %s", got)
	}
	if got := c.disk(made.ID); got.DiskChargeType != "PrePaid" || got.Portable || got.InstanceId != id || !got.DeleteWithInstance || got.ExpiredTime != "2026-12-20T16:00Z" {
		t.Errorf("the disk is %+v", got)
	}
	if got := renewal() - base; got != 100 {
		t.Errorf("a renewal costs %.2f more", got)
	}
	resized := decoded[diskMade](c, "ResizeDisk", values{"DiskId": made.ID, "NewSize": "200", "Type": "online"})
	if got := spent("ResizeDisk"); got != 103_34 || resized.Order == "" || c.disk(made.ID).Size != 200 {
		t.Errorf("100 GiB more cost %s by order %q", got, resized.Order)
	}
	convert := func(to string) string {
		t.Helper()
		return decoded[diskMade](c, "ModifyDiskChargeType", values{"InstanceId": id, "DiskIds": fmt.Sprintf("[%q]", made.ID), "DiskChargeType": to, "ClientToken": to}).Order
	}
	if order := convert("PostPaid"); order == "" || order != convert("PostPaid") {
		t.Errorf("the token again is another order than %s", order)
	}
	refund := -spent("ModifyDiskChargeType")
	if refund <= 0 || refund > 206_68 || c.disk(made.ID).DiskChargeType != "PostPaid" || renewal() != base {
		t.Errorf("refund %s, the disk is %+v, a renewal costs %.2f", refund, c.disk(made.ID), renewal())
	}
	before := c.Balance()
	c.advance(10 * time.Hour)
	if hours := before - c.Balance(); hours != 4_17 {
		t.Errorf("10 hours of the pay-as-you-go disk cost %s", hours)
	}
	if convert("PrePaid"); c.disk(made.ID).DiskChargeType != "PrePaid" {
		t.Errorf("converted back: %+v", c.disk(made.ID))
	}

	c.SetBalance(0)
	for _, r := range []struct {
		action string
		params values
	}{
		{"CreateDisk", values{"InstanceId": id, "Size": "100", "DiskCategory": "cloud_essd"}},
		{"ResizeDisk", values{"DiskId": made.ID, "NewSize": "300"}},
	} {
		if a := c.call(r.action, r.params); a.status != 403 || a.code() != "InvalidAccountStatus.NotEnoughBalance" {
			t.Errorf("%s with an empty account: %d %s", r.action, a.status, a.code())
		}
	}
	if got := c.disks(func(r *ecs.DescribeDisksRequest) { r.InstanceId = id }); len(got) != 2 || got[1].Size != 200 {
		t.Errorf("a rejected order changed the disks: %+v", got)
	}
}

// ModifyDiskAttribute changes what it names, of several disks at once.
func TestModifyDiskAttribute(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1})
	id := c.runIn("cn-hangzhou-h")
	system, loose := "d-"+id[len("i-"):], c.createDisk(nil).ID
	c.must("ModifyDiskAttribute", values{"DiskIds.1": system, "DiskIds.2": loose, "DiskName": "both", "Description": "of tests", "EnableAutoSnapshot": "false"})
	for _, disk := range []string{system, loose} {
		if got := c.disk(disk); got.DiskName != "both" || got.Description != "of tests" || got.EnableAutoSnapshot {
			t.Errorf("%s: %+v", disk, got)
		}
	}
	c.must("ModifyDiskAttribute", values{"DiskId": system, "DeleteWithInstance": "false", "DeleteAutoSnapshot": "true"})
	if got := c.disk(system); got.DeleteWithInstance || !got.DeleteAutoSnapshot || got.DiskName != "both" {
		t.Errorf("%+v", got)
	}
	c.release(id, force)
	if got := c.disk(system); got.Status != "Available" {
		t.Errorf("the kept system disk: %+v", got)
	}
}

// What the cloud refuses, with its code and status.
func TestDisk_Refused(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1, StopLatency: -1})
	hourly, elsewhere := c.runIn("cn-hangzhou-h"), c.runIn("cn-hangzhou-i")
	subscription := c.runIn("cn-hangzhou-h", func(r *ecs.RunInstancesRequest) {
		r.InstanceChargeType, r.Period = "PrePaid", "1"
		r.DataDisk = &[]ecs.RunInstancesDataDisk{{Category: "cloud_essd", Size: "100"}}
	})
	var data string
	for _, d := range c.disks(func(r *ecs.DescribeDisksRequest) { r.InstanceId = subscription }) {
		if d.Type == "data" {
			data = d.DiskId
		}
	}
	locked := c.seed(simulator.Seed{ZoneID: "cn-hangzhou-h", LockReason: "security"})[0]
	overdue := c.seed(simulator.Seed{ZoneID: "cn-hangzhou-h", LockReason: "financial", Status: "Stopped"})[0]
	system := func(id string) string { return "d-" + id[len("i-"):] }
	loose, used, saved := c.createDisk(nil).ID, c.createDisk(nil).ID, c.createDisk(nil).ID
	c.must("AttachDisk", values{"InstanceId": hourly, "DiskId": used})
	if _, code := c.snapshot(saved, ""); code != "" {
		t.Fatal(code)
	}
	systemSnapshot, code := c.snapshot(system(hourly), "")
	if code != "" {
		t.Fatal(code)
	}
	list := func(ids ...string) string { return `["` + strings.Join(ids, `","`) + `"]` }
	for _, r := range []struct {
		action string
		params values
		want   string
	}{
		{"CreateDisk", values{"Size": "100"}, "400 MissingParameter"},
		{"CreateDisk", values{"ZoneId": "cn-hangzhou-h"}, "400 MissingParameter"},
		{"CreateDisk", values{"ZoneId": "cn-hangzhou-h", "InstanceId": hourly, "Size": "100"}, "400 InvalidParameter.Conflict"},
		{"CreateDisk", values{"ZoneId": "mars", "Size": "100"}, "404 InvalidZoneId.NotFound"},
		{"CreateDisk", values{"ZoneId": "cn-hangzhou-h", "Size": "3"}, "403 InvalidDiskSize.NotSupported"},
		{"CreateDisk", values{"ZoneId": "cn-hangzhou-h", "Size": "100", "DiskCategory": "tape"}, "400 InvalidDiskCategory.ValueNotSupported"},
		{"CreateDisk", values{"ZoneId": "cn-hangzhou-h", "Size": "100", "PerformanceLevel": "PL1"}, "400 InvalidParameter"},
		{"CreateDisk", values{"ZoneId": "cn-hangzhou-h", "Size": "100", "DiskName": "1"}, "400 InvalidDiskName.Malformed"},
		{"CreateDisk", values{"ZoneId": "cn-hangzhou-h", "Size": "100", "Description": "http://x"}, "400 InvalidDescription.Malformed"},
		{"CreateDisk", values{"ZoneId": "cn-hangzhou-h", "SnapshotId": "s-none"}, "404 InvalidSnapshotId.NotFound"},
		{"CreateDisk", values{"ZoneId": "cn-hangzhou-h", "SnapshotId": systemSnapshot}, "403 InvalidSnapshotId.NotDataDiskSnapshot"},
		{"CreateDisk", values{"ZoneId": "cn-hangzhou-h", "Size": "100", "Encrypted": "perhaps"}, "400 InvalidParameter"},
		{"CreateDisk", values{"ZoneId": "cn-hangzhou-h", "Size": "100", "Tag.1.Key": "acs:x"}, "400 InvalidTagKey.Malformed"},
		{"CreateDisk", values{"InstanceId": "i-none", "Size": "100"}, "404 InvalidInstanceId.NotFound"},
		{"CreateDisk", values{"InstanceId": hourly, "Size": "100"}, "403 ChargeTypeViolation"},
		{"AttachDisk", values{"InstanceId": hourly}, "400 MissingParameter"},
		{"AttachDisk", values{"InstanceId": "i-none", "DiskId": loose}, "404 InvalidInstanceId.NotFound"},
		{"AttachDisk", values{"InstanceId": hourly, "DiskId": "d-none"}, "404 InvalidDiskId.NotFound"},
		{"AttachDisk", values{"InstanceId": hourly, "DiskId": used}, "403 IncorrectDiskStatus"},
		{"AttachDisk", values{"InstanceId": elsewhere, "DiskId": loose}, "403 ResourcesNotInSameZone"},
		{"AttachDisk", values{"InstanceId": hourly, "DiskId": loose, "Device": "/dev/sda"}, "400 InvalidDevice.Malformed"},
		{"AttachDisk", values{"InstanceId": hourly, "DiskId": loose, "Device": "/dev/xvdb"}, "403 InvalidDevice.InUse"},
		{"AttachDisk", values{"InstanceId": locked, "DiskId": loose}, "403 InstanceLockedForSecurity"},
		{"AttachDisk", values{"InstanceId": overdue, "DiskId": loose}, "403 InstanceExpiredOrInArrears"},
		{"DetachDisk", values{"InstanceId": hourly, "DiskId": loose}, "403 DependencyViolation"},
		{"DetachDisk", values{"InstanceId": hourly, "DiskId": system(hourly)}, "403 DiskTypeViolation"},
		{"DetachDisk", values{"InstanceId": subscription, "DiskId": data}, "403 DiskNotPortable"},
		{"DeleteDisk", nil, "400 MissingParameter"},
		{"DeleteDisk", values{"DiskId": used}, "403 IncorrectDiskStatus"},
		{"DeleteDisk", values{"DiskId": system(hourly)}, "403 DiskTypeViolation"},
		{"DeleteDisk", values{"DiskId": data}, "403 DiskNotPortable"},
		{"DeleteDisk", values{"DiskId": saved}, "403 DiskCreatingSnapshot"},
		{"DeleteDisk", values{"DiskId": "d-none"}, "200 "},
		{"ModifyDiskAttribute", nil, "400 MissingParameter"},
		{"ModifyDiskAttribute", values{"DiskId": loose, "DiskIds.1": used, "DiskName": "both"}, "400 InvalidParameter.Conflict"},
		{"ModifyDiskAttribute", values{"DiskId": loose}, "400 NoAttributeToModify"},
		{"ModifyDiskAttribute", values{"DiskId": loose, "DiskName": "1"}, "400 InvalidDiskName.Malformed"},
		{"ModifyDiskAttribute", values{"DiskId": loose, "Description": "http://x"}, "404 InvalidDescription.Malformed"},
		{"ModifyDiskAttribute", values{"DiskId": "d-none", "DiskName": "none"}, "404 InvalidDiskId.NotFound"},
		{"ModifyDiskChargeType", values{"InstanceId": subscription}, "400 InvalidParameter.DiskIds"},
		{"ModifyDiskChargeType", values{"DiskIds": list(data)}, "400 MissingParameter"},
		{"ModifyDiskChargeType", values{"InstanceId": "i-none", "DiskIds": list(data)}, "404 InvalidInstanceId.NotFound"},
		{"ModifyDiskChargeType", values{"InstanceId": hourly, "DiskIds": list(used)}, "403 ChargeTypeViolation"},
		{"ModifyDiskChargeType", values{"InstanceId": subscription, "DiskIds": list("d-none")}, "404 InvalidDiskId.NotFound"},
		{"ModifyDiskChargeType", values{"InstanceId": subscription, "DiskIds": list(loose)}, "403 DependencyViolation"},
		{"ModifyDiskChargeType", values{"InstanceId": subscription, "DiskIds": list(system(subscription))}, "403 DiskTypeViolation"},
		{"ModifyDiskChargeType", values{"InstanceId": subscription, "DiskIds": list(data)}, "400 InvalidDiskChargeType.ValueNotSupported"},
		{"ModifyDiskChargeType", values{"InstanceId": subscription, "DiskIds": list(data), "DiskChargeType": "Free"}, "400 InvalidDiskChargeType.ValueNotSupported"},
		{"ModifyDiskChargeType", values{"InstanceId": subscription, "DiskIds": list(data), "DiskChargeType": "PostPaid", "DryRun": "true"}, "400 DryRunOperation"},
		{"ResizeDisk", values{"NewSize": "200"}, "400 MissingParameter"},
		{"ResizeDisk", values{"DiskId": loose}, "400 MissingParameter"},
		{"ResizeDisk", values{"DiskId": "d-none", "NewSize": "200"}, "404 InvalidDiskId.NotFound"},
		{"ResizeDisk", values{"DiskId": loose, "NewSize": "100"}, "403 InvalidDiskSize.TooSmall"},
		{"ResizeDisk", values{"DiskId": loose, "NewSize": "70000"}, "403 InvalidDiskSize.TooLarge"},
		{"ResizeDisk", values{"DiskId": loose, "NewSize": "200", "Type": "soon"}, "400 InvalidParam.Type"},
		{"ResizeDisk", values{"DiskId": saved, "NewSize": "200"}, "403 DiskCreatingSnapshot"},
		{"ResizeDisk", values{"DiskId": system(locked), "NewSize": "200"}, "403 InstanceLockedForSecurity"},
		{"ResizeDisk", values{"DiskId": system(overdue), "NewSize": "200"}, "403 InstanceExpiredOrInArrears"},
		{"ResizeDisk", values{"DiskId": system(overdue), "NewSize": "200", "Type": "online"}, "403 InstanceExpiredOrInArrears"},
	} {
		if a := c.call(r.action, r.params); fmt.Sprintf("%d %s", a.status, a.code()) != r.want {
			t.Errorf("%s %v: %d %s, want %s", r.action, r.params, a.status, a.code(), r.want)
		}
	}
	if got := c.disk(data); got.DiskChargeType != "PrePaid" {
		t.Errorf("the dry run converted the disk: %+v", got)
	}
	c.must("StopInstance", values{"InstanceId": elsewhere})
	if a := c.call("ResizeDisk", values{"DiskId": system(elsewhere), "NewSize": "200", "Type": "online"}); a.code() != "InvalidInstanceStatus.NotRunning" {
		t.Errorf("online at a stopped instance: %s", a.code())
	}
	for n := range 15 {
		c.must("AttachDisk", values{"InstanceId": hourly, "DiskId": c.createDisk(values{"DiskName": fmt.Sprintf("many-%d", n)}).ID})
	}
	if a := c.call("AttachDisk", values{"InstanceId": hourly, "DiskId": loose}); a.code() != "InstanceDiskLimitExceeded" {
		t.Errorf("the 17th data disk: %s", a.code())
	}
}

// Pages by token of disks without an instance stay complete while disks before them go.
func TestDisks_PagesWhileDisksGo(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	var made []string
	for range 25 {
		made = append(made, c.createDisk(nil).ID)
	}
	var seen []string
	for token := ""; ; {
		request := ecs.CreateDescribeDisksRequest()
		request.MaxResults, request.NextToken = requests.Integer("10"), token
		response := ecs.CreateDescribeDisksResponse()
		c.do(request, response)
		for _, d := range response.Disks.Disk {
			seen = append(seen, d.DiskId)
		}
		if token = response.NextToken; token == "" {
			break
		}
		c.must("DeleteDisk", values{"DiskId": seen[0]})
		c.must("DeleteDisk", values{"DiskId": seen[1]})
	}
	if !slices.Equal(seen, made) {
		t.Errorf("seen %d of 25", len(seen))
	}
}
