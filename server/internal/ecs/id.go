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
