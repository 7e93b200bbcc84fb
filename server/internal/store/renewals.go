package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// CreateRenewal writes a new renewal with its attempts. It is on disk when it
// returns. ErrRequestIDTaken and ErrInstanceBusy say what stands in its way.
func (s *Store) CreateRenewal(ctx context.Context, r ecs.Renewal) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, insertRenewal, renewalValues(r)...); err != nil {
			return err
		}
		return writeAttempts(ctx, tx, r)
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
		return writeAttempts(ctx, tx, r)
	})
	if err != nil {
		return fmt.Errorf("move renewal %s from %s to %s: %w", r.ID, from, r.State, err)
	}
	return nil
}

// RenewalByRequest reads the renewal that a request made, ErrNoRecord where it
// made none.
func (s *Store) RenewalByRequest(ctx context.Context, requestID string) (ecs.Renewal, error) {
	found, err := s.renewals(ctx, "WHERE request_id = $1", requestID)
	if err != nil {
		return ecs.Renewal{}, fmt.Errorf("read renewal of request %s: %w", requestID, err)
	}
	if len(found) == 0 {
		return ecs.Renewal{}, ecs.ErrNoRecord
	}
	return found[0], nil
}

// LiveRenewals reads the renewals whose outcome is still open, oldest first.
func (s *Store) LiveRenewals(ctx context.Context) ([]ecs.Renewal, error) {
	live, err := s.renewals(ctx, "WHERE state IN ('SUBMITTING', 'UNKNOWN', 'VERIFYING') ORDER BY create_time, renewal_id")
	if err != nil {
		return nil, fmt.Errorf("read live renewals: %w", err)
	}
	return live, nil
}

// renewals reads the rows of a condition, then the attempts of each.
func (s *Store) renewals(ctx context.Context, condition string, args ...any) ([]ecs.Renewal, error) {
	found, err := query(ctx, s.reader, scanRenewal, selectRenewals+condition, args...)
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].Attempts, err = query(ctx, s.reader, scanAttempt, selectAttempts, found[i].ID)
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// writeAttempts adds the attempts that are new and closes those that were open.
func writeAttempts(ctx context.Context, tx *sql.Tx, r ecs.Renewal) error {
	for _, a := range r.Attempts {
		if _, err := tx.ExecContext(ctx, upsertAttempt, attemptValues(r.ID, a)...); err != nil {
			return err
		}
	}
	return nil
}
