package ecs

import "time"

// ReleaseJobState is the state of a release job. It follows from the states of
// its items.
type ReleaseJobState string

// The states of a release job.
const (
	// ReleaseJobRunning: at least one item is not final.
	ReleaseJobRunning ReleaseJobState = "RUNNING"
	// ReleaseJobSucceeded: every instance was released.
	ReleaseJobSucceeded ReleaseJobState = "SUCCEEDED"
	// ReleaseJobPartial: some instances were released.
	ReleaseJobPartial ReleaseJobState = "PARTIAL"
	// ReleaseJobFailed: no instance was released.
	ReleaseJobFailed ReleaseJobState = "FAILED"
)

// Ended reports whether the job is at its end.
func (s ReleaseJobState) Ended() bool { return s != ReleaseJobRunning }

// ReleaseState is the state of one instance in a release job.
type ReleaseState string

// The states of an instance in a release job.
const (
	ReleasePlanned ReleaseState = "PLANNED"
	// ReleaseSnapshotting: at least one snapshot was requested.
	ReleaseSnapshotting ReleaseState = "SNAPSHOTTING"
	// ReleaseReleasing is stored before the release is sent: an instance that is
	// gone after that was released.
	ReleaseReleasing ReleaseState = "RELEASING"
	ReleaseReleased  ReleaseState = "RELEASED"
	// ReleaseSkipped: a guard held the instance back, or it does not exist.
	ReleaseSkipped ReleaseState = "SKIPPED"
	// ReleaseFailed: the instance was kept after an error.
	ReleaseFailed ReleaseState = "FAILED"
)

// Final reports whether the state does not change any more.
func (s ReleaseState) Final() bool {
	return s == ReleaseReleased || s == ReleaseSkipped || s == ReleaseFailed
}

// ReleaseJob is a request to save the disks of instances in snapshots and to
// release the instances. It survives the process.
type ReleaseJob struct {
	ID, RequestID string
	// PayloadHash is the fingerprint of the request.
	PayloadHash string
	Caller      string
	// Note is free text of the caller.
	Note     string
	RegionID string
	// Options are the guards that give way, in JSON.
	Options []byte
	State   ReleaseJobState
	// Counts are the numbers of items by state.
	Counts map[ReleaseState]int
	// Revision counts the writes of the job and its items.
	Revision   int64
	CreateTime time.Time
	UpdateTime time.Time
	// EndTime is zero for a running job.
	EndTime time.Time
}

// JobState returns the state of a job with these counts.
func JobState(counts map[ReleaseState]int) ReleaseJobState {
	all := 0
	for state, n := range counts {
		if n > 0 && !state.Final() {
			return ReleaseJobRunning
		}
		all += n
	}
	switch counts[ReleaseReleased] {
	case 0:
		return ReleaseJobFailed
	case all:
		return ReleaseJobSucceeded
	}
	return ReleaseJobPartial
}

// ReleaseItem is one instance of a release job.
type ReleaseItem struct {
	JobID      string
	InstanceID string
	State      ReleaseState
	// Failure is the reason of a skipped or failed item, and the last error of one
	// that is tried again.
	Failure Failure
	// Detail is JSON: the instance, its disks and snapshots. "" for none.
	Detail string
	// Revision is that of the job at the last write.
	Revision   int64
	UpdateTime time.Time
}
