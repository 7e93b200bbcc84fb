package ecs

// Status is the lifecycle state of an instance. A released instance has none:
// the cloud no longer lists it.
type Status int

// The states that the cloud documents. StatusUnknown is a word that this build
// does not know; RawWords.Status has it.
const (
	StatusUnknown Status = iota
	StatusPending
	StatusStarting
	StatusRunning
	StatusStopping
	StatusStopped
)

// ChargeType is how an instance is paid for.
type ChargeType int

// The cloud's PostPaid is ChargePayAsYouGo, its PrePaid is ChargeSubscription.
const (
	ChargeUnknown ChargeType = iota
	ChargePayAsYouGo
	ChargeSubscription
)

// LockReason is why the cloud locked an instance.
type LockReason int

// The lock reasons that the cloud documents.
const (
	LockUnknown LockReason = iota
	LockFinancial
	LockSecurity
	LockRecycling
	LockDedicatedHostFinancial
	LockRefunded
)

// StoppedMode is the billing of a stopped instance.
type StoppedMode int

// The stopped modes that the cloud documents.
const (
	StoppedModeUnknown StoppedMode = iota
	StoppedKeepCharging
	StoppedStopCharging
	StoppedNotApplicable
)

// AutoRenewStatus is the action of the cloud when a subscription nears its end.
type AutoRenewStatus int

// AutoRenewOn renews automatically, AutoRenewOff only reminds, AutoRenewNever
// neither renews nor reminds (but once, three days before the end).
const (
	AutoRenewUnknown AutoRenewStatus = iota
	AutoRenewOn
	AutoRenewOff
	AutoRenewNever
)
