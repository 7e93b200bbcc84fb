package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
)

// unfoldedAtOnce bounds the changes read at once beyond the table of instances,
// except for a single revision that has more.
const unfoldedAtOnce = 1000

// fold applies the newer changes of the log to the table of instances. Append
// defers this, because watchers wait for it: the rows of the instances are
// scattered over their table, those of the log are adjacent, and together they
// would take three times as long to reach the disk.
func (s *Store) fold(ctx context.Context) error {
	for {
		more, err := s.foldSome(ctx)
		if more && err == nil {
			err = rest(ctx)
		}
		if err != nil {
			return fmt.Errorf("fold the change log: %w", err)
		}
		if !more {
			return nil
		}
	}
}

// folding is one unit of folding.
type folding struct {
	// The log is folded up to from, and next up to to; more reports that there are
	// further revisions.
	from, to int64
	more     bool
	// rows are the new rows of the table, a gone instance without its State.
	rows []changelog.Record
}

// toFold reads the next unit to fold.
//
// Several processes may fold at the same time. A unit of more than one
// transaction is the same for all that begin at the same revision: the
// revisions up to the one with which they have more changes than fit in one
// transaction, whatever came later. The last writer wins; all writers write the
// same rows.
func (s *Store) toFold(ctx context.Context) (f folding, err error) {
	err = s.inSnapshot(ctx, func(tx *sql.Tx) error {
		var newest int64
		if f.from, newest, err = readFolded(ctx, tx); err != nil {
			return err
		}
		if f.to = newest; f.from == newest {
			return nil
		}
		page := changelog.Page{UpTo: newest}
		if page.Revisions, err = readRevisions(ctx, tx, f.from, nil, housekeepAtOnce, &page.UpTo); err != nil {
			return err
		}
		if err := readChanges(ctx, tx, f.from, page, nil); err != nil {
			return err
		}
		later := map[[2]string]changelog.Record{}
		take(later, page.Revisions)
		f.to, f.more, f.rows = page.UpTo, page.UpTo < newest, slices.Collect(maps.Values(later))
		return nil
	})
	return f, err
}

// errFolded reports that another process folded the same unit.
var errFolded = errors.New("folded meanwhile")

// foldSome folds some revisions, oldest first, and reports whether there are
// more. Until the last of its transactions the log counts as not folded, and
// readers use it, even if the table has the rows already.
func (s *Store) foldSome(ctx context.Context) (more bool, err error) {
	f, err := s.toFold(ctx)
	if err != nil || f.from == f.to {
		return false, err
	}
	for {
		some := f.rows[:min(len(f.rows), housekeepAtOnce)]
		f.rows = f.rows[len(some):]
		to := f.from
		if len(f.rows) == 0 {
			to = f.to
		}
		err := s.foldRows(ctx, f.from, to, some)
		if errors.Is(err, errFolded) {
			return true, nil
		}
		if err != nil || len(f.rows) == 0 {
			return f.more, err
		}
		if err := rest(ctx); err != nil {
			return f.more, err
		}
	}
}

// foldRows writes rows of the table of instances, and moves the mark of the
// folded part of the log from one revision to another. The mark, which is
// written first, keeps every other fold out until the commit.
func (s *Store) foldRows(ctx context.Context, from, to int64, rows []changelog.Record) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE change_log SET folded = $2 WHERE folded = $1", from, to))
		if err != nil {
			return err
		}
		if n == 0 {
			return errFolded
		}
		var here, gone []changelog.Record
		for _, r := range rows {
			if len(r.State) > 0 {
				here = append(here, r)
			} else {
				gone = append(gone, r)
			}
		}
		for _, write := range []chunked[changelog.Record]{
			{rows: here, before: "INSERT INTO instances (region_id, instance_id, revision, state) VALUES ", columns: 4,
				after:        " ON CONFLICT (region_id, instance_id) DO UPDATE SET revision = excluded.revision, state = excluded.state",
				valuesOfARow: func(r changelog.Record) []any { return []any{r.RegionID, r.InstanceID, r.Revision, r.State} }},
			{rows: gone, before: "DELETE FROM instances WHERE (region_id, instance_id) IN (VALUES ", columns: 2, after: ")",
				valuesOfARow: func(r changelog.Record) []any { return []any{r.RegionID, r.InstanceID} }},
		} {
			if err := write.exec(ctx, tx, s.engine); err != nil {
				return err
			}
		}
		return nil
	})
}

// readFolded reads up to which revision the table of instances is written, and
// the newest revision.
func readFolded(ctx context.Context, db queryer) (folded, newest int64, err error) {
	found, err := query(ctx, db, func(line row) (at [2]int64, err error) { return at, line.Scan(&at[0], &at[1]) },
		"SELECT folded, newest FROM change_log")
	if err != nil {
		return 0, 0, err
	}
	return found[0][0], found[0][1], nil
}

// unfolded reads the changes of the regions that are in the log but not yet in
// the table of instances: the newest of each instance, without a State if it is
// gone.
func unfolded(ctx context.Context, tx *sql.Tx, regionIDs []string) (map[[2]string]changelog.Record, error) {
	after, newest, err := readFolded(ctx, tx)
	if err != nil {
		return nil, err
	}
	later := map[[2]string]changelog.Record{}
	for after < newest {
		page := changelog.Page{UpTo: newest}
		if page.Revisions, err = readRevisions(ctx, tx, after, regionIDs, unfoldedAtOnce, &page.UpTo); err != nil {
			return nil, err
		}
		if err := readChanges(ctx, tx, after, page, regionIDs); err != nil {
			return nil, err
		}
		take(later, page.Revisions)
		after = page.UpTo
	}
	return later, nil
}

// take applies the revisions, oldest first, to the instances.
func take(later map[[2]string]changelog.Record, revisions []changelog.Revision) {
	for _, r := range revisions {
		for _, c := range r.Changes {
			later[[2]string{r.RegionID, c.InstanceID}] = changelog.Record{
				RegionID: r.RegionID, InstanceID: c.InstanceID, Revision: r.Number, State: c.After,
			}
		}
	}
}
