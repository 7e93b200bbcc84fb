package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// CreateRenewal writes a new renewal that stands alone, with its attempts. It is on disk when it
// returns. ErrRequestIDTaken and ErrInstanceBusy say what stands in its way.
func (s *Store) CreateRenewal(ctx context.Context, r ecs.Renewal) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, insertRenewal, append(renewalValues(r), "", 0)...); err != nil {
			return err
		}
		return s.writeAttempts(ctx, tx, r)
	})
	switch {
	case err == nil:
		return nil
	case !isUnique(err):
		return fmt.Errorf("write renewal %s: %w", r.ID, err)
	}
	if _, err := s.RenewalByRequest(ctx, r.RequestID); err == nil {
		return ecs.ErrRequestIDTaken
	}
	return ecs.ErrInstanceBusy
}

// MoveRenewal overwrites the renewal r, which must still be in state from, and
// adds or closes its attempts, in one transaction. It is on disk when it
// returns. ErrStateMoved says that another move came first.
func (s *Store) MoveRenewal(ctx context.Context, r ecs.Renewal, from ecs.RenewalState) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, updateRenewal, append(renewalValues(r), r.ID, string(from))...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return ecs.ErrStateMoved
		}
		return s.writeAttempts(ctx, tx, r)
	})
	if err != nil {
		return fmt.Errorf("move renewal %s from %s to %s: %w", r.ID, from, r.State, err)
	}
	return nil
}

// RenewalByRequest reads the renewal that stands alone and that a request made,
// ErrNoRecord where it made none.
func (s *Store) RenewalByRequest(ctx context.Context, requestID string) (ecs.Renewal, error) {
	found, err := s.renewals(ctx, "WHERE job_id = '' AND request_id = $1", requestID)
	if err != nil {
		return ecs.Renewal{}, fmt.Errorf("read renewal of request %s: %w", requestID, err)
	}
	if len(found) == 0 {
		return ecs.Renewal{}, ecs.ErrNoRecord
	}
	return found[0], nil
}

// LiveRenewals reads the renewals that stand alone and whose outcome is still
// open, oldest first.
func (s *Store) LiveRenewals(ctx context.Context) ([]ecs.Renewal, error) {
	live, err := s.renewals(ctx, "WHERE job_id = '' AND state IN "+liveStates+" ORDER BY create_time, renewal_id")
	if err != nil {
		return nil, fmt.Errorf("read live renewals: %w", err)
	}
	return live, nil
}

// renewals reads the rows of a condition with their attempts, all as they stood
// at one moment.
func (s *Store) renewals(ctx context.Context, condition string, args ...any) (found []ecs.Renewal, err error) {
	err = s.inSnapshot(ctx, func(tx *sql.Tx) error {
		if found, err = query(ctx, tx, scanRenewal, selectRenewals+condition, args...); err != nil {
			return err
		}
		return readAttempts(ctx, tx, found)
	})
	return found, err
}

// readAttempts reads the attempts of the renewals into them.
func readAttempts(ctx context.Context, tx *sql.Tx, renewals []ecs.Renewal) error {
	of := make(map[string]*ecs.Renewal, len(renewals))
	for i := range renewals {
		of[renewals[i].ID] = &renewals[i]
	}
	for some := range slices.Chunk(renewals, rowsAtOnce) {
		ids := make([]any, len(some))
		for i, r := range some {
			ids[i] = r.ID
		}
		_, err := query(ctx, tx, func(line row) (none struct{}, err error) {
			id, a, err := scanAttempt(line)
			if err == nil {
				of[id].Attempts = append(of[id].Attempts, a)
			}
			return none, err
		}, selectAttempts+"WHERE renewal_id IN "+marks(1, len(ids))+" ORDER BY renewal_id, number", ids...)
		if err != nil {
			return err
		}
	}
	return nil
}

// writeAttempts adds the attempts that are new and closes those that were open.
// A closed attempt is never written again.
func (s *Store) writeAttempts(ctx context.Context, tx *sql.Tx, renewals ...ecs.Renewal) error {
	type ofRenewal struct {
		id string
		ecs.RenewalAttempt
	}
	var all []ofRenewal
	for _, r := range renewals {
		for _, a := range r.Attempts {
			all = append(all, ofRenewal{r.ID, a})
		}
	}
	return chunked[ofRenewal]{all, insertAttempts, 9, closeAttempts, func(a ofRenewal) []any { return attemptValues(a.id, a.RenewalAttempt) }}.exec(ctx, tx, s.valuesAtOnce)
}
