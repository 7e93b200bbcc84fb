package simulator_test

import (
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/simulator"
)

// step is one request of the scenario, and the delay after the previous one.
type step struct {
	action string
	params values
	after  time.Duration
}

// billing is the version of BssOpenApi, renewalOrder the ID of the order of the renewal.
const billing, renewalOrder = "2017-12-14", "210000000000005"

// scenario returns requests that, together, have every field in their responses.
func scenario(c *cloud) []step {
	running := c.Instances(simulator.InstanceFilter{RegionID: "cn-hangzhou", ChargeType: "PrePaid", Status: "Running"})
	paid := running[0].InstanceID
	bought := decoded[diskMade](c, "CreateDisk", values{"InstanceId": paid, "Size": "100", "DiskCategory": "cloud_essd"}).ID
	network, err := c.Network("")
	if err != nil {
		c.t.Fatal(err)
	}
	for range 10 { // more than a page
		decoded[created](c, "CreateSecurityGroup", values{"VpcId": network.VPCID})
	}
	protectable := c.seed(simulator.Seed{Count: 6, ChargeType: "PostPaid"})
	launch := values{"ImageId": "ubuntu_24_04_x64_20G_alibase_20260119.vhd", "InstanceType": "ecs.g7.large"}
	subscribe := values{
		"ImageId": launch["ImageId"], "InstanceType": "ecs.g7.large",
		"InstanceChargeType": "PrePaid", "Period": "1", "Amount": "2",
	}
	two := values{"InstanceId.1": protectable[0], "InstanceId.2": protectable[1]}
	tags := values{"ResourceType": "instance", "ResourceId.1": paid, "Tag.1.Key": "k", "Tag.1.Value": "v"}
	stored := withDisks(c)
	largest := "ecs.g7.4xlarge"
	stopped := c.seed(simulator.Seed{Count: 2, ChargeType: "PostPaid", Status: "Stopped"})
	specified, overdue := stopped[0], stopped[1]
	c.change(overdue, simulator.Change{LockReasons: &[]string{"financial"}})
	disk := "d-" + protectable[5][len("i-"):]
	steps := []step{
		{action: "DescribeRegions"},
		{action: "GetCallerIdentity", params: values{"Version": "2015-04-01"}},
		{action: "AssumeRole", params: values{"Version": "2015-04-01", "RoleArn": roleARN, "RoleSessionName": "fields"}},
		{action: "CreateVpc", params: values{"VpcName": "lab", "Description": "of tests", "CidrBlock": "10.0.0.0/8", "ClientToken": "vpc"}},
		{action: "CreateVSwitch", params: values{
			"VpcId": network.VPCID, "ZoneId": "cn-hangzhou-h", "CidrBlock": "10.240.0.0/16", "VSwitchName": "lab", "Description": "of tests",
		}},
		{action: "CreateSecurityGroup", params: values{
			"VpcId": network.VPCID, "SecurityGroupName": "lab", "Description": "of tests", "Tag.1.Key": "k", "Tag.1.Value": "v",
		}},
		{action: "DescribeVpcs"},
		{action: "DescribeVSwitches", params: values{"PageSize": "50"}},
		{action: "DescribeSecurityGroups", params: values{"PageSize": "100"}},
		{action: "DescribeSecurityGroups", params: values{"MaxResults": "10"}},
		{action: "JoinSecurityGroup", params: values{"InstanceId": protectable[0], "SecurityGroupId": network.SecurityGroupIDs[1]}},
		{action: "LeaveSecurityGroup", params: values{"InstanceId": protectable[0], "SecurityGroupId": network.SecurityGroupIDs[0]}},
		{action: "DescribeImages"},
		{action: "ListProductQuotas", params: values{"Version": "2020-05-10", "ProductCode": "ecs", "QuotaCategory": "FlowControl", "MaxResults": "1"}},
		{action: "DescribeZones", params: values{"AcceptLanguage": "en-US"}},
		{action: "DescribeInstanceTypes", params: values{"MaxResults": "10"}},
		{action: "DescribeInstanceTypes"},
		{action: "DescribeAvailableResource", params: values{"DestinationResource": "SystemDisk", "InstanceType": "ecs.g7.large"}},
		{action: "DescribePrice", params: values{"InstanceType": "ecs.g7.large", "PriceUnit": "Year"}},
		{action: "DescribePrice", params: values{"InstanceType": "ecs.g7.large", "SpotStrategy": "SpotAsPriceGo"}},
		{action: "DescribeSpotPriceHistory", params: values{
			"InstanceType": "ecs.g7.large", "NetworkType": "vpc", "StartTime": "2026-10-25T00:00:00Z",
		}},
		{action: "DescribeSpotAdvice"},
		{action: "DescribeInstances", params: values{"PageSize": "100"}},
		{action: "DescribeInstances", params: values{"PageSize": "100", "PageNumber": "2"}},
		{action: "DescribeInstances", params: values{"MaxResults": "100"}},
		{action: "DescribeInstanceStatus"},
		{action: "DescribeInstanceHistoryEvents"},
		{action: "DescribeInstanceHistoryEvents", params: values{"MaxResults": "10"}},
		{action: "DescribeInstancesFullStatus"},
		{action: "DescribeInstancesFullStatus", params: values{"EventType": "InstanceExpiration.Stop"}},
		{action: "DescribeRenewalPrice", params: values{"ResourceId": paid, "PriceUnit": "Year"}},
		{action: "RenewInstance", params: values{"InstanceId": paid, "Period": "1"}},
		{action: "QueryOrders", params: values{"Version": billing}, after: time.Minute},
		{action: "GetOrderDetail", params: values{"Version": billing, "OrderId": renewalOrder}},
		{action: "QueryAvailableInstances", params: values{"Version": billing, "PageSize": "300"}},
		{action: "QueryAccountBalance", params: values{"Version": billing}},
		{action: "SetRenewal", params: values{"Version": billing, "InstanceIDs": paid, "RenewalStatus": "AutoRenewal", "RenewalPeriod": "1", "RenewalPeriodUnit": "M"}},
		{action: "ModifyInstanceAutoRenewAttribute", params: values{"InstanceId": paid, "Duration": "1", "AutoRenew": "true"}},
		{action: "DescribeInstanceAutoRenewAttribute", params: values{"InstanceId": paid}},
		{action: "TagResources", params: tags},
		{action: "ListTagResources", params: values{"ResourceType": "instance", "TagFilter.1.TagKey": "*"}},
		{action: "AddTags", params: values{"ResourceType": "instance", "ResourceId": paid, "Tag.1.Key": "old", "Tag.1.Value": "v"}},
		{action: "RemoveTags", params: values{"ResourceType": "instance", "ResourceId": paid, "Tag.1.Key": "old"}},
		{action: "UntagResources", params: values{"ResourceType": "instance", "ResourceId.1": paid, "TagKey.1": "k"}},
		{action: "RunInstances", params: subscribe},
		{action: "CreateInstance", params: values{
			"ImageId": launch["ImageId"], "InstanceType": "ecs.g7.large", "InstanceChargeType": "PrePaid", "Period": "1",
		}},
		{action: "StopInstances", params: two},
		{action: "StartInstances", params: two, after: time.Hour},
		{action: "RebootInstances", params: two, after: time.Hour},
		{action: "StopInstance", params: values{"InstanceId": protectable[2]}, after: time.Hour},
		{action: "StartInstance", params: values{"InstanceId": protectable[2]}, after: time.Hour},
		{action: "RebootInstance", params: values{"InstanceId": protectable[2]}, after: time.Hour},
		{action: "DeleteInstance", params: values{"InstanceId": protectable[3], "Force": "true"}},
		{action: "DeleteInstances", params: values{"InstanceId.1": protectable[4], "Force": "true"}},
	}
	for _, i := range c.Instances(simulator.InstanceFilter{RegionID: "cn-hangzhou"})[:100] {
		steps = append(steps, step{action: "DescribeInstanceAttribute", params: values{"InstanceId": i.InstanceID}})
	}
	return append(steps, []step{
		{action: "ModifyInstanceAttribute", params: values{"InstanceId": protectable[5], "InstanceName": "renamed"}},
		{action: "ModifyInstanceAutoReleaseTime", params: values{"InstanceId": stored, "AutoReleaseTime": "2026-12-24T00:00:00Z"}},
		{action: "AllocatePublicIpAddress", params: values{"InstanceId": stored}},
		{action: "ModifyInstanceChargeType", params: values{"InstanceIds": `["` + protectable[5] + `"]`, "Period": "1"}},
		{action: "DescribeInstanceModificationPrice", params: values{"InstanceId": protectable[5], "InstanceType": largest}, after: time.Hour},
		{action: "ModifyPrepayInstanceSpec", params: values{"InstanceId": protectable[5], "InstanceType": largest}},
		{action: "DescribeResourcesModification", params: values{"ResourceId": protectable[5], "DestinationResource": "SystemDisk"}},
		{action: "ModifyInstanceSpec", params: values{"InstanceId": specified, "InstanceType": largest}},
		{action: "ReActivateInstances", params: values{"InstanceId": overdue}},
		{action: "CreateSnapshot", params: values{
			"DiskId": disk, "SnapshotName": "one", "Description": "of a disk", "RetentionDays": "7", "Tag.1.Key": "k", "Tag.1.Value": "v",
		}},
		{action: "DeleteSnapshot", params: values{"SnapshotId": "s-unknown"}},
		{action: "CreateDisk", params: values{"InstanceId": paid, "Size": "100", "DiskCategory": "cloud_essd"}},
		{action: "ResizeDisk", params: values{"DiskId": bought, "NewSize": "200"}},
		{action: "ModifyDiskChargeType", params: values{"InstanceId": paid, "DiskIds": `["` + bought + `"]`, "DiskChargeType": "PostPaid"}},
		{action: "DetachDisk", params: values{"InstanceId": paid, "DiskId": bought}},
		{action: "AttachDisk", params: values{"InstanceId": paid, "DiskId": bought}},
		{action: "ModifyDiskAttribute", params: values{"DiskId": bought, "DiskName": "renamed"}},
		{action: "DeleteDisk", params: values{"DiskId": "d-unknown"}},
		{action: "DescribeSnapshots", params: values{"PageSize": "100"}},
		{action: "DescribeSnapshots", params: values{"MaxResults": "10"}, after: time.Hour},
		{action: "AddTags", params: values{"ResourceType": "image", "ResourceId": "ubuntu_24_04_x64_20G_alibase_20260119.vhd", "Tag.1.Key": "k", "Tag.1.Value": "v"}},
		{action: "AddTags", params: values{"ResourceType": "keypair", "ResourceId": network.KeyPairName, "Tag.1.Key": "k", "Tag.1.Value": "v"}},
		{action: "AddTags", params: values{"ResourceType": "launchtemplate", "ResourceId": network.LaunchTemplates[0].LaunchTemplateID, "Tag.1.Key": "k", "Tag.1.Value": "v"}},
		{action: "DescribeTags"},
		{action: "DescribeDisks"},
		{action: "DescribeDisks", params: values{"MaxResults": "10"}},
		{action: "DescribeDisks", params: values{"MaxResults": "500"}},
	}...)
}

// withDisks launches instances with disks of every kind, including one that outlives its instance, and returns an
// instance without an address.
func withDisks(c *cloud) string {
	first := c.run()[0]
	c.advance(time.Hour)
	disk := "d-" + first[len("i-"):]
	source, code := c.snapshot(disk, "")
	if code != "" {
		c.t.Fatal(code)
	}
	c.advance(time.Hour)
	for range 12 { // more than a page
		if _, code := c.snapshot(disk, ""); code != "" {
			c.t.Fatal(code)
		}
		c.advance(time.Minute)
	}
	made := c.run(func(r *ecs.RunInstancesRequest) {
		r.Amount, r.ResourceGroupId, r.InternetMaxBandwidthOut = "2", "rg-1", "1"
		r.SystemDiskDiskName, r.SystemDiskDescription, r.SystemDiskSize = "root", "the system", "60"
		r.Tag = &[]ecs.RunInstancesTag{{Key: "k", Value: "v"}}
		r.DataDisk = &[]ecs.RunInstancesDataDisk{{
			Category: "cloud_essd", Size: "100", SnapshotId: source, Encrypted: "true", DeleteWithInstance: "false",
		}}
	})
	c.advance(time.Hour)
	locks := []string{"financial"}
	if err := c.Change(made[0], simulator.Change{LockReasons: &locks}); err != nil {
		c.t.Fatal(err)
	}
	if code := c.release(made[1], force); code != "" {
		c.t.Fatal(code)
	}
	for _, loose := range c.disks(func(r *ecs.DescribeDisksRequest) { r.Status, r.Encrypted = "Available", "true" }) {
		if _, code := c.snapshot(loose.DiskId, ""); code != "" {
			c.t.Fatal(code)
		}
	}
	request := ecs.CreateCreateInstanceRequest()
	request.ImageId, request.InstanceType, request.InternetMaxBandwidthOut = "m-1", "ecs.g7.large", "1"
	response := ecs.CreateCreateInstanceResponse()
	c.do(request, response)
	c.advance(time.Hour)
	return response.InstanceId
}
