package action

import "github.com/ecsd-io/ecsd/simulator/internal/wire"

// The errors of the cloud's error tables, with the cloud's spelling.
var (
	errForbidden = wire.Refuse(403, "Forbidden.RAM",
		"User not authorized to operate on the specified resource, or this API doesn’t support RAM.")
	errDryRun = wire.Refuse(400, "DryRunOperation",
		"Request validation has been passed with DryRun flag set.")
	errInstanceNotFound = wire.Refuse(404, "InvalidInstanceId.NotFound",
		"The specified InstanceId does not exist.")
	errChargeType = wire.Refuse(403, "ChargeTypeViolation",
		"The operation is not permitted due to charge type of the instance.")
	errStatus = wire.Refuse(403, "IncorrectInstanceStatus",
		"The current status of the resource does not support this operation.")
	errInternal = wire.Refuse(500, "InternalError",
		"The request processing has failed due to some unknown error.")

	// DescribeRegions
	errLanguage = wire.Refuse(404, "InvalidAcceptLanguage.NotFound",
		"Only Chinese (zh-CN), English (en-US), and Japanese (ja) are allowed.")
	errResourceType = wire.Refuse(404, "InvalidResourceType.NotFound",
		"The ResourceType provided does not exist in our records.")

	// DescribeInstances
	errListChargeType = wire.Refuse(404, "InvalidInstanceChargeType.NotFound",
		"The InstanceChargeType does not exist in our records")
	errListInternetCharge = wire.Refuse(404, "InvalidInternetChargeType.ValueNotSupported",
		"The specified InternetChargeType is not valid")
	errListLockReason = wire.Refuse(404, "InvalidLockReason.NotFound",
		"The specified LockReason is not found")
	errListNetworkType = wire.Refuse(404, "InvalidNetworkType.NotFound",
		"The specified InstanceNetworkType is not found")
	errListStatus = wire.Refuse(404, "InvalidStatus.NotFound",
		"The specified Status is not found")
	errTagMismatch = wire.Refuse(400, "InvalidTag.Mismatch",
		"The specified Tag.n.Key and Tag.n.Value are not match.")
	errTagCount = wire.Refuse(400, "InvalidTagCount",
		"The specified tags are beyond the permitted range.")
	errHPCCluster = wire.Refuse(400, "InvalidHpcClusterId.NotFound",
		"The specified HpcClusterId is not found.")

	// RenewInstance and DescribeRenewalPrice
	errPeriod = wire.Refuse(400, "InvalidPeriod",
		"The specified period is not valid.")
	errPeriodUnit = wire.Refuse(400, "InvalidPeriodUnit.ValueNotSupported",
		"The specified parameter PeriodUnit is not valid.")
	errRenewPeriod = wire.Refuse(400, "InvalidPeriod.NotFound",
		"The specified period and expectedRenewDay cannot both be empty.")
	errRenewDayConflict = wire.Refuse(400, "InvalidExpectedRenewDay.Conflict",
		"The specified expectedRenewDay conflicts with the specified period.")
	errRenewDay = wire.Refuse(400, "InvalidExpectedRenewDay.ValueNotSupported",
		"The specified expectedRenewDay is not the unified expiration date of the account.")
	errPriceUnit = wire.Refuse(400, "InvalidPriceUnit.ValueNotSupported",
		"The specified parameter PriceUnit is not valid.")
	errPriceResourceType = wire.Refuse(400, "InvalidResourceType.ValueNotSupported",
		"The specified parameter ResourceType is not valid.")
	errTooFar = wire.Refuse(400, "InvalidPeriod.ExceededMaximumExpirationDate",
		"The specified renewal period cannot exceed the maximum expiration date. We recommend you try shortening the renewal period at next attempt.")
	errSecurityLocked = wire.Refuse(403, "InstanceLockedForSecurity",
		"The specified operation is denied as your instance is locked for security reasons.")
	errBalance = wire.Refuse(403, "InvalidAccountStatus.NotEnoughBalance",
		"Your account does not have enough balance.")
	errToken = wire.Refuse(400, "InvalidClientToken.ValueNotSupported",
		"The ClientToken provided is invalid.")
	errTokenMismatch = wire.Refuse(400, "IdempotenceParamNotMatch",
		"Request uses a client token in a previous request but is not identical to that request.")
	errTokenProcessing = wire.Refuse(400, "Idempotence.Processing",
		"The previous request is still processing, please try again later.")
	errTokenPoisoned = wire.Refuse(400, "IdempotentFailed",
		"The previous idempotent request(s) has failed due to some unknown error, exception or failure.")

	// DescribeInstanceAutoRenewAttribute and ModifyInstanceAutoRenewAttribute
	errRenewNothing = wire.Refuse(403, "InvalidParameter.RenewalStatusInstanceId",
		"The parameter RenewalStatus and InstanceId can not be both empty.")
	errRenewMissingID = wire.Refuse(403, "MissingParameter.InstanceId",
		"InstanceId should not be null.")
	errRenewManyIDs = wire.Refuse(403, "InvalidParameter.ToManyInstanceIds",
		"InstanceId should be less than 100.")
	errRenewStatus = wire.Refuse(403, "InvalidParameter.RenewalStatus",
		"The specified parameter RenewalStatus is not valid.")
	errRenewDuration = wire.Refuse(403, "InvalidParameter.Duration",
		"The specified parameter Duration is not valid.")
	errRenewUnit = wire.Refuse(403, "InvalidPeriodUnit.ValueNotSupported",
		"The specified parameter PeriodUnit is not valid.")
	errRenewPostPaid = wire.Refuse(403, "ChargeTypeViolation",
		"Pay-As-You-Go instances do not support this operation.")

	// TagResources
	errTagRegionMissing = wire.Refuse(404, "MissingParameter.RegionId",
		"The parameter - RegionId should not be null")
	errTagTypeMissing = wire.Refuse(404, "MissingParameter.ResourceType",
		"The parameter - ResourceType should not be null")
	errTagTagsMissing = wire.Refuse(404, "MissingParameter.Tags",
		"The parameter - Tags should not be null")
	errTagManyIDs = wire.Refuse(400, "NumberExceed.ResourceIds",
		"The ResourceIds parameter's number is exceed , Valid : 50")
	errTagManyTags = wire.Refuse(400, "NumberExceed.Tags",
		"The Tags parameter's number is exceed , Valid : 20")
	errTagDuplicate = wire.Refuse(400, "Duplicate.TagKey",
		"The Tag.N.Key contain duplicate key.")
	errTagKey = wire.Refuse(400, "InvalidTagKey.Malformed",
		"The specified Tag.n.Key is not valid.")
	errTagValue = wire.Refuse(400, "InvalidTagValue.Malformed",
		"The specified Tag.n.Value is not valid.")
	errTagNothing = wire.Refuse(403, "BothEmpty.TagsAndResources",
		"The specified Tags and ResourcesIds are not allow to both empty.") // the cloud's words
	errTagToken = wire.Refuse(403, "Invalid.NextToken",
		"The specified NextToken is invalid.")
	errTagNoResource = wire.Refuse(404, "InvalidResourceId.NotFound",
		"The specified ResourceIds are not found in our records.")
	errTagQuota = wire.Refuse(400, "OperationDenied.QuotaExceed",
		"The quota of tags on resource is beyond permitted range.")
)

// errFilterKey is the error for a Filter.N with another key, or without a time.
func errFilterKey(key string) *wire.Error {
	return wire.Refuse(404, "InvalidFilterKey.NotFound", "Invalid filter."+key+".")
}

// errRenewInvalidID is the error of a batch for one of its IDs.
func errRenewInvalidID(id string) *wire.Error {
	return wire.Refuse(403, "InvalidParameter.InvalidInstanceId",
		"The specified InstanceId "+id+" is not valid.")
}
