package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	// Each condition has a partial index, so that ended renewals cost nothing.
	unfinished = `state IN ` + openStates
	forAPerson = `state = 'NEEDS_ATTENTION'`

	tallyOf = `SELECT state, reason, currency_code, count(*), CAST(sum(price_units) AS BIGINT), CAST(sum(price_nanos) AS BIGINT) FROM renewals WHERE `
	byState = ` GROUP BY state, reason, currency_code`
	// A renewal that is VERIFYING is paid: its outcome is settled.
	oldestOf = `SELECT coalesce(min(send_time), 0) FROM renewals JOIN renewal_attempts USING (renewal_id)
		WHERE number = 1 AND state NOT IN ('PLANNED', 'VERIFYING') AND `

	// The second condition is that of the index.
	countModifications = `SELECT state, count(*) FROM modifications
		WHERE state IN ('SUBMITTING', 'UNKNOWN', 'VERIFYING', 'NEEDS_ATTENTION') AND state IN ` + endedOtherwise + ` GROUP BY state`
)

// RenewalLoad reads the open renewals and modifications. It reads only their
// rows, however many have ended.
func (s *Store) RenewalLoad(ctx context.Context) (load ledger.Load, err error) {
	type group struct {
		ledger.Count
		n            int64
		currency     string
		units, nanos int64
	}
	type modificationCount struct {
		state ledger.ModificationState
		n     int64
	}
	tallies := map[ledger.Count]int64{}
	reserved := map[string]ecs.Money{}
	err = s.inSnapshot(ctx, func(tx *sql.Tx) error {
		for _, which := range []string{unfinished, forAPerson} {
			found, err := query(ctx, tx, func(line row) (r group, err error) {
				return r, line.Scan(&r.State, reasonIn{&r.Reason}, &r.currency, &r.n, &r.units, &r.nanos)
			}, tallyOf+which+byState)
			if err != nil {
				return err
			}
			for _, r := range found {
				tallies[ledger.Count{State: r.State, Reason: r.Reason}] += r.n
				if r.State.Reserves() && r.currency != "" {
					reserved[r.currency] = plusSum(reserved[r.currency], r.currency, r.units, r.nanos)
				}
			}
			oldest, err := query(ctx, tx, func(line row) (ms int64, err error) { return ms, line.Scan(&ms) }, oldestOf+which)
			if err != nil {
				return err
			}
			if at := moment(oldest[0]); !at.IsZero() && (load.Oldest.IsZero() || at.Before(load.Oldest)) {
				load.Oldest = at
			}
		}
		modifications, err := query(ctx, tx, func(line row) (m modificationCount, err error) { return m, line.Scan(&m.state, &m.n) }, countModifications)
		for _, m := range modifications {
			if load.Modifications == nil {
				load.Modifications = map[ledger.ModificationState]int64{}
			}
			load.Modifications[m.state] = m.n
		}
		return err
	})
	if err != nil {
		return ledger.Load{}, fmt.Errorf("read what has not ended: %w", err)
	}
	for t, n := range tallies {
		t.Count = n
		load.Counts = append(load.Counts, t)
	}
	for _, m := range reserved {
		load.Reserved = append(load.Reserved, m)
	}
	return load, nil
}

// plusSum adds a sum of units and one of nanos, which may be more than a unit.
func plusSum(m ecs.Money, currency string, units, nanos int64) ecs.Money {
	const unit = int64(time.Second) // a billion, as nanos count
	all := int64(m.Nanos) + nanos
	return ecs.Money{CurrencyCode: currency, Units: m.Units + units + all/unit, Nanos: int32(all % unit)}
}
