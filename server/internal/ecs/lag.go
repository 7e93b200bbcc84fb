package ecs

// Lagging returns err as OPERATION_IN_PROGRESS if it is a refusal that
// contradicts the charge type of the instance as just read, else err unchanged.
// The cloud's renewal side lags behind a change of the charge type: for a while
// it refuses with ChargeTypeViolation or IncorrectInstanceStatus although the
// instance has the right type. The refusal is temporary, and the call can be
// retried.
func Lagging(i Instance, err error) error {
	refusal := AsError(err)
	if refusal == nil || refusal.Effect != EffectNone {
		return err
	}
	switch {
	case i.ChargeType == ChargeSubscription && refusal.Reason == ReasonNotSubscription:
	case i.ChargeType == ChargePayAsYouGo && (refusal.Reason == ReasonNotPayAsYouGo || refusal.Reason == ReasonSubscriptionNotExpired):
	case i.ChargeType == ChargeSubscription && refusal.Reason == ReasonIncorrectStatus && i.settled():
	default:
		return err
	}
	lagging := *refusal
	lagging.Reason, lagging.Retry = ReasonOperationInProgress, RetryBackoff
	lagging.Message = "the cloud still applies an earlier change to instance " + i.ID + ", and refused what the instance already is"
	lagging.Cause = err
	return &lagging
}

// settled reports whether the status lasts until someone changes it.
func (i *Instance) settled() bool { return i.Status == StatusRunning || i.Status == StatusStopped }
