package simulator_test

import (
	"time"

	"github.com/ecsd-io/ecsd/simulator"
)

// step is one request of the scenario, so long after the one before.
type step struct {
	action string
	params values
	after  time.Duration
}

// scenario is the requests whose answers, together, carry every field.
func scenario(c *cloud) []step {
	running := c.Instances(simulator.InstanceFilter{RegionID: "cn-hangzhou", ChargeType: "PrePaid", Status: "Running"})
	paid := running[0].InstanceID
	protectable := c.seed(simulator.Seed{Count: 6, ChargeType: "PostPaid"})
	launch := values{"ImageId": "ubuntu_24_04_x64_20G_alibase_20260119.vhd", "InstanceType": "ecs.g7.large"}
	subscribe := values{
		"ImageId": launch["ImageId"], "InstanceType": "ecs.g7.large",
		"InstanceChargeType": "PrePaid", "Period": "1", "Amount": "2",
	}
	two := values{"InstanceId.1": protectable[0], "InstanceId.2": protectable[1]}
	tags := values{"ResourceType": "instance", "ResourceId.1": paid, "Tag.1.Key": "k", "Tag.1.Value": "v"}
	return []step{
		{action: "DescribeRegions"},
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
		{action: "DescribeRenewalPrice", params: values{"ResourceId": paid, "PriceUnit": "Year"}},
		{action: "RenewInstance", params: values{"InstanceId": paid, "Period": "1"}},
		{action: "ModifyInstanceAutoRenewAttribute", params: values{"InstanceId": paid, "Duration": "1", "AutoRenew": "true"}},
		{action: "DescribeInstanceAutoRenewAttribute", params: values{"InstanceId": paid}},
		{action: "TagResources", params: tags},
		{action: "ListTagResources", params: values{"ResourceType": "instance"}},
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
}
