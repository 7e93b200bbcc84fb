package store

import (
	"context"
	"fmt"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Renewal reads a renewal with its attempts, ErrNoRecord where there is none.
func (s *Store) Renewal(ctx context.Context, renewalID string) (ecs.Renewal, error) {
	found, err := s.renewals(ctx, "WHERE renewal_id = $1", renewalID)
	if err != nil {
		return ecs.Renewal{}, fmt.Errorf("read renewal %s: %w", renewalID, err)
	}
	if len(found) == 0 {
		return ecs.Renewal{}, ecs.ErrNoRecord
	}
	return found[0], nil
}

// WorkingRenewalJobs reads the jobs in which something is to be done, oldest
// first: those that have not ended, and those of which a renewal goes on
// because a person decided so.
func (s *Store) WorkingRenewalJobs(ctx context.Context) ([]ecs.RenewalJob, error) {
	found, err := query(ctx, s.reader, scanJob, selectJobs+`WHERE state IN ('PENDING', 'RUNNING')
		OR job_id IN (SELECT job_id FROM renewals WHERE state IN `+unfinishedStates+`) ORDER BY create_time, job_id`)
	if err != nil {
		return nil, fmt.Errorf("read the renewal jobs in work: %w", err)
	}
	return found, nil
}

// RenewalTallies counts the renewals of a job by state and reason.
func (s *Store) RenewalTallies(ctx context.Context, jobID string) ([]ecs.RenewalTally, error) {
	found, err := query(ctx, s.reader, func(line row) (t ecs.RenewalTally, err error) { return t, line.Scan(&t.State, &t.Reason, &t.Count) },
		`SELECT state, reason, count(*) FROM renewals WHERE job_id = $1 GROUP BY state, reason ORDER BY state, reason`, jobID)
	if err != nil {
		return nil, fmt.Errorf("count the renewals of job %s: %w", jobID, err)
	}
	return found, nil
}
