// Package ledgertest is a renewal ledger in memory, for simulations of whole
// replicas. It keeps the promises of the store by the rules of package ledger;
// a test of the store proves that both agree. It does no I/O, and its only
// clock is time.Now, so that it runs in virtual time.
package ledgertest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Memory is a ledger that several replicas of a simulation share. It is safe for
// concurrent use.
type Memory struct {
	mu       sync.Mutex
	jobs     map[string]ledger.Job
	requests map[string]string // request ID to job ID
	renewals map[string]*row
	leases   map[string]ecs.Lease
	freeze   ledger.Freeze
	caps     ledger.Caps
}

// row is a renewal with the private data of the ledger.
type row struct {
	ledger.Renewal
	priority   int64
	claimedBy  string
	claimEpoch int64
	spendTime  time.Time
}

// New returns an empty ledger.
func New() *Memory {
	return &Memory{jobs: map[string]ledger.Job{}, requests: map[string]string{}, renewals: map[string]*row{}, leases: map[string]ecs.Lease{}}
}

// Shared reports that several processes use the ledger.
func (m *Memory) Shared() bool { return true }

// CreateRenewalJob implements the store's.
func (m *Memory) CreateRenewalJob(_ context.Context, j ledger.Job, renewals []ledger.Renewal) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	j, err := ledger.NewJob(j, renewals)
	if err != nil {
		return fmt.Errorf("write renewal job %s: %w", j.ID, err)
	}
	if m.requests[j.RequestID] != "" {
		return ecs.ErrRequestIDTaken
	}
	m.requests[j.RequestID] = j.ID
	m.put(j)
	for _, r := range renewals {
		r.JobID, r.Revision = j.ID, j.Revision
		stored := &row{Renewal: stored(r)}
		if len(renewals) > 1 && !r.ExpireBefore.IsZero() {
			stored.priority = r.ExpireBefore.UnixMilli()
		}
		m.renewals[r.ID] = stored
	}
	return nil
}

// RenewalJob implements the store's.
func (m *Memory) RenewalJob(_ context.Context, jobID string) (ledger.Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.job(jobID)
}

// RenewalJobByRequest implements the store's.
func (m *Memory) RenewalJobByRequest(_ context.Context, requestID string) (ledger.Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.job(m.requests[requestID])
}

func (m *Memory) job(id string) (ledger.Job, error) {
	j, found := m.jobs[id]
	if !found {
		return ledger.Job{}, ecs.ErrNoRecord
	}
	j.Counts, j.Terms = slices.Clone(j.Counts), slices.Clone(j.Terms)
	return j, nil
}

// put stores a job as a database does.
func (m *Memory) put(j ledger.Job) {
	code := cmp.Or(j.Budget.CurrencyCode, j.Planned.CurrencyCode, j.Reserved.CurrencyCode, j.Spent.CurrencyCode)
	j.Planned.CurrencyCode, j.Reserved.CurrencyCode, j.Spent.CurrencyCode = code, code, code
	for _, at := range []*time.Time{&j.CancelTime, &j.CreateTime, &j.UpdateTime, &j.EndTime} {
		*at = moment(*at)
	}
	if len(j.Counts) == 0 {
		j.Counts = nil
	}
	if len(j.Terms) == 0 {
		j.Terms = nil
	}
	j.Selection = nil
	m.jobs[j.ID] = j
}

// ListRenewalJobs implements the store's.
func (m *Memory) ListRenewalJobs(_ context.Context, f ledger.JobFilter, after ledger.Cursor, limit int) ([]ledger.Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []ledger.Job
	for id := range m.jobs {
		j, _ := m.job(id)
		if (f.Caller == "" || f.Caller == j.Caller) && (len(f.States) == 0 || slices.Contains(f.States, j.State)) &&
			within(j.CreateTime, f.Since, f.Until) && follows(j.CreateTime, j.ID, after) {
			found = append(found, j)
		}
	}
	slices.SortFunc(found, func(a, b ledger.Job) int {
		return cmp.Or(b.CreateTime.Compare(a.CreateTime), strings.Compare(b.ID, a.ID))
	})
	return found[:min(limit, len(found))], nil
}

// CancelRenewalJob implements the store's.
func (m *Memory) CancelRenewalJob(_ context.Context, jobID string, c ledger.Cancellation) (ended int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	j, err := m.job(jobID)
	switch {
	case err != nil:
		return 0, err
	case !j.CancelTime.IsZero():
		return 0, nil
	case j.State.Final():
		return 0, ledger.ErrJobEnded
	}
	j.CancelTime, j.CancelledBy, j.CancelNote = c.Time, c.By, c.Note
	j.Revision++
	for _, r := range m.renewals {
		if r.JobID != jobID || !ledger.Cancels(r.Renewal) {
			continue
		}
		next := r.Renewal
		next.State, next.Failure, next.UpdateTime, next.Revision = ledger.Skipped, c.Why, moment(c.Time), j.Revision
		if err := j.Apply(r.Renewal, next); err != nil {
			return 0, err
		}
		r.Renewal = next
		ended++
	}
	j.Conclude(c.Time)
	m.put(j)
	return ended, nil
}

// AdvanceRenewals implements the store's.
func (m *Memory) AdvanceRenewals(_ context.Context, worker ecs.Lease, jobID string, ts []ledger.Transition) ([]error, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	j, err := m.job(jobID)
	if err != nil {
		return nil, err
	}
	j.Revision++
	results := make([]error, len(ts))
	permitted := map[string]ledger.Transition{}
	var at time.Time
	for i, t := range ts {
		if results[i] = m.evaluate(&j, worker, t, permitted); results[i] == nil {
			t.Renewal.Revision = j.Revision
			permitted[t.Renewal.ID] = t
			if t.Renewal.UpdateTime.After(at) {
				at = t.Renewal.UpdateTime
			}
		}
	}
	if len(permitted) == 0 {
		return results, nil
	}
	for id, t := range permitted {
		r := m.renewals[id]
		t.Renewal.Attempts = t.Changed()
		r.Renewal = written(r.Renewal, stored(t.Renewal))
		if worker.Name == "" {
			r.claimedBy = ""
		}
	}
	j.Conclude(at)
	m.put(j)
	return results, nil
}

func (m *Memory) evaluate(j *ledger.Job, worker ecs.Lease, t ledger.Transition, permitted map[string]ledger.Transition) error {
	next := t.Renewal
	was, found := m.renewals[next.ID]
	_, again := permitted[next.ID]
	switch {
	case !found || was.JobID != j.ID:
		return ecs.ErrNoRecord
	case again || was.State != t.From:
		return ecs.ErrStateMoved
	case was.RegionID != next.RegionID || was.InstanceID != next.InstanceID:
		return fmt.Errorf("renewal %s is of another instance", next.ID)
	case worker.Name != "" && (was.claimedBy != worker.Name || was.claimEpoch != worker.Epoch):
		return ecs.ErrLeaseLost
	}
	if t.Billed && was.OrderID != "" && was.OrderID != next.OrderID {
		return ecs.ErrStateMoved
	}
	if err := j.Permit(t, worker.Name != "", m.priors(next.RegionID, next.InstanceID)); err != nil {
		return err
	}
	applied := *j
	if err := applied.Apply(was.Renewal, next); err != nil {
		return err
	}
	if err := m.book(j.Caller, t, was, permitted); err != nil {
		return err
	}
	*j = applied
	return nil
}

// priors returns the renewals of an instance that may forbid another payment.
func (m *Memory) priors(regionID, instanceID string) []ledger.Prior {
	var found []ledger.Prior
	for _, r := range m.renewals {
		if r.RegionID == regionID && r.InstanceID == instanceID && (r.State.Live() || r.State.Paid() || r.State == ledger.NeedsAttention) {
			found = append(found, ledger.Prior{ID: r.ID, RequestID: r.RequestID, State: r.State, ExpireBefore: r.ExpireBefore, PaidTime: r.PaidTime, OrderID: r.OrderID})
		}
	}
	slices.SortFunc(found, func(a, b ledger.Prior) int {
		return cmp.Or(a.ExpireBefore.Compare(b.ExpireBefore), strings.Compare(a.ID, b.ID))
	})
	return found
}

// PriorRenewals implements the store's.
func (m *Memory) PriorRenewals(_ context.Context, regionID string, instanceIDs []string) (map[string][]ledger.Prior, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	priors := map[string][]ledger.Prior{}
	for _, id := range instanceIDs {
		if found := m.priors(regionID, id); len(found) > 0 {
			priors[id] = found
		}
	}
	return priors, nil
}

// ClaimRenewals implements the store's.
func (m *Memory) ClaimRenewals(_ context.Context, worker ecs.Lease, c ledger.Claim) ([]ledger.Renewal, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []*row
	for _, r := range m.renewals {
		if m.claimable(worker, c, r) {
			found = append(found, r)
		}
	}
	if len(found) == 0 || c.Limit <= 0 {
		return nil, nil
	}
	if held := m.leases[worker.Name]; held.Holder != worker.Holder || held.Epoch != worker.Epoch {
		return nil, ecs.ErrLeaseLost
	}
	slices.SortFunc(found, func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.priority, b.priority), strings.Compare(a.ID, b.ID))
	})
	var claimed []ledger.Renewal
	for _, r := range found[:min(c.Limit, len(found))] {
		r.claimedBy, r.claimEpoch = worker.Name, worker.Epoch
		claimed = append(claimed, r.copy())
	}
	return claimed, nil
}

// ReleaseRenewals implements the store's.
func (m *Memory) ReleaseRenewals(_ context.Context, worker ecs.Lease, jobID string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.renewals {
		if r.JobID == jobID && r.claimedBy == worker.Name && r.claimEpoch == worker.Epoch {
			r.claimedBy = ""
		}
	}
	return nil
}

func (m *Memory) claimable(worker ecs.Lease, c ledger.Claim, r *row) bool {
	switch {
	case c.InFlight && !r.State.Live(), !c.InFlight && r.State != ledger.Planned:
		return false
	case c.JobID != "" && r.JobID != c.JobID, c.JobID == "" && r.RegionID != c.RegionID:
		return false
	case slices.Contains(c.ExceptJobs, r.JobID), r.claimedBy == worker.Name && r.claimEpoch == worker.Epoch:
		return false
	}
	by := m.leases[r.claimedBy]
	return r.claimedBy == "" || by.Epoch != r.claimEpoch || by.Holder == "" || !by.Expires.After(time.Now())
}

// OpenRenewalRegions implements the store's.
func (m *Memory) OpenRenewalRegions(context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	open := map[string]bool{}
	for _, r := range m.renewals {
		if r.State.Open() {
			open[r.RegionID] = true
		}
	}
	return slices.Sorted(maps.Keys(open)), nil
}

// Renewal implements the store's.
func (m *Memory) Renewal(_ context.Context, renewalID string) (ledger.Renewal, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, found := m.renewals[renewalID]
	if !found {
		return ledger.Renewal{}, ecs.ErrNoRecord
	}
	return r.copy(), nil
}

// Renewals implements the store's.
func (m *Memory) Renewals(_ context.Context, renewalIDs []string) (map[string]ledger.Renewal, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := map[string]ledger.Renewal{}
	for _, id := range renewalIDs {
		if r, found := m.renewals[id]; found {
			all[id] = r.copy()
		}
	}
	return all, nil
}

// RenewalsOfJob implements the store's.
func (m *Memory) RenewalsOfJob(_ context.Context, jobID string, revision int64, renewalID string, limit int) ([]ledger.Renewal, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := m.find(func(r *row) bool {
		return r.JobID == jobID && (r.Revision > revision || r.Revision == revision && r.ID > renewalID)
	}, func(a, b ledger.Renewal) int {
		return cmp.Or(cmp.Compare(a.Revision, b.Revision), strings.Compare(a.ID, b.ID))
	})
	return found[:min(limit, len(found))], nil
}

// ListRenewals implements the store's.
func (m *Memory) ListRenewals(_ context.Context, f ledger.Filter, after ledger.Cursor, limit int) ([]ledger.Renewal, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := m.find(func(r *row) bool {
		return (f.JobID == "" || f.JobID == r.JobID) && (f.RegionID == "" || f.RegionID == r.RegionID) &&
			(f.InstanceID == "" || f.InstanceID == r.InstanceID) && (f.Caller == "" || f.Caller == r.Caller) &&
			(len(f.States) == 0 || slices.Contains(f.States, r.State)) && (f.OrderID == "" || f.OrderID == r.OrderID) && (f.RenewalID == "" || f.RenewalID == r.ID) &&
			within(r.CreateTime, f.Since, f.Until) && follows(f.Position(r.Renewal).Time, r.ID, after) &&
			(!f.ByPayment() || !r.PaidTime.IsZero() && within(r.PaidTime, f.PaidSince, f.PaidUntil))
	}, func(a, b ledger.Renewal) int {
		return cmp.Or(f.Position(b).Time.Compare(f.Position(a).Time), strings.Compare(b.ID, a.ID))
	})
	return found[:min(limit, len(found))], nil
}

func (m *Memory) find(selects func(*row) bool, order func(a, b ledger.Renewal) int) []ledger.Renewal {
	var found []ledger.Renewal
	for _, r := range m.renewals {
		if selects(r) {
			found = append(found, r.copy())
		}
	}
	slices.SortFunc(found, order)
	return found
}

// stored returns a renewal as a database returns it: times of whole
// milliseconds, in UTC, with the times that follow from others.
func stored(r ledger.Renewal) ledger.Renewal {
	for _, at := range []*time.Time{&r.ExpireBefore, &r.ExpireExpected, &r.ExpireAfter, &r.PlanTime, &r.PaidTime, &r.ResolveTime, &r.CreateTime, &r.UpdateTime} {
		*at = moment(*at)
	}
	if r.PlanTime.IsZero() {
		r.PlanTime = r.CreateTime
	}
	if r.PaidTime.IsZero() && r.State.Paid() {
		r.PaidTime = r.UpdateTime
	}
	r.Attempts = slices.Clone(r.Attempts)
	for i := range r.Attempts {
		a := &r.Attempts[i]
		a.SendTime, a.FinishTime = moment(a.SendTime), moment(a.FinishTime)
	}
	return r
}

// written returns the renewal after a write: what identifies it is never
// written again, and a closed attempt keeps its outcome.
func written(was, is ledger.Renewal) ledger.Renewal {
	attempts := slices.Clone(was.Attempts)
	for _, a := range is.Attempts {
		i := slices.IndexFunc(attempts, func(b ledger.Attempt) bool { return b.Number == a.Number })
		switch {
		case i < 0:
			attempts = append(attempts, a)
		case attempts[i].Outcome == ledger.OutcomeOpen:
			a.ClientToken, a.SendTime = attempts[i].ClientToken, attempts[i].SendTime
			attempts[i] = a
		}
	}
	slices.SortFunc(attempts, func(a, b ledger.Attempt) int { return cmp.Compare(a.Number, b.Number) })
	is.Attempts = attempts
	is.JobID, is.RequestID, is.PayloadHash, is.Caller = was.JobID, was.RequestID, was.PayloadHash, was.Caller
	is.Period, is.CreateTime = was.Period, was.CreateTime
	is.Note, is.AccountID, is.InstanceName = was.Note, was.AccountID, was.InstanceName
	return is
}

func moment(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.UnixMilli(t.UnixMilli()).UTC()
}

// within reports whether t is in [since, until), each of which may be zero.
func within(t, since, until time.Time) bool {
	return (since.IsZero() || !t.Before(since)) && (until.IsZero() || t.Before(until))
}

// follows reports whether a row comes after a position, newest first.
func follows(created time.Time, id string, after ledger.Cursor) bool {
	return after == (ledger.Cursor{}) || created.Before(after.Time) || created.Equal(after.Time) && id < after.ID
}

// copy returns the renewal with attempts of its own.
func (r *row) copy() ledger.Renewal {
	c := r.Renewal
	c.Attempts, c.Decisions = slices.Clone(c.Attempts), slices.Clone(c.Decisions)
	return c
}
