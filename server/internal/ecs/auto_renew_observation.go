package ecs

import "time"

// AutoRenewObservation is the last observation of a subscription near its expiry.
type AutoRenewObservation struct {
	RegionID   string
	InstanceID string
	ExpireTime time.Time
	Status     AutoRenewStatus
	// ChangeTime is when this state was first observed after another one, zero
	// if it was so at the first observation, so that its start is unknown.
	ChangeTime time.Time
}
