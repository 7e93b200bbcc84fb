package store

import (
	"context"
	"database/sql"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	accountColumns = `caller, currency_code, start_time, end_time, reserved_units, reserved_nanos, spent_units, spent_nanos`

	// It returns one row without an account if the caller has none.
	selectSpending = `SELECT f.frozen, f.reason, f.changed_by, f.change_time, COALESCE(a.currency_code, ''), COALESCE(a.start_time, 0),
		COALESCE(a.end_time, 0), COALESCE(a.reserved_units, 0), COALESCE(a.reserved_nanos, 0), COALESCE(a.spent_units, 0), COALESCE(a.spent_nanos, 0)
		FROM spend_freeze AS f LEFT JOIN spend_accounts AS a ON a.caller = $1 AND a.end_time > $2
		ORDER BY a.currency_code, a.start_time, a.end_time`

	upsertAccounts = ` ON CONFLICT (caller, currency_code, start_time, end_time) DO UPDATE SET
		reserved_units = excluded.reserved_units, reserved_nanos = excluded.reserved_nanos,
		spent_units = excluded.spent_units, spent_nanos = excluded.spent_nanos`

	// The orders of an account. The states are those of ledger.State.Spends.
	sumSpending = `SELECT kind, CAST(sum(units) AS BIGINT), CAST(sum(nanos) AS BIGINT) FROM (
		SELECT CASE WHEN state IN ('SUBMITTING', 'UNKNOWN', 'NEEDS_ATTENTION') THEN 'RESERVED' ELSE 'SPENT' END AS kind, price_units AS units, price_nanos AS nanos
		FROM renewals WHERE spend_time > 0 AND caller = $1 AND currency_code = $2 AND spend_time >= $3 AND spend_time < $4 AND state IN ` + bindingStates + `
		UNION ALL SELECT state, price_units, price_nanos
		FROM spend_orders WHERE caller = $1 AND currency_code = $2 AND spend_time >= $3 AND spend_time < $4 AND state <> ''
		) AS orders GROUP BY kind`

	upsertSpendOrder = `INSERT INTO spend_orders (order_key, caller, state, currency_code, price_units, price_nanos, spend_time)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (order_key) DO UPDATE SET
		state = excluded.state, currency_code = excluded.currency_code, price_units = excluded.price_units,
		price_nanos = excluded.price_nanos, spend_time = excluded.spend_time`
)

// LimitSpending sets the spending limits of callers. It must be called before
// the store is used. Without it no caller has a limit.
func (s *Store) LimitSpending(caps ledger.Caps) { s.caps = caps }

// spending is the spending of one caller in a transaction that has locked it.
type spending struct {
	ledger.Spending
	store *Store
	tx    *sql.Tx
}

// lockSpending locks the spending of a caller until the transaction ends and
// reads it. stored are the times of the bookings that may change. intends
// reports that an order may be sent after the transaction: then no freeze takes
// effect before it ends. The lock comes after those of the job and of the
// instances.
func (s *Store) lockSpending(ctx context.Context, tx *sql.Tx, caller string, intends bool, stored ...time.Time) (*spending, error) {
	if err := s.lockCaller(ctx, tx, caller, intends); err != nil {
		return nil, fmt.Errorf("lock the spending of %s: %w", caller, err)
	}
	return s.readSpending(ctx, tx, caller, intends, stored...)
}

// readSpending reads the spending of a caller, and computes the accounts that
// its limits need and that are not stored.
func (s *Store) readSpending(ctx context.Context, tx *sql.Tx, caller string, intends bool, stored ...time.Time) (*spending, error) {
	at := moment(time.Now().UnixMilli())
	sp := &spending{Spending: ledger.Spending{Caller: caller, At: at}, store: s, tx: tx}
	earliest := at
	for _, t := range stored {
		if !t.IsZero() && t.Before(earliest) {
			earliest = t
		}
	}
	accounts, err := query(ctx, tx, func(line row) (a ledger.Account, err error) {
		var frozen, changed, start, end int64
		err = line.Scan(&frozen, &sp.Freeze.Reason, &sp.Freeze.By, &changed, &a.Currency, &start, &end,
			&a.Reserved.Units, &a.Reserved.Nanos, &a.Spent.Units, &a.Spent.Nanos)
		sp.Freeze.Frozen, sp.Freeze.Time = frozen != 0, moment(changed)
		a.Start, a.End = time.UnixMilli(start).UTC(), time.UnixMilli(end).UTC()
		a.Reserved.CurrencyCode, a.Spent.CurrencyCode = a.Currency, a.Currency
		return a, err
	}, selectSpending, caller, millis(earliest))
	if err != nil {
		return nil, fmt.Errorf("read the spending of %s: %w", caller, err)
	}
	sp.Accounts = slices.DeleteFunc(accounts, func(a ledger.Account) bool { return a.Currency == "" })
	if !intends || s.caps == nil {
		return sp, nil
	}
	if sp.Caps, sp.CapsErr = s.caps(caller); sp.CapsErr != nil {
		return sp, nil
	}
	for _, a := range sp.Missing(append(stored, at)...) {
		if a, err = sumAccount(ctx, tx, caller, a); err != nil {
			return nil, fmt.Errorf("add up the spending of %s: %w", caller, err)
		}
		a.Changed = true
		sp.Accounts = append(sp.Accounts, a)
	}
	return sp, nil
}

// sumAccount computes an account from the orders.
func sumAccount(ctx context.Context, db queryer, caller string, a ledger.Account) (ledger.Account, error) {
	_, err := query(ctx, db, func(line row) (none struct{}, err error) {
		var state ledger.SpendState
		var units, nanos int64
		if err := line.Scan(&state, &units, &nanos); err != nil {
			return none, err
		}
		return none, a.Add(ledger.Booking{State: state, Price: plusSum(ecs.Money{}, a.Currency, units, nanos)}, 1)
	}, sumSpending, caller, a.Currency, millis(a.Start), millis(a.End))
	return a, err
}

// write writes the accounts that changed.
func (sp *spending) write(ctx context.Context) error {
	changed := slices.DeleteFunc(slices.Clone(sp.Accounts), func(a ledger.Account) bool { return !a.Changed })
	return chunked[ledger.Account]{
		rows: changed, columns: 8, before: "INSERT INTO spend_accounts (" + accountColumns + ") VALUES ", after: upsertAccounts,
		valuesOfARow: func(a ledger.Account) []any {
			return []any{sp.Caller, a.Currency, a.Start.UnixMilli(), a.End.UnixMilli(), a.Reserved.Units, a.Reserved.Nanos, a.Spent.Units, a.Spent.Nanos}
		},
	}.exec(ctx, sp.tx, sp.store.engine)
}

// unreserve releases the money of renewals of a locked job that a cancel ends.
func (s *Store) unreserve(ctx context.Context, tx *sql.Tx, job ledger.Job, ended []ledger.Renewal) error {
	if !slices.ContainsFunc(ended, func(r ledger.Renewal) bool { return r.State.Spends() != ledger.SpendNone }) {
		return nil
	}
	times := map[string]time.Time{}
	var stored []time.Time
	if _, err := query(ctx, tx, func(line row) (none struct{}, err error) {
		var id string
		var at int64
		err = line.Scan(&id, &at)
		times[id], stored = moment(at), append(stored, moment(at))
		return none, err
	}, `SELECT renewal_id, spend_time FROM renewals WHERE job_id = $1 AND state IN `+openStates+` AND state = 'SUBMITTING' AND spend_time > 0`, job.ID); err != nil {
		return fmt.Errorf("read the spending of the renewals: %w", err)
	}
	sp, err := s.lockSpending(ctx, tx, job.Caller, false, stored...)
	if err != nil {
		return err
	}
	for _, r := range ended {
		if err := sp.Book(ledger.Booking{State: r.State.Spends(), Price: r.Price, Time: times[r.ID]}, ledger.Booking{}); err != nil {
			return err
		}
	}
	return sp.write(ctx)
}

// orderIntent is an order that is about to be sent.
type orderIntent struct {
	// price is nil if the order costs nothing when it is sent, such as a launch of
	// pay-as-you-go instances. It is zero if the cloud returns no price.
	price *ecs.Money
	// doubtful: an earlier send of the order may have paid.
	doubtful bool
}

// spendOrder books an order of spend_orders in a transaction: as an intent, or,
// if that is nil, in the state to at the price of its reservation. It returns the
// booking.
func (s *Store) spendOrder(ctx context.Context, tx *sql.Tx, key, caller string, intent *orderIntent, to ledger.SpendState) (ledger.Booking, error) {
	var was ledger.Booking
	if err := s.lockCaller(ctx, tx, caller, intent != nil); err != nil {
		return was, fmt.Errorf("lock the spending of %s: %w", caller, err)
	}
	found, err := query(ctx, tx, func(line row) (none struct{}, err error) {
		var at int64
		err = line.Scan(&was.State, &was.Price.CurrencyCode, &was.Price.Units, &was.Price.Nanos, &at)
		was.Time = moment(at)
		return none, err
	}, `SELECT state, currency_code, price_units, price_nanos, spend_time FROM spend_orders WHERE order_key = $1`, key)
	if err != nil {
		return was, fmt.Errorf("read the money of order %s: %w", key, err)
	}
	if intent == nil && (len(found) == 0 || was.State == to) {
		return was, nil // it never had a price, or keeps its state
	}
	sp, err := s.readSpending(ctx, tx, caller, intent != nil, was.Time)
	if err != nil {
		return was, err
	}
	var is ledger.Booking
	switch {
	case intent == nil:
		is = was.Settled(to, was.Price)
		err = sp.Book(was, is)
	case intent.price == nil:
		return was, sp.Thaw()
	default:
		is, err = sp.Intend(was, *intent.price, intent.doubtful)
	}
	if err != nil {
		return was, err
	}
	if err := sp.write(ctx); err != nil {
		return was, err
	}
	if _, err := tx.ExecContext(ctx, upsertSpendOrder, key, caller, string(is.State), is.Price.CurrencyCode, is.Price.Units, is.Price.Nanos, millis(is.Time)); err != nil {
		return was, fmt.Errorf("write the money of order %s: %w", key, err)
	}
	return is, nil
}

// PermitSpending returns the error by which an order of a caller would be refused
// now: *ledger.FrozenError, *ledger.CapError or ledger.ErrCallerUnknown. price is
// nil if the order costs nothing when it is sent, and zero if it is not known.
func (s *Store) PermitSpending(ctx context.Context, caller string, price *ecs.Money) error {
	var refused error
	err := s.inSnapshot(ctx, func(tx *sql.Tx) error {
		sp, err := s.readSpending(ctx, tx, caller, true)
		if err != nil {
			return err
		}
		if price == nil {
			refused = sp.Thaw()
		} else {
			refused = sp.Permit(*price)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("check the spending of %s: %w", caller, err)
	}
	return refused
}

// Spending reads what a caller has reserved and spent: its limits, with the
// account of each in the period that contains now.
func (s *Store) Spending(ctx context.Context, caller string) (ledger.Spending, error) {
	var found ledger.Spending
	err := s.inSnapshot(ctx, func(tx *sql.Tx) error {
		sp, err := s.readSpending(ctx, tx, caller, true)
		if err == nil {
			found = sp.Spending
		}
		return err
	})
	if err != nil {
		return ledger.Spending{}, err
	}
	return found, nil
}

// SpendFreeze reads the switch that stops all spending.
func (s *Store) SpendFreeze(ctx context.Context) (ledger.Freeze, error) {
	found, err := query(ctx, s.reader, scanFreeze, selectFreeze)
	if err != nil {
		return ledger.Freeze{}, fmt.Errorf("read the freeze of spending: %w", err)
	}
	if len(found) != 1 {
		return ledger.Freeze{}, fmt.Errorf("read the freeze of spending: %d rows, want 1", len(found))
	}
	return found[0], nil
}

const selectFreeze = `SELECT frozen, reason, changed_by, change_time FROM spend_freeze`

func scanFreeze(line row) (f ledger.Freeze, err error) {
	var frozen, changed int64
	err = line.Scan(&frozen, &f.Reason, &f.By, &changed)
	f.Frozen, f.Time = frozen != 0, moment(changed)
	return f, err
}

// SetSpendFreeze freezes spending or ends the freeze. When it returns, every
// intent that another transaction had permitted is on disk, and no later one is
// permitted while spending is frozen. It changes nothing if spending is in that
// state, and returns the state.
func (s *Store) SetSpendFreeze(ctx context.Context, f ledger.Freeze) (now ledger.Freeze, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		if err := s.lockFreeze(ctx, tx); err != nil {
			return err
		}
		found, err := query(ctx, tx, scanFreeze, selectFreeze)
		if err != nil {
			return err
		}
		if len(found) == 1 && found[0].Frozen == f.Frozen {
			now = found[0]
			return errNothing
		}
		now = f
		n, err := affected(tx.ExecContext(ctx, `UPDATE spend_freeze SET frozen = $1, reason = $2, changed_by = $3, change_time = $4`,
			bit(f.Frozen), f.Reason, f.By, millis(f.Time)))
		if err == nil && n != 1 {
			err = fmt.Errorf("%d rows, want 1", n)
		}
		if err != nil {
			return err
		}
		return s.record(ctx, tx, freezeRecord(ctx, f))
	})
	if err = unlessNothing(err); err != nil {
		return ledger.Freeze{}, fmt.Errorf("change the freeze of spending: %w", err)
	}
	return now, nil
}

// The classes of the advisory locks of spending on PostgreSQL.
const (
	callerLocks = 0x65637373 // "ecss"
	freezeLock  = 0x65637366 // "ecsf"
)

// lockCaller locks the spending of a caller on PostgreSQL. An intent also shares
// the lock of the freeze, which comes first: a freeze that waits for it stops
// later intents, and these must not hold what an earlier one waits for.
func lockCaller(ctx context.Context, tx *sql.Tx, caller string, intends bool) error {
	h := fnv.New32a()
	_, _ = h.Write([]byte(caller))
	if intends {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock_shared($1, 0)", freezeLock); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1, $2)", callerLocks, int32(h.Sum32()))
	return err
}

// lockFreeze waits for the intents in progress on PostgreSQL, and locks later
// ones out.
func lockFreeze(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1, 0)", freezeLock)
	return err
}
