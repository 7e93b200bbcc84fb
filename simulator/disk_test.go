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

// disks lists the disks that a request selects.
func (c *cloud) disks(change func(*ecs.DescribeDisksRequest)) []ecs.Disk {
	c.t.Helper()
	request := ecs.CreateDescribeDisksRequest()
	request.PageSize = "100"
	change(request)
	response := ecs.CreateDescribeDisksResponse()
	c.do(request, response)
	return response.Disks.Disk
}

func (c *cloud) snapshot(disk, token string) (id, code string) {
	c.t.Helper()
	request := ecs.CreateCreateSnapshotRequest()
	request.DiskId, request.ClientToken, request.SnapshotName = disk, token, "before-release"
	response := ecs.CreateCreateSnapshotResponse()
	code = c.code(request, response)
	return response.SnapshotId, code
}

func (c *cloud) snapshots(change func(*ecs.DescribeSnapshotsRequest)) []ecs.Snapshot {
	c.t.Helper()
	request := ecs.CreateDescribeSnapshotsRequest()
	request.PageSize = "100"
	change(request)
	response := ecs.CreateDescribeSnapshotsResponse()
	c.do(request, response)
	return response.Snapshots.Snapshot
}

// Every instance has a system disk, and the data disks of its launch. Data disks that are set to outlive it do.
func TestDisks_Lifetime(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1})
	seeded := c.seed(simulator.Seed{})[0]
	id := c.run(func(r *ecs.RunInstancesRequest) {
		r.AutoReleaseTime = "2026-11-20T05:00:00Z"
		r.SystemDiskCategory, r.SystemDiskSize, r.SystemDiskDiskName = "cloud_essd", "60", "root"
		r.DataDisk = &[]ecs.RunInstancesDataDisk{
			{Category: "cloud_essd", Size: "500", PerformanceLevel: "PL2", DiskName: "data-a", DeleteWithInstance: "true"},
			{Category: "cloud_efficiency", Size: "100", DiskName: "data-b", DeleteWithInstance: "false"},
		}
		r.Tag = &[]ecs.RunInstancesTag{{Key: "team", Value: "a"}}
	})[0]
	describe := func(list []ecs.Disk) []string {
		var got []string
		for _, d := range list {
			got = append(got, fmt.Sprintf("%s %s %s%s %d %s %v %s", d.DiskName, d.Type, d.Category, d.PerformanceLevel, d.Size, d.Device, d.DeleteWithInstance, d.Status))
		}
		return got
	}
	system := c.disks(func(r *ecs.DescribeDisksRequest) { r.InstanceId = seeded })
	if diff := cmp.Diff([]string{" system cloud_essdPL1 40 /dev/xvda true In_use"}, describe(system)); diff != "" {
		t.Errorf("a seeded instance (-want +got):\n%s", diff)
	}
	mine := c.disks(func(r *ecs.DescribeDisksRequest) { r.InstanceId = id })
	if diff := cmp.Diff([]string{
		"root system cloud_essdPL1 60 /dev/xvda true In_use",
		"data-a data cloud_essdPL2 500 /dev/xvdb true In_use",
		"data-b data cloud_efficiency 100 /dev/xvdc false In_use",
	}, describe(mine)); diff != "" {
		t.Errorf("a launched instance (-want +got):\n%s", diff)
	}
	byID := c.disks(func(r *ecs.DescribeDisksRequest) {
		r.DiskIds = fmt.Sprintf("[%q,%q,%q]", mine[1].DiskId, system[0].DiskId, "d-unknown")
	})
	if len(byID) != 2 || byID[0].DiskId != system[0].DiskId || byID[1].DiskId != mine[1].DiskId {
		t.Errorf("by id: %v", describe(byID))
	}
	for what, change := range map[string]func(*ecs.DescribeDisksRequest){
		"none":          func(r *ecs.DescribeDisksRequest) { r.DiskIds = "[]" },
		"another owner": func(r *ecs.DescribeDisksRequest) { r.DiskIds, r.InstanceId = `["`+mine[0].DiskId+`"]`, seeded },
		"loose":         func(r *ecs.DescribeDisksRequest) { r.Status = "Available" },
	} {
		if got := c.disks(change); len(got) != 0 {
			t.Errorf("%s: %v", what, describe(got))
		}
	}
	if got := c.disks(func(r *ecs.DescribeDisksRequest) {
		r.DiskType, r.Tag = "data", &[]ecs.DescribeDisksTag{{Key: "team", Value: "a"}}
	}); len(got) != 2 {
		t.Errorf("data disks with the tag: %v", describe(got))
	}
	c.advance(24 * time.Hour)
	left := c.disks(func(*ecs.DescribeDisksRequest) {})
	if at := left[len(left)-1].DetachedTime; at != "2026-11-20T05:00:00Z" {
		t.Errorf("detached at %s", at)
	}
	if diff := cmp.Diff([]string{
		" system cloud_essdPL1 40 /dev/xvda true In_use",
		"data-b data cloud_efficiency 100  false Available",
	}, describe(left)); diff != "" {
		t.Errorf("after the release (-want +got):\n%s", diff)
	}
}

// Pages of disks return each disk once, by number and by token, even if instances disappear in between.
func TestPagesOfDisks(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1})
	ids := c.seed(simulator.Seed{Count: 300, ChargeType: "PostPaid"})
	ids = append(ids, c.run(func(r *ecs.RunInstancesRequest) {
		r.Amount = "5"
		r.DataDisk = &[]ecs.RunInstancesDataDisk{{Category: "cloud_ssd", Size: "20", DeleteWithInstance: "false"}}
	})...)
	gone := ids[len(ids)-1]
	if code := c.release(gone, force); code != "" {
		t.Fatal(code)
	}
	want := 300 + 4*2 + 1
	if got := c.disks(func(r *ecs.DescribeDisksRequest) { r.PageNumber = "4" }); len(got) != want-300 {
		t.Errorf("the fourth page has %d disks, want %d", len(got), want-300)
	}
	for _, size := range []int{10, 37, 500} {
		seen := map[string]bool{}
		request := ecs.CreateDescribeDisksRequest()
		request.MaxResults = requests.NewInteger(size)
		for {
			response := ecs.CreateDescribeDisksResponse()
			c.do(request, response)
			for _, d := range response.Disks.Disk {
				if seen[d.DiskId] {
					t.Errorf("%s twice", d.DiskId)
				}
				seen[d.DiskId] = true
			}
			if request.NextToken = response.NextToken; request.NextToken == "" {
				break
			}
		}
		if len(seen) != want {
			t.Errorf("pages of %d: %d disks, want %d", size, len(seen), want)
		}
	}
}

// A snapshot progresses in simulated time, one at a time per disk, outlives its disk, and is deleted at the end of its
// retention.
func TestSnapshots(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1, SnapshotLatency: time.Minute})
	id := c.run()[0]
	disk := c.disks(func(r *ecs.DescribeDisksRequest) { r.InstanceId = id })[0].DiskId
	snapshot, code := c.snapshot(disk, "t-1")
	if code != "" {
		t.Fatal(code)
	}
	if again, code := c.snapshot(disk, "t-1"); again != snapshot || code != "" {
		t.Errorf("the token again: %s, %q", again, code)
	}
	if _, code := c.snapshot(disk, "t-2"); code != "IncorrectDiskStatus.CreatingSnapshot" {
		t.Errorf("a second at once: %q", code)
	}
	one := func() ecs.Snapshot {
		t.Helper()
		list := c.snapshots(func(r *ecs.DescribeSnapshotsRequest) { r.SnapshotIds = `["` + snapshot + `"]` })
		if len(list) != 1 {
			t.Fatalf("%d snapshots", len(list))
		}
		return list[0]
	}
	if s := one(); s.Status != "progressing" || s.Progress != "0%" || s.Available || s.RemainTime != 60 || s.SourceDiskId != disk || s.SourceDiskSize != "40" {
		t.Errorf("at once: %+v", s)
	}
	c.advance(45 * time.Second)
	if s := one(); s.Status != "progressing" || s.Progress != "75%" {
		t.Errorf("after 45 s: %+v", s)
	}
	c.advance(15 * time.Second)
	if s := one(); s.Status != "accomplished" || s.Progress != "100%" || !s.Available {
		t.Errorf("after a minute: %+v", s)
	}
	if code := c.release(id, force); code != "" {
		t.Fatal(code)
	}
	if list := c.snapshots(func(r *ecs.DescribeSnapshotsRequest) { r.DiskId, r.Status = disk, "accomplished" }); len(list) != 1 {
		t.Errorf("%d snapshots of a disk that is gone", len(list))
	}
	if _, code := c.snapshot(disk, "t-3"); code != "InvalidDiskId.NotFound" {
		t.Errorf("a disk that is gone: %q", code)
	}

	other := c.disks(func(r *ecs.DescribeDisksRequest) { r.InstanceId = c.run()[0] })[0].DiskId
	request := ecs.CreateCreateSnapshotRequest()
	request.DiskId, request.RetentionDays = other, "7"
	c.do(request, ecs.CreateCreateSnapshotResponse())
	if list := c.snapshots(func(*ecs.DescribeSnapshotsRequest) {}); len(list) != 2 || list[1].RetentionDays != 7 {
		t.Errorf("%+v", list)
	}
	c.advance(7 * 24 * time.Hour)
	if list := c.snapshots(func(*ecs.DescribeSnapshotsRequest) {}); len(list) != 1 || list[0].SnapshotId != snapshot {
		t.Errorf("after seven days: %+v", list)
	}
}

// Invalid requests are rejected with the cloud's codes.
func TestDiskRefusals(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: time.Minute})
	system := func(s simulator.Seed) string { return "d-" + c.seed(s)[0][len("i-"):] }
	running := system(simulator.Seed{})
	secured := system(simulator.Seed{LockReason: "security"})
	stopping := system(simulator.Seed{Status: "Stopping"})
	fresh := "d-" + c.run()[0][len("i-"):]
	type params = map[string]string
	for _, test := range []struct {
		action string
		params params
		want   string
	}{
		{"CreateSnapshot", nil, "400 MissingParameter"},
		{"CreateSnapshot", params{"DiskId": "d-unknown"}, "404 InvalidDiskId.NotFound"},
		{"CreateSnapshot", params{"DiskId": "unknown"}, "404 InvalidDiskId.NotFound"},
		{"CreateSnapshot", params{"DiskId": secured}, "403 InstanceLockedForSecurity"},
		{"CreateSnapshot", params{"DiskId": stopping}, "400 IncorrectInstanceStatus"},
		{"CreateSnapshot", params{"DiskId": fresh}, "403 IncorrectDiskStatus.NeverUsed"},
		{"CreateSnapshot", params{"DiskId": running, "SnapshotName": "1"}, "400 InvalidSnapshotName.Malformed"},
		{"CreateSnapshot", params{"DiskId": running, "SnapshotName": "auto-1"}, "400 InvalidSnapshotName.Malformed"},
		{"CreateSnapshot", params{"DiskId": running, "Description": "http://a"}, "404 InvalidDescription.Malformed"},
		{"CreateSnapshot", params{"DiskId": running, "RetentionDays": "0"}, "400 InvalidParameter"},
		{"CreateSnapshot", params{"DiskId": running, "Tag.1.Key": "a", "Tag.2.Key": "a"}, "400 Duplicate.TagKey"},
		{"CreateSnapshot", params{"DiskId": running, "Tag.1.Key": "aliyun"}, "400 InvalidTagKey.Malformed"},
		{"DescribeSnapshots", params{"Status": "done"}, "404 InvalidStatus.NotFound"},
		{"DescribeSnapshots", params{"SnapshotType": "manual"}, "404 InvalidSnapshotType.NotFound"},
		{"DescribeSnapshots", params{"SnapshotIds": "s-1"}, "403 InvalidSnapshotIds.Malformed"},
		{"DescribeSnapshots", params{"Filter.1.Key": "Size", "Filter.1.Value": "2026-11-20T00:00Z"}, "404 InvalidFilterKey.NotFound"},
		{"DescribeSnapshots", params{"DryRun": "true"}, "400 DryRunOperation"},
		{"DescribeDisks", params{"DiskType": "floppy"}, "400 InvalidDiskType.ValueNotSupported"},
		{"DescribeDisks", params{"Category": "tape"}, "400 InvalidCategory.ValueNotSupported"},
		{"DescribeDisks", params{"Status": "Broken"}, "400 InvalidStatus.ValueNotSupported"},
		{"DescribeDisks", params{"DiskIds": "d-1"}, "403 InvalidDiskIds.Malformed"},
		{"DescribeDisks", params{"ZoneId": "cn-hangzhou-z"}, "400 InvalidZoneId.NotFound"},
		{"DescribeDisks", params{"DiskChargeType": "Gratis"}, "404 InvalidDiskChargeType.NotFound"},
		{"DescribeDisks", params{"Portable": "perhaps"}, "400 InvalidParameter"},
		{"DescribeDisks", params{"NextToken": "x"}, "400 InvalidParameter"},
		{"DescribeDisks", params{"PageSize": "101"}, "400 InvalidParameter"},
		{"DescribeDisks", params{"DryRun": "true"}, "400 DryRunOperation"},
	} {
		request := &requests.RpcRequest{}
		request.InitWithApiInfo("Ecs", "2014-05-26", test.action, "", "")
		for k, v := range test.params {
			request.QueryParams[k] = v
		}
		refusal := c.refused(request, ecs.CreateDescribeDisksResponse())
		if got := fmt.Sprintf("%d %s", refusal.HttpStatus(), refusal.ErrorCode()); got != test.want {
			t.Errorf("%s %v: got %s, want %s", test.action, test.params, got, test.want)
		}
	}
	if list := c.snapshots(func(*ecs.DescribeSnapshotsRequest) {}); len(list) != 0 {
		t.Errorf("%d snapshots were made", len(list))
	}
}

// Each filter of a disk has an effect.
func TestDiskFilters(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1})
	c.run(func(r *ecs.RunInstancesRequest) {
		r.SystemDiskDiskName = "root"
		r.Tag = &[]ecs.RunInstancesTag{{Key: "team", Value: "a"}}
		r.DataDisk = &[]ecs.RunInstancesDataDisk{{
			Category: "cloud_ssd", Size: "20", DiskName: "data-1", DeleteWithInstance: "false", Encrypted: "true",
		}}
	})
	for _, test := range []struct{ name, data, none string }{
		{"DiskType", "data", ""}, {"Category", "cloud_ssd", "cloud_auto"}, {"Status", "", "Available"},
		{"DiskName", "data-*", "other"}, {"DeleteWithInstance", "false", ""}, {"Portable", "true", ""},
		{"Encrypted", "true", ""}, {"ZoneId", "", "cn-hangzhou-i"}, {"DiskChargeType", "", "PrePaid"},
		{"LockReason", "", "financial"}, {"ResourceGroupId", "", "rg-1"}, {"SnapshotId", "", "s-1"},
	} {
		for value, want := range map[string]int{test.data: 1, test.none: 0} {
			if value == "" {
				continue
			}
			got := c.disks(func(r *ecs.DescribeDisksRequest) { r.QueryParams[test.name] = value })
			if len(got) != want || want == 1 && got[0].DiskName != "data-1" {
				t.Errorf("%s=%s: %d disks, want %d", test.name, value, len(got), want)
			}
		}
	}
	for value, want := range map[string]int{"2026-11-20T04:00Z": 2, "2026-11-20T04:01Z": 0} {
		got := c.disks(func(r *ecs.DescribeDisksRequest) {
			r.QueryParams["Filter.1.Key"], r.QueryParams["Filter.1.Value"] = "CreationStartTime", value
		})
		if len(got) != want {
			t.Errorf("from %s: %d disks, want %d", value, len(got), want)
		}
	}
}
