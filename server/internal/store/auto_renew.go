package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	desiredColumns = `region_id, instance_id, status, period_count, period_unit, caller, ask_time, on_time`
	insertDesired  = `INSERT INTO auto_renew_wishes (` + desiredColumns + `) VALUES `
	replaceDesired = ` ON CONFLICT (region_id, instance_id) DO UPDATE SET status = excluded.status, period_count = excluded.period_count,
		period_unit = excluded.period_unit, caller = excluded.caller, ask_time = excluded.ask_time, on_time = excluded.on_time`
)

// SaveDesiredAutoRenew replaces the desired settings. Each instance occurs once.
// They are on disk when it returns.
func (s *Store) SaveDesiredAutoRenew(ctx context.Context, desired []ecs.DesiredAutoRenew) error {
	if len(desired) == 0 {
		return nil
	}
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		return chunked[ecs.DesiredAutoRenew]{rows: desired, before: insertDesired, columns: 8, after: replaceDesired, valuesOfARow: func(d ecs.DesiredAutoRenew) []any {
			return []any{d.RegionID, d.InstanceID, int(d.Status), d.Period.Count, int(d.Period.Unit), d.Caller, millis(d.RequestTime), millis(d.OnTime)}
		}}.exec(ctx, tx, s.engine)
	})
	if err != nil {
		return fmt.Errorf("write %d desired auto-renew settings: %w", len(desired), err)
	}
	return nil
}

// DesiredAutoRenew reads the desired settings of the instances, by ID. One for which
// nothing was requested is missing.
func (s *Store) DesiredAutoRenew(ctx context.Context, regionID string, ids []string) (map[string]ecs.DesiredAutoRenew, error) {
	found, err := byInstance(ctx, s, scanDesired, `SELECT `+desiredColumns+` FROM auto_renew_wishes`, regionID, ids)
	if err != nil {
		return nil, fmt.Errorf("read desired auto-renew settings: %w", err)
	}
	desired := make(map[string]ecs.DesiredAutoRenew, len(found))
	for _, d := range found {
		desired[d.InstanceID] = d
	}
	return desired, nil
}

// byInstance reads the rows of some instances of a region.
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

func scanDesired(line row) (d ecs.DesiredAutoRenew, err error) {
	var asked, on int64
	err = line.Scan(&d.RegionID, &d.InstanceID, &d.Status, &d.Period.Count, &d.Period.Unit, &d.Caller, &asked, &on)
	d.RequestTime, d.OnTime = moment(asked), moment(on)
	return d, err
}
