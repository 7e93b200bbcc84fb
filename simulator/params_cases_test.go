package simulator_test

import (
	"maps"
	"slices"

	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
)

// with returns the union of parameters; later ones take precedence.
func with2(sets ...values) values {
	all := values{}
	for _, s := range sets {
		maps.Copy(all, s)
	}
	return all
}

const (
	ubuntu = "ubuntu_24_04_x64_20G_alibase_20260119.vhd"
	window = "&Filter.1.Value=2026-11-20T04:30Z"
)

var (
	simple  = values{"ImageId": ubuntu, "InstanceType": "ecs.g7.large"}
	prepaid = with2(simple, values{"InstanceChargeType": "PrePaid", "Period": "1"})
	bidding = with2(simple, values{"SpotStrategy": "SpotWithPriceLimit", "SpotPriceLimit": "0.5", "ZoneId": "cn-hangzhou-h"})
	disked  = with2(simple, values{"DataDisk.1.Category": "cloud_essd", "DataDisk.1.Size": "500"})
)

// launchVariations are the parameters that RunInstances and CreateInstance share.
var launchVariations = values{
	"ImageId": "centos_7_9_x64_20G_alibase_20240628.vhd", "InstanceType": "ecs.g7.xlarge", "ZoneId": "cn-hangzhou-i", "VSwitchId": "$switch",
	"SecurityGroupId": "$group", "InstanceName": "web", "HostName": "web", "Description": "a machine", "Password": "x",
	"KeyPairName": "other", "UserData": "!", "InternetMaxBandwidthOut": "5", "InternetMaxBandwidthIn": "7",
	"InternetChargeType": "PayByBandwidth", "IoOptimized": "none", "Tag.1.Key": "k&Tag.1.Value=v", "Tag.1.Value": "v",
	"ResourceGroupId": "rg-1", "DeletionProtection": "true", "InstanceChargeType": "PrePaid&Period=1", "SpotStrategy": "SpotAsPriceGo&ZoneId=cn-hangzhou-h",
	"SystemDisk.Category": "cloud_ssd", "SystemDisk.Size": "100", "SystemDisk.PerformanceLevel": "PL0", "SystemDisk.DiskName": "root",
	"SystemDisk.Description": "the system", "DataDisk.1.Category": "cloud_ssd&DataDisk.1.Size=40", "DataDisk.1.Size": "40",
	"HttpTokens": "required", "HttpEndpoint": "disabled", "HttpPutResponseHopLimit": "3", "CreditSpecification": "x",
	"SecurityEnhancementStrategy": "x", "Tenancy": "host", "DeploymentSetId": "ds-1", "DedicatedHostId": "dh-1", "HpcClusterId": "hpc-1",
	"RamRoleName": "role", "PrivatePoolOptions.Id": "eap-1", "StorageSetId": "ss-1", "DeploymentSetGroupNo": "x",
	"StorageSetPartitionNumber": "x", "HibernationOptions.Configured": "x", "DryRun": "true", "PasswordInherit": "true&Password=Abcd1234!",
	"Period": "x", "AutoRenewPeriod": "x", "AutoRenew": "x", "SpotDuration": "9",
}

var exercises = []exercise{
	{action: "RunInstances", base: simple, vary: with2(launchVariations, values{
		"Amount": "2", "MinAmount": "9", "SecurityGroupIds.1": "$group", "AutoReleaseTime": "2026-12-01T00:00:00Z", "AutoPay": "false",
		"LaunchTemplateName": "web", "LaunchTemplateId": "lt-1", "LaunchTemplateVersion": "x", "HostNames.1": "aa1",
		"NetworkInterfaceQueueNumber": "x", "Ipv6AddressCount": "x", "CpuOptions.Core": "x", "CpuOptions.ThreadsPerCore": "x",
		"UniqueSuffix": "true&InstanceName=web",
	})},
	{action: "CreateInstance", base: simple, vary: with2(launchVariations, values{"UseAdditionalService": "x"})},
	{action: "RunInstances", base: prepaid, vary: values{"Period": "2", "PeriodUnit": "Week", "AutoRenew": "true", "AutoRenewPeriod": "2&AutoRenew=true"}},
	{action: "CreateInstance", base: prepaid, vary: values{"Period": "2", "PeriodUnit": "Week", "AutoRenew": "true", "AutoRenewPeriod": "2&AutoRenew=true"}},
	{action: "RunInstances", base: bidding, vary: values{"SpotPriceLimit": "0.4", "SpotDuration": "0", "SpotInterruptionBehavior": "Stop"}},
	{action: "CreateInstance", base: bidding, vary: values{"SpotPriceLimit": "0.4", "SpotDuration": "0", "SpotInterruptionBehavior": "Stop"}},
	{action: "RunInstances", base: disked, vary: diskVariations},
	{action: "CreateInstance", base: disked, vary: diskVariations},
	{action: "RunInstances", base: simple, twice: true, vary: values{"ClientToken": "t"}},
	{action: "CreateInstance", base: simple, twice: true, vary: values{"ClientToken": "t"}},

	{action: "RenewInstance", base: values{"InstanceId": "$sub", "Period": "1"}, vary: values{
		"InstanceId": "$resized", "Period": "2", "PeriodUnit": "Week", "ExpectedRenewDay": "1",
	}},
	{action: "RenewInstance", base: values{"InstanceId": "$sub", "Period": "1"}, twice: true, vary: values{"ClientToken": "t"}},
	{action: "DescribeRenewalPrice", base: values{"ResourceId": "$sub"}, vary: values{
		"ResourceId": "$resized", "ResourceType": "disk", "Period": "2", "PriceUnit": "Year", "ExpectedRenewDay": "1",
	}},
	{action: "ModifyInstanceAutoRenewAttribute", base: values{"InstanceId": "$sub", "AutoRenew": "true", "Duration": "1"}, vary: values{
		"InstanceId": "$sub,$resized", "AutoRenew": "false", "Duration": "2", "PeriodUnit": "Week", "RenewalStatus": "NotRenewal",
	}},
	{action: "DescribeInstanceAutoRenewAttribute", base: values{"InstanceId": "$sub,$resized"}, vary: values{
		"InstanceId": "$sub", "RenewalStatus": "AutoRenewal", "PageSize": "1", "PageNumber": "2",
	}},
	{action: "ModifyInstanceChargeType", base: values{"InstanceIds": `["$payg"]`, "Period": "1"}, vary: values{
		"InstanceIds": `["$stopped"]`, "Period": "2", "PeriodUnit": "Week", "InstanceChargeType": "PostPaid", "IncludeDataDisks": "true",
		"DryRun": "true", "AutoPay": "false", "IsDetailFee": "x",
	}},
	{action: "ModifyInstanceChargeType", base: values{"InstanceIds": `["$payg"]`, "Period": "1"}, twice: true, vary: values{"ClientToken": "t"}},
	{action: "ModifyPrepayInstanceSpec", base: values{"InstanceId": "$sub", "InstanceType": "ecs.g7.xlarge"}, vary: values{
		"InstanceId": "$resized", "InstanceType": "ecs.g7.2xlarge", "OperatorType": "downgrade", "AutoPay": "false",
	}},
	{action: "ModifyPrepayInstanceSpec", base: values{"InstanceId": "$sub", "InstanceType": "ecs.g7.xlarge"}, twice: true, vary: values{"ClientToken": "t"}},
	{action: "ModifyInstanceSpec", base: values{"InstanceId": "$stopped", "InstanceType": "ecs.g7.xlarge"}, vary: values{
		"InstanceId": "$overdue", "InstanceType": "ecs.g7.2xlarge", "OperatorType": "downgrade", "AutoPay": "false",
	}},
	{action: "ModifyInstanceSpec", base: values{"InstanceId": "$stopped", "InstanceType": "ecs.g7.xlarge"}, twice: true, vary: values{"ClientToken": "t"}},
	{action: "DescribeInstanceModificationPrice", base: values{"InstanceId": "$sub", "InstanceType": "ecs.g7.xlarge"}, vary: values{
		"InstanceId": "$payg", "InstanceType": "ecs.g7.2xlarge", "OperatorType": "x", "ClientToken": "\x01",
	}},
	{action: "DescribeResourcesModification", base: values{"ResourceId": "$sub", "DestinationResource": "InstanceType"}, vary: values{
		"ResourceId": "i-1", "DestinationResource": "SystemDisk", "SystemDiskCategory": "cloud_ssd&DestinationResource=SystemDisk",
	}},
	{action: "ReActivateInstances", base: values{"InstanceId": "$overdue"}, vary: values{"InstanceId": "$stopped"}},

	{action: "StartInstance", base: values{"InstanceId": "$stopped"}, vary: values{"InstanceId": "$payg", "DryRun": "true"}},
	{action: "StopInstance", base: values{"InstanceId": "$payg"}, vary: values{
		"InstanceId": "$spot", "DryRun": "true", "StoppedMode": "StopCharging", "ForceStop": "x",
	}},
	{action: "RebootInstance", base: values{"InstanceId": "$payg"}, vary: values{"InstanceId": "$stopped", "DryRun": "true", "ForceStop": "x"}},
	{action: "DeleteInstance", base: values{"InstanceId": "$payg", "Force": "true"}, vary: values{
		"InstanceId": "$spot", "Force": "-", "DryRun": "true", "TerminateSubscription": "x",
	}},
	{action: "StartInstances", base: values{"InstanceId.1": "$stopped"}, vary: values{
		"InstanceId.1": "$payg", "DryRun": "true", "BatchOptimization": "SuccessFirst&InstanceId.2=$payg",
	}},
	{action: "StopInstances", base: values{"InstanceId.1": "$payg"}, vary: values{
		"InstanceId.1": "$spot", "DryRun": "true", "BatchOptimization": "x", "StoppedMode": "StopCharging", "ForceStop": "x",
	}},
	{action: "RebootInstances", base: values{"InstanceId.1": "$payg"}, vary: values{
		"InstanceId.1": "$spot&InstanceId.2=$stopped", "DryRun": "true", "BatchOptimization": "x", "ForceReboot": "x",
	}},
	{action: "DeleteInstances", base: values{"InstanceId.1": "$payg", "Force": "true"}, vary: values{
		"InstanceId.1": "$spot", "Force": "-", "DryRun": "true", "TerminateSubscription": "x", "ClientToken": "\x01",
	}},
	{action: "ModifyInstanceAutoReleaseTime", base: values{"InstanceId": "$payg", "AutoReleaseTime": "2026-12-01T00:00:00Z"}, vary: values{
		"InstanceId": "$spot", "AutoReleaseTime": "2026-12-02T00:00:00Z",
	}},
	{action: "ModifyInstanceAttribute", base: values{"InstanceId": "$payg"}, vary: values{
		"InstanceId": "i-1", "InstanceName": "other", "Description": "other", "HostName": "other", "Password": "x", "UserData": "!",
		"SecurityGroupIds.1": "$group", "DeletionProtection": "true", "Recyclable": "true",
	}},
	{action: "AllocatePublicIpAddress", base: values{"InstanceId": "$payg"}, vary: values{"InstanceId": "$stopped", "IpAddress": "192.0.2.1"}},

	{action: "TagResources", base: values{"ResourceType": "instance", "ResourceId.1": "$payg", "Tag.1.Key": "k", "Tag.1.Value": "v"}, vary: values{
		"ResourceType": "disk&ResourceId.1=$disk", "ResourceId.1": "$sub", "Tag.1.Key": "other", "Tag.1.Value": "other",
	}},
	{action: "UntagResources", base: values{"ResourceType": "instance", "ResourceId.1": "$payg", "TagKey.1": "name"}, vary: values{
		"ResourceType": "disk&ResourceId.1=$disk", "ResourceId.1": "$sub", "TagKey.1": "other", "All": "x",
	}},
	{action: "ListTagResources", base: values{"ResourceType": "instance", "ResourceId.1": "$payg"}, vary: values{
		"ResourceType": "disk&ResourceId.1=$disk", "ResourceId.1": "$sub", "Tag.1.Key": "other", "Tag.1.Value": "other&Tag.1.Key=name",
		"TagFilter.1.TagKey": "other", "TagFilter.1.TagValues.1": "other&TagFilter.1.TagKey=name", "NextToken": "x",
	}},

	{action: "DescribeInstances", base: values{"PageSize": "100"}, vary: values{
		"InstanceIds": `["$payg"]`, "VpcId": "vpc-1", "VSwitchId": "$switch", "ZoneId": "cn-hangzhou-i", "SecurityGroupId": "$group",
		"InstanceNetworkType": "classic", "InstanceChargeType": "PrePaid", "InternetChargeType": "PayByBandwidth", "InstanceName": "payg",
		"ImageId": "m-1", "InstanceType": "ecs.g7.large", "InstanceTypeFamily": "ecs.c7", "Status": "Stopped", "LockReason": "financial",
		"KeyPairName": "other", "ResourceGroupId": "rg-1", "HttpTokens": "required", "HttpEndpoint": "disabled", "HpcClusterId": "hpc-1",
		"HttpPutResponseHopLimit": "2", "DeviceAvailable": "false", "IoOptimized": "false", "DryRun": "true", "PageSize": "10",
		"PageNumber": "2", "MaxResults": "10", "NextToken": "x", "Tag.1.Key": "name", "Tag.1.Value": "sub&Tag.1.Key=name",
		"PublicIpAddresses": `["192.0.2.1"]`, "PrivateIpAddresses": `["192.0.2.1"]`, "EipAddresses": `["192.0.2.1"]`,
		"InnerIpAddresses": `["192.0.2.1"]`, "RdmaIpAddresses": `["192.0.2.1"]`, "Ipv6Address.1": "2001:db8::1",
		"Filter.1.Key": "CreationStartTime" + window, "Filter.1.Value": "x",
	}},
	{action: "DescribeInstanceStatus", base: values{"PageSize": "50"}, vary: values{
		"InstanceId.1": "$payg", "ZoneId": "cn-hangzhou-i", "ClusterId": "c-1", "PageSize": "1", "PageNumber": "2",
	}},
	{action: "DescribeDisks", base: values{"PageSize": "100"}, vary: values{
		"DiskIds": `["$disk"]`, "InstanceId": "$payg", "ZoneId": "cn-hangzhou-i", "DiskName": "root", "Category": "cloud_ssd", "Status": "Available",
		"DiskType": "data", "DiskChargeType": "PrePaid", "SnapshotId": "s-1", "LockReason": "financial", "ResourceGroupId": "rg-1",
		"KMSKeyId": "k", "AutoSnapshotPolicyId": "sp-1", "MultiAttach": "Enabled", "EnableShared": "true", "DeleteAutoSnapshot": "true",
		"EnableAutoSnapshot": "false", "EnableAutomatedSnapshotPolicy": "true", "DeleteWithInstance": "false", "Portable": "true",
		"Encrypted": "true", "Tag.1.Key": "name", "Tag.1.Value": "sub&Tag.1.Key=name", "Filter.1.Key": "CreationStartTime" + window,
		"Filter.1.Value": "x", "PageSize": "1", "PageNumber": "2", "MaxResults": "10", "NextToken": "x", "DryRun": "true",
	}},
	{action: "DescribeSnapshots", base: values{"PageSize": "100"}, vary: values{
		"SnapshotIds": `["$snapshot"]`, "DiskId": "$disk", "InstanceId": "$payg", "SnapshotName": "other", "Status": "progressing",
		"SnapshotType": "auto", "SourceDiskType": "data", "Usage": "disk", "Category": "flash", "SnapshotLinkId": `["sl-1"]`,
		"ResourceGroupId": "rg-1", "KMSKeyId": "k", "Encrypted": "true", "Tag.1.Key": "k", "Tag.1.Value": "x",
		"Filter.1.Key": "CreationStartTime&Filter.1.Value=2026-11-20T05:30Z", "Filter.1.Value": "x", "PageSize": "1", "PageNumber": "2",
		"MaxResults": "x", "NextToken": "x", "DryRun": "true",
	}},
	{action: "CreateSnapshot", base: values{"DiskId": "$spare"}, vary: values{
		"DiskId": "-", "ResourceGroupId": "rg-1", "SnapshotName": "1", "Description": "x", "RetentionDays": "x", "ClientToken": "\x01", "Tag.1.Value": "x", "Tag.1.Key": "acs:x",
	}},
}

// diskVariations are the parameters of a data disk.
var diskVariations = values{
	"DataDisk.1.Category": "cloud_ssd", "DataDisk.1.Size": "600", "DataDisk.1.PerformanceLevel": "PL2", "DataDisk.1.DiskName": "data",
	"DataDisk.1.Description": "the data", "DataDisk.1.Device": "/dev/xvdz", "DataDisk.1.SnapshotId": "s-1",
	"DataDisk.1.DeleteWithInstance": "false", "DataDisk.1.Encrypted": "true",
}

func init() {
	exercises = slices.Concat(exercises, offerExercises, networkExercises, diskExercises, productExercises)
}

// networkExercises are those of the actions for images and networks.
var networkExercises = []exercise{
	{action: "DescribeImages", base: values{"PageSize": "100"}, vary: values{
		"ImageId": ubuntu, "ImageName": ubuntu, "ImageFamily": "acs:ubuntu_24_04_x64", "ImageOwnerAlias": "self", "OSType": "windows", "Architecture": "arm64",
		"Usage": "instance", "Status": "Deprecated", "Tag.1.Key": "k", "Tag.1.Value": "v&Tag.1.Key=k", "IsSupportIoOptimized": "false",
		"IsSupportCloudinit": "false", "IsPublic": "false", "SnapshotId": "s-1", "ResourceGroupId": "rg-1", "InstanceType": "x",
		"ImageOwnerId": "1", "ShowExpired": "x",
		"Filter.1.Key": "CreationStartTime" + window, "Filter.1.Value": "x", "PageSize": "1", "PageNumber": "9", "DryRun": "true",
	}},
	{action: "DescribeSecurityGroups", base: values{"PageSize": "100"}, vary: values{
		"SecurityGroupId": "$group", "SecurityGroupIds": "[]", "SecurityGroupName": "web", "SecurityGroupType": "enterprise", "VpcId": "vpc-1",
		"NetworkType": "classic", "ResourceGroupId": "rg-1", "Tag.1.Key": "k", "Tag.1.Value": "v&Tag.1.Key=k", "PageSize": "1", "PageNumber": "9",
		"MaxResults": "x", "NextToken": "x", "DryRun": "true", "FuzzyQuery": "true&SecurityGroupName=efaul", "ServiceManaged": "true",
		"IsQueryEcsCount": "false",
	}},
	{action: "DescribeVpcs", vary: values{"VpcId": "vpc-1", "IsDefault": "false", "PageSize": "1", "PageNumber": "9"}},
	{action: "DescribeVSwitches", vary: values{
		"VpcId": "vpc-1", "VSwitchId": "$switch", "ZoneId": "cn-hangzhou-i", "IsDefault": "false", "PageSize": "1", "PageNumber": "9",
	}},
	{action: "CreateVpc", base: values{"VpcName": "lab"}, twice: true, vary: values{
		"VpcName": "1", "Description": "http://x", "CidrBlock": "8.8.8.0/24", "ClientToken": "t",
	}},
	{action: "CreateVSwitch", base: values{"VpcId": "$vpc", "ZoneId": "cn-hangzhou-h", "CidrBlock": "10.240.0.0/24"}, vary: values{
		"VpcId": "vpc-1", "ZoneId": "x", "CidrBlock": "8.8.8.0/24", "VSwitchName": "1", "Description": "http://x", "ClientToken": "\x01",
	}},
	{action: "CreateSecurityGroup", base: values{"VpcId": "$vpc"}, vary: values{
		"VpcId": "vpc-1", "SecurityGroupName": "1", "Description": "http://x", "SecurityGroupType": "odd", "Tag.1.Key": "acs:x", "Tag.1.Value": "x",
		"ClientToken": "\x01",
	}},
}

// offerExercises are those of the actions for prices and stock.
var offerExercises = []exercise{
	{action: "DescribeRegions", vary: values{"AcceptLanguage": "en-US", "ResourceType": "x", "InstanceChargeType": "x"}},
	{action: "DescribeZones", vary: values{"AcceptLanguage": "en-US", "InstanceChargeType": "x", "SpotStrategy": "SpotAsPriceGo", "Verbose": "false"}},
	{action: "DescribePrice", base: with2(simple, values{"PriceUnit": "Month"}), vary: values{
		"ResourceType": "bandwidth", "InstanceType": "ecs.g7.xlarge", "ImageId": "x", "PriceUnit": "Week", "Period": "2", "Amount": "2",
		"ZoneId": "x", "SpotStrategy": "SpotAsPriceGo", "SpotDuration": "9", "InstanceNetworkType": "x", "IoOptimized": "x",
		"InternetMaxBandwidthOut": "5&InternetChargeType=PayByBandwidth", "InternetChargeType": "x",
		"SystemDisk.Category": "cloud_ssd", "SystemDisk.Size": "100", "SystemDisk.PerformanceLevel": "PL0",
		"DataDisk.1.Category": "cloud_ssd&DataDisk.1.Size=40", "DataDisk.1.Size": "40", "DataDisk.1.PerformanceLevel": "PL0&DataDisk.1.Size=40",
	}},
	{action: "DescribeSpotPriceHistory", base: values{"InstanceType": "ecs.g7.large", "NetworkType": "vpc", "StartTime": "2026-11-10T00:00:00Z"}, vary: values{
		"InstanceType": "ecs.g7.xlarge", "NetworkType": "classic", "ZoneId": "cn-hangzhou-h", "StartTime": "2026-11-11T00:00:00Z",
		"EndTime": "2026-11-11T00:00:00Z", "Offset": "10", "IoOptimized": "none", "OSType": "x", "SpotDuration": "x",
	}},
	{action: "DescribeSpotAdvice", vary: values{
		"ZoneId": "cn-hangzhou-h", "NetworkType": "x", "IoOptimized": "x", "InstanceFamilyLevel": "EntryLevel", "InstanceTypes.1": "ecs.g7.large",
		"InstanceTypeFamily": "ecs.g7", "Cores": "2", "MinCores": "8", "Memory": "8", "MinMemory": "32", "GpuAmount": "1", "GpuSpec": "NVIDIA",
	}},
	{action: "DescribeAvailableResource", base: values{"DestinationResource": "InstanceType"}, vary: values{
		"DestinationResource": "Zone", "ResourceType": "x", "InstanceChargeType": "x", "IoOptimized": "x", "NetworkCategory": "x", "Scope": "x",
		"SpotStrategy": "x", "SpotDuration": "6&SpotStrategy=SpotAsPriceGo", "ZoneId": "cn-hangzhou-h", "InstanceType": "ecs.g7.large",
		"Cores": "2", "Memory": "8", "DedicatedHostId": "dh-1", "SystemDiskCategory": "x", "DataDiskCategory": "x",
	}},
	{action: "DescribeInstanceTypes", vary: values{
		"InstanceTypes.1": "ecs.g7.large", "InstanceTypeFamily": "ecs.g7", "InstanceTypeFamilies.1": "ecs.g7", "InstanceFamilyLevel": "EntryLevel",
		"InstanceCategory": "x", "InstanceCategories.1": "x", "CpuArchitecture": "ARM", "CpuArchitectures.1": "ARM",
		"PhysicalProcessorModel": "x", "PhysicalProcessorModels.1": "x", "GPUSpec": "NVIDIA", "GpuSpecs.1": "NVIDIA",
		"LocalStorageCategory": "x", "LocalStorageCategories.1": "x", "NvmeSupport": "required", "MaxResults": "2", "NextToken": "x",
		"MinimumCpuCoreCount": "8", "MaximumCpuCoreCount": "2", "MinimumMemorySize": "32", "MaximumMemorySize": "8", "MinimumGPUAmount": "1",
		"MaximumGPUAmount": "0", "MinimumCpuSpeedFrequency": "99", "MaximumCpuSpeedFrequency": "1", "MinimumCpuTurboFrequency": "99",
		"MaximumCpuTurboFrequency": "1", "MinimumBaselineCredit": "1", "MinimumInitialCredit": "1", "MinimumLocalStorageAmount": "1",
		"MinimumLocalStorageCapacity": "1", "MinimumDiskQuantity": "16", "MinimumInstanceBandwidthRx": "9000000",
		"MinimumInstanceBandwidthTx": "9000000", "MinimumInstancePpsRx": "2000000", "MinimumInstancePpsTx": "2000000", "MinimumEniQuantity": "8",
		"MinimumEniPrivateIpAddressQuantity": "20", "MinimumEniIpv6AddressQuantity": "20", "MinimumPrimaryEniQueueNumber": "8",
		"MinimumSecondaryEniQueueNumber": "8", "MinimumEriQuantity": "1", "MinimumQueuePairNumber": "1",
	}},
}

// withoutParameters are the actions that read no parameters.
var withoutParameters = []string{"GetCallerIdentity", "QueryAccountBalance"}

// withoutEffect are parameters without an effect, for some actions or for all: those of features that the simulated
// account does not have. A name that ends in a dot stands for all that start with it.
var withoutEffect = [][2]string{
	{"", "RegionId"}, {"", "OwnerId"}, {"", "OwnerAccount"}, {"", "ResourceOwnerId"}, {"", "ResourceOwnerAccount"},
	{"", "PromotionOptions."}, {"", "SystemTag."},
	// Launches: network interfaces beyond the first, sets, clusters and hosts, images by family, roles, private pools.
	{"RunInstances CreateInstance", "NetworkInterface."}, {"RunInstances CreateInstance", "CpuOptions."},
	{"RunInstances CreateInstance", "PrivateDnsNameOptions."}, {"RunInstances CreateInstance", "ImageOptions."},
	{"RunInstances CreateInstance", "SchedulerOptions."}, {"RunInstances CreateInstance", "SecurityOptions."},
	{"RunInstances CreateInstance", "NetworkOptions."}, {"RunInstances CreateInstance", "AdditionalInfo."},
	{"RunInstances CreateInstance", "Arn."}, {"RunInstances CreateInstance", "PrivatePoolOptions.MatchCriteria"},
	{"RunInstances CreateInstance", "ImageFamily"}, {"RunInstances CreateInstance", "Affinity"}, {"RunInstances CreateInstance", "Isp"},
	{"RunInstances CreateInstance", "PrivateIpAddress"}, {"RunInstances CreateInstance", "Ipv6Address.N"},
	{"RunInstances CreateInstance", "CapacityReservationId"}, {"RunInstances CreateInstance", "CapacityReservationPreference"},
	{"CreateInstance", "NodeControllerId"}, {"CreateInstance", "VlanId"}, {"CreateInstance", "InnerIpAddress"}, {"CreateInstance", "ClusterId"},
	{"RunInstances CreateInstance", "SystemDisk.StorageClusterId"}, {"RunInstances", "SystemDisk.ProvisionedIops"},
	{"RunInstances", "SystemDisk.BurstingEnabled"}, {"RunInstances", "SystemDisk.Encrypted"}, {"RunInstances", "SystemDisk.KMSKeyId"},
	{"RunInstances", "SystemDisk.EncryptAlgorithm"}, {"RunInstances", "SystemDisk.AutoSnapshotPolicyId"},
	{"RunInstances CreateInstance", "DataDisk.N.KMSKeyId"}, {"RunInstances CreateInstance", "DataDisk.N.EncryptAlgorithm"},
	{"RunInstances CreateInstance", "DataDisk.N.StorageClusterId"}, {"RunInstances", "DataDisk.N.AutoSnapshotPolicyId"},
	{"RunInstances DescribePrice", "DataDisk.N.ProvisionedIops"}, {"RunInstances", "DataDisk.N.BurstingEnabled"},
	// Prices of hosts, reservations and assurances.
	{"DescribePrice", "Isp"}, {"DescribePrice", "StartTime"}, {"DescribePrice", "AssuranceTimes"}, {"DescribePrice", "InstanceCpuCoreCount"},
	{"DescribePrice", "InstanceAmount"}, {"DescribePrice", "InstanceTypeList.N"}, {"DescribePrice", "Platform"}, {"DescribePrice", "Capacity"},
	{"DescribePrice", "Scope"}, {"DescribePrice", "SchedulerOptions."}, {"DescribePrice", "DedicatedHostType"}, {"DescribePrice", "OfferingType"},
	{"DescribePrice", "RecurrenceRules."},
	// Every list has the attributes of all, and the sale cycle.
	{"DescribeInstances DescribeDisks", "AdditionalAttributes.N"}, {"DescribeInstances", "NeedSaleCycle"},
	{"DescribeInstanceTypes", "SupportHotModify"},
	// Images for every use; groups of no service and no resource group; VPCs without more blocks.
	{"DescribeImages", "ActionType"}, {"CreateSecurityGroup", "ServiceManaged"}, {"CreateSecurityGroup", "ResourceGroupId"},
	{"CreateVpc", "UserCidr"},
	// Snapshots of one kind in one place.
	{"CreateSnapshot", "InstantAccess"}, {"CreateSnapshot", "InstantAccessRetentionDays"}, {"CreateSnapshot", "StorageLocationArn"},
	{"CreateSnapshot", "Category"},
	// Disks of every use: no roles, clusters, storage sets, performance that is bought, boots from data disks.
	{"CreateDisk", "AdvancedFeatures"}, {"CreateDisk", "Arn."}, {"CreateDisk", "BurstingEnabled"}, {"CreateDisk", "EncryptAlgorithm"},
	{"CreateDisk", "KMSKeyId"}, {"CreateDisk", "ProvisionedIops"}, {"CreateDisk", "StorageClusterId"}, {"CreateDisk", "StorageSetId"},
	{"CreateDisk", "StorageSetPartitionNumber"}, {"AttachDisk", "AdditionalInfo."}, {"AttachDisk", "Force"}, {"AttachDisk", "KeyPairName"},
	{"AttachDisk", "Password"}, {"AttachDisk", "Bootable"}, {"CreateDisk", "ResourceGroupId"}, {"CreateDisk", "MultiAttach"}, {"ModifyDiskAttribute", "BurstingEnabled"}, {"DetachDisk", "DeleteWithInstance"}, {"DescribeTags", "Category"},
	// Power: local disks and hibernation.
	{"StartInstance", "InitLocalDisk"}, {"StopInstance", "Hibernate"}, {"StopInstance", "ConfirmStop"},
	{"RebootInstance", "ForceReboot"}, {"RebootInstances", "ForceStop"},
	{"AllocatePublicIpAddress", "VlanId"},
	// Settings inside the machine.
	{"ModifyInstanceAttribute", "NetworkInterfaceQueueNumber"}, {"ModifyInstanceAttribute", "CpuOptions."},
	{"ModifyInstanceAttribute", "PrivateDnsNameOptions."}, {"ModifyInstanceAttribute", "ImageOptions."}, {"ModifyInstanceAttribute", "OSNameEn"},
	{"ModifyInstanceAttribute", "EnableJumboFrame"}, {"ModifyInstanceAttribute", "CreditSpecification"},
	{"ModifyInstanceAttribute", "AdditionalInfo."}, {"ModifyInstanceAttribute", "RemoteConnectionOptions."},
}

// sdkRequests are the requests of the SDK, whose parameters are the cloud's.
var sdkRequests = map[string]any{
	"DescribeImages": ecs.CreateDescribeImagesRequest(), "DescribeSecurityGroups": ecs.CreateDescribeSecurityGroupsRequest(),
	"DescribeVpcs": ecs.CreateDescribeVpcsRequest(), "DescribeVSwitches": ecs.CreateDescribeVSwitchesRequest(),
	"CreateVpc": ecs.CreateCreateVpcRequest(), "CreateVSwitch": ecs.CreateCreateVSwitchRequest(),
	"CreateSecurityGroup": ecs.CreateCreateSecurityGroupRequest(),
	"RunInstances":        ecs.CreateRunInstancesRequest(), "CreateInstance": ecs.CreateCreateInstanceRequest(),
	"RenewInstance": ecs.CreateRenewInstanceRequest(), "DescribeRenewalPrice": ecs.CreateDescribeRenewalPriceRequest(),
	"ModifyInstanceAutoRenewAttribute":   ecs.CreateModifyInstanceAutoRenewAttributeRequest(),
	"DescribeInstanceAutoRenewAttribute": ecs.CreateDescribeInstanceAutoRenewAttributeRequest(),
	"ModifyInstanceChargeType":           ecs.CreateModifyInstanceChargeTypeRequest(),
	"ReActivateInstances":                ecs.CreateReActivateInstancesRequest(),
	"StartInstance":                      ecs.CreateStartInstanceRequest(), "StopInstance": ecs.CreateStopInstanceRequest(),
	"RebootInstance": ecs.CreateRebootInstanceRequest(), "DeleteInstance": ecs.CreateDeleteInstanceRequest(),
	"StartInstances": ecs.CreateStartInstancesRequest(), "StopInstances": ecs.CreateStopInstancesRequest(),
	"RebootInstances": ecs.CreateRebootInstancesRequest(), "DeleteInstances": ecs.CreateDeleteInstancesRequest(),
	"ModifyInstanceAutoReleaseTime": ecs.CreateModifyInstanceAutoReleaseTimeRequest(),
	"ModifyInstanceAttribute":       ecs.CreateModifyInstanceAttributeRequest(),
	"AllocatePublicIpAddress":       ecs.CreateAllocatePublicIpAddressRequest(),
	"TagResources":                  ecs.CreateTagResourcesRequest(), "UntagResources": ecs.CreateUntagResourcesRequest(),
	"ListTagResources": ecs.CreateListTagResourcesRequest(), "DescribeInstances": ecs.CreateDescribeInstancesRequest(),
	"DescribeInstanceStatus": ecs.CreateDescribeInstanceStatusRequest(), "DescribeDisks": ecs.CreateDescribeDisksRequest(),
	"DescribeSnapshots": ecs.CreateDescribeSnapshotsRequest(), "CreateSnapshot": ecs.CreateCreateSnapshotRequest(),
	"DescribeRegions": ecs.CreateDescribeRegionsRequest(), "DescribeZones": ecs.CreateDescribeZonesRequest(),
	"DescribePrice": ecs.CreateDescribePriceRequest(), "DescribeSpotPriceHistory": ecs.CreateDescribeSpotPriceHistoryRequest(),
	"DescribeSpotAdvice": ecs.CreateDescribeSpotAdviceRequest(), "DescribeAvailableResource": ecs.CreateDescribeAvailableResourceRequest(),
	"DescribeInstanceTypes": ecs.CreateDescribeInstanceTypesRequest(),
}
