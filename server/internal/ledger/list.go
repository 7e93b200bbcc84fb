package ledger

import "time"

// Filter selects renewals. A zero field selects any.
type Filter struct {
	JobID      string
	RegionID   string
	InstanceID string
	Caller     string
	States     []State
	// Since and Until bound the creation time: [Since, Until).
	Since, Until time.Time
}

// JobFilter selects renewal jobs. A zero field selects any.
type JobFilter struct {
	Caller string
	States []JobState
	// Since and Until bound the creation time: [Since, Until).
	Since, Until time.Time
}

// Cursor is a position in a list, newest first: after the row with this
// creation time and ID. The zero value is the beginning.
type Cursor struct {
	CreateTime time.Time
	ID         string
}

// Claim selects renewals for a runner to claim: those in flight, or those
// PLANNED. In flight are SUBMITTING, UNKNOWN and VERIFYING.
type Claim struct {
	// RegionID is the region. JobID, if set, selects one job in any region.
	RegionID string
	JobID    string
	InFlight bool
	Limit    int
	// ExceptJobs are jobs that this runner cannot work on.
	ExceptJobs []string
}
