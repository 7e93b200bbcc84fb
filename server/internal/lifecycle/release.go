package lifecycle

import "github.com/ecsd-io/ecsd/server/internal/ecs"

// ReleaseRequest asks to release instances for good. Its fields were checked
// by the caller; each of the flags makes one guard give way.
type ReleaseRequest struct {
	RegionID string
	IDs      []string
	// Force releases what is not stopped.
	Force bool
	// SnapshotDisks saves every disk first, and releases only what was saved.
	SnapshotDisks bool
	// OverrideDeletionProtection switches the protection off first.
	OverrideDeletionProtection bool
	// AllowUnexpiredSubscription asks the cloud to release what is still paid
	// for; whether it does is the cloud's decision.
	AllowUnexpiredSubscription bool
	// MaxInstances is how many may go at once, 0 for the server's own number.
	MaxInstances int32
	// ValidateOnly releases nothing and shows what would go.
	ValidateOnly bool
	RequestID    string
	Caller       string
}

// Fate is what became of an instance that was to be released.
type Fate struct {
	// Released says that the cloud no longer shows the instance.
	Released bool
	// Instance is as it was read before it went.
	Instance ecs.Instance
	// Disks are listed where SnapshotDisks or ValidateOnly was asked.
	Disks []DiskFate
}

// DiskFate is what becomes of a disk when its instance goes.
type DiskFate struct {
	Disk ecs.Disk
	// DeletedWithInstance: the disk goes too; else it stays, detached.
	DeletedWithInstance bool
	// SnapshotID is the snapshot that was made of it, "" for none.
	SnapshotID string
}
