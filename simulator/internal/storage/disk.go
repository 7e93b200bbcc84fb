package storage

import (
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Disk is one disk at one moment.
type Disk struct {
	ID, Name, Description string
	// System is set for a system disk, which is created and deleted with its instance.
	System bool
	// Category is such as cloud_essd, Level its performance level, "" for none.
	Category, Level string
	GiB             int
	// Device is the device name in the instance.
	Device string
	// DeleteWithInstance is set if the disk is deleted with its instance.
	DeleteWithInstance bool
	// PayAsYouGo is set for a data disk that is billed by the hour although its instance is a subscription.
	PayAsYouGo bool
	// Included is set for a system disk that the price of the instance type includes.
	Included  bool
	Encrypted bool
	// DeleteAutoSnapshot is set if its automatic snapshots are deleted with it, NoAutoSnapshot if it has none.
	DeleteAutoSnapshot, NoAutoSnapshot bool
	SnapshotID                         string // source snapshot, "" for none

	// InstanceID is empty for a disk that outlived its instance. The fields below are then its own; before, they are
	// the instance's.
	InstanceID, ImageID, ZoneID string
	Region                      *catalog.Region
	ChargeType                  string
	Creation, Detached          time.Time
	Tags                        []fleet.Tag

	// Made is the creation of a disk that was not created with its instance, and Mounted the time at which it was
	// attached; both are zero otherwise.
	Made, Mounted time.Time
	// UsedFrom is the time from which a disk without an instance is not billed yet, Number its sequence number.
	UsedFrom time.Time
	Number   uint64
}

// Portable reports whether a disk can be detached: it is a pay-as-you-go data disk.
func (d Disk) Portable() bool { return !d.System && d.ChargeType == fleet.PostPaid }

// The default disk of an instance.
const (
	defaultCategory = "cloud_essd"
	defaultLevel    = "PL1"
	systemDevice    = "/dev/xvda"
)

// idPrefix starts every disk's ID. The rest of a system disk's ID is the random part of its instance's, after
// instancePrefix.
const idPrefix, instancePrefix = "d-", "i-"

// SystemID returns the ID of an instance's system disk.
func SystemID(instanceID string) string { return idPrefix + instanceID[len(instancePrefix):] }

// DefaultSystem returns the default system disk of an instance.
func DefaultSystem() Disk {
	return Disk{
		System: true, Category: defaultCategory, Level: defaultLevel, GiB: catalog.DefaultDiskGiB,
		Device: systemDevice, DeleteWithInstance: true, Included: true,
	}
}

// Device returns the name of the data disk with a number, from 0: /dev/xvdb and so on.
func Device(number int) string { return "/dev/xvd" + string(rune('b'+number)) }

// belongTo copies the instance's attributes to a disk.
func (d *Disk) belongTo(i *fleet.Instance) {
	d.InstanceID, d.ImageID, d.ZoneID, d.Region = i.ID, i.Image.ID, i.ZoneID, i.Region
	d.ChargeType, d.Creation, d.Tags = i.ChargeType, i.Creation, i.LaunchTags
	if !d.Made.IsZero() {
		d.Creation = d.Made
	}
	if d.Mounted.IsZero() {
		d.Mounted = i.Creation
	}
	if d.PayAsYouGo {
		d.ChargeType = fleet.PostPaid
	}
}
