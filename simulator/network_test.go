package simulator_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator"
)

// decoded sends a signed request and decodes its response.
func decoded[T any](c *cloud, action string, params values) T {
	c.t.Helper()
	var v T
	a := c.call(action, params)
	if a.err != nil || a.status != 200 {
		c.t.Fatalf("%s: %d %s (%v)", action, a.status, a.body, a.err)
	}
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		c.t.Fatalf("%s: %v in %s", action, err, a.body)
	}
	return v
}

type (
	created struct {
		VPCID           string `json:"VpcId"`
		VSwitchID       string `json:"VSwitchId"`
		SecurityGroupID string `json:"SecurityGroupId"`
	}
	groups struct {
		TotalCount     int
		NextToken      string
		SecurityGroups struct{ SecurityGroup []ecs.SecurityGroup }
	}
)

// A launch can name the resources that were created, and only those that belong together.
func TestNetwork_CreatedAndUsed(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1})
	vpc := decoded[created](c, "CreateVpc", values{"VpcName": "lab", "CidrBlock": "192.168.0.0/16", "ClientToken": "v"}).VPCID
	if again := decoded[created](c, "CreateVpc", values{"VpcName": "lab", "CidrBlock": "192.168.0.0/16", "ClientToken": "v"}).VPCID; again != vpc {
		t.Errorf("the token again: %s, want %s", again, vpc)
	}
	inVPC := func(more values) values {
		v := values{"VpcId": vpc, "ZoneId": "cn-hangzhou-h", "CidrBlock": "192.168.4.0/24"}
		for key, value := range more {
			v[key] = value
		}
		return v
	}
	vSwitch := decoded[created](c, "CreateVSwitch", inVPC(values{"VSwitchName": "lab-h"})).VSwitchID
	group := decoded[created](c, "CreateSecurityGroup", values{"VpcId": vpc, "SecurityGroupName": "lab", "Tag.1.Key": "team", "Tag.1.Value": "a"}).SecurityGroupID
	other := decoded[groups](c, "DescribeSecurityGroups", nil).SecurityGroups.SecurityGroup[0].SecurityGroupId

	launch := func(group string) (string, string) {
		request := ecs.CreateRunInstancesRequest()
		request.ImageId, request.InstanceType, request.VSwitchId, request.SecurityGroupId = "aliyun_3_x64_20G_alibase_20260122.vhd", "ecs.g7.large", vSwitch, group
		response := ecs.CreateRunInstancesResponse()
		code := c.code(request, response)
		if code != "" {
			return "", code
		}
		return response.InstanceIdSets.InstanceIdSet[0], ""
	}
	if _, code := launch(other); code != "OperationDenied.InconsistentNetwork" {
		t.Errorf("a group of another VPC: %q", code)
	}
	id, code := launch(group)
	if code != "" {
		t.Fatal(code)
	}
	i := c.described(id)[0]
	if i.VpcAttributes.VpcId != vpc || i.VpcAttributes.VSwitchId != vSwitch || i.ZoneId != "cn-hangzhou-h" || !slices.Equal(i.SecurityGroupIds.SecurityGroupId, []string{group}) {
		t.Errorf("launched into %s %s %s %v", i.VpcAttributes.VpcId, i.VpcAttributes.VSwitchId, i.ZoneId, i.SecurityGroupIds.SecurityGroupId)
	}
	if id, code := launch(""); code != "" || c.described(id)[0].SecurityGroupIds.SecurityGroupId[0] != group {
		t.Errorf("without a group: %q, or another than the only one of the VPC", code)
	}

	listed := decoded[struct {
		VSwitches struct{ VSwitch []ecs.VSwitch }
	}](c, "DescribeVSwitches", values{"VpcId": vpc}).VSwitches.VSwitch
	want := []ecs.VSwitch{{
		CreationTime: "2026-11-20T04:00:00Z", Status: "Available", VpcId: vpc, VSwitchId: vSwitch, CidrBlock: "192.168.4.0/24",
		AvailableIpAddressCount: 256 - 4 - 2, ZoneId: "cn-hangzhou-h", VSwitchName: "lab-h",
	}}
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("vSwitches of the VPC (-want +got):\n%s", diff)
	}
	vpcs := decoded[struct{ Vpcs struct{ Vpc []ecs.Vpc } }](c, "DescribeVpcs", values{"VpcId": vpc}).Vpcs.Vpc
	if len(vpcs) != 1 || vpcs[0].CidrBlock != "192.168.0.0/16" || vpcs[0].IsDefault || !slices.Equal(vpcs[0].VSwitchIds.VSwitchId, []string{vSwitch}) {
		t.Errorf("the VPC is listed as %+v", vpcs)
	}
	found := decoded[groups](c, "DescribeSecurityGroups", values{"Tag.1.Key": "team", "Tag.1.Value": "a"}).SecurityGroups.SecurityGroup
	if len(found) != 1 || found[0].SecurityGroupId != group || found[0].EcsCount != 2 || found[0].VpcId != vpc || found[0].Tags.Tag[0].TagKey != "team" {
		t.Errorf("groups by tag: %+v", found)
	}

	for _, r := range []struct {
		action string
		params values
		status int
		code   string
	}{
		{"CreateVpc", values{"VpcName": "http://x"}, 400, "InvalidVpcName.Malformed"},
		{"CreateVpc", values{"Description": "https://x"}, 400, "InvalidVpcDiscription.Malformed"},
		{"CreateVpc", values{"CidrBlock": "8.8.8.0/24"}, 400, "InvalidParameter"},
		{"CreateVpc", values{"CidrBlock": "192.168.0.1/16"}, 400, "InvalidParameter"},
		{"CreateVpc", values{"RegionId": "mars"}, 404, "InvalidRegionId.NotFound"},
		{"CreateVpc", values{"VpcName": "other", "ClientToken": "v"}, 400, "IdempotentParameterMismatch"},
		{"CreateVSwitch", inVPC(nil), 400, "InvalidCidrBlock.Overlapped"},
		{"CreateVSwitch", inVPC(values{"CidrBlock": "10.0.0.0/24"}), 400, "InvalidParameter"},
		{"CreateVSwitch", inVPC(values{"CidrBlock": "192.168.0.0/30"}), 400, "InvalidParameter"},
		{"CreateVSwitch", inVPC(values{"ZoneId": "cn-hangzhou-zz"}), 404, "InvalidZoneId.NotFound"},
		{"CreateVSwitch", inVPC(values{"VpcId": "vpc-none", "CidrBlock": "192.168.9.0/24"}), 404, "InvalidVpcId.NotFound"},
		{"CreateVSwitch", inVPC(values{"VpcId": "-"}), 400, "MissingParameter"},
		{"CreateVSwitch", inVPC(values{"VSwitchName": "1"}), 400, "InvalidVSwitchName.Malformed"},
		{"CreateSecurityGroup", nil, 403, "InvalidVpcId.NotFound"},
		{"CreateSecurityGroup", values{"VpcId": "vpc-none"}, 404, "InvalidVpcId.NotFound"},
		{"CreateSecurityGroup", values{"VpcId": vpc, "SecurityGroupName": "1"}, 400, "InvalidSecurityGroupName.Malformed"},
		{"CreateSecurityGroup", values{"VpcId": vpc, "Description": "http://x"}, 400, "InvalidSecurityGroupDiscription.Malformed"},
		{"CreateSecurityGroup", values{"VpcId": vpc, "SecurityGroupType": "odd"}, 400, "InvalidSecurityGroupType"},
		{"CreateSecurityGroup", values{"VpcId": vpc, "Tag.1.Key": "acs:x"}, 400, "InvalidTagKey.Malformed"},
		{"DescribeSecurityGroups", values{"SecurityGroupIds": "x"}, 400, "InvalidSecurityGroupId.Malformed"},
		{"DescribeSecurityGroups", values{"NetworkType": "odd"}, 404, "InvalidNetworkType.NotFound"},
		{"DescribeSecurityGroups", values{"DryRun": "true"}, 400, "DryRunOperation"},
		{"DescribeVpcs", values{"PageSize": "51"}, 400, "InvalidParameter"},
	} {
		if a := c.call(r.action, r.params); a.status != r.status || a.code() != r.code {
			t.Errorf("%s %v: %d %s, want %d %s", r.action, r.params, a.status, a.code(), r.status, r.code)
		}
	}
}

// Every filter of the lists selects, and the pages of security groups join to the list.
func TestNetwork_Filters(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	network, err := c.Network("")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 11 {
		decoded[created](c, "CreateSecurityGroup", values{"VpcId": network.VPCID, "SecurityGroupName": fmt.Sprintf("extra-%02d", n), "SecurityGroupType": "enterprise"})
	}
	for _, r := range []struct {
		action string
		params values
		total  int
	}{
		{"DescribeVpcs", nil, 1},
		{"DescribeVpcs", values{"IsDefault": "false"}, 0},
		{"DescribeVpcs", values{"VpcId": "vpc-none," + network.VPCID}, 1},
		{"DescribeVSwitches", nil, len(network.VSwitches)},
		{"DescribeVSwitches", values{"ZoneId": network.VSwitches[0].ZoneID}, 1},
		{"DescribeVSwitches", values{"VSwitchId": network.VSwitches[1].VSwitchID}, 1},
		{"DescribeVSwitches", values{"VpcId": "vpc-none"}, 0},
		{"DescribeVSwitches", values{"IsDefault": "true"}, len(network.VSwitches)},
		{"DescribeSecurityGroups", nil, 13},
		{"DescribeSecurityGroups", values{"SecurityGroupType": "normal"}, 2},
		{"DescribeSecurityGroups", values{"SecurityGroupName": "extra-0*"}, 10},
		{"DescribeSecurityGroups", values{"SecurityGroupId": network.SecurityGroupIDs[1]}, 1},
		{"DescribeSecurityGroups", values{"SecurityGroupIds": fmt.Sprintf("[%q,%q]", network.SecurityGroupIDs[1], "sg-none")}, 1},
		{"DescribeSecurityGroups", values{"NetworkType": "classic"}, 0},
		{"DescribeSecurityGroups", values{"VpcId": "vpc-none"}, 0},
	} {
		if got := decoded[struct{ TotalCount int }](c, r.action, r.params).TotalCount; got != r.total {
			t.Errorf("%s %v: %d, want %d", r.action, r.params, got, r.total)
		}
	}
	var byToken []string
	for token := ""; ; {
		page := decoded[groups](c, "DescribeSecurityGroups", values{"MaxResults": "10", "NextToken": token})
		for _, g := range page.SecurityGroups.SecurityGroup {
			byToken = append(byToken, g.SecurityGroupId)
		}
		if token = page.NextToken; token == "" {
			break
		}
	}
	if slices.Sort(byToken); len(slices.Compact(byToken)) != 13 {
		t.Errorf("by token: %v", byToken)
	}
}

// The images of the cloud, by each filter; an image that a launch accepts is listed by its ID.
func TestDescribeImages(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	c.seed(simulator.Seed{})
	type answer struct {
		TotalCount int
		Images     struct{ Image []ecs.Image }
	}
	all := decoded[answer](c, "DescribeImages", nil)
	if all.TotalCount != 3 || len(all.Images.Image) != 3 {
		t.Fatalf("got %+v", all)
	}
	first := all.Images.Image[0]
	if first.ImageId != "aliyun_3_x64_20G_alibase_20260122.vhd" || first.Size != 20 || first.OSType != "linux" || first.CreationTime != "2026-01-22T00:00:00Z" ||
		first.Platform != "Aliyun" || first.Architecture != "x86_64" || first.Usage != "instance" || first.ImageOwnerAlias != "system" || first.Status != "Available" {
		t.Errorf("got %+v", first)
	}
	for _, r := range []struct {
		params values
		names  string
	}{
		{values{"OSType": "windows"}, "win2022"},
		{values{"ImageId": "ubuntu_24_04_x64_20G_alibase_20260119.vhd,none"}, "ubuntu"},
		{values{"ImageId": "m-custom"}, "m-custom"},
		{values{"ImageId": "m-custom", "ImageOwnerAlias": "system"}, ""},
		{values{"ImageFamily": "acs:ubuntu_24_04_x64"}, "ubuntu"},
		{values{"ImageName": "ubuntu_24_04_x64_20G_alibase_20260119.vhd"}, "ubuntu"},
		{values{"Usage": "instance"}, "aliyun"},
		{values{"ImageOwnerAlias": "self"}, ""},
		{values{"Architecture": "arm64"}, ""},
		{values{"Status": "Deprecated"}, ""},
		{values{"Tag.1.Key": "a"}, ""},
		{values{"IsSupportIoOptimized": "false"}, ""},
		{values{"Filter.1.Key": "CreationStartTime", "Filter.1.Value": "2026-01-20T00:00Z"}, "aliyun"},
		{values{"PageSize": "1", "PageNumber": "2"}, "ubuntu"},
	} {
		got := decoded[answer](c, "DescribeImages", r.params).Images.Image
		if r.names == "" && len(got) > 0 || r.names != "" && (len(got) != 1 || !strings.HasPrefix(got[0].ImageId, r.names)) {
			t.Errorf("%v: %d images, want one named %q", r.params, len(got), r.names)
		}
	}
	for code, params := range map[string]values{
		"404 InvalidOSType":                            {"OSType": "beos"},
		"404 InvalidArchitecture":                      {"Architecture": "mips"},
		"404 InvalidUsage":                             {"Usage": "odd"},
		"400 InvalidImageOwnerAlias.ValueNotSupported": {"ImageOwnerAlias": "me"},
		"400 InvalidInstanceType.ValueNotSupported":    {"InstanceType": "ecs.none.large"},
		"404 InvalidFilterKey.NotFound":                {"Filter.1.Key": "Size", "Filter.1.Value": "1"},
		"400 DryRunOperation":                          {"DryRun": "true"},
		"404 InvalidRegionId.NotFound":                 {"RegionId": "mars"},
	} {
		if a := c.call("DescribeImages", params); fmt.Sprintf("%d %s", a.status, a.code()) != code {
			t.Errorf("%v: %d %s, want %s", params, a.status, a.code(), code)
		}
	}
}
