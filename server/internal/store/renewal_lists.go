package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// conditions are the parts of a WHERE, each with its values.
type conditions struct {
	texts []string
	args  []any
}

// add adds a condition; each $ in the text stands for one of the values.
func (c *conditions) add(text string, args ...any) {
	for _, arg := range args {
		c.args = append(c.args, arg)
		text = strings.Replace(text, "$", fmt.Sprintf("?%d", len(c.args)), 1)
	}
	c.texts = append(c.texts, strings.ReplaceAll(text, "?", "$"))
}

// equal adds a condition where a value is asked for.
func (c *conditions) equal(column, value string) {
	if value != "" {
		c.add(column+" = $", value)
	}
}

func (c *conditions) created(w ecs.Window) {
	if !w.After.IsZero() {
		c.add("create_time >= $", millis(w.After))
	}
	if !w.Before.IsZero() {
		c.add("create_time < $", millis(w.Before))
	}
}

// states adds a condition where there are states asked for.
func addStates[S ~string](c *conditions, states []S) {
	if len(states) == 0 {
		return
	}
	args := make([]any, len(states))
	for i, s := range states {
		args[i] = string(s)
	}
	c.add("state IN ("+strings.TrimSuffix(strings.Repeat("$,", len(args)), ",")+")", args...)
}

// after adds the place behind which a list goes on, newest first, and its end.
func (c *conditions) page(id string, place ecs.LedgerPlace, limit int) string {
	if place.ID != "" {
		c.add("(create_time, "+id+") < ($, $)", millis(place.CreateTime), place.ID)
	}
	where := ""
	if len(c.texts) > 0 {
		where = "WHERE " + strings.Join(c.texts, " AND ")
	}
	return fmt.Sprintf("%s ORDER BY create_time DESC, %s DESC LIMIT %d", where, id, limit)
}

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

// Renewals reads renewals that match, the newest first, from after the place on.
func (s *Store) Renewals(ctx context.Context, q ecs.RenewalQuery, place ecs.LedgerPlace, limit int) ([]ecs.Renewal, error) {
	var c conditions
	c.equal("job_id", q.JobID)
	c.equal("instance_id", q.InstanceID)
	c.equal("region_id", q.RegionID)
	c.equal("caller", q.Caller)
	addStates(&c, q.States)
	c.created(q.Created)
	found, err := s.renewals(ctx, c.page("renewal_id", place, limit), c.args...)
	if err != nil {
		return nil, fmt.Errorf("list renewals: %w", err)
	}
	return found, nil
}

// RenewalJobs reads jobs that match, the newest first, from after the place on.
func (s *Store) RenewalJobs(ctx context.Context, q ecs.RenewalJobQuery, place ecs.LedgerPlace, limit int) ([]ecs.RenewalJob, error) {
	var c conditions
	c.equal("caller", q.Caller)
	addStates(&c, q.States)
	c.created(q.Created)
	found, err := query(ctx, s.reader, scanJob, selectJobs+c.page("job_id", place, limit), c.args...)
	if err != nil {
		return nil, fmt.Errorf("list renewal jobs: %w", err)
	}
	return found, nil
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

// ClaimRenewalsOf is ClaimRenewals for one job, so that a large one does not
// keep the others waiting.
func (s *Store) ClaimRenewalsOf(ctx context.Context, worker ecs.Lease, jobID string, limit int) (claimed []ecs.Renewal, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		claimed, err = s.claim(ctx, tx, worker, "job_id = $4", limit, jobID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim renewals of job %s: %w", jobID, err)
	}
	return claimed, nil
}
