package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	// The jobs of each statement are found by a partial index.
	selectOpenJobs    = `SELECT job_id FROM renewal_jobs WHERE state IN ` + openJobStates
	selectChangedJobs = `SELECT job_id FROM renewal_jobs WHERE audited_revision <> revision`
	// auditsAtOnce is the number of jobs that are compared in one snapshot.
	auditsAtOnce = 50
)

// AuditRenewalJobs compares jobs with their renewals: the open jobs, and those
// written since they were last compared without a discrepancy. An ended job
// costs nothing after that.
func (s *Store) AuditRenewalJobs(ctx context.Context) ([]ledger.Discrepancy, error) {
	ids, err := query(ctx, s.reader, func(line row) (id string, err error) { return id, line.Scan(&id) },
		selectOpenJobs+" UNION "+selectChangedJobs+" ORDER BY job_id")
	var all []ledger.Discrepancy
	for some := range slices.Chunk(ids, auditsAtOnce) {
		var found []ledger.Discrepancy
		found, err = s.auditJobs(ctx, some)
		all = append(all, found...)
		if err != nil {
			break
		}
	}
	if err != nil {
		return all, fmt.Errorf("audit the renewal jobs: %w", err)
	}
	return all, nil
}

// auditJobs compares jobs with their renewals, all from one snapshot.
func (s *Store) auditJobs(ctx context.Context, ids []string) (found []ledger.Discrepancy, err error) {
	var agree []ledger.Job
	err = s.inSnapshot(ctx, func(tx *sql.Tx) error {
		jobs, err := query(ctx, tx, scanJob, selectJobs+"WHERE job_id IN "+marks(1, len(ids))+" ORDER BY job_id", marked(ids)...)
		if err != nil {
			return err
		}
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
	if err != nil || len(agree) == 0 {
		return found, err
	}
	return found, s.inTx(ctx, func(tx *sql.Tx) error { return s.audited(ctx, tx, agree) })
}

// audited writes that jobs agreed with their renewals at the revision that was
// read.
func (s *Store) audited(ctx context.Context, tx *sql.Tx, jobs []ledger.Job) error {
	return chunked[ledger.Job]{
		rows: jobs, columns: 2, numbers: []int{2},
		before:       "WITH t (job_id, revision) AS (VALUES ",
		after:        ") UPDATE renewal_jobs SET audited_revision = t.revision FROM t WHERE renewal_jobs.job_id = t.job_id AND audited_revision <> t.revision",
		valuesOfARow: func(j ledger.Job) []any { return []any{j.ID, j.Revision} },
	}.exec(ctx, tx, s.engine)
}
