package ecs

import "regexp"

// InstanceIDRule describes the rule of ValidInstanceID.
const InstanceIDRule = `must be 1 to 64 letters, digits and hyphens, such as i-bp1aet7s13lfpjop0001`

// ValidInstanceID reports whether the text can be an instance ID. The cloud
// publishes no grammar, and its oldest IDs have other forms than today's, such
// as AY121018033933eae8689.
func ValidInstanceID(id string) bool { return validID(id) }

// validID reports whether the text is 1 to 64 letters, digits and hyphens.
func validID(id string) bool {
	for i := range len(id) {
		switch c := id[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-':
		default:
			return false
		}
	}
	return len(id) >= 1 && len(id) <= 64
}

// RegionIDRule describes the rule of ValidRegionID.
const RegionIDRule = `must be a region id of lower-case letters, digits and hyphens, such as cn-hangzhou`

var regionID = regexp.MustCompile(`^[a-z]{2}(-[a-z0-9]{1,20}){1,4}$`)

// ValidRegionID reports whether the text has the form of a region id.
func ValidRegionID(id string) bool { return regionID.MatchString(id) }

// DiskIDRule describes the rule of ValidDiskID.
const DiskIDRule = `must be 1 to 64 letters, digits and hyphens, such as d-bp67acfmxazb4p0hd2fw`

// ValidDiskID reports whether the text has the form of a disk id.
func ValidDiskID(id string) bool { return validID(id) }

// SnapshotIDRule describes the rule of ValidSnapshotID.
const SnapshotIDRule = `must be 1 to 64 letters, digits and hyphens, such as s-bp67acfmxazb4p0hd2fw`

// ValidSnapshotID reports whether the text has the form of a snapshot id.
func ValidSnapshotID(id string) bool { return validID(id) }

// InstanceTypeRule describes the rule of ValidInstanceType.
const InstanceTypeRule = `must be an instance type such as ecs.g7.large`

var instanceType = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`)

// ValidInstanceType reports whether the text has the form of an instance type.
func ValidInstanceType(name string) bool { return len(name) <= 64 && instanceType.MatchString(name) }

// ZoneIDRule describes the rule of ValidZoneID.
const ZoneIDRule = `must be a zone id such as cn-hangzhou-h`

var zoneID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+){1,5}$`)

// ValidZoneID reports whether the text has the form of a zone id.
func ValidZoneID(id string) bool { return zoneID.MatchString(id) }
