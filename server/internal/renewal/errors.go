package renewal

import "github.com/ecsd-io/ecsd/server/internal/ecs"

// draining says that the engine is closing.
func draining(regionID, instanceID string) *ecs.Error {
	e := ecs.Errorf(ecs.ReasonServerDraining, "the server is stopping; ask again with the same request_id")
	e.Retry = ecs.RetryBackoff
	return e.On(regionID, instanceID)
}

// reused says that a request id stands for another request.
func reused(q Request) *ecs.Error {
	return ecs.Errorf(ecs.ReasonRequestIDReused,
		"request_id %s was used for another renewal; take a new one for a new request", q.RequestID).On(q.RegionID, q.InstanceID)
}
