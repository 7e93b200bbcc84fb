package simulator_test

import "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

// diskExercises are those of the actions for disks, tags of the older SDKs, and events.
var diskExercises = []exercise{
	{action: "CreateDisk", base: values{"ZoneId": "cn-hangzhou-h", "Size": "100"}, vary: values{
		"ZoneId": "cn-hangzhou-i", "Size": "200", "DiskCategory": "cloud_ssd", "PerformanceLevel": "PL0", "DiskName": "data", "Description": "the data",
		"Encrypted": "true", "SnapshotId": "s-1", "InstanceId": "$sub&ZoneId=-", "Tag.1.Key": "k", "Tag.1.Value": "v&Tag.1.Key=k",
	}},
	{action: "CreateDisk", base: values{"ZoneId": "cn-hangzhou-h", "Size": "100"}, twice: true, vary: values{"ClientToken": "t"}},
	{action: "AttachDisk", base: values{"InstanceId": "$payg", "DiskId": "$loose"}, vary: values{
		"InstanceId": "$sub", "DiskId": "$data", "Device": "/dev/xvdz", "DeleteWithInstance": "true",
	}},
	{action: "DetachDisk", base: values{"InstanceId": "$payg", "DiskId": "$data"}, vary: values{
		"InstanceId": "$sub", "DiskId": "$subdata", "DeleteWithInstance": "x",
	}},
	{action: "DeleteDisk", base: values{"DiskId": "$loose"}, vary: values{"DiskId": "$disk"}},
	{action: "ModifyDiskAttribute", base: values{"DiskId": "$data"}, vary: values{
		"DiskId": "$subdata&DiskName=other", "DiskIds.1": "$subdata&DiskId=-&DiskName=other", "DiskName": "other", "Description": "other",
		"DeleteWithInstance": "false", "DeleteAutoSnapshot": "true", "EnableAutoSnapshot": "false",
	}},
	{action: "ModifyDiskChargeType", base: values{"InstanceId": "$sub", "DiskIds": `["$subdata"]`, "DiskChargeType": "PostPaid"}, vary: values{
		"InstanceId": "$payg", "DiskIds": `["d-1"]`, "DiskChargeType": "PrePaid", "AutoPay": "false", "DryRun": "true", "ClientToken": "\x01",
	}},
	{action: "ResizeDisk", base: values{"DiskId": "$data", "NewSize": "600"}, vary: values{
		"DiskId": "$subdata", "NewSize": "700", "Type": "x", "ClientToken": "\x01",
	}},
	{action: "DeleteSnapshot", base: values{"SnapshotId": "$snapshot"}, vary: values{"SnapshotId": "s-1", "Force": "x"}},
	{action: "AddTags", base: values{"ResourceType": "instance", "ResourceId": "$payg", "Tag.1.Key": "k", "Tag.1.Value": "v"}, vary: values{
		"ResourceType": "disk&ResourceId=$disk", "ResourceId": "$sub", "Tag.1.Key": "other", "Tag.1.Value": "other",
	}},
	{action: "RemoveTags", base: values{"ResourceType": "instance", "ResourceId": "$payg", "Tag.1.Key": "name", "Tag.1.Value": "payg"}, vary: values{
		"ResourceType": "disk&ResourceId=$disk", "ResourceId": "$sub&Tag.1.Value=sub", "Tag.1.Key": "other", "Tag.1.Value": "other",
	}},
	{action: "DescribeTags", base: values{"ResourceType": "instance"}, vary: values{
		"ResourceType": "disk", "ResourceId": "$sub", "Tag.1.Key": "other", "Tag.1.Value": "sub&Tag.1.Key=name", "PageNumber": "9", "PageSize": "1",
	}},
	{action: "JoinSecurityGroup", base: values{"InstanceId": "$payg", "SecurityGroupId": "$group"}, vary: values{
		"InstanceId": "$sub", "SecurityGroupId": "sg-1", "NetworkInterfaceId": "eni-1&InstanceId=-",
	}},
	{action: "LeaveSecurityGroup", base: values{"InstanceId": "$both", "SecurityGroupId": "$group"}, vary: values{
		"InstanceId": "$payg", "SecurityGroupId": "sg-1", "NetworkInterfaceId": "eni-1&InstanceId=-",
	}},
	{action: "DescribeInstanceAttribute", base: values{"InstanceId": "$payg"}, vary: values{"InstanceId": "$sub"}},
	{action: "DescribeInstanceHistoryEvents", base: values{"PageSize": "100"}, vary: values{
		"InstanceId": "i-1", "ResourceId.1": "i-1", "ResourceType": "ddh", "EventType": "InstanceExpiration.Delete", "InstanceEventType.1": "InstanceExpiration.Delete",
		"EventCycleStatus": "Executed", "InstanceEventCycleStatus.1": "Executed", "EventId.1": "e-1", "EventPublishTime.Start": "2026-12-30T00:00:00Z",
		"EventPublishTime.End": "2026-01-01T00:00:00Z", "NotBefore.Start": "2026-12-30T00:00:00Z", "NotBefore.End": "2026-01-01T00:00:00Z",
		"Tag.1.Key": "none", "Tag.1.Value": "other&Tag.1.Key=name", "ResourceGroupId": "rg-1", "PageSize": "1", "PageNumber": "9", "MaxResults": "x", "NextToken": "x",
		"ImpactLevel": "x",
	}},
	{action: "DescribeInstancesFullStatus", base: values{"PageSize": "100"}, vary: values{
		"InstanceId.1": "$payg", "Status": "Stopped", "HealthStatus": "Impaired", "EventId.1": "e-1", "EventType": "InstanceExpiration.Stop",
		"InstanceEventType.1": "InstanceExpiration.Stop", "EventPublishTime.Start": "2026-12-30T00:00:00Z", "EventPublishTime.End": "2026-01-01T00:00:00Z",
		"NotBefore.Start": "2026-12-30T00:00:00Z", "NotBefore.End": "2026-01-01T00:00:00Z", "PageSize": "1", "PageNumber": "9",
	}},
}

// productExercises are those of the other products.
var productExercises = []exercise{
	{action: "AssumeRole", base: values{"RoleArn": "acs:ram::1234567890123456:role/r", "RoleSessionName": "ss"}, vary: values{
		"RoleArn": "x", "RoleSessionName": "-", "DurationSeconds": "1", "Policy": "{",
	}},
	{action: "QueryOrders", base: values{"CreateTimeStart": "2026-11-20T00:00:00Z"}, vary: values{
		"PageSize": "1", "PageNum": "9", "CreateTimeStart": "2026-11-20T05:59:00Z", "CreateTimeEnd": "2026-11-20T03:00:00Z", "OrderType": "Renew",
		"PaymentStatus": "Unpaid", "ProductCode": "rds", "SubscriptionType": "Subscription",
	}},
	{action: "GetOrderDetail", base: values{"OrderId": "$order"}, vary: values{"OrderId": "2"}},
	{action: "QueryAvailableInstances", vary: values{
		"PageSize": "1", "PageNum": "9", "Region": "cn-shanghai", "ProductCode": "rds", "SubscriptionType": "PayAsYouGo", "InstanceIDs": "$sub",
		"RenewStatus": "AutoRenewal", "EndTimeStart": "2027-12-30T00:00:00Z", "EndTimeEnd": "2026-01-01T00:00:00Z",
	}},
	{action: "SetRenewal", base: values{"InstanceIDs": "$sub", "RenewalStatus": "AutoRenewal", "RenewalPeriod": "1", "RenewalPeriodUnit": "M", "ProductCode": "ecs", "SubscriptionType": "Subscription"}, vary: values{
		"InstanceIDs": "$resized", "RenewalStatus": "NotRenewal", "RenewalPeriod": "2", "RenewalPeriodUnit": "Y",
	}},
	{action: "ListProductQuotas", base: values{"ProductCode": "ecs", "QuotaCategory": "FlowControl"}, vary: values{
		"ProductCode": "x", "QuotaCategory": "x", "MaxResults": "1", "NextToken": "x", "KeyWord": "x", "QuotaActionCode": "x",
		"Dimensions.1.Key": "regionId&Dimensions.1.Value=cn-shanghai", "Dimensions.1.Value": "cn-shanghai&Dimensions.1.Key=regionId",
	}},
}

// moreRequests are the requests of the SDK for them.
var moreRequests = map[string]any{
	"JoinSecurityGroup": ecs.CreateJoinSecurityGroupRequest(), "LeaveSecurityGroup": ecs.CreateLeaveSecurityGroupRequest(),
	"CreateDisk": ecs.CreateCreateDiskRequest(), "AttachDisk": ecs.CreateAttachDiskRequest(), "DetachDisk": ecs.CreateDetachDiskRequest(),
	"DeleteDisk": ecs.CreateDeleteDiskRequest(), "ModifyDiskAttribute": ecs.CreateModifyDiskAttributeRequest(),
	"ModifyDiskChargeType": ecs.CreateModifyDiskChargeTypeRequest(), "ResizeDisk": ecs.CreateResizeDiskRequest(),
	"DeleteSnapshot": ecs.CreateDeleteSnapshotRequest(), "AddTags": ecs.CreateAddTagsRequest(), "RemoveTags": ecs.CreateRemoveTagsRequest(),
	"DescribeTags": ecs.CreateDescribeTagsRequest(), "DescribeInstanceAttribute": ecs.CreateDescribeInstanceAttributeRequest(),
	"DescribeInstanceHistoryEvents": ecs.CreateDescribeInstanceHistoryEventsRequest(),
	"DescribeInstancesFullStatus":   ecs.CreateDescribeInstancesFullStatusRequest(),
}
