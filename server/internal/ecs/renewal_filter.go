package ecs

import "time"

// RenewalFilter picks renewals. A zero field picks any.
type RenewalFilter struct {
	JobID      string
	RegionID   string
	InstanceID string
	Caller     string
	States     []RenewalState
	// Since and Until bound the time at which a renewal was made: from Since on,
	// before Until.
	Since, Until time.Time
}

// RenewalJobFilter picks renewal jobs. A zero field picks any.
type RenewalJobFilter struct {
	Caller string
	States []RenewalJobState
	// Since and Until bound the time at which a job was made: from Since on,
	// before Until.
	Since, Until time.Time
}

// LedgerCursor is a place in a list that has the newest first: right after the
// row that was made then and has the id. The zero value is the beginning.
type LedgerCursor struct {
	CreateTime time.Time
	ID         string
}
