package cloud

import "slices"

// actions are the calls of the cloud that ecsd makes; a test compares them with
// the requests in this package.
var actions = []string{
	"AllocatePublicIpAddress",
	"CreateInstance",
	"CreateSnapshot",
	"DeleteInstances",
	"DescribeAvailableResource",
	"DescribeDisks",
	"DescribeInstanceAutoRenewAttribute",
	"DescribeInstanceModificationPrice",
	"DescribeInstanceTypes",
	"DescribeInstances",
	"DescribePrice",
	"DescribeRegions",
	"DescribeRenewalPrice",
	"DescribeSnapshots",
	"DescribeSpotAdvice",
	"DescribeSpotPriceHistory",
	"DescribeZones",
	"GetCallerIdentity",
	"GetOrderDetail",
	"ListProductQuotas",
	"ModifyInstanceAttribute",
	"ModifyInstanceAutoReleaseTime",
	"ModifyInstanceAutoRenewAttribute",
	"ModifyInstanceChargeType",
	"ModifyInstanceSpec",
	"ModifyPrepayInstanceSpec",
	"QueryAccountBalance",
	"QueryAvailableInstances",
	"QueryOrders",
	"ReActivateInstances",
	"RebootInstances",
	"RenewInstance",
	"RunInstances",
	"StartInstances",
	"StopInstances",
	"TagResources",
	"UntagResources",
}

// Actions returns the calls of the cloud that ecsd makes, in order.
func Actions() []string { return slices.Clone(actions) }
