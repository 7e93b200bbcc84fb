package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// ID identifies this store: it is created with the database and moves with it.
func (s *Store) ID() string { return s.id }

// identify reads the ID of the store, or assigns one if it is new.
func (s *Store) identify(ctx context.Context) error {
	read := func() error {
		return s.db.QueryRowContext(ctx, "SELECT store_id FROM change_log").Scan(&s.id)
	}
	if err := read(); err != nil || s.id != "" {
		return explain(err)
	}
	if _, err := s.db.ExecContext(ctx, "UPDATE change_log SET store_id = $1 WHERE store_id = ''", uuid.NewString()); err != nil {
		return explain(err)
	}
	return explain(read())
}

// Append writes the changes of one poll of a region, one revision of the log,
// and the note of the lease, in one transaction. It is on disk when it returns.
// Without a change it writes nothing and returns the zero Revision.
// ErrLeaseLost reports that the lease has another holder, changelog.ErrLost that
// the log does not contain the position known, at which the changes were found;
// in both cases nothing was written. After any other error it is not known
// whether it was written: read the instances again before the next Append.
func (s *Store) Append(ctx context.Context, lease ecs.Lease, known changelog.Position, regionID string, changes []changelog.Change) (changelog.Revision, error) {
	if len(changes) == 0 {
		return changelog.Revision{}, nil
	}
	sorted := slices.SortedFunc(slices.Values(changes), func(a, b changelog.Change) int { return strings.Compare(a.InstanceID, b.InstanceID) })
	for i, c := range sorted {
		if i > 0 && c.InstanceID == sorted[i-1].InstanceID {
			return changelog.Revision{}, fmt.Errorf("append to the change log: instance %s is changed twice in one revision", c.InstanceID)
		}
		if len(c.Before) == 0 && len(c.After) == 0 {
			return changelog.Revision{}, fmt.Errorf("append to the change log: instance %s is neither before nor after", c.InstanceID)
		}
	}
	revision := changelog.Revision{RegionID: regionID, Changes: sorted}
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if err := holdLease(ctx, tx, lease); err != nil {
			return err
		}
		return s.append(ctx, tx, known, &revision)
	})
	if err != nil {
		return changelog.Revision{}, fmt.Errorf("append to the change log: %w", err)
	}
	return revision, nil
}

// append assigns the revision its number. From then to the commit the row of
// the counter is locked, so that revisions are committed in their order, and a
// reader that has seen one has seen all before it. Their times never decrease.
func (s *Store) append(ctx context.Context, tx *sql.Tx, known changelog.Position, r *changelog.Revision) error {
	var upTo, now, last int64
	var id sql.NullInt64
	err := tx.QueryRowContext(ctx, `UPDATE change_log SET newest = newest + 1, changes = changes + $1 RETURNING newest, changes, `+s.now()+`,
		coalesce((SELECT max(commit_time) FROM revisions), 0),
		coalesce((SELECT revision_id FROM revisions WHERE revision = $2), CASE WHEN trimmed = $2 THEN trimmed_id END)`,
		len(r.Changes), known.Revision).Scan(&r.Number, &upTo, &now, &last, &id)
	if err != nil {
		return err
	}
	now = max(now, last) // a clock may be set back
	// No ID: the position was trimmed, which is for its reader to find.
	if known.Revision >= r.Number || id.Valid && id.Int64 != known.ID {
		return changelog.ErrLost
	}
	if r.ID, err = newRevisionID(); err != nil {
		return err
	}
	r.CommitTime = moment(now)
	if _, err := tx.ExecContext(ctx, `INSERT INTO revisions (revision, region_id, commit_time, change_count, changes_up_to, revision_id) VALUES `+marks(1, 6),
		r.Number, r.RegionID, now, len(r.Changes), upTo, r.ID); err != nil {
		return err
	}
	changes := chunked[changelog.Change]{
		rows: r.Changes, before: "INSERT INTO changes (revision, instance_id, state_before, state_after) VALUES ", columns: 4,
		valuesOfARow: func(c changelog.Change) []any { return []any{r.Number, c.InstanceID, blob(c.Before), blob(c.After)} },
	}
	return changes.exec(ctx, tx, s.engine)
}

// newRevisionID returns a positive ID, since 0 is the ID of a revision that has
// none. It uses the random numbers of the operating system, because a copy of a
// running process would continue the numbers of a generator.
func newRevisionID() (int64, error) {
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return 0, err
	}
	return int64(binary.BigEndian.Uint64(random[:])>>1 | 1), nil //nolint:gosec // 63 bits
}
