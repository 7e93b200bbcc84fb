package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// CreateRenewalJob writes a new job with its renewals, which hold no money yet,
// in one transaction. It is on disk when it returns. ErrRequestIDTaken says that
// its request id has a job.
func (s *Store) CreateRenewalJob(ctx context.Context, j ledger.Job, renewals []ledger.Renewal) error {
	j.Reserved, j.Spent, j.Revision = ecs.Money{}, ecs.Money{}, 1
	for _, r := range renewals {
		if r.State.Commits() || r.Price.Units < 0 || r.Price.Nanos < 0 {
			return fmt.Errorf("write renewal job %s: a renewal of instance %s begins as %s at %s", j.ID, r.InstanceID, r.State, r.Price)
		}
	}
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, insertJob, jobValues(j)...))
		if err != nil {
			return err
		}
		if n != 1 {
			return ecs.ErrRequestIDTaken
		}
		return chunked[ledger.Renewal]{
			rows: renewals, before: "INSERT INTO renewals (" + renewalColumns + ", claimed_by, claim_epoch) VALUES ", columns: 28,
			valuesOfARow: func(r ledger.Renewal) []any {
				r.JobID, r.Revision = j.ID, j.Revision
				return append(renewalValues(r), "", 0)
			},
		}.exec(ctx, tx, s.engine)
	})
	if err != nil {
		return fmt.Errorf("write renewal job %s: %w", j.ID, err)
	}
	return nil
}

// RenewalJob reads a job, ErrNoRecord where there is none.
func (s *Store) RenewalJob(ctx context.Context, jobID string) (ledger.Job, error) {
	return s.job(ctx, "job_id", jobID)
}

// RenewalJobByRequest reads the job that a request made, ErrNoRecord where it
// made none.
func (s *Store) RenewalJobByRequest(ctx context.Context, requestID string) (ledger.Job, error) {
	return s.job(ctx, "request_id", requestID)
}

func (s *Store) job(ctx context.Context, column, value string) (ledger.Job, error) {
	found, err := query(ctx, s.reader, scanJob, selectJobs+"WHERE "+column+" = $1", value)
	if err != nil {
		return ledger.Job{}, fmt.Errorf("read renewal job of %s %s: %w", column, value, err)
	}
	if len(found) == 0 {
		return ledger.Job{}, ecs.ErrNoRecord
	}
	return found[0], nil
}

// MoveRenewalJob writes the state of a job that must still be in state from.
// ErrStateMoved says that another move came first.
func (s *Store) MoveRenewalJob(ctx context.Context, jobID string, from, to ledger.JobState, at time.Time) error {
	n, err := affected(s.db.ExecContext(ctx, `UPDATE renewal_jobs SET state = $3, update_time = $4, revision = revision + 1 WHERE job_id = $1 AND state = $2`,
		jobID, string(from), string(to), millis(at)))
	if err == nil && n != 1 {
		err = ecs.ErrStateMoved
	}
	if err != nil {
		return fmt.Errorf("move renewal job %s from %s to %s: %w", jobID, from, to, explain(err))
	}
	return nil
}

// SkipPlanned ends every renewal of the job that is still PLANNED, for one
// reason, and returns how many there were. What is past that is not touched.
func (s *Store) SkipPlanned(ctx context.Context, jobID string, why ledger.Failure, at time.Time) (skipped int64, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		job, err := lockJob(ctx, tx, jobID)
		if err != nil {
			return err
		}
		skipped, err = affected(tx.ExecContext(ctx, `UPDATE renewals SET state = 'SKIPPED', reason = $2, message = $3, revision = $4, update_time = $5
			WHERE job_id = $1 AND state = 'PLANNED'`, jobID, string(why.Reason), why.Message, job.Revision, millis(at)))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("skip what is planned of renewal job %s: %w", jobID, err)
	}
	return skipped, nil
}

// lockJob keeps others from the job and its renewals until the transaction
// ends, and gives the revision under which it writes.
func lockJob(ctx context.Context, tx *sql.Tx, jobID string) (ledger.Job, error) {
	found, err := query(ctx, tx, scanJob, nextRevision, jobID)
	if err != nil {
		return ledger.Job{}, err
	}
	if len(found) == 0 {
		return ledger.Job{}, ecs.ErrNoRecord
	}
	return found[0], nil
}

// RenewalsOfJob reads renewals of a job in the order in which they were last
// written, after the one that has the revision and id: with 0 and "" from the
// first on. Who reads on from the last one that he got misses none that is
// written later.
func (s *Store) RenewalsOfJob(ctx context.Context, jobID string, revision int64, renewalID string, limit int) ([]ledger.Renewal, error) {
	found, err := s.renewals(ctx, fmt.Sprintf(`WHERE job_id = $1 AND (revision, renewal_id) > ($2, $3) ORDER BY revision, renewal_id LIMIT %d`, limit),
		jobID, revision, renewalID)
	if err != nil {
		return nil, fmt.Errorf("read the renewals of job %s: %w", jobID, err)
	}
	return found, nil
}
