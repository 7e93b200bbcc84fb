package ledger

import "time"

// Filter selects renewals. A zero field selects any.
type Filter struct {
	JobID      string
	RegionID   string
	InstanceID string
	Caller     string
	OrderID    string
	RenewalID  string
	States     []State
	// Since and Until bound the creation time: [Since, Until).
	Since, Until time.Time
	// PaidSince and PaidUntil bound the time of the payment: [PaidSince, PaidUntil).
	// With one of them only paid renewals are selected, and the list is in the
	// order of payment.
	PaidSince, PaidUntil time.Time
}

// ByPayment reports whether the list is in the order of payment.
func (f Filter) ByPayment() bool { return !f.PaidSince.IsZero() || !f.PaidUntil.IsZero() }

// Position returns the position of a renewal in the list.
func (f Filter) Position(r Renewal) Cursor {
	if f.ByPayment() {
		return Cursor{Time: r.PaidTime, ID: r.ID}
	}
	return Cursor{Time: r.CreateTime, ID: r.ID}
}

// JobFilter selects renewal jobs. A zero field selects any.
type JobFilter struct {
	Caller string
	States []JobState
	// Since and Until bound the creation time: [Since, Until).
	Since, Until time.Time
}

// Cursor is a position in a list, newest first: after the row with this ID and
// time, which is the creation or, in the order of payment, the payment. The zero
// value is the beginning.
type Cursor struct {
	Time time.Time
	ID   string
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
