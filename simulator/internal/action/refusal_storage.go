package action

import "github.com/ecsd-io/ecsd/simulator/internal/wire"

// The errors of disks and snapshots.
var (
	// DescribeDisks
	errDiskType = wire.Refuse(400, "InvalidDiskType.ValueNotSupported",
		"The specified disk type is not supported.")
	errDiskCategory = wire.Refuse(400, "InvalidCategory.ValueNotSupported",
		"The specified disk category is not supported.")
	errDiskStatus = wire.Refuse(400, "InvalidStatus.ValueNotSupported",
		"The specified disk status is not supported.")
	errDiskZone = wire.Refuse(400, "InvalidZoneId.NotFound",
		"The zoneId provided does not exist in our records.")
	errDiskIDs = wire.Refuse(403, "InvalidDiskIds.Malformed",
		"The amount of specified disk Ids exceeds the limit.")
	errDiskChargeType = wire.Refuse(404, "InvalidDiskChargeType.NotFound",
		"The DiskChargeType does not exist in our records")

	// CreateSnapshot
	errDiskNotFound = wire.Refuse(404, "InvalidDiskId.NotFound",
		"The specified DiskId does not exist.")
	errSnapshotName = wire.Refuse(400, "InvalidSnapshotName.Malformed",
		"The specified SnapshotName is wrongly formed.")
	errSnapshotDescription = wire.Refuse(404, "InvalidDescription.Malformed",
		"The specified description is wrongly formed.")
	errSnapshotTags = wire.Refuse(403, "QuotaExceed.Tags",
		"The specified tags are beyond the permitted range.")
	errSnapshotBusy = wire.Refuse(403, "IncorrectDiskStatus.CreatingSnapshot",
		"A previous snapshot creation is in process.")
	errSnapshotQuota = wire.Refuse(403, "QuotaExceed.Snapshot",
		"The snapshot quota exceeds.")
	errSnapshotLocked = wire.Refuse(403, "InstanceLockedForSecurity",
		"The disk attached instance is locked due to security.")
	errSnapshotNeverUsed = wire.Refuse(403, "IncorrectDiskStatus.NeverUsed",
		"The specified disk has never been used after creating.")
	errSnapshotStatus = wire.Refuse(400, "IncorrectInstanceStatus",
		"The current status of the resource does not support this operation.")

	// DeleteSnapshot
	errSnapshotInUse = wire.Refuse(403, "SnapshotCreatedDisk",
		"The snapshot has been used to create disk(s).")

	// DescribeSnapshots
	errSnapshotIDs = wire.Refuse(403, "InvalidSnapshotIds.Malformed",
		"The amount of specified specified snapshot Ids exceeds the limit.")
	errSnapshotListStatus = wire.Refuse(404, "InvalidStatus.NotFound",
		"The specified Status is not found")
	errSnapshotType = wire.Refuse(404, "InvalidSnapshotType.NotFound",
		"The specfied SnapshotType is not found") // the cloud's spelling
	errSnapshotDiskType = wire.Refuse(404, "InvalidSourceDiskType",
		"The specifed SourceDiskType is not valid") //nolint:misspell // the cloud's spelling
	errSnapshotUsage = wire.Refuse(404, "InvalidUsage",
		"The specifed Usage is not valid") //nolint:misspell // the cloud's spelling
	errSnapshotCategory = wire.Refuse(403, "InvalidSnapshotCategory.Malformed",
		"The specified Category is not valid.")
)
