package refusal

import "github.com/ecsd-io/ecsd/server/internal/ecs"

// group is how the table is written: codes of one class, separated by spaces.
// A code may be limited to an action by Action:Code, and end in * to stand for
// a family.
type group struct {
	Class
	codes string
}

// table holds every code that the cloud documents for the actions of the edge,
// with the families that catch what it does not document. Sources: the error
// tables of the API reference (testdata/errors.tsv) and codes seen in the
// field, which the vendor's tables lack: IdempotentFailed, DryRunOperation,
// InvalidSecurityToken.*, InvalidTimeStamp.Expired, Throttling.*,
// InvalidAccountStatus.NotEnoughBalance. An action that is added brings its
// codes to the group of their meaning, or a new group.
var table = []group{
	{Class{ecs.ReasonThrottled, ecs.RetryWait, ecs.EffectNone, Budgeted,
		"The account made too many calls of this kind in this region; the budget waits for the next minute as long as the deadline allows."},
		`Throttling Throttling* Rejected.Throttling*`},
	{Class{ecs.ReasonCloudUnavailable, ecs.RetryBackoff, ecs.EffectUnknown, WhenSafe,
		"The cloud is not available for now."},
		`ServiceUnavailable ServiceUnavailable.RegionMaintaining ServiceUnavailable*`},
	{Class{ecs.ReasonCloudInternalError, ecs.RetryBackoff, ecs.EffectUnknown, WhenSafe,
		"The cloud met an error of its own; give its request id to the vendor's support if it stays."},
		`InternalError InternalError* UnknownError`},

	{Class{ecs.ReasonOperationInProgress, ecs.RetryBackoff, ecs.EffectUnknown, WhenSafe,
		"An earlier try under the same client token is still being carried out; ask again under the same token."},
		`Idempotence.Processing IdempotentProcessing LastTokenProcessing LastRequestProcessing`},
	{Class{ecs.ReasonOperationInProgress, ecs.RetryBackoff, ecs.EffectNone, Always,
		"The cloud is busy with another order or change of the instance; this call did nothing."},
		`LastOrderProcessing OperationConflict InvalidStatus.Upgrading IncorrectInstanceStatus.Initializing
		 InstanceNotReady InvalidHpcClusterId.Creating`},

	{Class{ecs.ReasonInstanceNotFound, ecs.RetryNever, ecs.EffectNone, Never,
		"The region has no such instance; it may have been released."},
		`InvalidInstanceId.NotFound InvalidInstanceId* Forbidden.InstanceNotFound InvalidParameter.InvalidInstanceId
		 TagResources:InvalidResourceId.NotFound NoSuchResource`},
	{Class{ecs.ReasonResourceNotFound, ecs.RetryNever, ecs.EffectNone, Never,
		"Something that the call names is not there."},
		`InvalidDiskId.NotFound InvalidImageId.NotFound InvalidSecurityGroupId.NotFound InvalidSnapshotId.NotFound
		 InvalidDedicatedHostId.NotFound InvalidHpcClusterId.NotFound InvalidResourceId.NotFound`},
	{Class{ecs.ReasonUnknownRegion, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud knows no such region."},
		`InvalidRegionId.NotFound InvalidRegionId*`},

	{Class{ecs.ReasonNotSubscription, ecs.RetryNever, ecs.EffectNone, Never,
		"The instance is pay-as-you-go, and only subscriptions can be renewed."},
		`ChargeTypeViolation InvalidChargeType.NotSupported RenewInstance:InvalidInstanceChargeType.NotFound`},
	{Class{ecs.ReasonInstanceExpired, ecs.RetryNever, ecs.EffectNone, Never,
		"The subscription has ended; renew it first."},
		`InstanceExpired InstanceExpiredOrInArrears ExpiredInstance`},
	{Class{ecs.ReasonInstanceLocked, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud holds a lock on the instance; have it lifted first."},
		`InstanceLockedForSecurity`},
	{Class{ecs.ReasonIncorrectStatus, ecs.RetryNever, ecs.EffectNone, Never,
		"The instance or its dedicated host is in a state in which the cloud does not do this; read it again first."},
		`IncorrectInstanceStatus IncorrectInstanceStatus* IncorrectDedicatedHostStatus InvalidDedicatedHostStatus.NotSupport
		 InstanceSpecModification.NotEffective`},
	{Class{ecs.ReasonUnsupportedOperation, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud does not do this for this kind of instance, disk or account."},
		`OperationDenied Upgrade.NotSupported Diskcategory.Mismatch InvalidDisk.NotAllowed DependencyViolation.InstanceType
		 InstanceTypeNotSupported InvalidInstanceType.NotSupported InvalidInstanceType.ValueNotSupported
		 InvalidInstanceType.codeUnauthorized InvalidInstanceType.ValueUnauthorized InvalidResourceId.NotSupported
		 InvalidInternetChargeType.InstanceNotSupported`},

	{Class{ecs.ReasonPeriodNotSold, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud does not sell this period for this instance."},
		`InvalidPeriod InvalidPeriodUnit.ValueNotSupported InvalidPeriod.StarterPackage InvalidParameter.Duration`},
	{Class{ecs.ReasonPriceUnavailable, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud names no price for this period."},
		`DescribeRenewalPrice:InvalidPeriod DescribeRenewalPrice:InvalidPriceUnit.ValueNotSupported InvalidPriceUnit.ValueNotSupported`},
	{Class{ecs.ReasonExpiryTooFar, ecs.RetryNever, ecs.EffectNone, Never,
		"The new expiry would lie beyond what the cloud or the dedicated host allows; take a shorter period."},
		`InvalidPeriod.ExceededMaximumExpirationDate InvalidPeriod.ExceededDedicatedHost`},

	{Class{ecs.ReasonInsufficientBalance, ecs.RetryNever, ecs.EffectNone, Never,
		"The account has too little money; nothing was paid."},
		`InsufficientBalance InvalidAccountStatus.NotEnoughBalance`},
	{Class{ecs.ReasonUnpaidOrder, ecs.RetryNever, ecs.EffectNone, Never,
		"An earlier order of the instance waits to be paid; pay or cancel it first."},
		`Instance.UnPaidOrder`},
	{Class{ecs.ReasonAccountRestricted, ecs.RetryNever, ecs.EffectNone, Never,
		"The account may not do this before its holder mends it (identity check, arrears, payment method, risk control)."},
		`RealNameAuthenticationError Forbidden.RiskControl InvalidAccount.NotFound Account.Arrearage InvalidAccountStatus* InvalidPayMethod`},
	{Class{ecs.ReasonQuotaExceeded, ecs.RetryNever, ecs.EffectNone, Never,
		"A quota of the account is used up; have it raised."},
		`QuotaExceed.Tags QuotaExceed* OperationDenied.QuotaExceed`},
	{Class{ecs.ReasonOutOfStock, ecs.RetryNever, ecs.EffectNone, Never,
		"The zone has none left; take another type or zone."},
		`OperationDenied.NoStock`},

	{Class{ecs.ReasonClientTokenRejected, ecs.RetryNever, ecs.EffectNone, Never,
		"The client token was used before for something else, or is malformed; this call did nothing."},
		`IdempotenceParamNotMatch IdempotentParameterMismatch InvalidIdempotenceParameter.Mismatch
		 InvalidClientToken.ValueNotSupported`},
	{Class{ecs.ReasonClientTokenRejected, ecs.RetryNever, ecs.EffectUnknown, Never,
		"The first try under this client token failed in the cloud, which refuses the token from then on; read the state before taking a new one."},
		`IdempotentFailed`},

	{Class{ecs.ReasonPermissionDenied, ecs.RetryNever, ecs.EffectNone, Never,
		"The RAM policy of the server's key does not allow this."},
		`Forbidden.RAM Forbidden.SubUser Forbidden.Unauthorized Forbidden.NotSupportRAM Forbidden* Unauthorized.EmptyRegion
		 Unauthorized* NoPermission.Tag NoPermission* PermissionDenied.TagOwnerUid PermissionDenied.Scope PermissionDenied*
		 InvalidAction.Unauthorized`},
	{Class{ecs.ReasonCredentialsInvalid, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud refuses the server's access key or signature; its operator must mend the credentials."},
		`InvalidAccessKeyId.NotFound InvalidAccessKeyId* Forbidden.AccessKeyDisabled IncompleteSignature
		 SignatureDoesNotMatch Signature*`},
	{Class{ecs.ReasonCredentialsInvalid, ecs.RetryNever, ecs.EffectNone, Resigned,
		"The cloud refuses the signature's time, its nonce or the temporary token, also after one try with fresh ones; check the server's clock and its source of credentials."},
		`SignatureNonceUsed IllegalTimestamp InvalidTimeStamp.Expired InvalidTimeStamp* InvalidSecurityToken.Expired InvalidSecurityToken*`},

	{Class{ecs.ReasonInvalidField, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud refuses a value in the request; its text names which."},
		`InvalidParameter InvalidParameter.IsNull InvalidParameter.RenewalStatus InvalidParameter.RenewalStatusInstanceId
		 InvalidParameter.ToManyInstanceIds InvalidParameter* UnsupportedParameter
		 InvalidInstanceChargeType.NotFound InvalidInternetChargeType.ValueNotSupported InvalidLockReason.NotFound
		 InvalidFilterKey.NotFound InvalidNetworkType.NotFound InvalidStatus.NotFound InvalidTag.Mismatch InvalidTagCount
		 InvalidTagKey.Malformed InvalidTagValue.Malformed Duplicate.TagKey NumberExceed.ResourceIds NumberExceed.Tags
		 InvalidAcceptLanguage.NotFound InvalidResourceType.NotFound InvalidResourceType.ValueNotSupported
		 InvalidRebootTime.ValueNotSupported`},
	{Class{ecs.ReasonCloudRejected, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud cannot read the call as ecsd wrote it: a defect of ecsd, or an endpoint that is not ECS."},
		`InvalidAction InvalidParamater UnsupportedHTTPMethod InvalidOwner InvalidOwnerAccount InvalidOwnerId
		 InvalidParameter.OwnerAccount InvalidParameter.ResourceOwnerAccount MissingParameter MissingParameter.InstanceId
		 MissingParameter.TagOwnerUid MissingParameter.TagOwnerBid MissingParameter.ResourceType MissingParameter.Tags
		 MissingParameter.RegionId MissingParameter* Invalid.Scope`},
	{Class{ecs.ReasonCloudRejected, ecs.RetryNever, ecs.EffectNone, Never,
		"The answer to a dry run that would have been allowed; ecsd reads it as such and does not pass it on."},
		`DryRunOperation DRYRUN.SUCCESS`},
	{Class{ecs.ReasonInternal, ecs.RetryNever, ecs.EffectNone, Never,
		"The SDK refused to write the request: a defect of ecsd."},
		`SDK.*`},
}
