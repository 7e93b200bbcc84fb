package ecs

import "time"

// Instance is one ECS instance as one read of the cloud showed it.
//
// Raw holds the cloud's own words beside the enums, because the cloud may add
// values that this build does not know. A zero time means "none": a
// pay-as-you-go instance has no ExpireTime, although the cloud returns a
// far-future date for it.
type Instance struct {
	ID                 string
	Name               string      `json:",omitzero"`
	Description        string      `json:",omitzero"`
	HostName           string      `json:",omitzero"`
	ResourceGroupID    string      `json:",omitzero"`
	RegionID           string      `json:",omitzero"`
	ZoneID             string      `json:",omitzero"`
	Status             Status      `json:",omitzero"`
	Type               string      `json:",omitzero"`
	TypeFamily         string      `json:",omitzero"`
	CPU                int32       `json:",omitzero"`
	MemoryMiB          int64       `json:",omitzero"`
	ImageID            string      `json:",omitzero"`
	OSName             string      `json:",omitzero"`
	ChargeType         ChargeType  `json:",omitzero"`
	ExpireTime         time.Time   `json:",omitzero"`
	AutoReleaseTime    time.Time   `json:",omitzero"`
	CreateTime         time.Time   `json:",omitzero"`
	StartTime          time.Time   `json:",omitzero"`
	Tags               []Tag       `json:",omitzero"`
	SecurityGroupIDs   []string    `json:",omitzero"`
	Network            Network     `json:",omitzero"`
	Spot               *Spot       `json:",omitzero"`
	Locks              []Lock      `json:",omitzero"`
	DeletionProtection bool        `json:",omitzero"`
	StoppedMode        StoppedMode `json:",omitzero"`
	Raw                RawWords    `json:",omitzero"`
	// ObservedTime is when the response that carried this state arrived.
	ObservedTime time.Time `json:",omitzero"`
}

// RawWords are the cloud's own spellings of an instance's enumerated fields.
type RawWords struct {
	Status      string `json:",omitzero"`
	ChargeType  string `json:",omitzero"`
	StoppedMode string `json:",omitzero"`
}

// Tag is one key and value on an instance. A key is unique on its instance.
type Tag struct {
	Key   string
	Value string `json:",omitzero"`
}

// Network holds the addresses of an instance.
type Network struct {
	VPCID              string   `json:",omitzero"`
	VSwitchID          string   `json:",omitzero"`
	PrivateIPAddresses []string `json:",omitzero"`
	PublicIPAddresses  []string `json:",omitzero"`
	EIPAddress         string   `json:",omitzero"`
	// BandwidthInMbps and BandwidthOutMbps are the internet maximums in Mbit/s.
	BandwidthInMbps  int32 `json:",omitzero"`
	BandwidthOutMbps int32 `json:",omitzero"`
	// InternetChargeType is the cloud's word for the billing of the bandwidth, PayByTraffic or PayByBandwidth. It is of
	// interest for prices only: it is neither compared nor stored.
	InternetChargeType string `json:"-"`
}

// Spot holds the settings of a spot (preemptible) instance.
type Spot struct {
	// Strategy is the cloud's word: SpotWithPriceLimit or SpotAsPriceGo.
	Strategy string `json:",omitzero"`
	// PriceLimit is the highest price per hour as the cloud's decimal text, "" if
	// the strategy takes none. The cloud names no currency for it.
	PriceLimit string `json:",omitzero"`
	// PriceCurrency is the currency of an order's limit, "" for the account's. It
	// is not sent to the cloud; the buyer compares it with the price's.
	PriceCurrency string `json:",omitzero"`
	// ProtectedFor is the span after creation in which the cloud does not
	// reclaim the instance: one hour or none.
	ProtectedFor time.Duration `json:",omitzero"`
	// InterruptionBehavior is the cloud's word: Terminate or Stop.
	InterruptionBehavior string `json:",omitzero"`
}

// Lock is one reason why the cloud refuses operations on an instance.
type Lock struct {
	Reason LockReason
	// RawReason is the cloud's own word; compare it without regard to case.
	RawReason string `json:",omitzero"`
	Message   string `json:",omitzero"`
}

// LockedFor reports whether the instance carries a lock of this reason.
func (i *Instance) LockedFor(reason LockReason) bool {
	for _, lock := range i.Locks {
		if lock.Reason == reason {
			return true
		}
	}
	return false
}
