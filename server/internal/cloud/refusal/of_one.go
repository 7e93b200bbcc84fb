package refusal

import "github.com/ecsd-io/ecsd/server/internal/ecs"

// ofOne are the reasons that apply to one instance, not to the call: if a call
// for many is refused for one, the others may pass without it.
var ofOne = map[ecs.Reason]bool{
	ecs.ReasonInstanceNotFound:       true,
	ecs.ReasonNotSubscription:        true,
	ecs.ReasonNotPayAsYouGo:          true,
	ecs.ReasonSubscriptionNotExpired: true,
	ecs.ReasonInstanceExpired:        true,
	ecs.ReasonInstanceLocked:         true,
	ecs.ReasonIncorrectStatus:        true,
	ecs.ReasonOperationInProgress:    true,
	ecs.ReasonDeletionProtected:      true,
	ecs.ReasonIncorrectResource:      true,
	ecs.ReasonResourceInUse:          true,
	ecs.ReasonUnsupportedOperation:   true,
	ecs.ReasonUnpaidOrder:            true,
	ecs.ReasonPeriodNotSold:          true,
}

// OfOne reports whether a refusal of a call for many may be because of one of
// them. Only an error of the cloud itself counts.
func OfOne(failure *ecs.Error) bool {
	if failure == nil || failure.Cloud.Code == "" || failure.Effect != ecs.EffectNone {
		return false
	}
	// The quota of tags is each instance's own.
	return ofOne[failure.Reason] || (failure.Cloud.Action == "TagResources" && failure.Reason == ecs.ReasonQuotaExceeded)
}
