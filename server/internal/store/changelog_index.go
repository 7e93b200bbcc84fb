package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
)

// indexChanges extends the index of the changes by instance to the newest
// revision, in small transactions. Append defers this for the same reason as the
// table of instances: the rows are scattered over the index. Several processes
// may index at the same time: all write the same rows.
func (s *Store) indexChanges(ctx context.Context) error {
	var from changelog.Cursor
	for {
		more, err := s.indexSome(ctx, &from)
		if more && err == nil {
			err = rest(ctx)
		}
		if err != nil {
			return fmt.Errorf("index the change log: %w", explain(err))
		}
		if !more {
			return nil
		}
	}
}

// indexSome indexes some changes after a cursor, which it moves, and reports
// whether there are more. The index is valid up to the last revision that is
// indexed whole.
func (s *Store) indexSome(ctx context.Context, from *changelog.Cursor) (more bool, err error) {
	var some []changelog.Cursor
	var newest int64
	err = s.inSnapshot(ctx, func(tx *sql.Tx) error {
		bounds, err := readBounds(ctx, tx)
		if err != nil {
			return err
		}
		newest = bounds.Newest
		if from.IsZero() {
			indexed, err := indexedUpTo(ctx, tx)
			if err != nil {
				return err
			}
			from.Revision = max(indexed, bounds.Oldest) + 1
		}
		some, err = query(ctx, tx, func(line row) (c changelog.Cursor, err error) { return c, line.Scan(&c.Revision, &c.InstanceID) },
			fmt.Sprintf(`SELECT revision, instance_id FROM changes WHERE (revision, instance_id) > ($1, $2) AND revision <= $3
				ORDER BY revision, instance_id LIMIT %d`, housekeepAtOnce), from.Revision, from.InstanceID, newest)
		return err
	})
	if err != nil {
		return false, err
	}
	upTo := newest
	if more = len(some) == housekeepAtOnce; more {
		*from = some[len(some)-1]
		upTo = from.Revision - 1 // the last revision may have more changes
	}
	return more, s.inTx(ctx, func(tx *sql.Tx) error {
		index := chunked[changelog.Cursor]{
			rows: some, before: "INSERT INTO changes_by_instance (revision, instance_id) VALUES ", columns: 2, after: " ON CONFLICT DO NOTHING",
			valuesOfARow: func(c changelog.Cursor) []any { return []any{c.Revision, c.InstanceID} },
		}
		if err := index.exec(ctx, tx, s.engine); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE change_log SET indexed = $1 WHERE indexed < $1", upTo)
		return err
	})
}

// indexedUpTo reads the last revision up to which the changes are indexed.
func indexedUpTo(ctx context.Context, db queryer) (int64, error) {
	found, err := query(ctx, db, func(line row) (n int64, err error) { return n, line.Scan(&n) }, "SELECT indexed FROM change_log")
	if err != nil {
		return 0, err
	}
	return found[0], nil
}
