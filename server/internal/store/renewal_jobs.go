package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	jobColumns = `job_id, request_id, payload_hash, caller, spec, state, currency_code, limited,
	budget_units, budget_nanos, planned_units, planned_nanos, reserved_units, reserved_nanos, spent_units, spent_nanos,
	counts, counted_revision, cancel_time, cancelled_by, revision, create_time, update_time, end_time, note, cancel_note, account_id`

	selectJobs = `SELECT ` + jobColumns + ` FROM renewal_jobs `

	// It also locks the row: every transaction that changes a job or its renewals
	// begins with it.
	nextRevision = `UPDATE renewal_jobs SET revision = revision + 1 WHERE job_id = $1 RETURNING ` + jobColumns

	updateJob = `UPDATE renewal_jobs SET state = $2, currency_code = $3, planned_units = $4, planned_nanos = $5,
	reserved_units = $6, reserved_nanos = $7, spent_units = $8, spent_nanos = $9, counts = $10, counted_revision = $11,
	cancel_time = $12, cancelled_by = $13, update_time = $14, end_time = $15, cancel_note = $16 WHERE job_id = $1`

	insertSelection = `INSERT INTO renewal_selections (job_id, selection) VALUES ($1, $2)`
	selectSelection = `SELECT selection FROM renewal_selections WHERE job_id = $1`
)

var insertJob = `INSERT INTO renewal_jobs (` + jobColumns + `) VALUES ` + marks(1, 27) + ` ON CONFLICT (request_id) DO NOTHING`

// jobValues lists the values in the order of jobColumns.
func jobValues(j ledger.Job) []any {
	limited := 1
	if j.Budget.IsZero() {
		limited = 0
	}
	return []any{j.ID, j.RequestID, j.PayloadHash, j.Caller, blob(j.Terms), string(j.State), currency(j.Funds), limited,
		j.Budget.Units, j.Budget.Nanos, j.Planned.Units, j.Planned.Nanos, j.Reserved.Units, j.Reserved.Nanos, j.Spent.Units, j.Spent.Nanos,
		encodeList(j.Counts), j.Revision, millis(j.CancelTime), j.CancelledBy, j.Revision, millis(j.CreateTime), millis(j.UpdateTime), millis(j.EndTime),
		j.Note, j.CancelNote, j.AccountID}
}

// currency returns the currency of the amounts.
func currency(f ledger.Funds) string {
	return cmp.Or(f.Budget.CurrencyCode, f.Planned.CurrencyCode, f.Reserved.CurrencyCode, f.Spent.CurrencyCode)
}

// jobRow is the row of a job.
type jobRow struct {
	ledger.Job
	// counted is the revision of which the counts and the planned money are.
	counted int64
}

// scanJob reads the values in the order of jobColumns.
func scanJob(line row) (jobRow, error) {
	var j jobRow
	var limited, cancelled, created, updated, ended int64
	var code, counts string
	err := line.Scan(&j.ID, &j.RequestID, &j.PayloadHash, &j.Caller, &j.Terms, &j.State, &code, &limited,
		&j.Budget.Units, &j.Budget.Nanos, &j.Planned.Units, &j.Planned.Nanos, &j.Reserved.Units, &j.Reserved.Nanos, &j.Spent.Units, &j.Spent.Nanos,
		&counts, &j.counted, &cancelled, &j.CancelledBy, &j.Revision, &created, &updated, &ended, &j.Note, &j.CancelNote, &j.AccountID)
	if err != nil {
		return j, err
	}
	j.CancelTime, j.CreateTime, j.UpdateTime, j.EndTime = moment(cancelled), moment(created), moment(updated), moment(ended)
	j.Planned.CurrencyCode, j.Reserved.CurrencyCode, j.Spent.CurrencyCode = code, code, code
	if limited != 0 {
		j.Budget.CurrencyCode = code
	}
	if j.Counts, err = decodeCounts(counts); err != nil {
		return j, fmt.Errorf("decode the counts of renewal job %s: %w", j.ID, err)
	}
	return j, nil
}

// decodeCounts decodes the counts of a job. Migration 16 wrote the words of
// earlier programs into them.
func decodeCounts(text string) (counts []ledger.Count, err error) {
	if text == "" {
		return nil, nil
	}
	var stored []ledger.Count
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return nil, err
	}
	for _, c := range stored {
		c.Reason = reasonOf(string(c.Reason))
		counts = ledger.Add(counts, c)
	}
	return counts, nil
}

// encodeList returns a list as JSON, "" for an empty one.
func encodeList[T any](list []T) string {
	if len(list) == 0 {
		return ""
	}
	encoded, err := json.Marshal(list)
	if err != nil {
		panic(err) // words, numbers and times in range always encode
	}
	return string(encoded)
}

// readJobs reads the jobs of a condition.
func readJobs(ctx context.Context, db queryer, condition string, args ...any) ([]ledger.Job, error) {
	found, err := query(ctx, db, scanJob, selectJobs+condition, args...)
	if err != nil {
		return nil, err
	}
	var outdated []*ledger.Job
	jobs := make([]ledger.Job, len(found))
	for i, j := range found {
		jobs[i] = j.Job
		if j.counted != j.Revision {
			outdated = append(outdated, &jobs[i])
		}
	}
	return jobs, recount(ctx, db, outdated)
}

// recount computes the counts, the planned money and the state of jobs from their
// renewals, because a program that does not write them wrote the job last. Its
// rules for the state were others: a renewal that needs attention did not show.
func recount(ctx context.Context, db queryer, jobs []*ledger.Job) error {
	for some := range slices.Chunk(jobs, rowsAtOnce) {
		ids := make([]string, len(some))
		of := make(map[string]*ledger.Job, len(some))
		for i, j := range some {
			ids[i], of[j.ID] = j.ID, j
			j.Counts, j.Planned = nil, ecs.Money{CurrencyCode: currency(j.Funds)}
		}
		groups, err := sumRenewals(ctx, db, ids)
		if err != nil {
			return err
		}
		for _, g := range groups {
			j := of[g.job]
			j.Counts = ledger.Add(j.Counts, g.Count)
			if g.State == ledger.Planned {
				if j.Planned, err = j.Planned.Plus(g.Price); err != nil {
					return fmt.Errorf("add up the planned renewals of job %s: %w", j.ID, err)
				}
			}
		}
		for _, j := range of {
			if len(j.Counts) > 0 {
				j.State = ledger.StateOf(j.Counts, !j.CancelTime.IsZero())
			}
		}
	}
	return nil
}

// jobGroup is a sum of renewals of a job.
type jobGroup struct {
	job string
	ledger.Group
}

// sumRenewals adds up the renewals of jobs.
func sumRenewals(ctx context.Context, db queryer, jobIDs []string) ([]jobGroup, error) {
	return query(ctx, db, func(line row) (g jobGroup, err error) {
		var units, nanos int64
		var code string
		err = line.Scan(&g.job, &g.State, reasonIn{&g.Reason}, &code, &g.Count.Count, &units, &nanos)
		if code != "" {
			g.Price = plusSum(ecs.Money{}, code, units, nanos)
		}
		return g, err
	}, `SELECT job_id, state, reason, currency_code, count(*), CAST(sum(price_units) AS BIGINT), CAST(sum(price_nanos) AS BIGINT)
		FROM renewals WHERE job_id IN `+marks(1, len(jobIDs))+` GROUP BY job_id, state, reason, currency_code ORDER BY state, reason`, marked(jobIDs)...)
}

// CreateRenewalJob writes a new job with its renewals, in one transaction. The
// state, the planned money, the counts and the end of the job follow from the
// renewals. It is on disk when it returns. It returns ErrRequestIDTaken if the
// request ID has a job, and ledger.ErrOverBudget if the plan costs more than
// the budget.
func (s *Store) CreateRenewalJob(ctx context.Context, j ledger.Job, renewals []ledger.Renewal) error {
	j, err := ledger.NewJob(j, renewals)
	if err != nil {
		return fmt.Errorf("write renewal job %s: %w", j.ID, err)
	}
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, insertJob, jobValues(j)...))
		if err != nil {
			return err
		}
		if n != 1 {
			return ecs.ErrRequestIDTaken
		}
		if len(j.Selection) > 0 {
			if _, err := tx.ExecContext(ctx, insertSelection, j.ID, j.Selection); err != nil {
				return err
			}
		}
		if err := s.record(ctx, tx, createdRecord(ctx, j, renewals)); err != nil {
			return err
		}
		return chunked[ledger.Renewal]{
			rows: renewals, before: "INSERT INTO renewals (" + renewalColumns + ", priority, claimed_by, claim_epoch) VALUES ", columns: 36,
			valuesOfARow: func(r ledger.Renewal) []any {
				r.JobID, r.Revision = j.ID, j.Revision
				return append(renewalValues(r), priority(r, len(renewals)), "", 0)
			},
		}.exec(ctx, tx, s.engine)
	})
	if err != nil {
		return fmt.Errorf("write renewal job %s: %w", j.ID, err)
	}
	return nil
}

// priority returns the order in which a renewal is claimed, smallest first. A
// caller is waiting for a job of one.
func priority(r ledger.Renewal, ofJob int) int64 {
	if ofJob == 1 {
		return 0
	}
	return millis(r.ExpireBefore)
}

// RenewalJob reads a job, ErrNoRecord if there is none.
func (s *Store) RenewalJob(ctx context.Context, jobID string) (ledger.Job, error) {
	return s.job(ctx, "job_id", jobID)
}

// RenewalSelection reads the encoded selection of a job, nil if it has none.
func (s *Store) RenewalSelection(ctx context.Context, jobID string) ([]byte, error) {
	found, err := query(ctx, s.reader, func(line row) (selection []byte, err error) { return selection, line.Scan(&selection) }, selectSelection, jobID)
	if err != nil {
		return nil, fmt.Errorf("read the selection of renewal job %s: %w", jobID, err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found[0], nil
}

// RenewalJobByRequest reads the job that a request made, ErrNoRecord if it made
// none.
func (s *Store) RenewalJobByRequest(ctx context.Context, requestID string) (ledger.Job, error) {
	return s.job(ctx, "request_id", requestID)
}

func (s *Store) job(ctx context.Context, column, value string) (ledger.Job, error) {
	found, err := readJobs(ctx, s.reader, "WHERE "+column+" = $1", value)
	if err != nil {
		return ledger.Job{}, fmt.Errorf("read renewal job of %s %s: %w", column, value, err)
	}
	if len(found) == 0 {
		return ledger.Job{}, ecs.ErrNoRecord
	}
	return found[0], nil
}

// lockJob locks the job and its renewals until the transaction ends, and
// returns the job with the revision under which the transaction writes.
func lockJob(ctx context.Context, tx *sql.Tx, jobID string) (ledger.Job, error) {
	found, err := query(ctx, tx, scanJob, nextRevision, jobID)
	if err != nil {
		return ledger.Job{}, err
	}
	if len(found) == 0 {
		return ledger.Job{}, ecs.ErrNoRecord
	}
	job := found[0].Job
	if found[0].counted == job.Revision-1 {
		return job, nil
	}
	return job, recount(ctx, tx, []*ledger.Job{&job})
}

// writeJob writes a job that the transaction has locked.
func writeJob(ctx context.Context, tx *sql.Tx, j ledger.Job) error {
	_, err := tx.ExecContext(ctx, updateJob, j.ID, string(j.State), currency(j.Funds), j.Planned.Units, j.Planned.Nanos,
		j.Reserved.Units, j.Reserved.Nanos, j.Spent.Units, j.Spent.Nanos, encodeList(j.Counts), j.Revision,
		millis(j.CancelTime), j.CancelledBy, millis(j.UpdateTime), millis(j.EndTime), j.CancelNote)
	return err
}

// CancelRenewalJob cancels a job: no renewal of it is sent from then on. In one
// transaction it writes the time, the caller and the note, ends every renewal that
// ledger.Cancels selects as SKIPPED with the failure, and returns its money. It
// returns how many it ended. A second cancel changes nothing. The cancel of a
// job that has succeeded or failed returns ledger.ErrJobEnded.
func (s *Store) CancelRenewalJob(ctx context.Context, jobID string, c ledger.Cancellation) (ended int64, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		ended = 0
		job, err := lockJob(ctx, tx, jobID)
		switch {
		case err != nil:
			return err
		case !job.CancelTime.IsZero():
			return errNothing
		case job.State.Final():
			return ledger.ErrJobEnded
		}
		job.CancelTime, job.CancelledBy, job.CancelNote = c.Time, c.By, c.Note
		affected, err := cancelled(ctx, tx, jobID)
		if err != nil {
			return err
		}
		if err := s.unreserve(ctx, tx, job, affected); err != nil {
			return err
		}
		for i, was := range affected {
			next := was
			next.State, next.Failure, next.UpdateTime, next.Revision = ledger.Skipped, c.Why, c.Time, job.Revision
			if err := job.Apply(was, next); err != nil {
				return err
			}
			affected[i] = next
		}
		if err := s.skip(ctx, tx, affected); err != nil {
			return err
		}
		if err := s.record(ctx, tx, cancelledRecord(ctx, job, c)); err != nil {
			return err
		}
		ended = int64(len(affected))
		job.Conclude(c.Time)
		return writeJob(ctx, tx, job)
	})
	if err = unlessNothing(err); err != nil {
		return 0, fmt.Errorf("cancel renewal job %s: %w", jobID, err)
	}
	return ended, nil
}

const selectCancelled = selectRenewals + `WHERE job_id = $1 AND state IN ` + openStates + ` AND state IN ('PLANNED', 'SUBMITTING')`

// cancelled reads the renewals that a cancel of the job ends. Their attempts are
// read if they have been sent.
func cancelled(ctx context.Context, tx *sql.Tx, jobID string) ([]ledger.Renewal, error) {
	found, err := query(ctx, tx, scanRenewal, selectCancelled, jobID)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b ledger.Renewal) int { return cmp.Compare(a.State, b.State) })
	sent := found[countOf(found, ledger.Planned):]
	if err := readAttempts(ctx, tx, sent); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(r ledger.Renewal) bool { return !ledger.Cancels(r) }), nil
}

func countOf(renewals []ledger.Renewal, state ledger.State) (n int) {
	for _, r := range renewals {
		if r.State == state {
			n++
		}
	}
	return n
}

// skip writes the end of renewals of a locked job.
func (s *Store) skip(ctx context.Context, tx *sql.Tx, renewals []ledger.Renewal) error {
	return chunked[ledger.Renewal]{
		rows: renewals, columns: 8,
		before: `WITH t (renewal_id, revision, state, reason, message, cloud_code, cloud_request_id, update_time) AS (VALUES `,
		after: `) UPDATE renewals SET revision = t.revision, state = t.state, reason = t.reason, message = t.message,
			cloud_code = t.cloud_code, cloud_request_id = t.cloud_request_id, update_time = t.update_time
			FROM t WHERE renewals.renewal_id = t.renewal_id`,
		valuesOfARow: func(r ledger.Renewal) []any {
			return []any{r.ID, r.Revision, string(r.State), storedReason(r.Failure.Reason), r.Failure.Message, r.Failure.CloudCode, r.Failure.CloudRequestID, millis(r.UpdateTime)}
		},
		numbers: []int{2, 8},
	}.exec(ctx, tx, s.engine)
}

const afterPosition = `WHERE job_id = $1 AND (revision, renewal_id) > ($2, $3) ORDER BY revision, renewal_id`

// RenewalsOfJob reads renewals of a job in the order in which they were last
// written, after the one with the revision and ID: from the first with 0 and "".
// A reader that continues after its last renewal misses none that is written
// later.
func (s *Store) RenewalsOfJob(ctx context.Context, jobID string, revision int64, renewalID string, limit int) ([]ledger.Renewal, error) {
	found, err := s.renewals(ctx, fmt.Sprintf(afterPosition+" LIMIT %d", limit), jobID, revision, renewalID)
	if err != nil {
		return nil, fmt.Errorf("read the renewals of job %s: %w", jobID, err)
	}
	return found, nil
}
