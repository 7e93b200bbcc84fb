package client

import (
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// Event is what Watch tells: a *Snapshot, *Changed, *Removed, *Checkpoint,
// *Interrupted or *Restarted. A switch over it should pass over what it does
// not name.
type Event interface{ instanceEvent() }

// Snapshot is an instance that matched when the watch began.
type Snapshot struct {
	// Revision is the newest poll that the snapshot covers.
	Revision int64
	Instance *ecsdv1.Instance
}

// Changed is an instance that changed, that is new, or that begins to match.
type Changed struct {
	// Revision is the number of the poll that found it. Of one instance it
	// rises strictly, until a Restarted.
	Revision int64
	Instance *ecsdv1.Instance
	// PreviousStatus is the status that this watch told last of the instance,
	// UNSPECIFIED where it told none.
	PreviousStatus ecsdv1.InstanceStatus
	// Skipped is how many earlier changes were merged into this one. It is 0
	// with DELIVERY_EVERY_CHANGE, and not known, so 0, between a Restarted and
	// the Checkpoint after it.
	Skipped int32
}

// Removed is an instance that the watch told of and that is not watched any
// more.
type Removed struct {
	Revision             int64
	InstanceID, RegionID string
	// Reason is UNSPECIFIED where it went while the watch was away for longer
	// than the server's history: released, or no longer matching.
	Reason ecsdv1.RemovalReason
}

// Checkpoint says that everything up to its revision was told, and how fresh
// that is. One ends each snapshot and each batch of changes, and one comes at
// least every heartbeat for as long as the server is there.
type Checkpoint struct {
	Revision int64
	// ResumeToken, in the request of a later watch, goes on after here.
	ResumeToken string
	// ObservedTime is when the oldest of the newest complete polls of the
	// watched regions began: what was told is not older. Zero where a region was
	// never seen.
	ObservedTime time.Time
	// Degraded are the watched regions that the server cannot look at, each with
	// its cause. Empty where it can.
	Degraded []*ecsdv1.DegradedRegion
	// Snapshot: it ends a snapshot, so all that there was has been told.
	Snapshot bool
}

// Interrupted says that the stream was lost and that the watch goes on after a
// while. It is for logs and for freshness: nothing is told until the next
// Checkpoint, and what was told may be out of date.
type Interrupted struct {
	// Err is why: ErrorOf and Reason read it.
	Err error
	// Delay is how long the watch stays away.
	Delay time.Duration
}

// Restarted says that the watch could not go on where it was: the server's
// history does not reach back that far, or its database is another one. What
// follows, up to the next Checkpoint, is the difference between what was told
// before and what there is now: changes in between are not known, and revisions
// may begin anew.
type Restarted struct {
	// Cause has the reason RESUME_TOKEN_EXPIRED, INVALID_RESUME_TOKEN or
	// SLOW_READER.
	Cause error
}

func (*Snapshot) instanceEvent()    {}
func (*Changed) instanceEvent()     {}
func (*Removed) instanceEvent()     {}
func (*Checkpoint) instanceEvent()  {}
func (*Interrupted) instanceEvent() {}
func (*Restarted) instanceEvent()   {}
