package refusal

import "github.com/ecsd-io/ecsd/server/internal/ecs"

// ofOne are the reasons that lie in one instance, not in the call: where a
// call for many is refused for one, the others may pass without it.
var ofOne = map[ecs.Reason]bool{
	ecs.ReasonInstanceNotFound:     true,
	ecs.ReasonNotSubscription:      true,
	ecs.ReasonInstanceExpired:      true,
	ecs.ReasonInstanceLocked:       true,
	ecs.ReasonIncorrectStatus:      true,
	ecs.ReasonUnsupportedOperation: true,
	ecs.ReasonUnpaidOrder:          true,
	ecs.ReasonPeriodNotSold:        true,
}

// OfOne reports whether a refusal of a call for many may be because of one of
// them. Only what the cloud itself said counts.
func OfOne(failure *ecs.Error) bool {
	return failure != nil && failure.Cloud.Code != "" && failure.Effect == ecs.EffectNone && ofOne[failure.Reason]
}
