package control

import "time"

// Instance is the simulator's knowledge of an instance, beyond the API's.
type Instance struct {
	InstanceID         string            `json:"instance_id"`
	InstanceName       string            `json:"instance_name"`
	RegionID           string            `json:"region_id"`
	ZoneID             string            `json:"zone_id"`
	InstanceType       string            `json:"instance_type"`
	Status             string            `json:"status"`
	ChargeType         string            `json:"charge_type"`
	SpotStrategy       string            `json:"spot_strategy"`
	CreationTime       time.Time         `json:"creation_time"`
	SecurityGroupIDs   []string          `json:"security_group_ids"`
	Tags               map[string]string `json:"tags"`
	LockReasons        []string          `json:"lock_reasons"`
	DeletionProtection bool              `json:"deletion_protection"`
	StoppedMode        string            `json:"stopped_mode"`
	PublicIPAddress    string            `json:"public_ip_address,omitempty"`
	VSwitchID          string            `json:"vswitch_id"`
	// AutoReleaseTime is absent if there is none.
	AutoReleaseTime *time.Time `json:"auto_release_time,omitempty"`
	// ExpireTime is the expiry that the API shows. PaidUntil is the paid expiry, which the API shows after a lag. Both
	// are present only for subscriptions.
	ExpireTime *time.Time `json:"expire_time,omitempty"`
	PaidUntil  *time.Time `json:"paid_until,omitempty"`
	// RenewalStatus is AutoRenewal, Normal or NotRenewal, and the auto-renewal period is RenewalDuration of
	// RenewalPeriodUnit. All are present only for subscriptions.
	RenewalStatus     string `json:"renewal_status,omitempty"`
	RenewalDuration   int    `json:"renewal_duration,omitempty"`
	RenewalPeriodUnit string `json:"renewal_period_unit,omitempty"`
}

// InstanceFilter selects instances; an empty field selects all.
type InstanceFilter struct {
	RegionID   string
	ChargeType string
	Status     string
}

// Seed describes instances to create. The zero value creates one running subscription, which expires in 30 days, in the
// first region.
type Seed struct {
	// Count is the count of instances, 1 to 100000; 0 means 1.
	Count int `json:"count,omitempty"`
	// RegionID and ZoneID default to the first region and its first zone.
	RegionID string `json:"region_id,omitempty"`
	ZoneID   string `json:"zone_id,omitempty"`
	// NamePrefix starts the names, which end in -001, -002, ...; "seed" by default.
	NamePrefix string `json:"name_prefix,omitempty"`
	// InstanceType is ecs.g7.large by default.
	InstanceType string `json:"instance_type,omitempty"`
	// ChargeType is PrePaid (default) or PostPaid.
	ChargeType string `json:"charge_type,omitempty"`
	// SpotStrategy is NoSpot (default), SpotAsPriceGo or SpotWithPriceLimit.
	SpotStrategy string `json:"spot_strategy,omitempty"`
	// Status is Running by default.
	Status string `json:"status,omitempty"`
	// LockReason, if set, locks the instances.
	LockReason string `json:"lock_reason,omitempty"`
	// ExpireTime is the exact expiry of all instances. If it is not set, expiries spread evenly from ExpireAfter
	// (default "720h") to ExpireBefore (default ExpireAfter) from now, moved to the next 00:00 UTC+8.
	ExpireTime   *time.Time `json:"expire_time,omitempty"`
	ExpireAfter  *Duration  `json:"expire_after,omitempty"`
	ExpireBefore *Duration  `json:"expire_before,omitempty"`
	// RenewalStatus is Normal (default), AutoRenewal or NotRenewal. With AutoRenewal, RenewalDuration defaults to 1.
	// RenewalPeriodUnit defaults to Month.
	RenewalStatus     string `json:"renewal_status,omitempty"`
	RenewalDuration   int    `json:"renewal_duration,omitempty"`
	RenewalPeriodUnit string `json:"renewal_period_unit,omitempty"`
	// Tags are set on all instances.
	Tags map[string]string `json:"tags,omitempty"`
	// SecurityGroupIDs default to the region's first group.
	SecurityGroupIDs []string `json:"security_group_ids,omitempty"`
}

// Change changes an instance directly. Only set fields are changed.
type Change struct {
	InstanceName       *string            `json:"instance_name,omitempty"`
	Status             *string            `json:"status,omitempty"`
	ChargeType         *string            `json:"charge_type,omitempty"`
	DeletionProtection *bool              `json:"deletion_protection,omitempty"`
	Tags               *map[string]string `json:"tags,omitempty"`
	// LockReasons replaces the locks; an empty list removes them.
	LockReasons *[]string `json:"lock_reasons,omitempty"`
	// ExpireTime sets both the expiry that the API shows and the paid expiry.
	ExpireTime *time.Time `json:"expire_time,omitempty"`
	// RenewalStatus, RenewalDuration and RenewalPeriodUnit set auto-renewal.
	RenewalStatus     *string `json:"renewal_status,omitempty"`
	RenewalDuration   *int    `json:"renewal_duration,omitempty"`
	RenewalPeriodUnit *string `json:"renewal_period_unit,omitempty"`
	// AutoReleaseTime sets the release time of a pay-as-you-go instance, however soon it is.
	AutoReleaseTime *time.Time `json:"auto_release_time,omitempty"`
	// Reclaim reclaims a spot instance, as the market does: it is locked for Recycling, and released at the end of the
	// notice.
	Reclaim bool `json:"reclaim,omitempty"`
	// Vanish removes the instance, as if it had been released.
	Vanish bool `json:"vanish,omitempty"`
}
