package action

import "github.com/ecsd-io/ecsd/simulator/internal/wire"

// The refusals of what is done to instances that are there, and of client
// tokens but for RenewInstance, which spells them in its own way.
var (
	errInitializing = wire.Refuse(403, "IncorrectInstanceStatus.Initializing",
		"The specified instance status does not support this operation.")
	errArrears = wire.Refuse(403, "InstanceExpiredOrInArrears",
		"The specified operation is denied as your prepay instance is expired (prepay mode) or in arrears (afterpay mode).")
	errStartExpired = wire.Refuse(403, "InstanceExpired",
		"The prePaid instance has been expired.")
	errStartArrears = wire.Refuse(403, "InstanceExpired",
		"The postPaid instance has been expired. Please ensure your account have enough balance.")
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
		"The specified paramter autoReleaseTime is not valid.") // the cloud's spelling
	errNoSuchResource = wire.Refuse(404, "NoSuchResource",
		"The specified resource is not found.")

	// ModifyInstanceAttribute
	errAttributeChargeType = wire.Refuse(400, "ChargeTypeViolation",
		"The operation is not permitted due to charge type of the instance.")

	// AllocatePublicIpAddress
	errAddressUnknown = wire.Refuse(404, "InvalidIpAddress.NotFound",
		"The specified IP is not in the specified vlan.")
	errAllocated = wire.Refuse(403, "AllocatedAlready",
		"There is an IpAddress allocated already for the specified instance.")
	errAllocateBandwidth = wire.Refuse(400, "AllocateIpInvalidInstanceBandwidth",
		"OperationDenied The InternetMaxBandwidthOut of the specified instance cannot be less than 0.")
)
