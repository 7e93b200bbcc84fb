package store

import (
	"context"
	"time"
)

// CloudAccount returns the ID of the cloud account that the database belongs
// to. A database that belongs to none belongs to the given account afterwards,
// for all its processes and for good.
func (s *Store) CloudAccount(ctx context.Context, accountID string) (ownerID string, err error) {
	// The first writer wins; a later one changes nothing.
	if _, err := s.db.ExecContext(ctx,
		"INSERT INTO cloud_account (only_row, account_id, create_time) VALUES (1, $1, $2) ON CONFLICT (only_row) DO NOTHING",
		accountID, time.Now().UnixMilli(),
	); err != nil {
		return "", explain(err)
	}
	if err := s.db.QueryRowContext(ctx, "SELECT account_id FROM cloud_account").Scan(&ownerID); err != nil {
		return "", explain(err)
	}
	return ownerID, nil
}
