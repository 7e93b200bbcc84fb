package action

import (
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// writeDisk writes one disk of DescribeDisks.
func writeDisk(out *wire.Writer, f found) {
	d := f.disk
	out.Str("DiskId", d.ID)
	out.Str("DiskName", d.Name)
	out.Str("Description", d.Description)
	kind, status := "data", "In_use"
	if d.System {
		kind = "system"
	}
	if f.owner == nil {
		status = "Available"
	}
	out.Str("Type", kind)
	out.Str("Status", status)
	out.Str("Category", d.Category)
	out.Str("PerformanceLevel", d.Level)
	out.Int("Size", int64(d.GiB))
	out.Str("RegionId", d.Region.ID)
	out.Str("ZoneId", d.ZoneID)
	out.Str("InstanceId", d.InstanceID)
	out.Str("Device", d.Device)
	out.Str("ImageId", systemOnly(d.System, d.ImageID))
	out.Str("SourceSnapshotId", d.SnapshotID)
	out.Str("DiskChargeType", d.ChargeType)
	out.Bool("DeleteWithInstance", d.DeleteWithInstance)
	out.Bool("DeleteAutoSnapshot", d.DeleteAutoSnapshot)
	out.Bool("EnableAutoSnapshot", !d.NoAutoSnapshot)
	out.Bool("EnableAutomatedSnapshotPolicy", false)
	out.Str("AutoSnapshotPolicyId", "")
	out.Bool("Portable", d.Portable())
	out.Bool("Encrypted", d.Encrypted)
	out.Str("KMSKeyId", "")
	out.Str("MultiAttach", notShared)
	out.Bool("BurstingEnabled", false)
	out.Int("ProvisionedIops", 0)
	iops, throughput := int64(min(1800+50*d.GiB, 50000)), int64(min(120+d.GiB/2, 350)) // of an ESSD of level PL1
	for _, name := range []string{"IOPS", "IOPSRead", "IOPSWrite"} {
		out.Int(name, iops)
	}
	for _, name := range []string{"Throughput", "ThroughputRead", "ThroughputWrite"} {
		out.Int(name, throughput)
	}
	out.Str("BdfId", "")
	out.Str("StorageClusterId", "")
	out.Int("StorageSetPartitionNumber", 0)
	out.Object("Placement")
	out.Str("ZoneIds", d.ZoneID)
	out.End()
	out.Str("ProductCode", "")
	out.Str("StorageSetId", "")
	out.Append("SerialNumber", func(b []byte) []byte { return append(b, d.ID[2:]...) })
	out.Second("CreationTime", d.Creation)
	out.Second("DetachedTime", d.Detached)
	mounted := 0
	if f.owner != nil {
		mounted = 1
		out.Second("AttachedTime", d.Mounted)
		expiry := fleet.NoExpiry
		if d.ChargeType == fleet.PrePaid {
			expiry = f.owner.Expiry
		}
		out.Minute("ExpiredTime", expiry)
		out.Str("ResourceGroupId", f.owner.ResourceGroupID)
	} else {
		out.Str("AttachedTime", "")
		out.Minute("ExpiredTime", fleet.NoExpiry)
		out.Str("ResourceGroupId", "")
	}
	out.Int("MountInstanceNum", int64(mounted))
	writeAttachments(out, f)
	writeDiskLocks(out, f.owner)
	writeResourceTags(out, d.Tags)
}

// writeAttachments writes the instance that a disk is attached to, twice as the API does.
func writeAttachments(out *wire.Writer, f found) {
	for _, list := range [][2]string{{"Attachments", "Attachment"}, {"MountInstances", "MountInstance"}} {
		out.List(list[0], list[1])
		if f.owner != nil {
			out.Item()
			out.Str("InstanceId", f.disk.InstanceID)
			out.Str("Device", f.disk.Device)
			out.Second("AttachedTime", f.disk.Mounted)
			if list[0] == "Attachments" {
				writeNoInterface(out)
			}
			out.End()
		}
		out.End()
	}
}

// writeNoInterface writes the empty fields for attached network interfaces and NVMe namespaces, which are part of the
// same type of the API.
func writeNoInterface(out *wire.Writer) {
	for _, name := range []string{"AccessToken", "Identifier", "Nguid", "TargetDevice", "TrunkNetworkInterfaceId"} {
		out.Str(name, "")
	}
	for _, name := range []string{"DeviceIndex", "NetworkCardIndex", "NsId"} {
		out.Int(name, 0)
	}
	writeStrings(out, "MemberNetworkInterfaceIds", "MemberNetworkInterfaceId")
}

func systemOnly(system bool, s string) string {
	if system {
		return s
	}
	return ""
}

// writeDiskLocks writes the locks of the instance that a disk shares.
func writeDiskLocks(out *wire.Writer, i *fleet.Instance) {
	out.List("OperationLocks", "OperationLock")
	for _, reason := range []string{fleet.LockFinancial, fleet.LockSecurity} {
		if i != nil && i.Locked(reason) {
			out.Item()
			out.Str("LockReason", reason)
			out.End()
		}
	}
	out.End()
}

func writeResourceTags(out *wire.Writer, tags []fleet.Tag) {
	out.List("Tags", "Tag")
	for _, t := range tags {
		out.Item()
		out.Str("TagKey", t.Key)
		out.Str("TagValue", t.Value)
		out.Str("Key", t.Key)
		out.Str("Value", t.Value)
		out.End()
	}
	out.End()
}
