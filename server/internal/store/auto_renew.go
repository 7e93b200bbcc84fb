package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	wishColumns = `region_id, instance_id, status, period_count, period_unit, caller, ask_time, on_time`
	insertWish  = `INSERT INTO auto_renew_wishes (` + wishColumns + `) VALUES `
	replaceWish = ` ON CONFLICT (region_id, instance_id) DO UPDATE SET status = excluded.status, period_count = excluded.period_count,
		period_unit = excluded.period_unit, caller = excluded.caller, ask_time = excluded.ask_time, on_time = excluded.on_time`
)

// SaveAutoRenewWishes keeps what was asked for last of each instance, of which
// each is named once. It is on disk when it returns.
func (s *Store) SaveAutoRenewWishes(ctx context.Context, wishes []ecs.AutoRenewWish) error {
	if len(wishes) == 0 {
		return nil
	}
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		return chunked[ecs.AutoRenewWish]{rows: wishes, before: insertWish, columns: 8, after: replaceWish, valuesOfARow: func(w ecs.AutoRenewWish) []any {
			return []any{w.RegionID, w.InstanceID, int(w.Status), w.Period.Count, int(w.Period.Unit), w.Caller, millis(w.AskTime), millis(w.OnTime)}
		}}.exec(ctx, tx, s.engine)
	})
	if err != nil {
		return fmt.Errorf("write %d auto-renew wishes: %w", len(wishes), err)
	}
	return nil
}

// AutoRenewWishes reads what was asked for last of the instances, by id. One of
// which nothing was asked is not in it.
func (s *Store) AutoRenewWishes(ctx context.Context, regionID string, ids []string) (map[string]ecs.AutoRenewWish, error) {
	found, err := byInstance(ctx, s, scanWish, `SELECT `+wishColumns+` FROM auto_renew_wishes`, regionID, ids)
	if err != nil {
		return nil, fmt.Errorf("read auto-renew wishes: %w", err)
	}
	wishes := make(map[string]ecs.AutoRenewWish, len(found))
	for _, w := range found {
		wishes[w.InstanceID] = w
	}
	return wishes, nil
}

// byInstance reads those lines of a table that are of some instances of a region.
func byInstance[T any](ctx context.Context, s *Store, scan func(row) (T, error), text, regionID string, ids []string) ([]T, error) {
	var all []T
	for some := range slices.Chunk(ids, rowsAtOnce) {
		found, err := query(ctx, s.reader, scan, text+` WHERE region_id = $1 AND instance_id IN `+marks(2, len(some)),
			append([]any{regionID}, marked(some)...)...)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func scanWish(line row) (w ecs.AutoRenewWish, err error) {
	var asked, on int64
	err = line.Scan(&w.RegionID, &w.InstanceID, &w.Status, &w.Period.Count, &w.Period.Unit, &w.Caller, &asked, &on)
	w.AskTime, w.OnTime = moment(asked), moment(on)
	return w, err
}
