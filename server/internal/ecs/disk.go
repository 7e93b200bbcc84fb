package ecs

import "time"

// Disk is one disk as one read of the cloud showed it.
type Disk struct {
	ID         string
	Name       string
	RegionID   string
	ZoneID     string
	InstanceID string
	Device     string
	// Type is the cloud's word: system or data.
	Type      string
	Category  string
	RawStatus string
	SizeGiB   int32
	// ChargeType is the disk's own, which may differ from its instance's.
	ChargeType ChargeType
	// DeleteWithInstance reports that a release of the instance takes the disk
	// with it.
	DeleteWithInstance bool
	Encrypted          bool
	PerformanceLevel   string
	CreateTime         time.Time
	ExpireTime         time.Time
	Tags               []Tag
}

// DiskQuery selects the disks of a region.
type DiskQuery struct {
	// IDs names up to 100 disks.
	IDs        []string
	InstanceID string
	// Type is system, data or "" for both.
	Type string
	// RawStatuses are the permitted statuses, none for all.
	RawStatuses []string
	Tags        []Tag
}

// DiskPage is one page of a DiskQuery.
type DiskPage struct {
	Disks []Disk
	Next  string
}

// SnapshotOrder orders a snapshot of a disk, once per token.
type SnapshotOrder struct {
	RegionID    string
	DiskID      string
	Name        string
	Description string
	// RetentionDays is 1 to 65536, 0 for unlimited.
	RetentionDays int32
	Tags          []Tag
	ClientToken   string
}

// SnapshotState is how far a snapshot is.
type SnapshotState int

// The states that the cloud documents.
const (
	SnapshotUnknown SnapshotState = iota
	SnapshotProgressing
	SnapshotAccomplished
	SnapshotFailed
)

// Snapshot is one snapshot as one read of the cloud showed it.
type Snapshot struct {
	ID          string
	Name        string
	Description string
	RegionID    string
	DiskID      string
	// DiskType is the source disk's: system or data.
	DiskType string
	SizeGiB  int32
	State    SnapshotState
	RawState string
	// ProgressPercent is 0 to 100.
	ProgressPercent int32
	CreateTime      time.Time
	RetentionDays   int32
	Tags            []Tag
}

// SnapshotQuery selects the snapshots of a region.
type SnapshotQuery struct {
	// IDs names up to 100 snapshots.
	IDs        []string
	InstanceID string
	DiskID     string
	// States are the permitted states, none for all.
	States []SnapshotState
}

// SnapshotPage is one page of a SnapshotQuery.
type SnapshotPage struct {
	Snapshots []Snapshot
	Next      string
}
