package action

import "github.com/ecsd-io/ecsd/simulator/internal/wire"

// The errors of RunInstances and CreateInstance.
var (
	errLaunchAmount = wire.Refuse(403, "InvalidParam.Amount",
		"The specified parameter Amount is not valid: want 1 to 100.")
	errMinAmount = wire.Refuse(400, "InvalidMinAmount.Malformed",
		"The specified parameter MinAmount is not valid.")
	errImageMissing = wire.Refuse(400, "MissingParameter",
		"The input parameter ImageId that is mandatory for processing this request is not supplied.")
	errTypeMissing = wire.Refuse(400, "MissingParameter",
		"The input parameter InstanceType that is mandatory for processing this request is not supplied.")
	errNoImage = wire.Refuse(404, "InvalidImageId.NotFound",
		"The specified ImageId does not exist.")
	errType = wire.Refuse(400, "InvalidInstanceType.ValueNotSupported",
		"The specified InstanceType does not exist or beyond the permitted range.")
	errNoTemplate = wire.Refuse(404, "InvalidLaunchTemplate.NotFound",
		"The specified launch template does not exist.")
	errNoTemplateVersion = wire.Refuse(404, "InvalidLaunchTemplateVersion.NotFound",
		"The specified version of the launch template does not exist.")

	errNoZone = wire.Refuse(404, "InvalidZoneId.NotFound",
		"The specified zoneId does not exist.")
	errNoVSwitch = wire.Refuse(404, "InvalidVSwitchId.NotFound",
		"Specified virtual switch does not exist.")
	errVSwitchZone = wire.Refuse(400, "InvalidParameter.Mismatch",
		"Specified virtual switch is not in the specified zone.")
	errZoneNotSupported = wire.Refuse(403, "InvalidInstanceType.ZoneNotSupported",
		"The specified zone does not support this instancetype.")
	errNoGroup = wire.Refuse(404, "InvalidSecurityGroupId.NotFound",
		"The specified SecurityGroupId does not exist.")
	errGroupsConflict = wire.Refuse(400, "InvalidParameter.Conflict",
		"The specified SecurityGroupId and SecurityGroupIds.N exclude each other.")

	errLaunchArrears = wire.Refuse(400, "Account.Arrearage",
		"Your account has been in arrears.")
	errPayMethod = wire.Refuse(403, "InvalidPayMethod",
		"The specified pay method is not valid.")
	errPeriodMissing = wire.Refuse(400, "MissingParamter", // the cloud's spelling
		`The specified parameter "Period" is not null.`)
	errPeriodType = wire.Refuse(400, "InvalidPeriodType.ValueNotSupported",
		"The specified parameter PeriodType is invalid.")
	errAutoRenewPeriod = wire.Refuse(400, "InvalidAutoRenewPeriod.ValueNotSupported",
		"The specified autoRenewPeriod is invalid.")
	errAutoRelease = wire.Refuse(400, "InvalidAutoReleaseTime.Malformed",
		"The specified parameter AutoReleaseTime is not valid.")
	errNoStock = wire.Refuse(403, "OperationDenied.NoStock",
		"The requested resource is sold out in the specified zone; try other types of resources or other regions and zones.")

	errSpotPriceLimit = wire.Refuse(400, "InvalidSpotPriceLimit",
		"The specified SpotPriceLimitis not valid.")
	errSpotTooLow = wire.Refuse(400, "InvalidSpotPriceLimit.LowerThanPublicPrice",
		`The specified parameter "spotPriceLimit" can't be lower than current public price.`)
	errSpotPrePaid = wire.Refuse(400, "InvalidSpotPrepaid",
		"The specified Spot type is not support PrePay Instance.")
	errSpotInterruption = wire.Refuse(400, "InvalidSpotInterruptionBehavior",
		"The specified SpotInterruptionBehavior is not valid: want Terminate or Stop.")
	errSpotZone = wire.Refuse(400, "InvalidSpotParam.EmptyZoneID",
		"The specified ZoneId is empty when SpotStrategy is set.")

	errInstanceName = wire.Refuse(400, "InvalidInstanceName.Malformed",
		`The specified parameter "InstanceName" is not valid.`)
	errNameExceeds = wire.Refuse(403, "InvalidParams.InstanceNameExceed",
		"The uniqueSuffix takes three naming places, please shorten your InstanceName.")
	errHostName = wire.Refuse(400, "InvalidHostName.Malformed",
		`The specified parameter "HostName" is not valid.`)
	errHostNames = wire.Refuse(400, "InvalidParameter.HostNames",
		"The specified HostNames are more than the instances, or HostName is specified too.") // not published
	errHostExceeds = wire.Refuse(403, "InvalidParams.HostnameExceed",
		"The uniqueSuffix takes three naming places, please shorten your Hostname.")
	errDescription = wire.Refuse(400, "InvalidDescription.Malformed",
		`The specified parameter "Description" is not valid.`)
	errPassword = wire.Refuse(400, "InvalidPassword.Malformed",
		`The specified parameter "Password" is not valid.`)
	errPasswordInherit = wire.Refuse(400, "InvalidPasswordParam.Mismatch",
		"The input password should be null when passwdInherit is true.")
	errUserDataSize = wire.Refuse(400, "InvalidUserData.SizeExceeded",
		`The specified parameter "UserData" exceeds the size.`)
	errNoKeyPair = wire.Refuse(404, "InvalidKeyPairName.NotFound",
		"The specified KeyPairName does not exist.")
	errWindowsKeyPair = wire.Refuse(403, "DependencyViolation.WindowsInstance",
		"The instance creating is window, cannot use ssh key pair to login.")

	errDiskName = wire.Refuse(400, "InvalidDiskName.Malformed",
		`The specified parameter "SystemDisk.DiskName or DataDisk.n.DiskName" is not valid.`)
	errDiskDescription = wire.Refuse(400, "InvalidDiskDescription.Malformed",
		`The specified parameter "SystemDisk.DiskDescription or DataDisk.n.Description" is not valid.`)
	errDataDiskSnapshot = wire.Refuse(404, "InvalidDataDiskSnapshotId.NotFound",
		`The specified parameter "DataDisk.n.SnapshotId" is not valid.`)
	errSnapshotNotReady = wire.Refuse(403, "InvalidSnapshotId.NotReady",
		"The specified snapshot has not completed yet.")
	errDiskTooSmall = wire.Refuse(403, "InvalidDiskSize.TooSmall",
		"Specified disk size is less than the size of snapshot")

	errInternetCharge = wire.Refuse(400, "InvalidInternetChargeType.ValueNotSupported",
		"The specified InternetChargeType is not valid.")
	errBandwidthIn = wire.Refuse(400, "InvalidInternetMaxBandwidthIn.Malformed",
		"The specified parameter internetMaxBandwidthIn is not valid.")
	errIOOptimized = wire.Refuse(400, "InvalidIoOptimize.ValueNotSupported",
		"The specified IoOptimize is not valid.")
	errIOOptimizedValue = wire.Refuse(400, "InvalidIoOptimizedValue.ValueNotSupported",
		"IoOptimized value not supported.")
	errLaunchTags = wire.Refuse(403, "QuotaExceed.Tags",
		"The specified tags are beyond the permitted range.")
	errHTTPTokens = wire.Refuse(400, "InvalidHttpTokens.NotSupported",
		"The specified HttpTokens not supported, you can use optional(default) or required.")
	errHTTPEndpoint = wire.Refuse(400, "InvalidHttpEndpoint.NotSupported",
		"The specified HttpEndpoint not supported, you can use enabled(default) or disabled.")
	errCreditSpecification = wire.Refuse(400, "InvalidParameter.CreditSpecification",
		"The specified CreditSpecification is not supported in this region.")
	errTenancy = wire.Refuse(400, "InvalidParam.Tenancy",
		"The specified Tenancy is invalid.")
)
