package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// JobState is the state of a renewal job.
type JobState string

// The states, as the store and the API name them. NEEDS_ATTENTION ends when an
// operator has decided about each renewal that needs it; the other four after
// RUNNING are final.
const (
	JobPending        JobState = "PENDING"
	JobRunning        JobState = "RUNNING"
	JobNeedsAttention JobState = "NEEDS_ATTENTION"
	JobSucceeded      JobState = "SUCCEEDED"
	JobPartial        JobState = "PARTIAL"
	JobFailed         JobState = "FAILED"
	JobCancelled      JobState = "CANCELLED"
)

// Ended reports whether no runner works on the job any more.
func (s JobState) Ended() bool { return s != JobPending && s != JobRunning }

// Final reports whether the state is the last one.
func (s JobState) Final() bool { return s.Ended() && s != JobNeedsAttention }

// Job is a set of renewals requested together, under one budget.
type Job struct {
	ID        string
	RequestID string
	// PayloadHash binds RequestID to its parameters.
	PayloadHash string
	Caller      string
	// Terms are the encoded Terms of the request.
	Terms []byte
	State JobState
	Funds
	// Counts are the numbers of its renewals, by state and reason.
	Counts []Count
	// Note is the note of the request for auditors, AccountID the cloud account.
	Note      string
	AccountID string
	// Selection is the encoded selection of the request. It is written with a new
	// job and read alone, since it may hold all IDs of the job.
	Selection []byte
	// CancelTime, CancelledBy and CancelNote are set by the first cancel.
	CancelTime  time.Time
	CancelledBy string
	CancelNote  string
	// Revision rises with each write of the job or of one of its renewals.
	Revision   int64
	CreateTime time.Time
	UpdateTime time.Time
	// EndTime is when the last renewal left its open states, zero before.
	EndTime time.Time
}

// Cancellation is the cancel of a job.
type Cancellation struct {
	By, Note string
	Time     time.Time
	// Why is the failure of the renewals that it ends.
	Why Failure
}

// Count is the number of renewals in one state for one reason.
type Count struct {
	State  State
	Reason ecs.Reason
	Count  int64
}

// NewJob returns a job that begins with the renewals: with their funds, counts
// and state, at revision 1. It fails if a renewal holds money that is paid or
// may have been, and with ErrOverBudget if the plan costs more than the budget.
func NewJob(j Job, renewals []Renewal) (Job, error) {
	j.Funds, j.Counts, j.Revision = Funds{Budget: j.Budget}, nil, 1
	j.CancelTime, j.CancelledBy, j.CancelNote, j.EndTime = time.Time{}, "", "", time.Time{}
	for _, r := range renewals {
		if r.State.Commits() {
			return j, fmt.Errorf("a new renewal of instance %s is %s", r.InstanceID, r.State)
		}
		if err := j.Apply(Renewal{}, r); err != nil {
			return j, fmt.Errorf("plan the renewal of instance %s: %w", r.InstanceID, err)
		}
	}
	j.Conclude(j.CreateTime)
	return j, nil
}

// Apply applies to the funds and counts of the job that a renewal was written,
// which was none before it was created. The errors are those of Funds.Apply,
// and leave the job as it was.
func (j *Job) Apply(was, is Renewal) error {
	funds, err := j.Funds.Apply(was.State, was.Price, is.State, is.Price)
	if err != nil {
		return err
	}
	j.Funds = funds
	if was.State != "" {
		j.Counts = Add(j.Counts, Count{was.State, was.Failure.Reason, -1})
	}
	j.Counts = Add(j.Counts, Count{is.State, is.Failure.Reason, 1})
	return nil
}

// Conclude sets the state of the job, and its end, by the states of its
// renewals. at is the time of the change.
func (j *Job) Conclude(at time.Time) {
	j.State, j.UpdateTime = StateOf(j.Counts, !j.CancelTime.IsZero()), at
	switch {
	case !j.State.Ended():
		j.EndTime = time.Time{}
	case j.EndTime.IsZero():
		j.EndTime = at
	}
}

// size is the number of renewals of the job.
func (j Job) size() (n int64) {
	for _, c := range j.Counts {
		n += c.Count
	}
	return n
}

// Add returns counts with one added, by state and reason, without those that are
// zero. It does not change its argument.
func Add(counts []Count, c Count) []Count {
	at, found := slices.BinarySearchFunc(counts, c, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.State, b.State), cmp.Compare(a.Reason, b.Reason))
	})
	if !found {
		return slices.Insert(slices.Clone(counts), at, c)
	}
	c.Count += counts[at].Count
	if c.Count == 0 {
		return slices.Concat(counts[:at], counts[at+1:])
	}
	sum := slices.Clone(counts)
	sum[at] = c
	return sum
}

// satisfied are the reasons of skipped renewals that leave nothing to do.
var satisfied = []ecs.Reason{ecs.ReasonAlreadyRenewed, ecs.ReasonOutsideWindow}

// StateOf returns the state of a job by the states of its renewals. A job of
// which nothing was started yet is PENDING; it keeps that state until the first
// renewal leaves PLANNED.
func StateOf(counts []Count, cancelled bool) JobState {
	var planned, open, attention, paid, missed bool
	for _, c := range counts {
		switch {
		case c.Count == 0:
		case c.State == Planned:
			planned = true
		case c.State.Open():
			open = true
		case c.State == NeedsAttention:
			attention = true
		case c.State.Paid():
			paid = true
		case c.State == Skipped && slices.Contains(satisfied, c.Reason):
		default:
			missed = true
		}
	}
	started := open || attention || paid || missed
	switch {
	case planned && !started:
		return JobPending
	case planned || open:
		return JobRunning
	case attention:
		return JobNeedsAttention
	case cancelled:
		return JobCancelled
	case missed && paid:
		return JobPartial
	case missed:
		return JobFailed
	}
	return JobSucceeded
}

// Load is the part of the ledger that has not ended.
type Load struct {
	// Counts are the renewals that are open or need attention.
	Counts []Count
	// Reserved is the cost of orders of open or unknown outcome, one amount per
	// currency.
	Reserved []ecs.Money
	// Oldest is when the oldest of those orders was first sent, zero if there is
	// none.
	Oldest time.Time
	// Modifications are the modifications that are live or need attention, by state.
	Modifications map[ModificationState]int64
}
