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
