package ecs

import "time"

// SettingIntent is the stored part of a change of several steps: the value that
// a setting of an instance must get if the process that makes the change dies.
type SettingIntent struct {
	// RequestID identifies the change.
	RequestID  string
	RegionID   string
	InstanceID string
	// Setting names the changed setting, such as SettingDeletionProtection.
	Setting string
	// Detail is the value to set, in JSON, "" if Setting alone defines it.
	Detail string
	// Holder identifies the run that carries the change out. Its hold ends at
	// HeldUntil; after that any process may claim the intent.
	Holder     string
	HeldUntil  time.Time
	CreateTime time.Time
}

// The settings of an intent.
const (
	// SettingDeletionProtection: the protection was on and must be on again.
	SettingDeletionProtection = "DELETION_PROTECTION"
	// SettingTags: the tags in Detail must be set.
	SettingTags = "TAGS"
)
