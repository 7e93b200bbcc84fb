package client

import (
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// Event is an event of Watch: a *Snapshot, *Changed, *Removed, *Checkpoint, *Interrupted or *Restarted. A switch over
// it should ignore unknown types.
type Event interface{ instanceEvent() }

// Snapshot is an instance that matched when the watch started.
type Snapshot struct {
	// Revision is the newest poll that the snapshot covers.
	Revision int64
	Instance *ecsdv1.Instance
}

// Changed is an instance that changed, is new, or starts to match.
type Changed struct {
	// Revision is the number of the poll that found the change. It rises strictly per instance, until a Restarted.
	Revision int64
	Instance *ecsdv1.Instance
	// PreviousStatus is the last status that this watch reported for the instance; UNSPECIFIED if it reported none.
	PreviousStatus ecsdv1.InstanceStatus
	// Skipped is the count of earlier changes merged into this one. It is 0 with WATCH_DELIVERY_EVERY_CHANGE. Between a
	// Restarted and the next Checkpoint it is unknown, and 0.
	Skipped int32
}

// Removed is a reported instance that is no longer watched.
type Removed struct {
	Revision             int64
	InstanceID, RegionID string
	// Reason is UNSPECIFIED if the instance was released or stopped matching during an interruption longer than the
	// server's history.
	Reason ecsdv1.InstanceRemovalReason
}

// Checkpoint states that everything up to its revision was reported, and its freshness. One ends each snapshot and each
// batch of changes. One arrives at least once per heartbeat while the server is reachable.
type Checkpoint struct {
	Revision int64
	// ResumeToken, in the request of a later watch, resumes after this checkpoint.
	ResumeToken string
	// ObservedTime bounds the age of the reported state: each watched region has a complete poll, and ObservedTime is
	// the earliest start of the newest ones. It is zero if a region was never observed.
	ObservedTime time.Time
	// Degraded lists the watched regions that the server cannot poll, each with its cause. It is empty if it can poll
	// all.
	Degraded []*ecsdv1.DegradedRegion
	// Snapshot is set if this checkpoint ends a snapshot, so that all existing instances have been reported.
	Snapshot bool
}

// Interrupted reports that the stream was lost and that the watch will reconnect. Use it for logs and freshness: no
// events follow until the next Checkpoint, and the reported state may be out of date.
type Interrupted struct {
	// Err is the cause; pass it to ErrorOf and Reason.
	Err error
	// Delay is the time until the watch reconnects.
	Delay time.Duration
}

// Restarted reports that the watch could not resume: the server's history does not reach back far enough, or its
// database is another one. The events up to the next Checkpoint are the difference between the reported and the current
// state. Intermediate changes are unknown, and revisions may restart at a lower number.
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
