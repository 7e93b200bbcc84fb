package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// ClaimRenewals gives the worker, by its lease, up to limit renewals of a job
// that are unfinished and that no worker with a living lease has, oldest first.
// A renewal is claimed until its worker's lease ends; there is nothing to
// renew for each.
func (s *Store) ClaimRenewals(ctx context.Context, worker ecs.Lease, jobID string, limit int) (claimed []ledger.Renewal, err error) {
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
		slices.SortFunc(claimed, func(a, b ledger.Renewal) int {
			return cmp.Or(a.CreateTime.Compare(b.CreateTime), strings.Compare(a.ID, b.ID))
		})
		return readAttempts(ctx, tx, claimed)
	})
	if err != nil {
		return nil, fmt.Errorf("claim renewals of job %s: %w", jobID, err)
	}
	return claimed, nil
}

// AdvanceRenewals writes moves of renewals of one job, of each one at most, which
// the worker has claimed, with their attempts and with what they do to the job's
// money, in one transaction. It is on disk when it returns.
//
// There is a result for each move: nil where it was written, else what kept it
// from being written, while the others were: ErrStateMoved, ErrLeaseLost where
// the claim is another's, ErrInstanceBusy where another renewal of the instance
// is live, ErrOverBudget, ErrCurrencyMismatch or ErrNoRecord. The error is of
// the whole: then no move was written, or it is not known.
//
// Without a worker the moves are a person's, who decides what is
// NEEDS_ATTENTION; a worker can then claim what goes on.
func (s *Store) AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, moves []ledger.Transition) ([]error, error) {
	for _, m := range moves {
		if worker.Name == "" && m.From != ledger.NeedsAttention {
			return nil, fmt.Errorf("advance renewals of job %s: %s is %s, which only a worker moves", jobID, m.Renewal.ID, m.From)
		}
	}
	results, err := s.advance(ctx, worker, jobID, moves)
	if isUnique(err) || errors.Is(err, ecs.ErrLeaseLost) {
		// Another process took one of the instances, or of the renewals, between
		// the look and the write, which undid all: one by one, only that one fails.
		for i := range moves {
			var one []error
			one, err = s.advance(ctx, worker, jobID, moves[i:i+1])
			switch {
			case isUnique(err):
				one, err = []error{ledger.ErrInstanceBusy}, nil
			case errors.Is(err, ecs.ErrLeaseLost):
				one, err = []error{ecs.ErrLeaseLost}, nil
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

func (s *Store) advance(ctx context.Context, worker ecs.Lease, jobID string, moves []ledger.Transition) ([]error, error) {
	results := make([]error, len(moves))
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		clear(results)
		job, err := lockJob(ctx, tx, jobID)
		if err != nil {
			return err
		}
		w := advancing{tx: tx, worker: worker, job: job, money: job.Funds}
		if w.money.Planned, err = plannedOf(ctx, tx, job); err != nil {
			return err
		}
		if err := w.look(ctx, moves); err != nil {
			return err
		}
		for i, m := range moves {
			results[i] = w.decide(m)
		}
		if len(w.decided) == 0 {
			return errNothing
		}
		n, err := w.moved().count(ctx, tx, s.engine)
		if err != nil {
			return err
		}
		if n != int64(len(w.decided)) {
			return ecs.ErrLeaseLost
		}
		if err := s.writeAttempts(ctx, tx, w.decided...); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, updatePurse, job.ID, currency(w.money.Budget, w.money.Reserved, w.money.Spent),
			w.money.Reserved.Units, w.money.Reserved.Nanos, w.money.Spent.Units, w.money.Spent.Nanos, millis(moves[len(moves)-1].Renewal.UpdateTime))
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
	job    ledger.Job
	money  ledger.Funds
	// stored are the renewals as they stand, by id, and busy the instances that
	// have a live one, with its id.
	stored map[string]standing
	busy   map[[2]string]string
	// decided are the renewals as they are to be written.
	decided []ledger.Renewal
}

// standing is what a move begins from.
type standing struct {
	id, job, region, instance string
	state                     ledger.State
	price                     ecs.Money
	claimedBy                 string
	claimEpoch                int64
}

// look reads what the moves begin from, in two statements.
func (w *advancing) look(ctx context.Context, moves []ledger.Transition) error {
	w.stored, w.busy = make(map[string]standing, len(moves)), map[[2]string]string{}
	for some := range slices.Chunk(moves, rowsAtOnce) {
		ids, instances := make([]any, len(some)), make([]any, len(some))
		for i, m := range some {
			ids[i], instances[i] = m.Renewal.ID, m.Renewal.InstanceID
		}
		stored, err := query(ctx, w.tx, func(line row) (r standing, err error) {
			return r, line.Scan(&r.id, &r.job, &r.region, &r.instance, &r.state, &r.price.CurrencyCode, &r.price.Units, &r.price.Nanos, &r.claimedBy, &r.claimEpoch)
		}, `SELECT renewal_id, job_id, region_id, instance_id, state, currency_code, price_units, price_nanos, claimed_by, claim_epoch
			FROM renewals WHERE renewal_id IN `+marks(1, len(ids)), ids...)
		if err != nil {
			return err
		}
		for _, r := range stored {
			w.stored[r.id] = r
		}
		live, err := query(ctx, w.tx, func(line row) (r standing, err error) {
			return r, line.Scan(&r.region, &r.instance, &r.id)
		}, "SELECT region_id, instance_id, renewal_id FROM renewals WHERE state IN "+liveStates+" AND instance_id IN "+marks(1, len(instances)), instances...)
		if err != nil {
			return err
		}
		for _, r := range live {
			w.busy[[2]string{r.region, r.instance}] = r.id
		}
	}
	return nil
}

// decide takes one move up, or says what refuses it.
func (w *advancing) decide(m ledger.Transition) error {
	r := m.Renewal
	was, there := w.stored[r.ID]
	place := [2]string{r.RegionID, r.InstanceID}
	other := w.busy[place]
	switch {
	case !there || was.job != w.job.ID:
		return ecs.ErrNoRecord
	case was.state != m.From:
		return ecs.ErrStateMoved
	case was.region != r.RegionID || was.instance != r.InstanceID:
		return fmt.Errorf("renewal %s is of instance %s, not of %s", r.ID, was.instance, r.InstanceID)
	case w.worker.Name != "" && (was.claimedBy != w.worker.Name || was.claimEpoch != w.worker.Epoch):
		return ecs.ErrLeaseLost
	case other != "" && other != r.ID && r.State.Live():
		return ledger.ErrInstanceBusy
	}
	money, err := w.money.Apply(was.state, was.price, r.State, r.Price)
	if err != nil {
		return err
	}
	w.money = money
	r.Revision = w.job.Revision
	w.decided = append(w.decided, r)
	delete(w.stored, r.ID) // it is moved once in a transaction
	if r.State.Live() {
		w.busy[place] = r.ID
	} else if other == r.ID {
		delete(w.busy, place)
	}
	return nil
}

// moved writes what was decided: of a renewal that the worker has claimed; or
// without a worker, whoever had claimed it, and it is free then. What a move
// does not change is left as it is.
func (w *advancing) moved() chunked[ledger.Renewal] {
	return chunked[ledger.Renewal]{
		rows: w.decided,
		before: `UPDATE renewals SET (revision, state, currency_code, price_units, price_nanos, client_token, token_number, order_id,
			expire_before, expire_expected, expire_after, reason, message, cloud_code, cloud_request_id, update_time, claimed_by)
			= (m.column2, m.column3, m.column4, m.column5, m.column6, m.column7, m.column8, m.column9,
			m.column10, m.column11, m.column12, m.column13, m.column14, m.column15, m.column16, m.column17, m.column18)
			FROM (VALUES `,
		columns: 19,
		after:   `) AS m WHERE renewal_id = m.column1 AND (m.column18 = '' OR claimed_by = m.column18 AND claim_epoch = m.column19)`,
		valuesOfARow: func(r ledger.Renewal) []any {
			return []any{r.ID, r.Revision, string(r.State), r.Price.CurrencyCode, r.Price.Units, r.Price.Nanos, r.ClientToken, r.TokenNumber, r.OrderID,
				millis(r.ExpireBefore), millis(r.ExpireExpected), millis(r.ExpireAfter),
				string(r.Failure.Reason), r.Failure.Message, r.Failure.CloudCode, r.Failure.CloudRequestID, millis(r.UpdateTime),
				w.worker.Name, w.worker.Epoch}
		},
		numbers: []int{2, 5, 6, 8, 10, 11, 12, 17, 19},
	}
}

// plannedOf returns the price of the renewals of a job that are PLANNED.
func plannedOf(ctx context.Context, tx *sql.Tx, job ledger.Job) (ecs.Money, error) {
	if job.Budget.IsZero() {
		return ecs.Money{}, nil
	}
	type sum struct{ units, nanos int64 }
	found, err := query(ctx, tx, func(line row) (s sum, err error) { return s, line.Scan(&s.units, &s.nanos) },
		`SELECT CAST(coalesce(sum(price_units), 0) AS BIGINT), CAST(coalesce(sum(price_nanos), 0) AS BIGINT)
		FROM renewals WHERE job_id = $1 AND state = 'PLANNED'`, job.ID)
	if err != nil {
		return ecs.Money{}, err
	}
	return plusSum(ecs.Money{}, job.Budget.CurrencyCode, found[0].units, found[0].nanos), nil
}
