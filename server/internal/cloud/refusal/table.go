package refusal

import "github.com/ecsd-io/ecsd/server/internal/ecs"

// group is a set of rows: codes of one class, separated by spaces. A code may
// be limited to an action by Action:Code, and end in * for a family.
type group struct {
	Class
	codes string
}

// table holds every code that the cloud documents for the actions of the edge,
// with the families that catch undocumented codes. Sources: the error tables of
// the API reference (testdata/errors.tsv) and codes seen in the field, which
// the vendor's tables lack: IdempotentFailed, DryRunOperation,
// InvalidSecurityToken.*, InvalidTimeStamp.Expired, Throttling.*,
// InvalidAccountStatus.NotEnoughBalance. The codes of a new action are added to
// the group of their meaning, or to a new group.
var table = []group{
	{Class{ecs.ReasonThrottled, ecs.RetryWait, ecs.EffectNone, Budgeted,
		"The account made too many calls of this kind in this region; the budget waits for the next minute as long as the deadline allows."},
		`Throttling Throttling.User Throttling.Api Throttling* Rejected.Throttling*`},
	{Class{ecs.ReasonCloudUnavailable, ecs.RetryBackoff, ecs.EffectUnknown, WhenSafe,
		"The cloud is not available for now."},
		`ServiceUnavailable ServiceUnavailable.RegionMaintaining ServiceUnavailable*`},
	{Class{ecs.ReasonCloudInternalError, ecs.RetryBackoff, ecs.EffectUnknown, WhenSafe,
		"The cloud had an internal error; if it persists, contact the vendor's support with its request ID."},
		`InternalError InternalError* UnknownError
		 NAT_PUBLIC_IP_BINDING_FAILED NAT_PUBLIC_IP_ALLOCATE_FAILED`},

	{Class{ecs.ReasonOperationInProgress, ecs.RetryBackoff, ecs.EffectUnknown, WhenSafe,
		"An earlier try with the same client token is still in progress; retry with the same token."},
		`Idempotence.Processing IdempotentProcessing LastTokenProcessing LastRequestProcessing`},
	{Class{ecs.ReasonOperationInProgress, ecs.RetryBackoff, ecs.EffectNone, Always,
		"The cloud is busy with another order or change of the instance; this call did nothing."},
		`LastOrderProcessing OperationConflict InvalidStatus.Upgrading IncorrectInstanceStatus.Initializing
		 InstanceNotReady InvalidHpcClusterId.Creating
		 OperationDenied.CreatingConflict`},

	{Class{ecs.ReasonOperationInProgress, ecs.RetryBackoff, ecs.EffectNone, Never,
		"Another snapshot of the disk is being made, or the region takes no orders for a while; this call did nothing. Retry in some minutes."},
		`IncorrectDiskStatus.CreatingSnapshot OperationDenied.ResourceControl`},

	{Class{ecs.ReasonInstanceNotFound, ecs.RetryNever, ecs.EffectNone, Never,
		"The region has no such instance; it may have been released."},
		`InvalidInstanceId.NotFound InvalidInstanceId* Forbidden.InstanceNotFound InvalidParameter.InvalidInstanceId
		 TagResources:InvalidResourceId.NotFound NoSuchResource
		 UntagResources:InvalidResourceId.NotFound Invalid.InstanceId.NotFound`},
	{Class{ecs.ReasonResourceNotFound, ecs.RetryNever, ecs.EffectNone, Never,
		"A resource that the call names does not exist."},
		`InvalidDiskId.NotFound InvalidImageId.NotFound InvalidSecurityGroupId.NotFound InvalidSnapshotId.NotFound
		 InvalidDedicatedHostId.NotFound InvalidHpcClusterId.NotFound InvalidResourceId.NotFound
		 InvalidZoneId.NotFound InvalidVSwitchId.NotFound InvalidVSwitchId.NotExist VpcNotFound InvalidSecurityGroupId
		 InvalidResourceGroup.NotFound InvalidLaunchTemplate.NotFound InvalidLaunchTemplateVersion.NotFound
		 InvalidRamRole.NotFound InvalidMarketImage.NotFound ImageRemovedInMarket InvalidDataDiskSnapshotId.NotFound
		 InvalidSnapshot.NotFound InvalidSnapshotLinkId.NotFound InvalidDiskIds.NotFound InvalidSystemDisk.NotFound
		 InvalidVolumeId.NotFound InvalidRelationResource.NotFound InvalidClusterId.NotFound DeploymentSet.NotFound
		 InvalidVlanId.NotFound InvalidIpAddress.NotFound InvalidParameter.KMSKeyId.NotFound Credit.NotFound
		 InstanceNotInSecurityGroup`},
	{Class{ecs.ReasonUnknownRegion, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud knows no such region."},
		`InvalidRegionId.NotFound InvalidRegionId.MalFormed InvalidRegionId* Invalid.RegionId InvalidRegion.NotFound InvalidParams.RegionId Unavailable.Regions`},

	{Class{ecs.ReasonNotSubscription, ecs.RetryNever, ecs.EffectNone, Never,
		"The instance is pay-as-you-go, and only subscriptions can be renewed."},
		`ChargeTypeViolation InvalidChargeType.NotSupported RenewInstance:InvalidInstanceChargeType.NotFound`},
	{Class{ecs.ReasonSubscriptionNotExpired, ecs.RetryNever, ecs.EffectNone, Never,
		"The instance is a subscription that has not ended, which the cloud does not release."},
		`DeleteInstance:ChargeTypeViolation DeleteInstances:ChargeTypeViolation`},
	{Class{ecs.ReasonNotPayAsYouGo, ecs.RetryNever, ecs.EffectNone, Never,
		"The instance is a subscription, and the cloud does this for pay-as-you-go instances only."},
		`ModifyInstanceAutoReleaseTime:ChargeTypeViolation ModifyInstanceAttribute:ChargeTypeViolation
		 ModifyInstanceSpec:ChargeTypeViolation ReActivateInstances:ChargeTypeViolation`},
	{Class{ecs.ReasonDeletionProtected, ecs.RetryNever, ecs.EffectNone, Never,
		"The instance is protected from release; take the protection off first."},
		`InvalidOperation.DeletionProtection`},
	{Class{ecs.ReasonResourceInUse, ecs.RetryNever, ecs.EffectNone, Never,
		"Something else uses it: a route entry, a load balancer, a network interface, a device or an address; take it out first."},
		`DependencyViolation.RouteEntry DependencyViolation.SLBConfiguring DependencyViolation* InvalidOperation.EniLinked
		 InvalidDevice.InUse InvalidIPAddress.AlreadyUsed InvalidInnerIpAddress.Unusable InvalidIp.IpAssigned
		 InvalidPrivateIpAddress.Duplicated InvalidVSwitchId.IpInvalid IpInUse DefaultVswitch.Existed`},
	{Class{ecs.ReasonPublicIPAllocated, ecs.RetryNever, ecs.EffectNone, Never,
		"The instance has a public address already."},
		`AllocatedAlready`},
	{Class{ecs.ReasonInstanceExpired, ecs.RetryNever, ecs.EffectNone, Never,
		"The subscription has ended; renew it first."},
		`InstanceExpired InstanceExpiredOrInArrears ExpiredInstance PrePaidInstance.Expired`},
	{Class{ecs.ReasonInstanceLocked, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud holds a lock on the instance; have it lifted first."},
		`InstanceLockedForSecurity`},
	{Class{ecs.ReasonIncorrectStatus, ecs.RetryNever, ecs.EffectNone, Never,
		"The instance or its dedicated host is in a state in which the cloud does not do this; read it again first."},
		`IncorrectInstanceStatus IncorrectInstanceStatus* IncorrectDedicatedHostStatus InvalidDedicatedHostStatus.NotSupport
		 InstanceSpecModification.NotEffective
		 ModifyInstanceChargeType:InvalidStatus.ValueNotSupported ReopenInstance.InstanceStatusNotValid
		 InvalidInstanceStatus.NotRunning InvalidInstanceStatus.CreditSpecRestricted InvalidOperation.InvalidEcsState`},
	{Class{ecs.ReasonIncorrectResource, ecs.RetryNever, ecs.EffectNone, Never,
		"A disk, snapshot, image, VPC or vSwitch is in a state in which the cloud does not do this; read it again first."},
		`IncorrectDiskStatus IncorrectDiskStatus.Invalid IncorrectDiskStatus.NeverAttached IncorrectDiskStatus.NeverUsed
		 IncorrectDiskStatus.Transferring IncorrectDiskStatus* DiskError IncorrectVolumeStatus InvalidSnapshotId.NotReady
		 IncorrectImageStatus IncorrectVpcStatus IncorrectDefaultVpcStatus IncorrectVSwitchStatus IncorrectRecycleBinStatus`},
	{Class{ecs.ReasonSnapshotFailed, ecs.RetryBackoff, ecs.EffectNone, Never,
		"The cloud began the snapshot and could not make it."},
		`CreateSnapshot.Failed`},
	{Class{ecs.ReasonUnsupportedOperation, ecs.RetryNever, ecs.EffectNone, Never,
		"The instance has no outbound bandwidth to the internet, without which it gets no public address."},
		`AllocateIpInvalidInstanceBandwidth`},
	{Class{ecs.ReasonUnsupportedOperation, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud does not change the charge type of this instance: it has that type already, is a spot instance, or has an automatic release set."},
		`ReleaseTimeHaveBeenSet InvalidInstanceChargeType.ValueNotSupported InvalidInstance.TempBandwidthUpgrade
		 ModifyInstanceChargeType:InvalidInternetChargeType.ValueNotSupported ModifyInstanceChargeType:InvalidParameter.NotMatch
		 ModifyInstanceChargeType:InvalidImageType.NotSupported InvalidInstanceType.PhasedOut InvalidInstance.NotFoundSystemDisk
		 ModifyInstanceChargeType:InvalidSystemDiskCategory.ValueNotSupported`},
	{Class{ecs.ReasonUnsupportedOperation, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud does not do this for this kind of instance, disk or account."},
		`OperationDenied Upgrade.NotSupported Diskcategory.Mismatch InvalidDisk.NotAllowed DependencyViolation.InstanceType
		 InstanceTypeNotSupported InvalidInstanceType.NotSupported InvalidInstanceType.ValueNotSupported
		 InvalidInstanceType.codeUnauthorized InvalidInstanceType.ValueUnauthorized InvalidResourceId.NotSupported
		 InvalidInternetChargeType.InstanceNotSupported
		 InvalidInstanceId.NotSupport CategoryNotSupported CategoryViolation ChargeTypeViolation.PostPaidDedicatedHost
		 DedicatedHostType.Unmatched DependencyViolation.IoOptimized DependencyViolation.WindowsInstance
		 DiskCategory.OperationNotSupported DiskId.ValueNotSupported EnterpriseGroupLimited.MutliGroupType
		 ImageNotSupportCloudInit ImageNotSupportInstanceType IncorrectDiskType.NotSupport InstanceType.ParameterMismatch
		 InvalidChargeType.MarketImage InvalidMarketImageChargeType.NotSupport InvalidDeploymentOnHost
		 InvalidDiskIds.NotPortable InvalidInstanceChargeType.NotSupport
		 InvalidInstanceType.ElasticNetworkInterfaceNotSupported InvalidInstanceType.ZoneNotSupported
		 InvalidNetworkType.MismatchRamRole InvalidNetworkType.NotSupported
		 InvalidOperation.ExceedInstanceTypeQueueNumber InvalidOperation.Ipv6NotSupport InvalidOperation.InvalidRegion
		 InvalidOperation.ResourceManagedByCloudProduct InvalidOperation.VpcHasEnabledAdvancedNetworkFeature
		 InvalidRegion.NotSupport InvalidSnapshotId.BasedSnapshotTooOld InvalidSnapshotId.NotDataDiskSnapshot
		 InvalidSpotInterruptionBehavior.ClassicNetworkNotSupport InvalidSpotInterruptionBehavior.LocalDiskNotSupport
		 InvalidUserData.NotSupported InvalidVSwitch.Ipv6NotTurnOn InvalidVpcZone.NotSupported IoOptimized.NotSupported
		 OperationDenied.DiskTypeNotSupport OperationDenied.ImageNotValid OperationDenied.InvalidNetworkType
		 OperationDenied.LocalDiskUnsupported OperationDenied.SnapshotNotAllowed OperationDenied.SnapshotNotValid
		 OperationDenied.SnapshotParamsNotValid OperationDenied.ZoneNotAllowed OperationDenied.ZoneSystemCategoryNotMatch
		 ResourcesNotInSameZone`},

	{Class{ecs.ReasonPeriodNotSold, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud does not sell this period for this instance."},
		`InvalidPeriod InvalidPeriodUnit.ValueNotSupported InvalidPeriod.StarterPackage InvalidParameter.Duration
		 InvalidPeriodType.ValueNotSupported InvalidAutoRenewPeriod.ValueNotSupported`},
	{Class{ecs.ReasonPriceUnavailable, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud names no price for this period."},
		`DescribeRenewalPrice:InvalidPeriod DescribePrice:InvalidPeriod PriceNotFound DescribeRenewalPrice:InvalidPriceUnit.ValueNotSupported InvalidPriceUnit.ValueNotSupported`},
	{Class{ecs.ReasonExpiryTooFar, ecs.RetryNever, ecs.EffectNone, Never,
		"The new expiry would lie beyond what the cloud or the dedicated host allows; take a shorter period."},
		`InvalidPeriod.ExceededMaximumExpirationDate InvalidPeriod.ExceededDedicatedHost`},

	{Class{ecs.ReasonPriceExceedsLimit, ecs.RetryNever, ecs.EffectNone, Never,
		"The spot price is over the limit that was set; raise it, or take another type or zone."},
		`OperationDenied.SpotPriceLowerThanPublicPrice InvalidSpotPriceLimit.LowerThanPublicPrice`},
	{Class{ecs.ReasonInsufficientBalance, ecs.RetryNever, ecs.EffectNone, Never,
		"The account has too little money; nothing was paid."},
		`InsufficientBalance InvalidAccountStatus.NotEnoughBalance ReopenInstance.InstanceNotEnoughBalance ReopenInstance.ImageNotEnoughBalance`},
	{Class{ecs.ReasonUnpaidOrder, ecs.RetryNever, ecs.EffectNone, Never,
		"An earlier order of the instance waits to be paid; pay or cancel it first."},
		`Instance.UnPaidOrder InvalidInstance.UnPaidOrder`},
	{Class{ecs.ReasonAccountRestricted, ecs.RetryNever, ecs.EffectNone, Never,
		"The account may not do this before its holder resolves this (identity check, arrears, payment method, risk control)."},
		`RealNameAuthenticationError Forbidden.RiskControl InvalidAccount.NotFound Account.Arrearage InvalidAccountStatus* InvalidPayMethod
		 InvalidAccountStatus.SnapshotServiceUnavailable PaymentMethodNotFound OperationDenied.IllegalPaymentPolicy
		 SecurityRisk.3DVerification RegionUnauthorized UserNotInTheWhiteList InvalidOperation.NotInWhiteList
		 DiskInArrears ImageNotSubscribed InvalidSystemDiskCategory.ValueUnauthorized InvalidSpotAliUid
		 InvalidSpotAuthorized Abs.Abs.InvalidSpotInstanceUID Abs.InvalidAccount.NotFound InvalidUserType.NotSupported
		 InvalidUserData.Forbidden InvalidParameter.KMSKeyId.CMKNotEnabled InvalidParameter.KMSKeyId.KMSUnauthorized
		 InvalidParameter.RecycleBin`},
	{Class{ecs.ReasonQuotaExceeded, ecs.RetryNever, ecs.EffectNone, Never,
		"A quota of the account is used up; have it raised."},
		`QuotaExceed.Tags QuotaExceed.AfterpayInstance QuotaExceed.ElasticQuota QuotaExceed.PortableCloudDisk QuotaExceed.PostPaidDisk
		 QuotaExceed.BuyImage QuotaExceed.DeploymentSetInstanceQuotaFull QuotaExceed.Snapshot QuotaExceeded QuotaExceeded.PrivateIpAddress
		 QuotaExceed* OperationDenied.QuotaExceed SecurityGroupInstanceLimitExceed JoinedGroupLimitExceed`},
	{Class{ecs.ReasonOutOfStock, ecs.RetryNever, ecs.EffectNone, Never,
		"The zone has none left; take another type or zone."},
		`OperationDenied.NoStock InstanceType.Offline ResourceNotAvailable Zone.NotOnSale Zone.NotOpen NodeControllerUnavailable
		 InsufficientPublicIp OperationDenied.NoVlan`},

	{Class{ecs.ReasonClientTokenRejected, ecs.RetryNever, ecs.EffectNone, Never,
		"The client token was used before for something else, or is malformed; this call did nothing."},
		`IdempotenceParamNotMatch IdempotentParameterMismatch InvalidIdempotenceParameter.Mismatch
		 InvalidClientToken.ValueNotSupported`},
	{Class{ecs.ReasonClientTokenRejected, ecs.RetryNever, ecs.EffectUnknown, Never,
		"The first try under this client token failed in the cloud, which refuses the token from then on; read the state before taking a new one."},
		`IdempotentFailed`},

	{Class{ecs.ReasonCloudPermissionDenied, ecs.RetryNever, ecs.EffectNone, Never,
		"The RAM policy of the server's key does not allow this."},
		`Forbidden.RAM Forbidden.SubUser Forbidden.Unauthorized Forbidden.NotSupportRAM Forbidden* Unauthorized.EmptyRegion
		 Unauthorized* NoPermission.Tag NoPermission* PermissionDenied.TagOwnerUid PermissionDenied.Scope PermissionDenied*
		 InvalidAction.Unauthorized NotAuthorized
		 Forbidden.RegionId Forbbiden Forbbiden.SubUser Forbbiden* Forbedden.NotSupportRAM InvalidUser.PassRoleForbidden
		 InvalidUser.Unauthorized InvalidRamRole.NotEcsRole`},
	{Class{ecs.ReasonCredentialsInvalid, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud refuses the server's access key or signature; its operator must fix the credentials."},
		`InvalidAccessKeyId.NotFound InvalidAccessKeyId* Forbidden.AccessKeyDisabled IncompleteSignature
		 SignatureDoesNotMatch Signature*`},
	// The network may deliver one request twice, the second copy late. The error
	// is then the refusal of the second copy; the first may have acted.
	{Class{ecs.ReasonCloudUnreachable, ecs.RetryBackoff, ecs.EffectUnknown, WhenSafe,
		"The network delivered one request twice and this is the response to the second copy; the first may have been carried out."},
		`SignatureNonceUsed`},
	{Class{ecs.ReasonClockSkewed, ecs.RetryNever, ecs.EffectUnknown, Resigned,
		"The cloud refuses the signature's time, also after one try with a fresh one; set the server's clock."},
		`IllegalTimestamp InvalidTimeStamp.Expired InvalidTimeStamp*`},
	{Class{ecs.ReasonCredentialsInvalid, ecs.RetryNever, ecs.EffectUnknown, Resigned,
		"The cloud refuses the temporary token, also after one try with a fresh one; check the server's source of credentials."},
		`InvalidSecurityToken.Expired InvalidSecurityToken*`},
	{Class{ecs.ReasonOperationInProgress, ecs.RetryBackoff, ecs.EffectUnknown, WhenSafe,
		"The cloud is busy with an earlier order of the instance, which may be this one if the network delivered it twice."},
		`RenewInstance:LastOrderProcessing RenewInstance:OperationConflict RunInstances:OperationConflict
		 ModifyInstanceChargeType:LastOrderProcessing ModifyInstanceChargeType:OperationConflict
		 ModifyPrepayInstanceSpec:LastOrderProcessing ModifyPrepayInstanceSpec:OperationConflict
		 CreateInstance:OperationConflict`},

	{Class{ecs.ReasonInvalidField, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud refuses a value in the request; its text names the value, and BadRequest the field if the code identifies it."},
		`InvalidParameter InvalidParameter.IsNull InvalidParameter.RenewalStatus InvalidParameter.RenewalStatusInstanceId
		 InvalidParameter.ToManyInstanceIds InvalidParameter* UnsupportedParameter
		 InvalidInstanceChargeType.NotFound InvalidInternetChargeType.ValueNotSupported InvalidLockReason.NotFound
		 InvalidFilterKey.NotFound InvalidNetworkType.NotFound InvalidStatus.NotFound InvalidTag.Mismatch InvalidTagCount
		 InvalidTagKey.Malformed InvalidTagValue.Malformed Duplicate.TagKey NumberExceed.ResourceIds NumberExceed.Tags
		 InvalidAcceptLanguage.NotFound InvalidResourceType.NotFound InvalidResourceType.ValueNotSupported
		 InvalidRebootTime.ValueNotSupported InvalidPeriod.NotFound InvalidExpectedRenewDay.Conflict
		 InvalidExpectedRenewDay.ValueNotSupported InvalidParam.ExpectedRenewDay BothEmpty.TagsAndResources Invalid.NextToken
		 InvalidParameter.Bandwidth InvalidParameter.Conflict InvalidParameter.CreditSpecification
		 InvalidParameter.DiskIds InvalidParameter.EncryptedIllegal InvalidParameter.EncryptedNotSupported
		 InvalidParameter.InvalidEniQueueNumber InvalidParameter.Mismatch InvalidParameter.NotMatch InvalidPeriod.UnitMismatch InstancesIdQuotaExceed
		 RunInstances:MissingParameter CreateInstance:MissingParameter RunInstances:MissingParameter.PrivatePoolOptionsId
		 CreateInstance:MissingParameter.PrivatePoolOptionsId MissingParamter
		 RunInstances:InvalidInstanceType.ValueNotSupported CreateInstance:InvalidInstanceType.ValueNotSupported
		 DescribePrice:InvalidInstanceType.ValueNotSupported
		 DescribeSpotPriceHistory:InvalidInstanceType.ValueNotSupported InvalidInstanceType.Missing HOSTNAME_ILLEGAL
		 InvalidHostName.Malformed InvalidInstanceName.Malformed InvalidDescription.Malformed InvalidPassword.Malformed
		 InvalidHostPassword.Malformed InvalidPasswordParam.Mismatch InvalidUserData.SizeExceeded InvalidAmount.Malformed
		 InvalidMaxAmount.Malformed InvalidMinAmount.Malformed InvalidParam.Amount InvalidAutoReleaseTime.Malformed
		 InvalidSpotStrategy InvalidSpotPriceLimit InvalidSpotDuration InvalidSpotInterruptionBehavior InvalidSpotPrepaid
		 InvalidSpotParam.EmptyZoneID InvalidSystemDiskCategory.ValueNotSupported InvalidSystemDiskSize
		 InvalidSystemDiskSize.ImageNotSupportResize InvalidSystemDiskSize.LessThanImageSize
		 InvalidSystemDiskSize.LessThanMinSize InvalidSystemDiskSize.MoreThanMaxSize
		 InvalidSystemDiskSize.ValueNotSupported InvalidDisk.SystemDiskSize InvalidDataDiskCategory.ValueNotSupported
		 InvalidDataDiskSize.ValueNotSupported InvalidDataDevice.Malformed InvalidDiskCategory.Mismatch
		 InvalidDiskCategory.Missing InvalidDiskCategory.NotSupported InvalidDiskCategory.ValueNotSupported
		 InvalidDiskName.Malformed InvalidDiskDescription.Malformed InvalidDiskSize.TooSmall
		 InvalidDiskType.ValueNotSupported InvalidDiskChargeType.NotFound InvalidDiskIds.Malformed
		 InvalidDiskIds.ValueNotSupported InvalidCategory.ValueNotSupported DeleteWithInstance.Conflict
		 EncryptedOption.Conflict InstanceDiskCategoryLimitExceed InstanceDiskNumLimitExceed
		 InstanceDiskNumber.LimitExceed InvalidSnapshotName.Malformed InvalidSnapshotIds.Malformed
		 InvalidSnapshotCategory.Malformed InvalidSnapshotType.NotFound InvalidSourceDiskType InvalidUsage
		 InvalidStatus.ValueNotSupported InvalidInternetMaxBandwidthIn.Malformed InvalidInternetMaxBandwidthOut.Malformed
		 InvalidInternetMaxBandwidthOut.ValueNotSupported InvalidNetworkType.Mismatch
		 InvalidNetworkType.ValueNotSupported InvalidVSwitchId.Necessary InvalidSecurityGroup.NotInDefaultVpc
		 OperationDenied.InconsistentNetwork InvalidPrivateIpAddress InvalidPrivateIpAddress.Malformed
		 InvalidInnerIpAddress.Malformed InvalidIpAddress.Malformed InvalidIp.Address InvalidIp.IpRepeated
		 InvalidParam.NetworkInterface InvalidOperation.Ipv4CountExceeded InvalidOperation.Ipv6CountExceeded
		 InvalidOperation.MaxEniQueueNumberExceeded MaxEniIpv6IpsCountExceeded InvalidIoOptimize.ValueNotSupported
		 InvalidIoOptimizedValue.ValueNotSupported Abs.IoOptimized.ValueNotSupported InvalidHttpEndpoint.NotSupported
		 InvalidHttpTokens.NotSupported InvalidHttpPutResponseHopLimit.NotSupported InvalidHpcClusterId.Necessary
		 InvalidHpcClusterId.Unnecessary InvalidNodeControllerId.Malformed InvalidParam.Tenancy
		 Invalid.PrivatePoolOptionsId Invalid.Param Invalid.InstanceChargeType Invalid.IoOptimized
		 Invalid.NetworkCategory Invalid.NetworkType Invalid.SpotStrategy InvalidParam.Cores InvalidParam.Memory
		 InvalidParam.TypeAndCpuMem.Conflict InvalidParams.EndTime InvalidParams.StartTime InvalidParams.InstanceType
		 InvalidParams.IoOptimized InvalidParams.NetworkType InvalidParams.OSType InvalidParams.Offset
		 InvalidParams.ZoneId InvalidParams.HostnameExceed InvalidParams.InstanceNameExceed InvalidParam*
		 InvalidInstanceID.Malformed InvalidParamter IncompleteParamter`},
	{Class{ecs.ReasonCloudRejected, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud cannot read the call as ecsd wrote it: a defect of ecsd, or an endpoint that is not ECS."},
		`InvalidAction InvalidParamater UnsupportedHTTPMethod InvalidOwner InvalidOwnerAccount InvalidOwnerId
		 InvalidParameter.OwnerAccount InvalidParameter.ResourceOwnerAccount MissingParameter MissingParameter.InstanceId
		 MissingParameter.TagOwnerUid MissingParameter.TagOwnerBid MissingParameter.ResourceType MissingParameter.Tags
		 MissingParameter.RegionId MissingParameter* MissingParamter.RegionId InvalidParams.PageSize Invalid.Scope
		 Invalid.DestinationResource Invalid.ResourceType`},
	{Class{ecs.ReasonCloudRejected, ecs.RetryNever, ecs.EffectNone, Never,
		"The response to a dry run that would have been allowed; ecsd reads it as such and does not pass it on."},
		`DryRunOperation DRYRUN.SUCCESS`},
	{Class{ecs.ReasonCloudRejected, ecs.RetryNever, ecs.EffectNone, Never,
		"The billing endpoint does not serve the account, which belongs to another site of the cloud; ecsd tries the endpoint of the other site."},
		`NotApplicable`},
	{Class{ecs.ReasonInternal, ecs.RetryNever, ecs.EffectNone, Never,
		"The SDK refused to write the request: a defect of ecsd."},
		`SDK.*`},
}
