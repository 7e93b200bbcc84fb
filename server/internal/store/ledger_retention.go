package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// ledgerRetention is how long the money of launches and modifications is kept
// after their orders, spending accounts after their period, and release jobs after
// their end. It is longer than the longest period of a spending limit, a year, and
// the default retention of the audit.
const ledgerRetention = 400 * 24 * time.Hour

// maxJobsTrimmed bounds the release jobs that one transaction removes, each with
// its items.
const maxJobsTrimmed = 20

// TrimLedger removes what is older than the retention, in small transactions.
// Reserved money stays, however old: its order needs attention. So do renewals and
// modifications, which are the record of what was paid.
func (s *Store) TrimLedger(ctx context.Context, now time.Time) error {
	const jobs = `(SELECT job_id FROM release_jobs WHERE end_time > 0 AND end_time < $1 ORDER BY end_time, job_id LIMIT $2)`
	for _, t := range []struct {
		what  string
		limit int64
		// statements run in one transaction; the last one counts.
		statements []string
	}{
		{"the orders of launches and modifications", housekeepAtOnce, []string{`DELETE FROM spend_orders WHERE order_key IN
			(SELECT order_key FROM spend_orders WHERE state <> 'RESERVED' AND spend_time < $1 ORDER BY spend_time, order_key LIMIT $2)`}},
		{"the spending accounts", housekeepAtOnce, []string{`DELETE FROM spend_accounts WHERE (caller, currency_code, start_time, end_time) IN
			(SELECT caller, currency_code, start_time, end_time FROM spend_accounts WHERE end_time < $1 ORDER BY end_time LIMIT $2)`}},
		{"the release jobs", maxJobsTrimmed, []string{
			`DELETE FROM release_items WHERE job_id IN ` + jobs, `DELETE FROM release_jobs WHERE job_id IN ` + jobs,
		}},
	} {
		for removed := t.limit; removed == t.limit; {
			err := s.inTx(ctx, func(tx *sql.Tx) (err error) {
				for _, statement := range t.statements {
					if removed, err = affected(tx.ExecContext(ctx, statement, millis(now.Add(-ledgerRetention)), t.limit)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return fmt.Errorf("trim %s: %w", t.what, explain(err))
			}
			if removed == t.limit {
				if err := rest(ctx); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
