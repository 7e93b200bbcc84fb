package renewal

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Records are the stored jobs and renewals.
type Records interface {
	Priors
	storedJobs
	ListRenewalJobs(ctx context.Context, f ledger.JobFilter, after ledger.Cursor, limit int) ([]ledger.Job, error)
	ListRenewals(ctx context.Context, f ledger.Filter, after ledger.Cursor, limit int) ([]ledger.Renewal, error)
	RenewalSelection(ctx context.Context, jobID string) ([]byte, error)
}

// Reader reads jobs and renewals. It is safe for concurrent use.
type Reader struct{ records Records }

// NewReader returns a Reader of the records.
func NewReader(records Records) Reader { return Reader{records} }

// Job reads a job.
func (r Reader) Job(ctx context.Context, jobID string) (Job, error) {
	return readJob(ctx, r.records, jobID)
}

// Selection reads the encoded selection of a job, nil if it has none.
func (r Reader) Selection(ctx context.Context, jobID string) ([]byte, error) {
	return r.records.RenewalSelection(ctx, jobID)
}

// Jobs lists jobs, newest first, after a position.
func (r Reader) Jobs(ctx context.Context, f ledger.JobFilter, after ledger.Cursor, limit int) ([]Job, error) {
	stored, err := r.records.ListRenewalJobs(ctx, f, after, limit)
	if err != nil {
		return nil, err
	}
	jobs := make([]Job, len(stored))
	for i, j := range stored {
		jobs[i] = withTerms(j)
	}
	return jobs, nil
}

// Renewals lists renewals, newest first, after a position.
func (r Reader) Renewals(ctx context.Context, f ledger.Filter, after ledger.Cursor, limit int) ([]ledger.Renewal, error) {
	return r.records.ListRenewals(ctx, f, after, limit)
}

// Recent returns the last renewal of each instance that was paid in the last
// month, by ID.
func (r Reader) Recent(ctx context.Context, instances []ecs.Instance) (map[string]ledger.Prior, error) {
	byRegion := map[string][]string{}
	for _, i := range instances {
		byRegion[i.RegionID] = append(byRegion[i.RegionID], i.ID)
	}
	recent, since := map[string]ledger.Prior{}, time.Now().Add(-recently)
	for region, ids := range byRegion {
		priors, err := r.records.PriorRenewals(ctx, region, ids)
		if err != nil {
			return nil, err
		}
		for id, of := range priors {
			if last, found := lastPaid(of, since); found {
				recent[id] = last
			}
		}
	}
	return recent, nil
}
