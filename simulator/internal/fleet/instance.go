package fleet

import (
	"net/netip"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
)

// Status is the state of an instance, as the API spells it.
type Status string

// The states of the API.
const (
	Pending  Status = "Pending"
	Starting Status = "Starting"
	Running  Status = "Running"
	Stopping Status = "Stopping"
	Stopped  Status = "Stopped"
)

// The charge types of the API.
const (
	PrePaid  = "PrePaid"  // a subscription
	PostPaid = "PostPaid" // pay-as-you-go, spot instances too
)

// The auto-renewal states of the API.
const (
	AutoRenewal = "AutoRenewal" // renewed automatically
	Normal      = "Normal"      // renewed manually
	NotRenewal  = "NotRenewal"  // not to be renewed at all
)

// The reasons for a lock.
const (
	LockFinancial              = "financial"
	LockSecurity               = "security"
	LockRecycling              = "Recycling"
	LockDedicatedHostFinancial = "dedicatedhostfinancial"
	LockRefunded               = "refunded"
)

// NoExpiry is the expiry that the API shows for instances that are not
// subscriptions.
var NoExpiry = time.Date(2099, 12, 31, 15, 59, 0, 0, time.UTC)

// Lock is one lock of an instance.
type Lock struct{ Reason, Message string }

// Tag is a key and a value.
type Tag struct{ Key, Value string }

// Renewal is the auto-renewal setting of a subscription.
type Renewal struct {
	Status   string // AutoRenewal, Normal or NotRenewal
	Duration int    // periods per purchase; 0 until one is set
	Unit     catalog.Unit
}

// Spot is the bidding of a spot instance.
type Spot struct {
	Strategy     string // NoSpot, SpotWithPriceLimit or SpotAsPriceGo
	PriceLimit   int64  // highest hourly price in thousandths of a yuan
	Duration     int    // protected hours: 0 or 1
	Interruption string // Terminate or Stop
}

// Payment is the money paid for a resource of a subscription during a span, in hundredths of a yuan. A span ends at its
// expiry.
type Payment struct {
	// Resource is the cloud's word: instanceType, systemDisk, dataDisk or bandwidth.
	Resource    string
	From, Until time.Time
	Amount      int64
}

// Instance is one instance at one moment.
type Instance struct {
	ID, Name, Description, HostName string
	Region                          *catalog.Region
	ZoneID                          string
	Type                            *catalog.InstanceType
	Image                           *catalog.Image
	Status                          Status
	StoppedMode                     string
	ChargeType                      string
	NetworkType                     string // vpc or classic
	InternetChargeType              string
	BandwidthIn, BandwidthOut       int // Mbit/s

	Creation, Start time.Time
	AutoRelease     time.Time // zero for none
	// Expiry is the expiry that the API shows. PaidUntil is the paid expiry, which the API shows only after a lag; it
	// is zero for PostPaid.
	Expiry, PaidUntil time.Time
	// UsedFrom is the start of the pay-as-you-go usage at the present price, zero for the creation.
	UsedFrom time.Time
	// PeriodStart is the start of the last paid period, zero if it is unknown.
	PeriodStart time.Time
	// Paid are the payments for the subscription that have not run out, oldest first; nil for a seeded one, which never
	// paid. The slice is never changed in place.
	Paid      []Payment
	SaleCycle catalog.Unit

	Renewal            Renewal
	Spot               Spot
	DeletionProtection bool
	Recyclable         bool
	IOOptimized        bool
	Locks              []Lock
	// StatusAtExpiry is the status that a renewal of an expired instance restores.
	StatusAtExpiry Status
	// Timeline counts the changes to the instance's scheduled events, so that an event of an earlier schedule is void.
	Timeline uint32
	// Steps counts the status changes, so that a step that was scheduled before the last one is void.
	Steps uint32
	// Hidden is set while a new instance is missing from lists by filter, and HiddenByID while it is missing from lists
	// by ID too.
	Hidden, HiddenByID bool
	// AddressFreed is set if an economical stop released the public address; the next start assigns another.
	AddressFreed bool

	SecurityGroupIDs               []string
	VPCID, VSwitchID               string
	PrivateIP, PublicIP, EIP, IPv6 netip.Addr
	Tags                           []Tag // sorted by key
	// LaunchTags are the tags of the launch, which its disks have too. The fleet sets them.
	LaunchTags                   []Tag
	ResourceGroupID, KeyPairName string
	HTTPTokens                   string
	// NoMetadata is set if HttpEndpoint is disabled.
	NoMetadata bool
	// HopLimit is HttpPutResponseHopLimit, 0 for the default of 1.
	HopLimit int

	seq uint64
}

// Become changes the status.
func (i *Instance) Become(s Status) {
	if i.Status != s {
		i.Status = s
		i.Steps++
	}
}

// Locked reports whether the instance is locked for a reason (ignoring case).
func (i *Instance) Locked(reason string) bool {
	for _, l := range i.Locks {
		if equalFold(l.Reason, reason) {
			return true
		}
	}
	return false
}

// LockFor adds a lock unless there is one for that reason.
func (i *Instance) LockFor(reason, message string) {
	if !i.Locked(reason) {
		i.Locks = append(i.Locks[:len(i.Locks):len(i.Locks)], Lock{reason, message})
	}
}

// Unlock removes the locks for a reason.
func (i *Instance) Unlock(reason string) {
	var rest []Lock
	for _, l := range i.Locks {
		if !equalFold(l.Reason, reason) {
			rest = append(rest, l)
		}
	}
	i.Locks = rest
}

// SetTag sets or replaces a tag.
func (i *Instance) SetTag(key, value string) { i.Tags = WithTag(i.Tags, key, value) }

// WithTag returns a copy of the tags, which are sorted by key, with a tag set or replaced.
func WithTag(list []Tag, key, value string) []Tag {
	tags := make([]Tag, 0, len(list)+1)
	placed := false
	for _, t := range list {
		if t.Key >= key && !placed {
			tags, placed = append(tags, Tag{key, value}), true
		}
		if t.Key != key {
			tags = append(tags, t)
		}
	}
	if !placed {
		tags = append(tags, Tag{key, value})
	}
	return tags
}

func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i]|0x20 != b[i]|0x20 {
			return false
		}
	}
	return true
}
