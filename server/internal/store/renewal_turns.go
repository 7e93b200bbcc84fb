package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Renewal reads a renewal with its attempts, ErrNoRecord where there is none.
func (s *Store) Renewal(ctx context.Context, renewalID string) (ledger.Renewal, error) {
	found, err := s.renewals(ctx, "WHERE renewal_id = $1", renewalID)
	if err != nil {
		return ledger.Renewal{}, fmt.Errorf("read renewal %s: %w", renewalID, err)
	}
	if len(found) == 0 {
		return ledger.Renewal{}, ecs.ErrNoRecord
	}
	return found[0], nil
}

// Renewals reads renewals with their attempts, by id. What there is none of is
// not in it.
func (s *Store) Renewals(ctx context.Context, renewalIDs []string) (map[string]ledger.Renewal, error) {
	all := make(map[string]ledger.Renewal, len(renewalIDs))
	for some := range slices.Chunk(renewalIDs, rowsAtOnce) {
		found, err := s.renewals(ctx, "WHERE renewal_id IN "+marks(1, len(some)), marked(some)...)
		if err != nil {
			return nil, fmt.Errorf("read %d renewals: %w", len(renewalIDs), err)
		}
		for _, r := range found {
			all[r.ID] = r
		}
	}
	return all, nil
}

// WorkingRenewalJobs reads the jobs in which something is to be done, oldest
// first: those that have not ended, and those of which a renewal goes on
// because a person decided so.
func (s *Store) WorkingRenewalJobs(ctx context.Context) ([]ledger.Job, error) {
	found, err := query(ctx, s.reader, scanJob, selectJobs+`WHERE state IN ('PENDING', 'RUNNING')
		OR job_id IN (SELECT job_id FROM renewals WHERE state IN `+unfinishedStates+`) ORDER BY create_time, job_id`)
	if err != nil {
		return nil, fmt.Errorf("read the renewal jobs in work: %w", err)
	}
	return found, nil
}

// RenewalTallies counts the renewals of a job by state and reason.
func (s *Store) RenewalTallies(ctx context.Context, jobID string) ([]ledger.Count, error) {
	found, err := query(ctx, s.reader, func(line row) (t ledger.Count, err error) { return t, line.Scan(&t.State, &t.Reason, &t.Count) },
		`SELECT state, reason, count(*) FROM renewals WHERE job_id = $1 GROUP BY state, reason ORDER BY state, reason`, jobID)
	if err != nil {
		return nil, fmt.Errorf("count the renewals of job %s: %w", jobID, err)
	}
	return found, nil
}
