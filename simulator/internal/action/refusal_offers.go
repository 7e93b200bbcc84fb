package action

import "github.com/ecsd-io/ecsd/simulator/internal/wire"

// The errors of stock and prices, with the cloud's spelling. If the cloud's table has no text for a code, the text is
// the simulator's.
var (
	// DescribeZones
	errZonesChargeType = wire.Refuse(404, "InvalidInstanceChargeType.NotFound",
		"The InstanceChargeType does not exist in our records")
	errSpotStrategy = wire.Refuse(400, "InvalidSpotStrategy",
		"The specified SpotStrategy is not valid.")

	// DescribeAvailableResource and DescribeSpotAdvice
	errOfferRegion = wire.Refuse(404, "Invalid.RegionId",
		"The specified RegionId does not exist.")
	errOfferMissing = wire.Refuse(400, "Invalid.Param",
		"The input parameter DestinationResource that is mandatory for processing this request is not supplied.")
	errOfferChargeType = wire.Refuse(400, "Invalid.InstanceChargeType",
		"The specified InstanceChargeType is not valid.")
	errOfferResourceType = wire.Refuse(404, "Invalid.ResourceType",
		"The ResourceType provided does not exist in our records.")
	errOfferDestination = wire.Refuse(404, "Invalid.DestinationResource",
		"The specified DestinationResource is not valid.")
	errOfferIoOptimized = wire.Refuse(404, "Invalid.IoOptimized",
		"The specified IoOptimized is not valid.")
	errOfferNetworkCategory = wire.Refuse(404, "Invalid.NetworkCategory",
		"The specified NetworkCategory is not valid.")
	errOfferNetworkType = wire.Refuse(404, "Invalid.NetworkType",
		"The specified NetworkType is not valid.")
	errOfferSpotStrategy = wire.Refuse(404, "Invalid.SpotStrategy",
		"The specified SpotStrategy is not valid.")
	errOfferConflict = wire.Refuse(403, "InvalidParam.TypeAndCpuMem.Conflict",
		"The specified 'InstanceType' and 'Cores','Memory' are not blank at the same time.")
	errOfferCores = wire.Refuse(403, "InvalidParam.Cores",
		"The specified parameter 'Cores' should be empty")
	errOfferMemory = wire.Refuse(403, "InvalidParam.Memory",
		"The specified parameter 'Memory' should be empty")

	// DescribePrice
	errAmount = wire.Refuse(403, "InvalidAmount.Malformed",
		"The specified parameter Amount is not valid.")
	errPriceTypeMissing = wire.Refuse(404, "InvalidInstanceType.Missing",
		"The InstanceType parameter that is mandatory for processing the request is not provided.")
	errPriceNetworkType = wire.Refuse(404, "InvalidNetworkType.ValueNotSupported",
		"The specified parameter NetworkType is not valid.")
	errPriceInternetCharge = wire.Refuse(400, "InvalidInternetChargeType.ValueNotSupported",
		"The specified InternetChargeType is not valid.")
	errPriceBandwidth = wire.Refuse(400, "InvalidInternetMaxBandwidthOut.ValueNotSupported",
		"The specified parameter InternetMaxBandwidthOut is not valid.")
	errPriceIoOptimized = wire.Refuse(400, "InvalidIoOptimizedValue.ValueNotSupported",
		"IoOptimized value not supported.")
	errPriceImage = wire.Refuse(404, "InvalidImageId.NotFound",
		"The specified ImageId does not exist.")
	errPriceNotFound = wire.Refuse(400, "PriceNotFound",
		"The price of your queried resource is not available now, please try other resources.")
	errSystemDiskCategory = wire.Refuse(400, "InvalidSystemDiskCategory.ValueNotSupported",
		"The specified parameter SystemDisk.Category is not valid.")
	errSystemDiskSize = wire.Refuse(404, "InvalidSystemDiskSize.ValueNotSupported",
		"The specified parameter SystemDisk.Size is invalid.")
	errSystemDiskSmall = wire.Refuse(404, "InvalidSystemDiskSize.LessThanMinSize",
		"The specified parameter SystemDisk.Size is less than the minimum size.")
	errSystemDiskLarge = wire.Refuse(404, "InvalidSystemDiskSize.MoreThanMaxSize",
		"The specified parameter SystemDisk.Size is more than the maximum size")
	errDataDiskMissing = wire.Refuse(404, "InvalidDiskCategory.Missing",
		"The DataDisk.1.Category parameter that is mandatory for processing the request is not provided.")
	errDataDiskCategory = wire.Refuse(400, "InvalidDataDiskCategory.ValueNotSupported",
		`The specified parameter "DataDisk.n.Category" is not valid.`)
	errDataDiskSize = wire.Refuse(400, "InvalidDataDiskSize.ValueNotSupported",
		"The specified DataDisk.n.Size beyond the permitted range, or the capacity of snapshot exceeds the size limit of the specified disk category.")
	errDataDiskCount = wire.Refuse(403, "InstanceDiskNumLimitExceed",
		"The number of specified disk in an instance exceeds.")

	// DescribeSpotPriceHistory
	errHistoryType = wire.Refuse(400, "InvalidInstanceType.ValueNotSupported",
		"The specified InstanceType is not sold in the zone.")
	errHistoryZone = wire.Refuse(400, "InvalidZoneId.NotFound",
		"The specified zone does not exist.")
	errHistoryIoOptimized = wire.Refuse(400, "DependencyViolation.IoOptimized",
		"The specified instancetype must be IoOptimized instance.")
	errSpotDuration = wire.Refuse(400, "InvalidSpotDuration",
		"The specified SpotDuration is not valid.")
)

// invalidParams is the error of DescribeSpotPriceHistory for a parameter.
func invalidParams(name string) *wire.Error {
	return wire.Refuse(400, "InvalidParams."+name, "The specified parameter "+name+" is not valid.")
}
