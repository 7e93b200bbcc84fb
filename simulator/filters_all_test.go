package simulator_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator"
)

// count returns the count of elements of the list of a response.
func (c *cloud) count(action string, params values, list string) int {
	c.t.Helper()
	n := 0
	leaves("", c.raw(action, params), func(path string, _ any) {
		if strings.HasPrefix(path, list+"[].") && strings.Count(path, "[]") == 1 && strings.HasSuffix(path, idOf[list]) {
			n++
		}
	})
	return n
}

// idOf is the field that every element of a list has once.
var idOf = map[string]string{
	"Instances.Instance": ".InstanceId", "Disks.Disk": ".DiskId", "Snapshots.Snapshot": ".SnapshotId",
	"InstanceStatuses.InstanceStatus": ".InstanceId", "TagResources.TagResource": ".TagKey",
	"Images.Image": ".ImageId", "SecurityGroups.SecurityGroup": ".SecurityGroupId",
}

// A filter that an action accepts filters: the first value selects something, the second nothing, or less.
func TestFilters_AllFilter(t *testing.T) {
	c := instant(t)
	id := c.run(withManyParts, func(r *ecs.RunInstancesRequest) {
		r.Tag = &[]ecs.RunInstancesTag{{Key: "env", Value: "prod"}}
	})[0]
	c.run()
	disk := "d-" + id[len("i-"):]
	request := ecs.CreateCreateSnapshotRequest()
	request.DiskId, request.ResourceGroupId = disk, "rg-1"
	c.do(request, ecs.CreateCreateSnapshotResponse())
	for _, test := range []struct {
		action, list, param string
		some                string
		count               int
		none                string
	}{
		{"DescribeInstances", "Instances.Instance", "DeviceAvailable", "true", 2, "false"},
		{"DescribeInstances", "Instances.Instance", "HttpPutResponseHopLimit", "1", 2, "2"},
		{"DescribeInstances", "Instances.Instance", "Tag.1.key", "env", 1, "other"},
		{"DescribeInstanceStatus", "InstanceStatuses.InstanceStatus", "ClusterId", "", 2, "c-1"},
		{"DescribeDisks", "Disks.Disk", "MultiAttach", "Disabled", 3, "Enabled"},
		{"DescribeDisks", "Disks.Disk", "KMSKeyId", "", 3, "key-1"},
		{"DescribeDisks", "Disks.Disk", "AutoSnapshotPolicyId", "", 3, "sp-1"},
		{"DescribeDisks", "Disks.Disk", "EnableAutoSnapshot", "true", 3, "false"},
		{"DescribeDisks", "Disks.Disk", "EnableAutomatedSnapshotPolicy", "false", 3, "true"},
		{"DescribeDisks", "Disks.Disk", "DeleteAutoSnapshot", "false", 3, "true"},
		{"DescribeDisks", "Disks.Disk", "EnableShared", "false", 3, "true"},
		{"DescribeDisks", "Disks.Disk", "Tag.1.key", "env", 2, "other"},
		{"DescribeSnapshots", "Snapshots.Snapshot", "ResourceGroupId", "rg-1", 1, "rg-2"},
		{"DescribeSnapshots", "Snapshots.Snapshot", "KMSKeyId", "", 1, "key-1"},
		{"DescribeSnapshots", "Snapshots.Snapshot", "SnapshotLinkId", `["sl-` + disk[2:] + `"]`, 1, `["sl-1"]`},
	} {
		for value, want := range map[string]int{test.some: test.count, test.none: 0} {
			if got := c.count(test.action, values{test.param: value}, test.list); got != want {
				t.Errorf("%s %s=%s: %d, want %d", test.action, test.param, value, got, want)
			}
		}
	}
	// The pair in lower case has its value too.
	if got := c.count("DescribeInstances", values{"Tag.1.key": "env", "Tag.1.value": "dev"}, "Instances.Instance"); got != 0 {
		t.Errorf("another value in lower case: %d instances", got)
	}
}

// A launch knows tags in lower case, and a host name per instance.
func TestRunInstances_LowerCaseTagsAndHostNames(t *testing.T) {
	c := instant(t)
	answer := c.raw("RunInstances", values{
		"ImageId": "ubuntu_24_04_x64_20G_alibase_20260119.vhd", "InstanceType": "ecs.g7.large", "Amount": "3",
		"HostNames.1": "aa1", "HostNames.2": "bb2", "Tag.1.key": "env", "Tag.1.value": "prod",
	})
	var ids []string
	leaves("", answer, func(path string, v any) {
		if path == "InstanceIdSets.InstanceIdSet[]" {
			ids = append(ids, fmt.Sprint(v))
		}
	})
	made := c.described(ids...)
	if made[0].HostName != "aa1" || made[1].HostName != "bb2" || !strings.HasPrefix(made[2].HostName, "iZ") {
		t.Errorf("host names %s, %s, %s", made[0].HostName, made[1].HostName, made[2].HostName)
	}
	if tags := made[0].Tags.Tag; len(tags) != 1 || tags[0].TagKey != "env" || tags[0].TagValue != "prod" {
		t.Errorf("tags %v", tags)
	}
}

// The filters of DescribeAvailableResource select what is offered.
func TestDescribeAvailableResource_Filters(t *testing.T) {
	c := instant(t)
	offered := func(params values) (list []string) {
		params["ZoneId"] = "cn-hangzhou-h"
		leaves("", c.raw("DescribeAvailableResource", params), func(path string, v any) {
			if strings.HasSuffix(path, "SupportedResources.SupportedResource[].Value") {
				list = append(list, fmt.Sprint(v))
			}
		})
		return list
	}
	for name, test := range map[string]struct {
		params values
		want   []string
	}{
		"system disk":     {values{"DestinationResource": "SystemDisk", "InstanceType": "ecs.g7.large", "SystemDiskCategory": "cloud_ssd"}, []string{"cloud_ssd"}},
		"data disk":       {values{"DestinationResource": "DataDisk", "InstanceType": "ecs.g7.large", "DataDiskCategory": "cloud_essd"}, []string{"cloud_essd"}},
		"host":            {values{"DestinationResource": "InstanceType", "DedicatedHostId": "dh-1"}, nil},
		"long protection": {values{"DestinationResource": "InstanceType", "SpotStrategy": "SpotAsPriceGo", "SpotDuration": "6"}, nil},
	} {
		if diff := cmp.Diff(test.want, offered(test.params)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if all := offered(values{"DestinationResource": "SystemDisk", "InstanceType": "ecs.g7.large"}); len(all) < 4 {
		t.Errorf("without a filter: %v", all)
	}
}

// Every type of resource that exists here can have tags; the tags of a disk are its own after the launch.
func TestTagResources_Types(t *testing.T) {
	c := instant(t)
	id := c.run(func(r *ecs.RunInstancesRequest) { r.Tag = &[]ecs.RunInstancesTag{{Key: "at", Value: "launch"}} })[0]
	disk := "d-" + id[len("i-"):]
	snapshot, code := c.snapshot(disk, "")
	if code != "" {
		t.Fatal(code)
	}
	network, err := c.Network("")
	if err != nil {
		t.Fatal(err)
	}
	listed := func(params values) (rows []string) {
		answer, err := json.Marshal(c.raw("ListTagResources", params)["TagResources"])
		if err != nil {
			t.Fatal(err)
		}
		var list struct {
			TagResource []struct{ ResourceType, ResourceID, TagKey, TagValue string }
		}
		if err := json.Unmarshal(answer, &list); err != nil {
			t.Fatal(err)
		}
		for _, r := range list.TagResource {
			rows = append(rows, r.ResourceType+" "+r.ResourceID+" "+r.TagKey+"="+r.TagValue)
		}
		return rows
	}
	for kind, resource := range map[string]string{
		"instance": id, "disk": disk, "snapshot": snapshot, "securitygroup": network.SecurityGroupIDs[0],
		"keypair": network.KeyPairName, "launchtemplate": network.LaunchTemplates[0].LaunchTemplateID,
		"image": "ubuntu_24_04_x64_20G_alibase_20260119.vhd",
	} {
		of := values{"ResourceType": kind, "ResourceId.1": resource}
		tag := values{"ResourceType": kind, "ResourceId.1": resource, "Tag.1.Key": "kind", "Tag.1.Value": kind}
		if got := c.refusal("TagResources", tag); got != "" {
			t.Errorf("%s: %s", kind, got)
		}
		want := []string{fmt.Sprintf("%s %s kind=%s", kind, resource, kind)}
		launched := []string{fmt.Sprintf("%s %s at=launch", kind, resource)}
		if kind == "instance" || kind == "disk" {
			if diff := cmp.Diff(append(launched, want...), listed(of)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", kind, diff)
			}
		} else if diff := cmp.Diff(want, listed(of)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
		for name, filter := range map[string]values{
			"by tag":             {"Tag.1.Key": "kind", "Tag.1.Value": kind},
			"by pattern":         {"TagFilter.1.TagKey": "k*"},
			"by part":            {"TagFilter.1.TagKey": "ind"},
			"by pattern, values": {"TagFilter.1.TagKey": "kind", "TagFilter.1.TagValues.1": "zz", "TagFilter.1.TagValues.2": kind[:3]},
		} {
			filter["ResourceType"] = kind
			rows := listed(filter)
			if len(rows) == 0 || rows[len(rows)-1] != want[0] {
				t.Errorf("%s %s: %v", kind, name, rows)
			}
		}
		for _, filter := range []values{
			{"TagFilter.1.TagKey": "zz-nope"}, {"TagFilter.1.TagKey": "kind", "TagFilter.1.TagValues.1": "zz"}, {"Tag.1.Key": "zz-nope"},
		} {
			filter["ResourceType"] = kind
			if rows := listed(filter); len(rows) != 0 {
				t.Errorf("%s %v: %v", kind, filter, rows)
			}
		}
		for _, list := range []struct{ kind, action, path string }{
			{"image", "DescribeImages", "Images.Image"}, {"securitygroup", "DescribeSecurityGroups", "SecurityGroups.SecurityGroup"},
		} {
			if list.kind != kind {
				continue
			}
			if got := c.count(list.action, values{"Tag.1.Key": "kind", "Tag.1.Value": kind}, list.path); got != 1 {
				t.Errorf("%s by tag: %d", list.action, got)
			}
		}
		if got := c.refusal("UntagResources", values{"ResourceType": kind, "ResourceId.1": resource, "All": "true"}); got != "" {
			t.Errorf("%s: %s", kind, got)
		}
		if rows := listed(of); len(rows) != 0 {
			t.Errorf("%s untagged: %v", kind, rows)
		}
	}
	if got := c.refusal("TagResources", values{"ResourceType": "eni", "ResourceId.1": "eni-1", "Tag.1.Key": "k"}); got != "404 InvalidResourceId.NotFound" {
		t.Errorf("a type without resources here: %s", got)
	}
	if got := c.refusal("TagResources", values{"ResourceType": "balloon", "ResourceId.1": "b-1", "Tag.1.Key": "k"}); got != "404 InvalidResourceType.NotFound" {
		t.Errorf("an unknown type: %s", got)
	}
}

// Pages of tags return each tag once.
func TestListTagResources_Pages(t *testing.T) {
	c := instant(t)
	c.seed(simulator.Seed{Count: 120, Tags: map[string]string{"a": "1", "b": "2"}})
	for _, kind := range []string{"instance", "disk"} {
		seen, token := map[string]bool{}, ""
		for {
			answer := c.raw("ListTagResources", values{"ResourceType": kind, "TagFilter.1.TagKey": "*", "NextToken": token})
			text, _ := json.Marshal(answer["TagResources"])
			var list struct {
				TagResource []struct{ ResourceID, TagKey string }
			}
			if err := json.Unmarshal(text, &list); err != nil {
				t.Fatal(err)
			}
			for _, r := range list.TagResource {
				if seen[r.ResourceID+r.TagKey] {
					t.Fatalf("%s %s twice", r.ResourceID, r.TagKey)
				}
				seen[r.ResourceID+r.TagKey] = true
			}
			if token = fmt.Sprint(answer["NextToken"]); token == "" {
				break
			}
		}
		if len(seen) != 240 {
			t.Errorf("%s: %d tags, want 240", kind, len(seen))
		}
	}
}
