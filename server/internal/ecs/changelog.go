package ecs

import (
	"errors"
	"time"
)

// Revision is what one poll of one region found: the unit of the change log,
// which no reader sees in part.
type Revision struct {
	// Number rises by one in the order of commits, over all regions; the first
	// is 1.
	Number   int64
	RegionID string
	// CommitTime is by the clock of the database.
	CommitTime time.Time
	// Changes are sorted by InstanceID; an instance is among them once at most.
	Changes []Change
}

// Change is one difference that a poll found. The states are as the writer of
// the log encodes them.
type Change struct {
	InstanceID string
	// Before is nil where the instance is new, After where it is gone.
	Before, After []byte
}

// InstanceRecord is an instance as it was last seen.
type InstanceRecord struct {
	RegionID   string
	InstanceID string
	// Revision is that of its last change.
	Revision int64
	State    []byte
}

// LogBounds tells which revisions a reader can go on from: any R with
// Oldest <= R <= Newest. A log in which nothing was written has 0 and 0.
type LogBounds struct {
	Oldest, Newest int64
}

// LogPage is a part of the change log.
type LogPage struct {
	// Revisions are all that were asked for, up to and including UpTo.
	Revisions []Revision
	UpTo      int64
}

// What a change log answers beside success.
var (
	// ErrRevisionTrimmed says that the log no longer reaches back so far.
	ErrRevisionTrimmed = errors.New("the revision is past the history that is kept")
	// ErrRevisionAhead says that the log never came so far: the revision is of
	// another database, or of this one before a copy was restored.
	ErrRevisionAhead = errors.New("the revision is not of this change log")
)
