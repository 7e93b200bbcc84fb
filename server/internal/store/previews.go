package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// previewsKept is the number of plans that are kept for their later pages. A plan
// of 10,000 renewals has about 3 MB.
const previewsKept = 64

const (
	deletePreviews = `DELETE FROM renewal_previews WHERE create_time < $1 OR preview_id NOT IN
		(SELECT preview_id FROM renewal_previews WHERE part = 0 ORDER BY create_time DESC, preview_id LIMIT $2)`

	insertPreview = `INSERT INTO renewal_previews (preview_id, part, create_time, content) VALUES ($1, $2, $3, $4)`

	selectPreview = `SELECT content FROM renewal_previews WHERE preview_id = $1 AND part = $2 AND create_time >= $3`
)

// SavePreview stores a plan in parts. It removes the plans that were stored before
// a time, and the oldest beyond a limit.
func (s *Store) SavePreview(ctx context.Context, id string, parts [][]byte, at, since time.Time) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, deletePreviews, millis(since), previewsKept-1); err != nil {
			return err
		}
		for i, part := range parts {
			if _, err := tx.ExecContext(ctx, insertPreview, id, i, millis(at), part); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write preview %s: %w", id, err)
	}
	return nil
}

// PreviewPart reads a part of a plan that was stored at a time or later,
// ecs.ErrNoRecord if there is none.
func (s *Store) PreviewPart(ctx context.Context, id string, part int, since time.Time) ([]byte, error) {
	found, err := query(ctx, s.reader, func(line row) (content []byte, err error) { return content, line.Scan(&content) },
		selectPreview, id, part, millis(since))
	if err != nil {
		return nil, fmt.Errorf("read preview %s: %w", id, err)
	}
	if len(found) == 0 {
		return nil, ecs.ErrNoRecord
	}
	return found[0], nil
}
