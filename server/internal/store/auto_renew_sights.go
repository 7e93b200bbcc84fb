package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	sightColumns = `region_id, instance_id, expire_time, status, change_time`
	insertSight  = `INSERT INTO auto_renew_sights (` + sightColumns + `) VALUES `
	replaceSight = ` ON CONFLICT (region_id, instance_id) DO UPDATE SET expire_time = excluded.expire_time, status = excluded.status,
		change_time = excluded.change_time
		WHERE auto_renew_sights.expire_time <> excluded.expire_time OR auto_renew_sights.status <> excluded.status`
)

// SaveAutoRenewSights keeps what was seen last of each subscription, and drops
// those that expired before past. What is kept as it was seen stays as it is: of
// those who saw the same change, the first says when. Each is named once, in an
// order that all callers share, so that none waits for one that waits for it.
func (s *Store) SaveAutoRenewSights(ctx context.Context, sights []ecs.AutoRenewSight, past time.Time) error {
	if len(sights) == 0 {
		return nil
	}
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		return chunked[ecs.AutoRenewSight]{rows: sights, before: insertSight, columns: 5, after: replaceSight, valuesOfARow: func(g ecs.AutoRenewSight) []any {
			return []any{g.RegionID, g.InstanceID, millis(g.ExpireTime), int(g.Status), millis(g.ChangeTime)}
		}}.exec(ctx, tx, s.engine)
	})
	if err != nil {
		return fmt.Errorf("write what was seen of %d auto-renewals: %w", len(sights), err)
	}
	// By itself, and without those that another writes: it holds up nobody.
	if _, err := s.db.ExecContext(ctx, `DELETE FROM auto_renew_sights WHERE (region_id, instance_id) IN
		(SELECT region_id, instance_id FROM auto_renew_sights WHERE expire_time < $1`+s.skipLocked+`)`, millis(past)); err != nil {
		return fmt.Errorf("drop what was seen of old auto-renewals: %w", explain(err))
	}
	return nil
}

// AutoRenewSights reads what was seen last of the instances, by id. One of which
// nothing is kept is not in it.
func (s *Store) AutoRenewSights(ctx context.Context, regionID string, ids []string) (map[string]ecs.AutoRenewSight, error) {
	found, err := byInstance(ctx, s, scanSight, `SELECT `+sightColumns+` FROM auto_renew_sights`, regionID, ids)
	if err != nil {
		return nil, fmt.Errorf("read what was seen of auto-renewals: %w", err)
	}
	sights := make(map[string]ecs.AutoRenewSight, len(found))
	for _, g := range found {
		sights[g.InstanceID] = g
	}
	return sights, nil
}

func scanSight(line row) (g ecs.AutoRenewSight, err error) {
	var expires, changed int64
	err = line.Scan(&g.RegionID, &g.InstanceID, &expires, &g.Status, &changed)
	g.ExpireTime, g.ChangeTime = moment(expires), moment(changed)
	return g, err
}
