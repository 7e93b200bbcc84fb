package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
)

// trimInterval is how often the history is trimmed.
const trimInterval = time.Minute

// KeepHistory trims the change log and the ledger, and removes ended leases, until
// ctx ends. It logs failures and retries.
func (s *Store) KeepHistory(ctx context.Context, h changelog.History, logger *slog.Logger) {
	tick := time.NewTicker(trimInterval)
	defer tick.Stop()
	for {
		if err := errors.Join(s.TrimHistory(ctx, h), s.TrimLedger(ctx, time.Now()), s.RemoveEndedLeases(ctx)); err != nil && ctx.Err() == nil {
			logger.WarnContext(ctx, "trim history failed, retrying", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// TrimHistory folds the log into the table of instances and then removes the
// changes beyond the history, in small transactions. Readers see a revision
// whole or not at all: first the revisions are removed, which moves the oldest
// bound, and then their changes, which can no longer be requested. The next
// trim finishes an interrupted one.
func (s *Store) TrimHistory(ctx context.Context, h changelog.History) error {
	if err := s.fold(ctx); err != nil {
		return err
	}
	if err := s.indexChanges(ctx); err != nil {
		return err
	}
	for more := true; more; {
		cut, all, err := s.pastHistory(ctx, h)
		if err == nil && cut > 0 {
			err = s.trimRevisions(ctx, cut)
		}
		if err != nil {
			return fmt.Errorf("trim the revisions: %w", explain(err))
		}
		if more = all; more {
			if err := rest(ctx); err != nil {
				return err
			}
		}
	}
	bounds, err := s.LogBounds(ctx)
	if err != nil {
		return err
	}
	for {
		removed, err := s.trimChanges(ctx, bounds.Oldest)
		if err != nil {
			return fmt.Errorf("trim the changes: %w", explain(err))
		}
		if removed < housekeepAtOnce {
			break
		}
		if err := rest(ctx); err != nil {
			return err
		}
	}
	return s.trimCauses(ctx, h.Age)
}

// trimChanges removes some changes of revisions that were removed, with their
// rows of the index.
func (s *Store) trimChanges(ctx context.Context, upTo int64) (removed int64, err error) {
	const some = `(SELECT revision, instance_id FROM changes WHERE revision <= $1 ORDER BY revision, instance_id LIMIT $2)`
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM changes_by_instance WHERE (revision, instance_id) IN `+some, upTo, housekeepAtOnce); err != nil {
			return err
		}
		removed, err = affected(tx.ExecContext(ctx, `DELETE FROM changes WHERE (revision, instance_id) IN `+some, upTo, housekeepAtOnce))
		return err
	})
	return removed, err
}

// trimRevisions removes the revisions up to cut and keeps the ID of the last,
// which readers may still continue after.
func (s *Store) trimRevisions(ctx context.Context, cut int64) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE change_log SET trimmed = $1, trimmed_id = (SELECT revision_id FROM revisions WHERE revision = $1)
			WHERE EXISTS (SELECT 1 FROM revisions WHERE revision = $1)`, cut); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM revisions WHERE revision <= $1", cut)
		return err
	})
}

// pastHistory returns the last of the oldest folded revisions that is beyond
// the history, 0 if there is none, and whether all examined revisions are.
func (s *Store) pastHistory(ctx context.Context, h changelog.History) (cut int64, all bool, err error) {
	type aged struct{ revision, committed, changesAfter, now int64 }
	oldest, err := query(ctx, s.reader, func(line row) (a aged, err error) {
		return a, line.Scan(&a.revision, &a.committed, &a.changesAfter, &a.now)
	}, `SELECT revision, commit_time, (SELECT changes FROM change_log) - changes_up_to, `+s.now()+`
		FROM revisions WHERE revision <= (SELECT folded FROM change_log) ORDER BY revision LIMIT $1`, housekeepAtOnce)
	if err != nil {
		return 0, false, err
	}
	for _, a := range oldest {
		if a.now-a.committed < h.Age.Milliseconds() && a.changesAfter < h.MaxChanges {
			return cut, false, nil
		}
		cut = a.revision
	}
	return cut, len(oldest) == housekeepAtOnce, nil
}
