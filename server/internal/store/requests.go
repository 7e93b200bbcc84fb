package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// CreateRequest writes a new record with its items. It is on disk when it
// returns. ErrRequestIDTaken reports that its id has a record. If the record is a
// launch that sends an order, the errors of spending are *ledger.FrozenError,
// *ledger.CapError and ledger.ErrCallerUnknown.
func (s *Store) CreateRequest(ctx context.Context, r ecs.RequestRecord) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, insertRequest, requestValues(r)...))
		if err != nil {
			return err
		}
		if n != 1 {
			return ecs.ErrRequestIDTaken
		}
		if err := s.spendLaunch(ctx, tx, r, ""); err != nil {
			return err
		}
		return writeItems(ctx, tx, r.RequestID, r.Items)
	})
	if err != nil {
		return fmt.Errorf("write request %s: %w", r.RequestID, err)
	}
	return nil
}

// MoveRequest overwrites the record r, which must still be in state from, and
// adds or overwrites the items in r, in one transaction. It is on disk when it
// returns. ErrStateMoved reports that another transition came first.
func (s *Store) MoveRequest(ctx context.Context, r ecs.RequestRecord, from ecs.RequestState) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, updateRequest, append(requestValues(r), r.RequestID, string(from))...))
		if err != nil {
			return err
		}
		if n != 1 {
			return ecs.ErrStateMoved
		}
		if err := s.spendLaunch(ctx, tx, r, from); err != nil {
			return err
		}
		return writeItems(ctx, tx, r.RequestID, r.Items)
	})
	if err != nil {
		return fmt.Errorf("move request %s from %s to %s: %w", r.RequestID, from, r.State, err)
	}
	return nil
}

// spendLaunch books the money of a launch and records it; other requests spend
// none.
func (s *Store) spendLaunch(ctx context.Context, tx *sql.Tx, r ecs.RequestRecord, from ecs.RequestState) error {
	if r.Wanted == 0 {
		return nil
	}
	var intent *orderIntent
	to := ledger.SpendNone
	switch r.State {
	case ecs.RequestOpen:
		to = ledger.SpendReserved
		if r.Sends {
			intent = &orderIntent{price: r.Price, doubtful: from == ecs.RequestOpen || from == ecs.RequestFailed && r.Uncertain}
		}
	case ecs.RequestDone:
		to = ledger.SpendSpent
	case ecs.RequestFailed:
		if r.Failure.Reason == ecs.ReasonOutcomeUnknown {
			to = ledger.SpendReserved
		}
	}
	booked, err := s.spendOrder(ctx, tx, "launch/"+r.RequestID, r.Caller, intent, to)
	if err != nil {
		return err
	}
	return s.record(ctx, tx, launchRecords(ctx, r, booked.Price)...)
}

// SaveRequestItems adds items to a record, or overwrites them. They are on disk
// when it returns.
func (s *Store) SaveRequestItems(ctx context.Context, requestID string, items []ecs.RequestItem) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error { return writeItems(ctx, tx, requestID, items) })
	if err != nil {
		return fmt.Errorf("write items of request %s: %w", requestID, err)
	}
	return nil
}

// RequestByID reads the record of a request with its items, ErrNoRecord if
// there is none.
func (s *Store) RequestByID(ctx context.Context, requestID string) (ecs.RequestRecord, error) {
	found, err := s.requests(ctx, "WHERE request_id = $1", requestID)
	if err != nil {
		return ecs.RequestRecord{}, fmt.Errorf("read request %s: %w", requestID, err)
	}
	if len(found) == 0 {
		return ecs.RequestRecord{}, ecs.ErrNoRecord
	}
	return found[0], nil
}

// OpenRequests reads the records of the given actions that have no known
// outcome, oldest first.
func (s *Store) OpenRequests(ctx context.Context, actions ...string) ([]ecs.RequestRecord, error) {
	open, err := s.requests(ctx, "WHERE state = 'OPEN' AND action IN "+marks(1, len(actions))+" ORDER BY create_time, request_id", marked(actions)...)
	if err != nil {
		return nil, fmt.Errorf("read open requests: %w", err)
	}
	return open, nil
}

// TrimRequests removes the records with a last transition before a time, with
// their items: the oldest, at most limit, in one transaction. An OPEN record of
// one of the actions stays: its outcome is still unknown. It returns the number
// of removed records.
func (s *Store) TrimRequests(ctx context.Context, before time.Time, limit int, actions ...string) (removed int, err error) {
	args := []any{millis(before), limit}
	for _, action := range actions {
		args = append(args, action)
	}
	// Read outside the transaction, so that no write waits for the search.
	old, err := query(ctx, s.reader, scanID, `SELECT request_id FROM requests WHERE update_time < $1
		AND NOT (state = 'OPEN' AND action IN `+marks(3, len(actions))+`) ORDER BY update_time, request_id LIMIT $2`, args...)
	if err == nil && len(old) > 0 {
		err = s.inTx(ctx, func(tx *sql.Tx) (err error) {
			removed, err = removeRequests(ctx, tx, before, old)
			return err
		})
	}
	if err != nil {
		return 0, fmt.Errorf("trim the requests: %w", err)
	}
	return removed, nil
}

// removeRequests removes the records without a later transition.
func removeRequests(ctx context.Context, tx *sql.Tx, before time.Time, ids []any) (int, error) {
	// It changes nothing, but locks the rows until the transaction ends.
	held, err := query(ctx, tx, scanID, "UPDATE requests SET update_time = update_time WHERE update_time < $1 AND request_id IN "+
		marks(2, len(ids))+" RETURNING request_id", append([]any{millis(before)}, ids...)...)
	if err != nil || len(held) == 0 {
		return 0, err
	}
	for _, table := range []string{"request_items", "requests"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE request_id IN "+marks(1, len(held)), held...); err != nil {
			return 0, err
		}
	}
	return len(held), nil
}

// requests reads the rows of a condition, then the items of each, all from one
// snapshot.
func (s *Store) requests(ctx context.Context, condition string, args ...any) (found []ecs.RequestRecord, err error) {
	err = s.inSnapshot(ctx, func(tx *sql.Tx) error {
		if found, err = query(ctx, tx, scanRequest, selectRequests+condition, args...); err != nil {
			return err
		}
		for i := range found {
			if found[i].Items, err = query(ctx, tx, scanItem, selectItems, found[i].RequestID); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// writeItems adds items, or overwrites the state and the detail of existing
// ones.
func writeItems(ctx context.Context, tx *sql.Tx, requestID string, items []ecs.RequestItem) error {
	for place, item := range items {
		if _, err := tx.ExecContext(ctx, upsertItem, requestID, item.InstanceID, place, item.State, item.Detail); err != nil {
			return err
		}
	}
	return nil
}
