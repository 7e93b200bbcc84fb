package changelog

import "time"

// Query selects changes of the log, oldest first.
type Query struct {
	// RegionIDs and InstanceIDs select regions and instances; none means all.
	RegionIDs, InstanceIDs []string
	// Start and End bound the commit times, as a half-open interval; the zero time
	// means no bound.
	Start, End time.Time
	// After is the last entry of the page before, zero for the first page.
	After Cursor
	// Limit is the largest number of entries.
	Limit int
}

// Cursor is the point after one entry.
type Cursor struct {
	Position
	InstanceID string
}

// IsZero reports whether the cursor is before the first entry.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// Entry is one change with its revision.
type Entry struct {
	Position
	RegionID   string
	CommitTime time.Time
	Change
}

// Cursor is the point after the entry.
func (e Entry) Cursor() Cursor { return Cursor{Position: e.Position, InstanceID: e.InstanceID} }

// Slice is a part of the log as a query selects it.
type Slice struct {
	Entries []Entry
	// More: there are further entries.
	More bool
	// Complete is the time from which on the log holds every change, zero if it
	// holds all since the database was created.
	Complete time.Time
}
