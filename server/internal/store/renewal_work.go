package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// ClaimRenewals gives the worker, by its lease, up to limit renewals of a job
// that are unfinished and that no worker with a living lease has, oldest first.
// A renewal is claimed until its worker's lease ends; there is nothing to
// renew for each.
func (s *Store) ClaimRenewals(ctx context.Context, worker ecs.Lease, jobID string, limit int) (claimed []ecs.Renewal, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		if err := holdLease(ctx, tx, worker); err != nil {
			return err
		}
		claimed, err = query(ctx, tx, scanRenewal, `UPDATE renewals SET claimed_by = $1, claim_epoch = $2 WHERE renewal_id IN (
			SELECT renewal_id FROM renewals AS r WHERE job_id = $4 AND state IN `+unfinishedStates+` AND NOT (claimed_by = $1 AND claim_epoch = $2)
			AND NOT EXISTS (SELECT 1 FROM leases WHERE name = r.claimed_by AND epoch = r.claim_epoch AND holder <> '' AND expires > `+s.now()+`)
			ORDER BY create_time, renewal_id LIMIT $3`+s.skipLocked+`) RETURNING `+renewalColumns,
			worker.Name, worker.Epoch, limit, jobID)
		if err != nil {
			return err
		}
		slices.SortFunc(claimed, func(a, b ecs.Renewal) int {
			return cmp.Or(a.CreateTime.Compare(b.CreateTime), strings.Compare(a.ID, b.ID))
		})
		return readAttempts(ctx, tx, claimed)
	})
	if err != nil {
		return nil, fmt.Errorf("claim renewals of job %s: %w", jobID, err)
	}
	return claimed, nil
}

// AdvanceRenewals writes moves of renewals of one job, which the worker has
// claimed, with their attempts and with what they do to the job's money, in one
// transaction. It is on disk when it returns.
//
// There is a result for each move: nil where it was written, else what kept it
// from being written, while the others were: ErrStateMoved, ErrLeaseLost where
// the claim is another's, ErrInstanceBusy where another renewal of the instance
// is live, ErrOverBudget, ErrCurrencyMismatch or ErrNoRecord. The error is of
// the whole: then no move was written, or it is not known.
//
// Without a worker the moves are a person's, who decides what is
// NEEDS_ATTENTION; a worker can then claim what goes on.
func (s *Store) AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, moves []ecs.RenewalMove) ([]error, error) {
	for _, m := range moves {
		if worker.Name == "" && m.From != ecs.RenewalNeedsAttention {
			return nil, fmt.Errorf("advance renewals of job %s: %s is %s, which only a worker moves", jobID, m.Renewal.ID, m.From)
		}
	}
	results, err := s.advance(ctx, worker, jobID, moves)
	if isUnique(err) {
		// Another process took one of the instances between the look and the
		// write, which undid all: one by one, only that one fails.
		for i := range moves {
			var one []error
			one, err = s.advance(ctx, worker, jobID, moves[i:i+1])
			if isUnique(err) {
				one, err = []error{ecs.ErrInstanceBusy}, nil
			}
			if err != nil {
				break
			}
			results[i] = one[0]
		}
	}
	if err != nil {
		return nil, fmt.Errorf("advance renewals of job %s: %w", jobID, err)
	}
	return results, nil
}

// errNothing undoes a transaction in which there is nothing to keep.
var errNothing = errors.New("nothing was written")

func (s *Store) advance(ctx context.Context, worker ecs.Lease, jobID string, moves []ecs.RenewalMove) ([]error, error) {
	results := make([]error, len(moves))
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		clear(results)
		job, err := lockJob(ctx, tx, jobID)
		if err != nil {
			return err
		}
		w := advancing{tx: tx, worker: worker, job: job, money: purse{job.Budget, job.Reserved, job.Spent}}
		if err := w.look(ctx, moves); err != nil {
			return err
		}
		for i, m := range moves {
			if results[i], err = w.write(ctx, m); err != nil {
				return err
			}
		}
		if len(w.written) == 0 {
			return errNothing
		}
		if err := s.writeAttempts(ctx, tx, slices.Collect(maps.Values(w.written))...); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, updatePurse, job.ID, currency(w.money.budget, w.money.reserved, w.money.spent),
			w.money.reserved.Units, w.money.reserved.Nanos, w.money.spent.Units, w.money.spent.Nanos, millis(moves[len(moves)-1].Renewal.UpdateTime))
		return err
	})
	if errors.Is(err, errNothing) {
		err = nil
	}
	return results, err
}

// advancing is one transaction that moves renewals of a job, whose row it has
// locked.
type advancing struct {
	tx     *sql.Tx
	worker ecs.Lease
	job    ecs.RenewalJob
	money  purse
	// stored are the renewals as they stand, by id, and busy the instances that
	// have a live one, with its id.
	stored map[string]ecs.Renewal
	busy   map[[2]string]string
	// written are the renewals that were, by id.
	written map[string]ecs.Renewal
}

// look reads what the moves begin from, in two statements.
func (w *advancing) look(ctx context.Context, moves []ecs.RenewalMove) error {
	w.stored, w.busy, w.written = map[string]ecs.Renewal{}, map[[2]string]string{}, map[string]ecs.Renewal{}
	for some := range slices.Chunk(moves, rowsAtOnce) {
		ids, instances := make([]any, len(some)), make([]any, len(some))
		for i, m := range some {
			ids[i], instances[i] = m.Renewal.ID, m.Renewal.InstanceID
		}
		stored, err := query(ctx, w.tx, scanRenewal, selectRenewals+"WHERE renewal_id IN "+marks(1, len(ids)), ids...)
		if err != nil {
			return err
		}
		live, err := query(ctx, w.tx, scanRenewal, selectRenewals+"WHERE state IN "+liveStates+" AND instance_id IN "+marks(1, len(instances)), instances...)
		if err != nil {
			return err
		}
		for _, r := range stored {
			w.stored[r.ID] = r
		}
		for _, r := range live {
			w.busy[[2]string{r.RegionID, r.InstanceID}] = r.ID
		}
	}
	return nil
}

// write writes one move. What refuses it alone is the first result; the second
// is an error of the whole.
func (w *advancing) write(ctx context.Context, m ecs.RenewalMove) (refused, failed error) {
	r := m.Renewal
	was, there := w.stored[r.ID]
	switch {
	case !there || was.JobID != w.job.ID:
		return ecs.ErrNoRecord, nil
	case was.State != m.From:
		return ecs.ErrStateMoved, nil
	case was.RegionID != r.RegionID || was.InstanceID != r.InstanceID:
		return fmt.Errorf("renewal %s is of instance %s, not of %s", r.ID, was.InstanceID, r.InstanceID), nil
	}
	place := [2]string{r.RegionID, r.InstanceID}
	if other := w.busy[place]; other != "" && other != r.ID && isLive(r.State) {
		return ecs.ErrInstanceBusy, nil
	}
	money, err := w.money.moved(was.State, was.Price, r.State, r.Price)
	if err != nil {
		return err, nil
	}
	r.JobID, r.Revision = w.job.ID, w.job.Revision
	result, err := w.tx.ExecContext(ctx, moveClaimed, append(renewalValues(r), r.ID, string(m.From), w.worker.Name, w.worker.Epoch)...)
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return ecs.ErrLeaseLost, err
	}
	w.money = money
	w.stored[r.ID], w.written[r.ID] = r, r
	if isLive(r.State) {
		w.busy[place] = r.ID
	} else if w.busy[place] == r.ID {
		delete(w.busy, place)
	}
	return nil, nil
}

// moveClaimed writes a renewal that the worker has claimed; without a worker,
// whoever had claimed it, and it is free then.
var moveClaimed = `UPDATE renewals SET (` + renewalColumns + `, claimed_by) = ` + strings.TrimSuffix(marks(1, 26), ")") + `,$29)
	WHERE renewal_id = $27 AND state = $28 AND ($29 = '' OR claimed_by = $29 AND claim_epoch = $30)`

// isLive says that the state is one of liveStates.
func isLive(state ecs.RenewalState) bool { return strings.Contains(liveStates, "'"+string(state)+"'") }
