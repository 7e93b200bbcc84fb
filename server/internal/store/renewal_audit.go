package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	// auditsAtOnce is the number of jobs that are compared in one snapshot.
	auditsAtOnce = 50
	// auditChanged is the condition of the index jobs_to_audit.
	auditChanged = "audited_revision <> revision"
	auditOpen    = "state IN ('PENDING', 'RUNNING') AND NOT " + auditChanged
)

// AuditRenewalJobs compares jobs with their renewals: those that are open, and
// those that were written since they were last compared without a discrepancy.
// An ended job costs nothing after that.
func (s *Store) AuditRenewalJobs(ctx context.Context) ([]ledger.Discrepancy, error) {
	var all []ledger.Discrepancy
	for _, which := range []string{auditOpen, auditChanged} {
		for after, more := "", true; more; {
			var found []ledger.Discrepancy
			var err error
			if found, after, more, err = s.auditPage(ctx, which, after); err != nil {
				return all, fmt.Errorf("audit the renewal jobs: %w", err)
			}
			all = append(all, found...)
		}
	}
	return all, nil
}

// auditPage compares the jobs of a condition after an ID.
func (s *Store) auditPage(ctx context.Context, which, after string) (found []ledger.Discrepancy, last string, more bool, err error) {
	var agree []ledger.Job
	err = s.inSnapshot(ctx, func(tx *sql.Tx) error {
		jobs, err := query(ctx, tx, scanJob, fmt.Sprintf(`%s WHERE %s AND job_id > $1 ORDER BY job_id LIMIT %d`, selectJobs, which, auditsAtOnce), after)
		if err != nil || len(jobs) == 0 {
			return err
		}
		ids := make([]string, len(jobs))
		for i, j := range jobs {
			ids[i] = j.ID
		}
		last, more = ids[len(ids)-1], len(ids) == auditsAtOnce
		groups, err := sumRenewals(ctx, tx, ids)
		if err != nil {
			return err
		}
		of := map[string][]ledger.Group{}
		for _, g := range groups {
			of[g.job] = append(of[g.job], g.Group)
		}
		for _, j := range jobs {
			if j.counted != j.Revision {
				continue // by a program without counts; they are computed when they are read
			}
			differ, err := j.Audit(of[j.ID])
			if err != nil {
				return err
			}
			if len(differ) == 0 {
				agree = append(agree, j.Job)
			}
			found = append(found, differ...)
		}
		return nil
	})
	if err != nil || len(agree) == 0 || which != auditChanged {
		return found, last, more, err
	}
	return found, last, more, s.inTx(ctx, func(tx *sql.Tx) error { return s.audited(ctx, tx, agree) })
}

// audited writes that jobs agreed with their renewals at the revision that was
// read.
func (s *Store) audited(ctx context.Context, tx *sql.Tx, jobs []ledger.Job) error {
	return chunked[ledger.Job]{
		rows: jobs, columns: 2, numbers: []int{2},
		before:       "WITH t (job_id, revision) AS (VALUES ",
		after:        ") UPDATE renewal_jobs SET audited_revision = t.revision FROM t WHERE renewal_jobs.job_id = t.job_id",
		valuesOfARow: func(j ledger.Job) []any { return []any{j.ID, j.Revision} },
	}.exec(ctx, tx, s.engine)
}
