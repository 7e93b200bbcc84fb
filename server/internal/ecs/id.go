package ecs

import "regexp"

// InstanceIDRule says in words what ValidInstanceID checks.
const InstanceIDRule = `must be "i-" followed by 1 to 60 lower-case letters or digits, such as i-bp1aet7s13lfpjop0001`

var instanceID = regexp.MustCompile(`^i-[a-z0-9]{1,60}$`)

// ValidInstanceID reports whether the text has the form of an instance id.
// The cloud publishes no grammar; every id in its documents has this form.
func ValidInstanceID(id string) bool { return instanceID.MatchString(id) }

// RegionIDRule says in words what ValidRegionID checks.
const RegionIDRule = `must be a region id of lower-case letters, digits and hyphens, such as cn-hangzhou`

var regionID = regexp.MustCompile(`^[a-z]{2}(-[a-z0-9]{1,20}){1,4}$`)

// ValidRegionID reports whether the text has the form of a region id.
func ValidRegionID(id string) bool { return regionID.MatchString(id) }

// DiskIDRule says in words what ValidDiskID checks.
const DiskIDRule = `must be "d-" followed by 1 to 60 lower-case letters or digits, such as d-bp67acfmxazb4p0hd2fw`

var diskID = regexp.MustCompile(`^d-[a-z0-9]{1,60}$`)

// ValidDiskID reports whether the text has the form of a disk id.
func ValidDiskID(id string) bool { return diskID.MatchString(id) }

// SnapshotIDRule says in words what ValidSnapshotID checks.
const SnapshotIDRule = `must be "s-" followed by 1 to 60 lower-case letters or digits, such as s-bp67acfmxazb4p0hd2fw`

var snapshotID = regexp.MustCompile(`^s-[a-z0-9]{1,60}$`)

// ValidSnapshotID reports whether the text has the form of a snapshot id.
func ValidSnapshotID(id string) bool { return snapshotID.MatchString(id) }

// InstanceTypeRule says in words what ValidInstanceType checks.
const InstanceTypeRule = `must be an instance type such as ecs.g7.large`

var instanceType = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,63}$`)

// ValidInstanceType reports whether the text has the form of an instance type.
func ValidInstanceType(name string) bool { return instanceType.MatchString(name) }

// ZoneIDRule says in words what ValidZoneID checks.
const ZoneIDRule = `must be a zone id such as cn-hangzhou-h`

var zoneID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+){1,5}$`)

// ValidZoneID reports whether the text has the form of a zone id.
func ValidZoneID(id string) bool { return zoneID.MatchString(id) }
