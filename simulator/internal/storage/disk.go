package storage

import (
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Disk is one disk at one moment.
type Disk struct {
	ID, Name, Description string
	// System is set for a system disk, which lives and dies with its instance.
	System bool
	// Category is such as cloud_essd, Level its performance level, "" for none.
	Category, Level string
	GiB             int
	// Device is where the instance sees it.
	Device string
	// DeleteWithInstance is whether the disk goes when its instance does.
	DeleteWithInstance bool
	Encrypted          bool
	SnapshotID         string // that it was made from, "" for none

	// InstanceID is empty for a disk that outlived its instance; the fields
	// below are kept for it then, and are the instance's until then.
	InstanceID, ImageID, ZoneID string
	Region                      *catalog.Region
	ChargeType                  string
	Creation, Detached          time.Time
	Tags                        []fleet.Tag
}

// The disk of an instance that was made without a word about it.
const (
	defaultCategory = "cloud_essd"
	defaultLevel    = "PL1"
	systemDevice    = "/dev/xvda"
)

// idPrefix begins every disk's id; behind it, a system disk has the same
// random part as its instance behind instancePrefix.
const idPrefix, instancePrefix = "d-", "i-"

// SystemID is the id of an instance's system disk.
func SystemID(instanceID string) string { return idPrefix + instanceID[len(instancePrefix):] }

// DefaultSystem is the system disk of an instance that names none.
func DefaultSystem() Disk {
	return Disk{
		System: true, Category: defaultCategory, Level: defaultLevel, GiB: catalog.DefaultDiskGiB,
		Device: systemDevice, DeleteWithInstance: true,
	}
}

// Device is the name of the data disk with a number, from 0: /dev/xvdb on.
func Device(number int) string { return "/dev/xvd" + string(rune('b'+number)) }

// belongTo gives a disk what its instance has.
func (d *Disk) belongTo(i *fleet.Instance) {
	d.InstanceID, d.ImageID, d.ZoneID, d.Region = i.ID, i.Image.ID, i.ZoneID, i.Region
	d.ChargeType, d.Creation, d.Tags = i.ChargeType, i.Creation, i.Tags
}
