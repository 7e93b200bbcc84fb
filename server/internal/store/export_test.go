package store

import (
	"context"
	"strings"
)

// Tamper runs statements on the database, as whoever has its password can.
func (s *Store) Tamper(ctx context.Context, statements string) error {
	for _, text := range strings.Split(statements, ";") {
		if _, err := s.db.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// Rows counts the rows of a table, -1 if that fails.
func (s *Store) Rows(ctx context.Context, table string) (n int) {
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		return -1
	}
	return n
}
