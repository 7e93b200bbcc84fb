package changelog

import (
	"errors"
	"time"
)

// Revision holds the changes found by one poll of one region: the unit of the
// change log, which no reader sees in part.
type Revision struct {
	// Number rises by one in the order of commits, over all regions; the first
	// is 1.
	Number int64
	// ID is random.
	ID       int64
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
	// Before is nil if the instance is new, After if it is gone.
	Before, After []byte
}

// Record is an instance as it was last seen.
type Record struct {
	RegionID   string
	InstanceID string
	// Revision is that of its last change.
	Revision int64
	State    []byte
}

// Position is a revision of one line of history. Two databases that continue
// from the same copy give the same number to different revisions, but never the
// same ID. The position before the first revision is zero.
type Position struct {
	Revision, ID int64
}

// Position is that of the revision.
func (r Revision) Position() Position { return Position{Revision: r.Number, ID: r.ID} }

// Bounds are the revisions that a reader can continue after: any R with
// Oldest <= R <= Newest. A log in which nothing was written has 0 and 0.
type Bounds struct {
	Oldest, Newest int64
	// NewestID is the ID of the newest revision.
	NewestID int64
}

// End is the position of the newest revision.
func (b Bounds) End() Position { return Position{Revision: b.Newest, ID: b.NewestID} }

// Page is a part of the change log.
type Page struct {
	// Revisions are all requested revisions, up to and including UpTo.
	Revisions []Revision
	UpTo      int64
	// UpToID is the ID of the revision UpTo.
	UpToID int64
}

// End is the position up to which the page goes.
func (p Page) End() Position { return Position{Revision: p.UpTo, ID: p.UpToID} }

// History is how much of the log is kept: nothing older than Age, and no
// revision that has MaxChanges or more changes after it.
type History struct {
	Age        time.Duration
	MaxChanges int64
}

// Errors of a change log that cannot be read after a position.
var (
	// ErrTrimmed: the log no longer reaches back so far.
	ErrTrimmed = errors.New("the revision is past the history that is kept")
	// ErrLost: the log does not contain the position. The position belongs
	// to another copy of the database, such as one before a restore, or was lost
	// in a failover.
	ErrLost = errors.New("the revision is not in this change log")
)
