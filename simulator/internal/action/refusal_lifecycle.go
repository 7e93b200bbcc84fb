package action

import "github.com/ecsd-io/ecsd/simulator/internal/wire"

// The errors of operations on existing instances, and of client tokens except for RenewInstance, which spells them
// differently.
var (
	errInitializing = wire.Refuse(403, "IncorrectInstanceStatus.Initializing",
		"The specified instance status does not support this operation.")
	errArrears = wire.Refuse(403, "InstanceExpiredOrInArrears",
		"The specified operation is denied as your prepay instance is expired (prepay mode) or in arrears (afterpay mode).")
	errStartExpired = wire.Refuse(403, "InstanceExpired",
		"The prePaid instance has been expired.")
	errStartArrears = wire.Refuse(403, "InstanceExpired",
		"The postPaid instance has been expired. Please ensure your account have enough balance.")
	errSpotStart = wire.Refuse(403, "OperationDenied.SpotPriceLowerThanPublicPrice",
		"The spot instance price is lower than public price.")
	errProtected = wire.Refuse(403, "InvalidOperation.DeletionProtection",
		"The operation is not allowed because deletion protection is enabled for the instance.")
	errDryRunBatch = wire.Refuse(400, "DRYRUN.SUCCESS",
		"Request validation has been passed with DryRun flag set.")

	errIdempotentMismatch = wire.Refuse(400, "IdempotentParameterMismatch",
		"The request is retried with updated parameters.")
	errIdempotentProcessing = wire.Refuse(403, "IdempotentProcessing",
		"The previous idempotent request(s) is still processing.")
	errSnapshotTokenUsed = wire.Refuse(403, "IdempotentParameterMismatch",
		"The specified clientToken is used.")

	// ModifyInstanceAutoReleaseTime
	errAutoReleaseMissing = wire.Refuse(400, "MissingParameter",
		"InstanceId should not be null.")
	errAutoReleaseTime = wire.Refuse(400, "InvalidAutoReleaseTime.Malformed",
		"The specified paramter autoReleaseTime is not valid.") //nolint:misspell // the cloud's spelling
	errNoSuchResource = wire.Refuse(404, "NoSuchResource",
		"The specified resource is not found.")

	// ModifyInstanceAttribute
	errAttributeChargeType = wire.Refuse(400, "ChargeTypeViolation",
		"The operation is not permitted due to charge type of the instance.")

	// ModifyInstanceChargeType
	errConversionIDs = wire.Refuse(400, "InvalidParameter.InstanceIds",
		"The specified InstanceIds are invalid.")
	errConversionMany = wire.Refuse(400, "InstancesIdQuotaExceed",
		"The maximum number of Instances is exceeded.")
	errConversionCharge = wire.Refuse(400, "InvalidInstanceChargeType.ValueNotSupported",
		"The specified InstanceChargeType is not valid for the instance.")
	errConversionUnit = wire.Refuse(400, "InvalidPeriod.UnitMismatch",
		"The specified Period must be correlated with the PeriodUnit.")
	errConversionStatus = wire.Refuse(400, "InvalidStatus.ValueNotSupported",
		"The current status of the instance does not support this operation.")
	errConversionRelease = wire.Refuse(400, "ReleaseTimeHaveBeenSet",
		"The specified instance has been set released time.")
	errConversionExpired = wire.Refuse(400, "ExpiredInstance",
		"The specified instance has expired.")
	errConversionArrears = wire.Refuse(403, "Account.Arrearage",
		"Your account has an outstanding payment.")
	errConversionSoon = wire.Refuse(400, "Throttling",
		"Request was denied due to request throttling, please try again after 5 minutes.")

	// AllocatePublicIpAddress
	errAddressUnknown = wire.Refuse(404, "InvalidIpAddress.NotFound",
		"The specified IP is not in the specified vlan.")
	errAllocated = wire.Refuse(403, "AllocatedAlready",
		"There is an IpAddress allocated already for the specified instance.")
	errAllocateBandwidth = wire.Refuse(400, "AllocateIpInvalidInstanceBandwidth",
		"OperationDenied The InternetMaxBandwidthOut of the specified instance cannot be less than 0.")
)
