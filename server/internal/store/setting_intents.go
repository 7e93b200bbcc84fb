package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const intentColumns = `request_id, region_id, instance_id, setting, detail, holder, held_until, create_time`

// SaveIntents writes intents, or overwrites the earlier ones of the same
// change. They are on disk when it returns.
func (s *Store) SaveIntents(ctx context.Context, intents []ecs.SettingIntent) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		for _, i := range intents {
			if _, err := tx.ExecContext(ctx, `INSERT INTO setting_intents (`+intentColumns+`) VALUES `+marks(1, 8)+`
				ON CONFLICT (request_id, region_id, instance_id, setting)
				DO UPDATE SET detail = excluded.detail, holder = excluded.holder, held_until = excluded.held_until`,
				i.RequestID, i.RegionID, i.InstanceID, i.Setting, i.Detail, i.Holder, millis(i.HeldUntil), millis(i.CreateTime)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write %d intents: %w", len(intents), err)
	}
	return nil
}

// ExtendIntents sets until when a holder holds its intents.
func (s *Store) ExtendIntents(ctx context.Context, holder string, until time.Time) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE setting_intents SET held_until = $1 WHERE holder = $2`, millis(until), holder)
		return err
	})
	if err != nil {
		return fmt.Errorf("extend the intents of %s: %w", holder, err)
	}
	return nil
}

// DropIntents deletes the intents of a holder for some instances. One that
// another holder has claimed stays.
func (s *Store) DropIntents(ctx context.Context, holder string, ids []string) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		for some := range slices.Chunk(ids, rowsAtOnce) {
			if _, err := tx.ExecContext(ctx, `DELETE FROM setting_intents WHERE holder = $1 AND instance_id IN `+marks(2, len(some)),
				append([]any{holder}, marked(some)...)...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("delete the intents of %s: %w", holder, err)
	}
	return nil
}

// Intents reads the intents for a setting of some instances of a region, held
// or not, oldest first.
func (s *Store) Intents(ctx context.Context, regionID, setting string, ids []string) ([]ecs.SettingIntent, error) {
	var found []ecs.SettingIntent
	for some := range slices.Chunk(ids, rowsAtOnce) {
		rows, err := query(ctx, s.reader, scanIntent, `SELECT `+intentColumns+` FROM setting_intents
			WHERE region_id = $1 AND setting = $2 AND instance_id IN `+marks(3, len(some))+` ORDER BY create_time, request_id, instance_id`,
			append([]any{regionID, setting}, marked(some)...)...)
		if err != nil {
			return nil, fmt.Errorf("read the intents of %d instances: %w", len(ids), err)
		}
		found = append(found, rows...)
	}
	return found, nil
}

// ClaimIntents gives a new holder, until a time, at most limit intents with a
// hold that ended before now, and returns them. If there are none it writes
// nothing.
func (s *Store) ClaimIntents(ctx context.Context, holder string, now, until time.Time, limit int) (claimed []ecs.SettingIntent, err error) {
	due, err := query(ctx, s.reader, scanIntent, `SELECT `+intentColumns+` FROM setting_intents WHERE held_until < $1
		ORDER BY held_until, request_id, instance_id LIMIT $2`, millis(now), limit)
	if err == nil && len(due) > 0 {
		err = s.inTx(ctx, func(tx *sql.Tx) error {
			for _, i := range due {
				n, err := affected(tx.ExecContext(ctx, `UPDATE setting_intents SET holder = $1, held_until = $2
					WHERE request_id = $3 AND region_id = $4 AND instance_id = $5 AND setting = $6 AND holder = $7 AND held_until < $8`,
					holder, millis(until), i.RequestID, i.RegionID, i.InstanceID, i.Setting, i.Holder, millis(now)))
				if err != nil {
					return err
				}
				if n == 1 {
					i.Holder, i.HeldUntil = holder, until
					claimed = append(claimed, i)
				}
			}
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("claim intents: %w", err)
	}
	return claimed, nil
}

func scanIntent(line row) (ecs.SettingIntent, error) {
	var i ecs.SettingIntent
	var held, created int64
	err := line.Scan(&i.RequestID, &i.RegionID, &i.InstanceID, &i.Setting, &i.Detail, &i.Holder, &held, &created)
	i.HeldUntil, i.CreateTime = moment(held), moment(created)
	return i, err
}
