package action

import "github.com/ecsd-io/ecsd/simulator/internal/wire"

// The errors of changes of disks, with the cloud's spelling.
var (
	errDiskUnknown = wire.Refuse(404, "InvalidDiskId.NotFound",
		"The specified disk does not exist.")
	errDiskBusy = wire.Refuse(403, "IncorrectDiskStatus",
		"The current disk status does not support this operation.")
	errDiskSystem = wire.Refuse(403, "DiskTypeViolation",
		"The specified disk is a system disk and cannot support the operation.")
	errDiskNotPortable = wire.Refuse(403, "DiskNotPortable",
		"The specified disk is not a portable disk.")
	errDiskSaving = wire.Refuse(403, "DiskCreatingSnapshot",
		"The operation is denied due to a snapshot of the specified disk is not completed yet.")

	// CreateDisk
	errDiskPlaces = wire.Refuse(400, "InvalidParameter.Conflict",
		"The specified ZoneId and InstanceId exclude each other.")
	errDiskNoZone = wire.Refuse(404, "InvalidZoneId.NotFound",
		"The specified zone does not exist.")
	errNewDiskName = wire.Refuse(400, "InvalidDiskName.Malformed",
		"The specified disk name is wrongly formed.")
	errNewDiskDescription = wire.Refuse(400, "InvalidDescription.Malformed",
		"The specified description is wrongly formed.")
	errNewDiskCategory = wire.Refuse(400, "InvalidDiskCategory.ValueNotSupported",
		`The specified parameter "DiskCategory" is not valid.`)
	errNewDiskSizeMissing = wire.Refuse(400, "MissingParameter",
		`The input parameter either "SnapshotId" or "Size" should be specified.`)
	errNewDiskSize = wire.Refuse(403, "InvalidDiskSize.NotSupported",
		"The specified disk size is not supported.")
	errNewDiskSnapshot = wire.Refuse(404, "InvalidSnapshotId.NotFound",
		"The specified SnapshotId does not exist.")
	errNewDiskSystemSnapshot = wire.Refuse(403, "InvalidSnapshotId.NotDataDiskSnapshot",
		"The specified snapshot is system disk snapshot.")

	// AttachDisk and DetachDisk
	errDevice = wire.Refuse(400, "InvalidDevice.Malformed",
		"The specified device is not valid.")
	errDeviceUsed = wire.Refuse(403, "InvalidDevice.InUse",
		"The specified device has been occupied.")
	errDiskLimit = wire.Refuse(403, "InstanceDiskLimitExceeded",
		"The amount of the disk on instance in question reach its limits.")
	errDiskOtherZone = wire.Refuse(403, "ResourcesNotInSameZone",
		"The specified instance and disk are not in the same zone.")
	errDiskElsewhere = wire.Refuse(403, "DependencyViolation",
		"The specified disk has not been attached on the specified instance.")

	// ModifyDiskAttribute
	errDiskBoth = wire.Refuse(400, "InvalidParameter.Conflict",
		"The specified DiskId and DiskIds.N exclude each other.")
	errDiskChangeDescription = wire.Refuse(404, "InvalidDescription.Malformed",
		"The specified description is wrongly formed.")
	errDiskNothing = wire.Refuse(400, "NoAttributeToModify",
		"No attribute to be modified in this request.")

	// ModifyDiskChargeType
	errDiskConvertedIDs = wire.Refuse(400, "InvalidParameter.DiskIds",
		"The specified DiskIds are invalid.")
	errDiskConvertedTo = wire.Refuse(400, "InvalidDiskChargeType.ValueNotSupported",
		"The specified DiskChargeType is not valid for the disk.")

	// ResizeDisk
	errDiskNotLarger = wire.Refuse(403, "InvalidDiskSize.TooSmall",
		"Specified new disk size is less than the original disk size.")
	errDiskTooLarge = wire.Refuse(403, "InvalidDiskSize.TooLarge",
		"Specified new disk size is beyond the permitted range.")
	errResizeKind = wire.Refuse(400, "InvalidParam.Type",
		"The specified type is not supported.")
	errResizeOnline = wire.Refuse(403, "InvalidInstanceStatus.NotRunning",
		"The status of instance to which the disk attachs must be running when resizing online.") // the cloud's spelling
)
