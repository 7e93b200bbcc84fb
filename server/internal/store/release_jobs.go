package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	releaseJobColumns  = `job_id, request_id, payload_hash, caller, note, region_id, options, state, revision, create_time, update_time, end_time`
	releaseItemColumns = `job_id, instance_id, state, reason, message, cloud_code, cloud_request_id, detail, revision, update_time`
)

var insertReleaseJob = `INSERT INTO release_jobs (` + releaseJobColumns + `) VALUES ` + marks(1, 12) + ` ON CONFLICT (request_id) DO NOTHING`

// CreateReleaseJob writes a new job with its items, at revision 1. It is on disk
// when it returns. ErrRequestIDTaken reports that the request ID has a job.
func (s *Store) CreateReleaseJob(ctx context.Context, j ecs.ReleaseJob, items []ecs.ReleaseItem) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, insertReleaseJob, j.ID, j.RequestID, j.PayloadHash, j.Caller, j.Note, j.RegionID,
			string(j.Options), string(j.State), int64(1), millis(j.CreateTime), millis(j.UpdateTime), millis(j.EndTime)))
		if err != nil {
			return err
		}
		if n != 1 {
			return ecs.ErrRequestIDTaken
		}
		return chunked[ecs.ReleaseItem]{
			rows: items, before: "INSERT INTO release_items (" + releaseItemColumns + ") VALUES ", columns: 10,
			valuesOfARow: func(i ecs.ReleaseItem) []any {
				i.JobID, i.Revision = j.ID, 1
				return releaseItemValues(i)
			},
		}.exec(ctx, tx, s.engine)
	})
	if err != nil {
		return fmt.Errorf("write release job %s: %w", j.ID, err)
	}
	return nil
}

// releaseItemValues lists the values in the order of releaseItemColumns.
func releaseItemValues(i ecs.ReleaseItem) []any {
	return []any{
		i.JobID, i.InstanceID, string(i.State), string(i.Failure.Reason), i.Failure.Message, i.Failure.CloudCode, i.Failure.CloudRequestID,
		i.Detail, i.Revision, millis(i.UpdateTime),
	}
}

// ReleaseJob reads a job with its counts, ErrNoRecord if there is none.
func (s *Store) ReleaseJob(ctx context.Context, jobID string) (ecs.ReleaseJob, error) {
	return s.oneReleaseJob(ctx, "WHERE job_id = $1", jobID)
}

// ReleaseJobByRequest reads the job that a request made, ErrNoRecord if it made
// none.
func (s *Store) ReleaseJobByRequest(ctx context.Context, requestID string) (ecs.ReleaseJob, error) {
	return s.oneReleaseJob(ctx, "WHERE request_id = $1", requestID)
}

func (s *Store) oneReleaseJob(ctx context.Context, condition, value string) (ecs.ReleaseJob, error) {
	jobs, err := s.releaseJobs(ctx, condition, value)
	if err != nil {
		return ecs.ReleaseJob{}, fmt.Errorf("read the release job of %s: %w", value, err)
	}
	if len(jobs) == 0 {
		return ecs.ReleaseJob{}, ecs.ErrNoRecord
	}
	return jobs[0], nil
}

// OpenReleaseJobs reads the jobs that have not ended, oldest first, at most
// limit.
func (s *Store) OpenReleaseJobs(ctx context.Context, limit int) ([]ecs.ReleaseJob, error) {
	jobs, err := s.releaseJobs(ctx, "WHERE end_time = 0 ORDER BY create_time, job_id LIMIT $1", limit)
	if err != nil {
		return nil, fmt.Errorf("read the open release jobs: %w", err)
	}
	return jobs, nil
}

// releaseJobs reads the jobs of a condition with their counts, all from one
// snapshot.
func (s *Store) releaseJobs(ctx context.Context, condition string, args ...any) (jobs []ecs.ReleaseJob, err error) {
	err = s.inSnapshot(ctx, func(tx *sql.Tx) error {
		if jobs, err = query(ctx, tx, scanReleaseJob, "SELECT "+releaseJobColumns+" FROM release_jobs "+condition, args...); err != nil {
			return err
		}
		for i := range jobs {
			if jobs[i].Counts, err = countReleases(ctx, tx, jobs[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	return jobs, err
}

func scanReleaseJob(line row) (ecs.ReleaseJob, error) {
	var j ecs.ReleaseJob
	var options string
	var created, updated, ended int64
	err := line.Scan(&j.ID, &j.RequestID, &j.PayloadHash, &j.Caller, &j.Note, &j.RegionID, &options, &j.State, &j.Revision, &created, &updated, &ended)
	j.Options, j.CreateTime, j.UpdateTime, j.EndTime = []byte(options), moment(created), moment(updated), moment(ended)
	return j, err
}

func countReleases(ctx context.Context, db queryer, jobID string) (map[ecs.ReleaseState]int, error) {
	type group struct {
		state ecs.ReleaseState
		n     int
	}
	groups, err := query(ctx, db, func(line row) (g group, err error) {
		err = line.Scan(&g.state, &g.n)
		return g, err
	}, "SELECT state, count(*) FROM release_items WHERE job_id = $1 GROUP BY state", jobID)
	counts := map[ecs.ReleaseState]int{}
	for _, g := range groups {
		counts[g.state] = g.n
	}
	return counts, err
}

// ReleaseItems reads the items of a job after a revision and instance ID, in
// the order of both, at most limit.
func (s *Store) ReleaseItems(ctx context.Context, jobID string, revision int64, instanceID string, limit int) ([]ecs.ReleaseItem, error) {
	items, err := query(ctx, s.reader, func(line row) (i ecs.ReleaseItem, err error) {
		var updated int64
		err = line.Scan(&i.JobID, &i.InstanceID, &i.State, &i.Failure.Reason, &i.Failure.Message, &i.Failure.CloudCode, &i.Failure.CloudRequestID,
			&i.Detail, &i.Revision, &updated)
		i.UpdateTime = moment(updated)
		return i, err
	}, "SELECT "+releaseItemColumns+` FROM release_items WHERE job_id = $1 AND (revision, instance_id) > ($2, $3)
		ORDER BY revision, instance_id LIMIT $4`, jobID, revision, instanceID, limit)
	if err != nil {
		return nil, fmt.Errorf("read the items of release job %s: %w", jobID, err)
	}
	return items, nil
}

// WriteReleaseItem writes an item under the lease of its worker, and the state
// of its job that follows, in one transaction. It is on disk when it returns.
// ErrLeaseLost reports that another process has the lease, ErrStateMoved that
// the item is final.
func (s *Store) WriteReleaseItem(ctx context.Context, worker ecs.Lease, i ecs.ReleaseItem) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if err := holdLease(ctx, tx, worker); err != nil {
			return err
		}
		jobs, err := query(ctx, tx, scanReleaseJob, `UPDATE release_jobs SET revision = revision + 1, update_time = $2
			WHERE job_id = $1 RETURNING `+releaseJobColumns, i.JobID, millis(i.UpdateTime))
		if err != nil {
			return err
		}
		if len(jobs) == 0 {
			return ecs.ErrNoRecord
		}
		n, err := affected(tx.ExecContext(ctx, `UPDATE release_items SET state = $3, reason = $4, message = $5, cloud_code = $6,
			cloud_request_id = $7, detail = $8, revision = $9, update_time = $10
			WHERE job_id = $1 AND instance_id = $2 AND state NOT IN ('RELEASED', 'SKIPPED', 'FAILED')`,
			i.JobID, i.InstanceID, string(i.State), string(i.Failure.Reason), i.Failure.Message, i.Failure.CloudCode, i.Failure.CloudRequestID,
			i.Detail, jobs[0].Revision, millis(i.UpdateTime)))
		if err != nil {
			return err
		}
		if n != 1 {
			return ecs.ErrStateMoved
		}
		counts, err := countReleases(ctx, tx, i.JobID)
		if err != nil {
			return err
		}
		state, ended := ecs.JobState(counts), int64(0)
		if state.Ended() {
			ended = millis(i.UpdateTime)
		}
		_, err = tx.ExecContext(ctx, `UPDATE release_jobs SET state = $2, end_time = $3 WHERE job_id = $1`, i.JobID, string(state), ended)
		return err
	})
	if err != nil {
		return fmt.Errorf("write instance %s of release job %s: %w", i.InstanceID, i.JobID, err)
	}
	return nil
}
