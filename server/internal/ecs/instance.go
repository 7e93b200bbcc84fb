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
	Name               string
	Description        string
	HostName           string
	ResourceGroupID    string
	RegionID           string
	ZoneID             string
	Status             Status
	Type               string
	TypeFamily         string
	CPU                int32
	MemoryMiB          int64
	ImageID            string
	OSName             string
	ChargeType         ChargeType
	ExpireTime         time.Time
	AutoReleaseTime    time.Time
	CreateTime         time.Time
	StartTime          time.Time
	Tags               []Tag
	SecurityGroupIDs   []string
	Network            Network
	Spot               *Spot
	Locks              []Lock
	DeletionProtection bool
	StoppedMode        StoppedMode
	Raw                RawWords
	// ObservedTime is when the response that carried this state arrived.
	ObservedTime time.Time
}

// RawWords are the cloud's own spellings of an instance's enumerated fields.
type RawWords struct {
	Status      string
	ChargeType  string
	StoppedMode string
}

// Tag is one key and value on an instance. A key is unique on its instance.
type Tag struct {
	Key   string
	Value string
}

// Network holds the addresses of an instance.
type Network struct {
	VPCID              string
	VSwitchID          string
	PrivateIPAddresses []string
	PublicIPAddresses  []string
	EIPAddress         string
	// BandwidthInMbps and BandwidthOutMbps are the internet maximums in Mbit/s.
	BandwidthInMbps  int32
	BandwidthOutMbps int32
	// InternetChargeType is the cloud's word for the billing of the bandwidth, PayByTraffic or PayByBandwidth. It is of
	// interest for prices only: it is neither compared nor stored.
	InternetChargeType string `json:"-"`
}

// Spot holds the settings of a spot (preemptible) instance.
type Spot struct {
	// Strategy is the cloud's word: SpotWithPriceLimit or SpotAsPriceGo.
	Strategy string
	// PriceLimit is the highest price per hour as the cloud's decimal text, "" if
	// the strategy takes none. The cloud names no currency for it.
	PriceLimit string
	// PriceCurrency is the currency of an order's limit, "" for the account's. It
	// is not sent to the cloud; the buyer compares it with the price's.
	PriceCurrency string
	// ProtectedFor is the span after creation in which the cloud does not
	// reclaim the instance: one hour or none.
	ProtectedFor time.Duration
	// InterruptionBehavior is the cloud's word: Terminate or Stop.
	InterruptionBehavior string
}

// Lock is one reason why the cloud refuses operations on an instance.
type Lock struct {
	Reason LockReason
	// RawReason is the cloud's own word; compare it without regard to case.
	RawReason string
	Message   string
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
