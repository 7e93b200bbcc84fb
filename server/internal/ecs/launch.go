package ecs

import "time"

// InstanceSpec describes an instance to be created. A zero field is left to the
// cloud's default.
type InstanceSpec struct {
	ImageID          string
	Type             string
	ZoneID           string
	VSwitchID        string
	SecurityGroupIDs []string
	Name             string
	HostName         string
	Description      string
	ResourceGroupID  string
	PrivateIPAddress string

	ChargeType ChargeType
	// Period is the period of a subscription; AutoRenew has the cloud renew it by
	// AutoRenewPeriod.
	Period          Period
	AutoRenew       bool
	AutoRenewPeriod Period

	// Spot is nil if the instance is not a spot instance.
	Spot            *Spot
	AutoReleaseTime time.Time

	// If InternetBandwidthOutMbps is over 0, RunInstances allocates a public
	// address.
	InternetBandwidthOutMbps int32
	// InternetChargeType is the cloud's word: PayByTraffic or PayByBandwidth.
	InternetChargeType string

	SystemDisk DiskSpec
	DataDisks  []DiskSpec
	Tags       []Tag

	// UserData is raw, at most 32 KiB; the edge encodes it. It and Password
	// are secrets: they are sent and never shown, logged or stored.
	UserData    []byte
	Password    string
	KeyPairName string
	RAMRoleName string

	DeletionProtection bool
	UniqueSuffix       bool

	// LaunchTemplateID or LaunchTemplateName names a template; its values apply if
	// the spec has none. Version 0 is its default version.
	LaunchTemplateID      string
	LaunchTemplateName    string
	LaunchTemplateVersion int64
}

// DiskSpec is a disk that is made with its instance.
type DiskSpec struct {
	Name             string
	Category         string
	SizeGiB          int32
	PerformanceLevel string
	SnapshotID       string
	Encrypted        bool
	// KeepWithInstance leaves a data disk behind when its instance is released.
	KeepWithInstance bool
}

// LaunchOrder orders instances, once per token.
type LaunchOrder struct {
	RegionID string
	Spec     InstanceSpec
	// Count is 1 to 100. MinCount is the fewest that are a success, 0 for
	// all or none. The names in JSON are part of stored hashes of requests.
	Count    int32 `json:"Amount"`
	MinCount int32 `json:"MinAmount"`
	// ClientToken makes the call idempotent in the cloud: at most 64 ASCII
	// characters, the same for every try of one order.
	ClientToken string
	// DryRun runs the cloud's checks and makes nothing.
	DryRun bool
}

// Launched is the result of an order.
type Launched struct {
	InstanceIDs []string
	// OrderID is "" if nothing was ordered, as for pay-as-you-go.
	OrderID string
}

// Transition is the effect of an accepted start, stop or reboot on an instance.
type Transition struct {
	Previous, Current       Status
	RawPrevious, RawCurrent string
}

// StopOptions say how an instance is stopped.
type StopOptions struct {
	// Force cuts the power; data that is not on disk is lost.
	Force bool
	// Mode is StoppedModeUnknown for the account's default.
	Mode StoppedMode
}

// DeleteOptions widen a release.
type DeleteOptions struct {
	// Force releases running instances.
	Force bool
	// TerminateSubscription releases a subscription, which the cloud allows only
	// after it has expired.
	TerminateSubscription bool
}
