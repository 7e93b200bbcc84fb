package action

import "github.com/ecsd-io/ecsd/simulator/internal/wire"

// The errors of images and of networks, with the cloud's spelling.
var (
	// DescribeImages
	errImageOwner = wire.Refuse(400, "InvalidImageOwnerAlias.ValueNotSupported",
		"The specified ImageOwnerAlias value is not supported.")
	errImageUsage = wire.Refuse(404, "InvalidUsage",
		"The specifed Usage is not valid") //nolint:misspell // the cloud's spelling
	errImageOS = wire.Refuse(404, "InvalidOSType",
		"The specifed OSType is not valid") //nolint:misspell // the cloud's spelling
	errImageArchitecture = wire.Refuse(404, "InvalidArchitecture",
		"The specifed Architecture is not valid") //nolint:misspell // the cloud's spelling

	// RunInstances and CreateInstance
	errInconsistentNetwork = wire.Refuse(403, "OperationDenied.InconsistentNetwork",
		"The specified security group and vswitch are not in the same vpc.")

	// CreateVpc, CreateVSwitch and CreateSecurityGroup
	errNoVPC = wire.Refuse(404, "InvalidVpcId.NotFound",
		"Specified VPC does not exist.")
	errVPCMissing = wire.Refuse(403, "InvalidVpcId.NotFound",
		"vpc id must not empty when only support vpc vm.")
	errVPCName = wire.Refuse(400, "InvalidVpcName.Malformed",
		"Specified VPC name is not valid.")
	errVPCDescription = wire.Refuse(400, "InvalidVpcDiscription.Malformed", // the cloud's spelling
		"Specified VPC description is not valid.")
	errBlock = wire.Refuse(400, "InvalidParameter",
		"Specified CIDR block is not valid")
	errBlockOutside = wire.Refuse(400, "InvalidParameter",
		"Specified CIDR block is not valid in VPC.")
	errBlockOverlap = wire.Refuse(400, "InvalidCidrBlock.Overlapped",
		"Specified CIDR block overlapped with other subnets.")
	errVSwitchName = wire.Refuse(400, "InvalidVSwitchName.Malformed",
		"Specified virtual switch name is not valid.")
	errVSwitchDescription = wire.Refuse(400, "InvalidVSwitchDiscription.Malformed", // the cloud's spelling
		"Specified virtual switch description is not valid.")
	errGroupName = wire.Refuse(400, "InvalidSecurityGroupName.Malformed",
		"Specified security group name is not valid.")
	errGroupDescription = wire.Refuse(400, "InvalidSecurityGroupDiscription.Malformed", // the cloud's spelling
		"Specified security group description is not valid.")
	errGroupType = wire.Refuse(400, "InvalidSecurityGroupType",
		"The specified security group type is not valid.")
	errGroupQuota = wire.Refuse(403, "QuotaExceed.SecurityGroup",
		"The maximum number of security groups is reached.")

	// DescribeSecurityGroups
	errGroupID = wire.Refuse(400, "InvalidSecurityGroupId.Malformed",
		"The specified parameter SecurityGroupId is not valid.")
)
