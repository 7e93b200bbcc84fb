package renewal

import "github.com/ecsd-io/ecsd/server/internal/ecs"

// draining reports that the engine is closing.
func draining(regionID, instanceID string) *ecs.Error {
	e := ecs.Errorf(ecs.ReasonServerDraining, "the server is stopping; retry with the same request_id")
	e.Retry = ecs.RetryBackoff
	return e.On(regionID, instanceID)
}

// reused reports a request ID that was used for another request.
func reused(requestID, regionID, instanceID string) *ecs.Error {
	return ecs.Errorf(ecs.ReasonRequestIDReused,
		"request_id %s was used for another renewal; use a new one for a new request", requestID).On(regionID, instanceID)
}

// notSubscription reports an instance that cannot be renewed.
func notSubscription(regionID, instanceID string) *ecs.Error {
	return ecs.Errorf(ecs.ReasonNotSubscription,
		"instance %s is pay-as-you-go; only a subscription is renewed", instanceID).On(regionID, instanceID)
}
