package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// WriteModification writes a modification that is in state from, "" for a new
// one, and gives it to a holder until a time. It is on disk when it returns.
// Before an order is sent for the first time, the rules of ledger are evaluated in
// the same transaction. One that has ended has no holder: a decision or a new
// request continues it. The errors are:
//
//   - ledger.ErrNoTransition: the state may not follow;
//   - ecs.ErrRequestIDTaken: another modification has the request ID;
//   - ecs.ErrStateMoved: the modification is not in that state, or another holder
//     has claimed it;
//   - *ledger.ConflictError: another order for the instance forbids it;
//   - *ledger.FrozenError, *ledger.CapError, ledger.ErrCallerUnknown: the caller
//     may not spend its price.
func (s *Store) WriteModification(ctx context.Context, m ledger.Modification, from ledger.ModificationState, holder string, until time.Time) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if !from.MayFollow(m.State) {
			return fmt.Errorf("%w: %s after %q", ledger.ErrNoTransition, m.State, from)
		}
		if m.State == ledger.ModificationSubmitting && !from.Live() {
			if err := s.permitModification(ctx, tx, m); err != nil {
				return err
			}
		}
		if err := s.spendModification(ctx, tx, m); err != nil {
			return err
		}
		if err := s.record(ctx, tx, modificationRecords(ctx, m, from)...); err != nil {
			return err
		}
		if from == "" {
			_, err := tx.ExecContext(ctx, `INSERT INTO modifications
				(modification_id, request_id, region_id, instance_id, state, detail, holder, held_until, create_time, update_time)
				VALUES `+marks(1, 10), m.ID, m.RequestID, m.RegionID, m.InstanceID, string(m.State), m.Encode(), holder, millis(until),
				millis(m.CreateTime), millis(m.UpdateTime))
			return err
		}
		n, err := affected(tx.ExecContext(ctx, `UPDATE modifications SET state = $1, detail = $2, holder = $3, held_until = $4, update_time = $5
			WHERE modification_id = $6 AND state = $7 AND (holder = $3 OR state IN ('FAILED', 'NEEDS_ATTENTION'))`,
			string(m.State), m.Encode(), holder, millis(until), millis(m.UpdateTime), m.ID, string(from)))
		if err == nil && n != 1 {
			return ecs.ErrStateMoved
		}
		return err
	})
	if isUnique(err) {
		// Another process wrote the same request, or another order of the instance,
		// between the check and the write.
		if _, stored := s.ModificationByRequest(ctx, m.RequestID); from == "" && stored == nil {
			err = ecs.ErrRequestIDTaken
		} else {
			err = &ledger.ConflictError{Err: ledger.ErrInstanceBusy}
		}
	}
	if err != nil {
		return fmt.Errorf("write modification %s: %w", m.ID, err)
	}
	return nil
}

// spendModification books the money of a modification.
func (s *Store) spendModification(ctx context.Context, tx *sql.Tx, m ledger.Modification) error {
	var intent *orderIntent
	if m.State == ledger.ModificationSubmitting {
		intent = &orderIntent{price: m.Charge(), doubtful: m.Doubtful()}
	}
	_, err := s.spendOrder(ctx, tx, "modification/"+m.ID, m.Caller, intent, m.State.Spends())
	return err
}

// permitModification locks the instance, as the renewals that become live do,
// and evaluates the rules.
func (s *Store) permitModification(ctx context.Context, tx *sql.Tx, m ledger.Modification) error {
	if err := s.lockInstances(ctx, tx, []instance{{m.RegionID, m.InstanceID}}); err != nil {
		return fmt.Errorf("lock the instance: %w", err)
	}
	return permitted(ctx, tx, m)
}

// PermitModification returns the *ledger.ConflictError that a write of the
// modification would return now, nil for none.
func (s *Store) PermitModification(ctx context.Context, m ledger.Modification) error {
	err := s.inSnapshot(ctx, func(tx *sql.Tx) error { return permitted(ctx, tx, m) })
	if err != nil {
		return fmt.Errorf("check the modification of %s: %w", m.InstanceID, err)
	}
	return nil
}

func permitted(ctx context.Context, tx *sql.Tx, m ledger.Modification) error {
	of := instance{m.RegionID, m.InstanceID}
	others, err := query(ctx, tx, scanModification, `SELECT detail FROM modifications
		WHERE instance_id = $1 AND region_id = $2 AND state <> 'FAILED' ORDER BY create_time DESC LIMIT 100`, m.InstanceID, m.RegionID)
	if err != nil {
		return err
	}
	priors, err := readPriors(ctx, tx, []instance{of})
	if err != nil {
		return err
	}
	return m.Permit(others, slices.DeleteFunc(priors[of], func(p ledger.Prior) bool { return p.Modification }))
}

func scanModification(line row) (ledger.Modification, error) {
	var detail string
	if err := line.Scan(&detail); err != nil {
		return ledger.Modification{}, err
	}
	return ledger.DecodeModification(detail)
}

// ModificationByRequest reads the modification of a request, ErrNoRecord if there
// is none.
func (s *Store) ModificationByRequest(ctx context.Context, requestID string) (ledger.Modification, error) {
	found, err := query(ctx, s.reader, scanModification, `SELECT detail FROM modifications WHERE request_id = $1`, requestID)
	if err == nil && len(found) == 0 {
		err = ecs.ErrNoRecord
	}
	if err != nil {
		return ledger.Modification{}, fmt.Errorf("read the modification of request %s: %w", requestID, err)
	}
	return found[0], nil
}

// Modification reads a modification, ErrNoRecord if there is none.
func (s *Store) Modification(ctx context.Context, id string) (ledger.Modification, error) {
	found, err := query(ctx, s.reader, scanModification, `SELECT detail FROM modifications WHERE modification_id = $1`, id)
	if err == nil && len(found) == 0 {
		err = ecs.ErrNoRecord
	}
	if err != nil {
		return ledger.Modification{}, fmt.Errorf("read modification %s: %w", id, err)
	}
	return found[0], nil
}

// ListModifications reads modifications that the filter selects: newest first,
// after the cursor, at most limit.
func (s *Store) ListModifications(ctx context.Context, f ledger.ModificationFilter, after ledger.Cursor, limit int) ([]ledger.Modification, error) {
	var c conditions
	c.equal("region_id", f.RegionID)
	c.equal("instance_id", f.InstanceID)
	found, err := newestOf(f.States, limit, cursorOfModification, func(state ledger.ModificationState) ([]ledger.Modification, error) {
		text, args := c.inState(string(state), endedOtherwise).newestFirst("modification_id", after, limit)
		return query(ctx, s.reader, scanModification, "SELECT detail FROM modifications "+text, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("list modifications: %w", err)
	}
	return found, nil
}

// endedOtherwise are the states of modifications that have not succeeded, of
// which there are few; the index other_modifications has them.
const endedOtherwise = "('SUBMITTING', 'UNKNOWN', 'VERIFYING', 'UNVERIFIED', 'FAILED', 'NEEDS_ATTENTION')"

func cursorOfModification(m ledger.Modification) ledger.Cursor {
	return ledger.Cursor{Time: m.CreateTime, ID: m.ID}
}

// HoldModifications sets until when a holder holds some of its live
// modifications, by ID.
func (s *Store) HoldModifications(ctx context.Context, holder string, ids []string, until time.Time) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		for some := range slices.Chunk(ids, rowsAtOnce) {
			if _, err := tx.ExecContext(ctx, `UPDATE modifications SET held_until = $1 WHERE holder = $2 AND modification_id IN `+marks(3, len(some)),
				append([]any{millis(until), holder}, marked(some)...)...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("hold %d modifications: %w", len(ids), err)
	}
	return nil
}

// ClaimModifications gives a new holder, until a time, at most limit live
// modifications of some regions with a hold that ended before now, and returns
// them. One that
// cannot be decoded is left, and is part of the error; the others are returned.
// If there are none it writes nothing.
func (s *Store) ClaimModifications(ctx context.Context, holder string, regions []string, now, until time.Time, limit int) (claimed []ledger.Modification, err error) {
	if len(regions) == 0 {
		return nil, nil
	}
	type found struct{ id, detail, holder string }
	due, err := query(ctx, s.reader, func(line row) (f found, err error) {
		return f, line.Scan(&f.id, &f.detail, &f.holder)
	}, `SELECT modification_id, detail, holder FROM modifications WHERE state IN `+liveStates+` AND held_until < $1
		AND region_id IN `+marks(3, len(regions))+` ORDER BY held_until, modification_id LIMIT $2`,
		append([]any{millis(now), limit}, marked(regions)...)...)
	if err != nil {
		return nil, fmt.Errorf("find modifications to claim: %w", err)
	}
	var unreadable []error
	for _, f := range due {
		m, err := ledger.DecodeModification(f.detail)
		if err != nil {
			unreadable = append(unreadable, fmt.Errorf("modification %s: %w", f.id, err))
			continue
		}
		err = s.inTx(ctx, func(tx *sql.Tx) error {
			n, err := affected(tx.ExecContext(ctx, `UPDATE modifications SET holder = $1, held_until = $2
				WHERE modification_id = $3 AND holder = $4 AND held_until < $5 AND state IN `+liveStates,
				holder, millis(until), f.id, f.holder, millis(now)))
			if err == nil && n == 1 {
				claimed = append(claimed, m)
			}
			return err
		})
		if err != nil {
			return claimed, errors.Join(append(unreadable, fmt.Errorf("claim modification %s: %w", f.id, err))...)
		}
	}
	return claimed, errors.Join(unreadable...)
}
