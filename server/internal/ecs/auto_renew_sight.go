package ecs

import "time"

// AutoRenewSight is what was last seen of a subscription near its expiry.
type AutoRenewSight struct {
	RegionID   string
	InstanceID string
	ExpireTime time.Time
	Status     AutoRenewStatus
	// ChangeTime is when it was first seen so, after it had been seen otherwise;
	// zero where it was so at first sight, and nobody knows since when.
	ChangeTime time.Time
}
