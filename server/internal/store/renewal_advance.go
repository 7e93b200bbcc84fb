package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// AdvanceRenewals writes transitions of renewals of one job, at most one per
// renewal, in one transaction under the job's lock, with their attempts and
// their effect on the money, the counts and the state of the job. It is on disk
// when it returns.
//
// There is one result per transition: nil if it was written, otherwise why it
// was not, while the others were:
//
//   - ecs.ErrNoRecord: the job has no such renewal;
//   - ecs.ErrStateMoved: the renewal is not in the state it was read in;
//   - ecs.ErrLeaseLost: the worker does not have the claim;
//   - ledger.ErrNoTransition: the state may not follow;
//   - ledger.ErrJobCancelled: a send of a cancelled job;
//   - *ledger.ConflictError: another renewal of the instance forbids it;
//   - ledger.ErrOverBudget, ecs.ErrCurrencyMismatch: the funds do not cover it;
//   - *ledger.FrozenError, *ledger.CapError, ledger.ErrCallerUnknown: the caller
//     of the job may not spend it.
//
// The error concerns all of them: no transition was written, or it is unknown
// whether they were.
//
// Transitions with an empty worker are an operator's, from NEEDS_ATTENTION, or
// those of a single renewal that is requested again after nothing was paid. They
// end the claim.
func (s *Store) AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, ts []ledger.Transition) ([]error, error) {
	results, err := s.advance(ctx, worker, jobID, ts)
	if isUnique(err) || errors.Is(err, ecs.ErrLeaseLost) {
		// Another process changed one of the instances or renewals between the check
		// and the write, which undid all: one by one, only that one fails.
		for i := range ts {
			var one []error
			one, err = s.advance(ctx, worker, jobID, ts[i:i+1])
			switch {
			case isUnique(err):
				one, err = []error{&ledger.ConflictError{Err: ledger.ErrInstanceBusy}}, nil
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

// errNothing undoes a transaction that changed nothing.
var errNothing = errors.New("nothing was written")

func unlessNothing(err error) error {
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}

func (s *Store) advance(ctx context.Context, worker ecs.Lease, jobID string, ts []ledger.Transition) ([]error, error) {
	results := make([]error, len(ts))
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		clear(results)
		job, err := lockJob(ctx, tx, jobID)
		if err != nil {
			return err
		}
		w := advance{Store: s, tx: tx, worker: worker, job: job}
		if err := w.read(ctx, ts); err != nil {
			return err
		}
		if err := w.lockSpending(ctx, ts); err != nil {
			return err
		}
		for i, t := range ts {
			results[i] = w.evaluate(t)
		}
		if len(w.permitted) == 0 {
			return errNothing
		}
		return w.write(ctx)
	})
	return results, unlessNothing(err)
}

// advance is one transaction that has locked its job.
type advance struct {
	*Store
	tx     *sql.Tx
	worker ecs.Lease
	job    ledger.Job
	// stored are the renewals by ID, priors the other renewals by instance.
	stored map[string]storedRenewal
	priors map[instance][]ledger.Prior
	// spending is that of the caller, nil if no transition changes it.
	spending *spending
	// permitted are the transitions to write, with the revision of the job.
	permitted []ledger.Transition
	// booked are the bookings of the permitted ones by renewal ID.
	booked map[string]ledger.Booking
}

type instance struct{ region, id string }

// storedRenewal is the part of a row that a transition starts from.
type storedRenewal struct {
	ledger.Renewal
	claimedBy  string
	claimEpoch int64
	spendTime  time.Time
}

// booking returns the money of the stored renewal.
func (r storedRenewal) booking() ledger.Booking {
	return ledger.Booking{State: r.State.Spends(), Price: r.Price, Time: r.spendTime}
}

// lockSpending locks the spending of the caller if a transition changes it.
func (w *advance) lockSpending(ctx context.Context, ts []ledger.Transition) (err error) {
	w.booked = make(map[string]ledger.Booking, len(ts))
	var changes, intends bool
	var stored []time.Time
	for _, t := range ts {
		was := w.stored[t.Renewal.ID].booking()
		intends = intends || t.Sends()
		if t.Sends() || was.State != t.Renewal.State.Spends() || was.State != ledger.SpendNone && was.Price != t.Renewal.Price {
			changes = true
			stored = append(stored, was.Time)
		}
	}
	if changes {
		w.spending, err = w.Store.lockSpending(ctx, w.tx, w.job.Caller, intends, stored...)
	}
	return err
}

// book books the money of a transition.
func (w *advance) book(t ledger.Transition) (is ledger.Booking, err error) {
	was := w.stored[t.Renewal.ID].booking()
	switch {
	case w.spending == nil:
		return was, nil
	case t.Sends():
		return w.spending.Intend(was, t.Renewal.Price, t.Doubtful())
	}
	is = was.Settled(t.Renewal.State.Spends(), t.Renewal.Price)
	return is, w.spending.Book(was, is)
}

// read reads the rows that the transitions are evaluated against.
func (w *advance) read(ctx context.Context, ts []ledger.Transition) error {
	if err := w.lockInstances(ctx, w.tx, becomeLive(ts)); err != nil {
		return fmt.Errorf("lock the instances: %w", err)
	}
	w.stored = make(map[string]storedRenewal, len(ts))
	var instances []instance
	for some := range slices.Chunk(ts, rowsAtOnce) {
		ids := make([]string, len(some))
		for i, t := range some {
			ids[i] = t.Renewal.ID
			if t.Renewal.State.Live() || t.Billed {
				instances = append(instances, instance{t.Renewal.RegionID, t.Renewal.InstanceID})
			}
		}
		stored, err := query(ctx, w.tx, func(line row) (r storedRenewal, err error) {
			return r, line.Scan(&r.ID, &r.JobID, &r.RegionID, &r.InstanceID, &r.State, reasonIn{&r.Failure.Reason},
				&r.Price.CurrencyCode, &r.Price.Units, &r.Price.Nanos, &r.OrderID, &r.claimedBy, &r.claimEpoch, momentIn{&r.spendTime})
		}, `SELECT renewal_id, job_id, region_id, instance_id, state, reason, currency_code, price_units, price_nanos, order_id, claimed_by, claim_epoch, spend_time
			FROM renewals WHERE renewal_id IN `+marks(1, len(ids)), marked(ids)...)
		if err != nil {
			return err
		}
		for _, r := range stored {
			w.stored[r.ID] = r
		}
	}
	var err error
	w.priors, err = readPriors(ctx, w.tx, instances)
	return err
}

// becomeLive returns the instances with a renewal that becomes live. Two jobs
// may write about one instance at the same time: between the check of one and
// its commit, a renewal of the other must not go from PLANNED through a payment
// to RENEWED, because the unique index of live renewals does not see that. It
// is enough to lock the step into the live states, because a renewal that is
// live at the check is visible to it.
func becomeLive(ts []ledger.Transition) []instance {
	var all []instance
	for _, t := range ts {
		if t.Renewal.State.Live() && !t.From.Live() {
			all = append(all, instance{t.Renewal.RegionID, t.Renewal.InstanceID})
		}
	}
	return all
}

// lockKey is the key of the lock of an instance. Two instances with one key only
// wait for each other.
func (i instance) lockKey() int32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(i.region + "/" + i.id))
	return int32(h.Sum32())
}

// instanceLocks is the class of the advisory locks of instances.
const instanceLocks = 0x65637369 // "ecsi"

// lockInstances locks instances of PostgreSQL by their keys, in one order for
// all, so that two transactions never wait for each other.
func lockInstances(ctx context.Context, tx *sql.Tx, instances []instance) error {
	if len(instances) == 0 {
		return nil
	}
	keys := make([]int32, len(instances))
	for i, of := range instances {
		keys[i] = of.lockKey()
	}
	slices.Sort(keys)
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1, key) FROM unnest($2::int[]) AS key", instanceLocks, keys)
	return err
}

// evaluate adds a transition to the written ones, or returns why not.
func (w *advance) evaluate(t ledger.Transition) error {
	r := t.Renewal
	was, found := w.stored[r.ID]
	switch {
	case !found || was.JobID != w.job.ID:
		return ecs.ErrNoRecord
	case was.State != t.From:
		return ecs.ErrStateMoved
	case was.RegionID != r.RegionID || was.InstanceID != r.InstanceID:
		return fmt.Errorf("renewal %s is of instance %s/%s, not of %s/%s", r.ID, was.RegionID, was.InstanceID, r.RegionID, r.InstanceID)
	case t.Billed && was.OrderID != "" && was.OrderID != r.OrderID:
		return ecs.ErrStateMoved
	case w.worker.Name != "" && (was.claimedBy != w.worker.Name || was.claimEpoch != w.worker.Epoch):
		return ecs.ErrLeaseLost
	}
	if err := w.job.Permit(t, w.worker.Name != "", w.priors[instance{r.RegionID, r.InstanceID}]); err != nil {
		return err
	}
	job := w.job
	if err := job.Apply(was.Renewal, r); err != nil {
		return err
	}
	booked, err := w.book(t)
	if err != nil {
		return err
	}
	w.job, w.booked[r.ID] = job, booked
	t.Renewal.Revision = w.job.Revision
	w.permitted = append(w.permitted, t)
	was.State = "" // one transition per transaction
	w.stored[r.ID] = was
	return nil
}

// write writes the permitted renewals, their attempts and the job.
func (w *advance) write(ctx context.Context) error {
	n, err := w.update().count(ctx, w.tx, w.engine)
	if err != nil {
		return err
	}
	if n != int64(len(w.permitted)) {
		return ecs.ErrLeaseLost
	}
	if err := w.writeAttempts(ctx, w.tx, w.permitted); err != nil {
		return err
	}
	if w.spending != nil {
		if err := w.spending.write(ctx); err != nil {
			return fmt.Errorf("write the spending of the caller: %w", err)
		}
	}
	if err := w.record(ctx, w.tx, w.records(ctx)...); err != nil {
		return err
	}
	at := w.permitted[0].Renewal.UpdateTime
	for _, t := range w.permitted {
		if t.Renewal.UpdateTime.After(at) {
			at = t.Renewal.UpdateTime
		}
	}
	w.job.Conclude(at)
	return writeJob(ctx, w.tx, w.job)
}

// update writes renewals that the worker has claimed; without a worker, it ends
// their claims.
func (w *advance) update() chunked[ledger.Transition] {
	return chunked[ledger.Transition]{
		rows: w.permitted,
		before: `WITH t (renewal_id, revision, state, currency_code, price_units, price_nanos, client_token, token_number, order_id,
			expire_before, expire_expected, expire_after, reason, message, cloud_code, cloud_request_id,
			plan_time, paid_time, resolve_time, update_time, decisions, worker, epoch, spend_time) AS (VALUES `,
		columns: 24,
		after: `) UPDATE renewals SET revision = t.revision, state = t.state, currency_code = t.currency_code,
			price_units = t.price_units, price_nanos = t.price_nanos, client_token = t.client_token, token_number = t.token_number,
			order_id = t.order_id, expire_before = t.expire_before, expire_expected = t.expire_expected, expire_after = t.expire_after,
			reason = t.reason, message = t.message, cloud_code = t.cloud_code, cloud_request_id = t.cloud_request_id,
			plan_time = t.plan_time, paid_time = t.paid_time, resolve_time = t.resolve_time, update_time = t.update_time,
			decisions = t.decisions, spend_time = t.spend_time,
			claimed_by = t.worker
			FROM t WHERE renewals.renewal_id = t.renewal_id AND (t.worker = '' OR claimed_by = t.worker AND claim_epoch = t.epoch)`,
		valuesOfARow: func(t ledger.Transition) []any {
			r := t.Renewal
			return []any{r.ID, r.Revision, string(r.State), r.Price.CurrencyCode, r.Price.Units, r.Price.Nanos, r.ClientToken, r.TokenNumber, r.OrderID,
				millis(r.ExpireBefore), millis(r.ExpireExpected), millis(r.ExpireAfter),
				storedReason(r.Failure.Reason), r.Failure.Message, r.Failure.CloudCode, r.Failure.CloudRequestID,
				millis(r.PlanTime), millis(r.PaidTime), millis(r.ResolveTime), millis(r.UpdateTime), encodeList(r.Decisions), w.worker.Name, w.worker.Epoch,
				millis(w.booked[r.ID].Time)}
		},
		numbers: []int{2, 5, 6, 8, 10, 11, 12, 17, 18, 19, 20, 23, 24},
	}
}

// selectPriors reads the priors of n instances.
func selectPriors(n int) string {
	return `SELECT region_id, instance_id, renewal_id, request_id, state, expire_before, paid_time, update_time, 0, order_id
		FROM renewals WHERE state IN ` + bindingStates + ` AND instance_id IN ` + marks(1, n) + `
		UNION ALL SELECT region_id, instance_id, modification_id, request_id, state, 0, 0, update_time, 1, ''
		FROM modifications WHERE state <> 'FAILED' AND instance_id IN ` + marks(1, n) + `
		ORDER BY 6, 3`
}

// readPriors reads the renewals of instances that may forbid another payment,
// the oldest expiry first, and their modifications.
func readPriors(ctx context.Context, db queryer, instances []instance) (map[instance][]ledger.Prior, error) {
	priors := make(map[instance][]ledger.Prior, len(instances))
	for some := range slices.Chunk(instances, rowsAtOnce) {
		ids := make([]string, len(some))
		for i, of := range some {
			ids[i] = of.id
		}
		_, err := query(ctx, db, func(line row) (none struct{}, err error) {
			var p ledger.Prior
			var of instance
			var before, paid, updated, modified int64
			err = line.Scan(&of.region, &of.id, &p.ID, &p.RequestID, &p.State, &before, &paid, &updated, &modified, &p.OrderID)
			p.Modification = modified != 0
			if paid == 0 && (p.State.Paid() || p.Modification) {
				paid = updated // as in scanRenewal
			}
			p.ExpireBefore, p.PaidTime = moment(before), moment(paid)
			priors[of] = append(priors[of], p)
			return none, err
		}, selectPriors(len(ids)), marked(ids)...)
		if err != nil {
			return nil, err
		}
	}
	return priors, nil
}

// PriorRenewals reads, by instance, the renewals that are live, were paid or
// need attention, the oldest expiry first, and the modifications.
func (s *Store) PriorRenewals(ctx context.Context, regionID string, instanceIDs []string) (map[string][]ledger.Prior, error) {
	instances := make([]instance, len(instanceIDs))
	for i, id := range instanceIDs {
		instances[i] = instance{regionID, id}
	}
	found, err := readPriors(ctx, s.reader, instances)
	if err != nil {
		return nil, fmt.Errorf("read the earlier renewals of %d instances: %w", len(instanceIDs), err)
	}
	priors := make(map[string][]ledger.Prior, len(found))
	for of, some := range found {
		if of.region == regionID {
			priors[of.id] = some
		}
	}
	return priors, nil
}
