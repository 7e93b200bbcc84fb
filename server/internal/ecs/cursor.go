package ecs

import (
	"cmp"
	"time"
)

// Cursor is the position in a list over several regions. It holds every region
// that is not read to its end; an empty cursor is the end of the list.
type Cursor struct {
	Regions []RegionCursor
	// Window pins a relative window to the moment of the first page.
	Window Window
	// After is the last entry that was returned of a list in order of expiry, zero
	// at its beginning.
	After ExpiryKey
	// List names that list where it is held in memory, "" if it is not.
	List string
}

// RegionCursor is a place in one region's list: the cloud's own token and how
// many instances of the page behind it were already handed out.
type RegionCursor struct {
	RegionID string
	Token    string
	Skip     int
}

// ExpiryKey orders subscriptions by expiry, then by ID, which is unique over all
// regions.
type ExpiryKey struct {
	ExpireTime time.Time
	ID         string
}

// ExpiryKeyOf returns the key of an instance.
func ExpiryKeyOf(i *Instance) ExpiryKey { return ExpiryKey{i.ExpireTime, i.ID} }

// IsZero reports whether the key is before all others.
func (k ExpiryKey) IsZero() bool { return k.ID == "" && k.ExpireTime.IsZero() }

// Compare orders keys.
func (k ExpiryKey) Compare(o ExpiryKey) int {
	return cmp.Or(k.ExpireTime.Compare(o.ExpireTime), cmp.Compare(k.ID, o.ID))
}

// RegionError names a region that could not be read, and why.
type RegionError struct {
	RegionID string
	Err      error
}
