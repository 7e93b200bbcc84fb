package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	observationColumns = `region_id, instance_id, expire_time, status, change_time`
	insertObservation  = `INSERT INTO auto_renew_sights (` + observationColumns + `) VALUES `
	replaceObservation = ` ON CONFLICT (region_id, instance_id) DO UPDATE SET expire_time = excluded.expire_time, status = excluded.status,
		change_time = excluded.change_time
		WHERE auto_renew_sights.expire_time <> excluded.expire_time OR auto_renew_sights.status <> excluded.status`
)

// SaveAutoRenewObservations replaces the last observations, and drops those
// that expired before past. An unchanged observation keeps its change time, so
// that the first of several replicas determines it. Each instance occurs once,
// in an order that all callers share, so that they cannot deadlock.
func (s *Store) SaveAutoRenewObservations(ctx context.Context, observations []ecs.AutoRenewObservation, past time.Time) error {
	if len(observations) == 0 {
		return nil
	}
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		return chunked[ecs.AutoRenewObservation]{rows: observations, before: insertObservation, columns: 5, after: replaceObservation, valuesOfARow: func(o ecs.AutoRenewObservation) []any {
			return []any{o.RegionID, o.InstanceID, millis(o.ExpireTime), int(o.Status), millis(o.ChangeTime)}
		}}.exec(ctx, tx, s.engine)
	})
	if err != nil {
		return fmt.Errorf("write observations of %d auto-renewals: %w", len(observations), err)
	}
	// A separate statement that skips locked rows, so that it delays no other
	// writer.
	if _, err := s.db.ExecContext(ctx, `DELETE FROM auto_renew_sights WHERE (region_id, instance_id) IN
		(SELECT region_id, instance_id FROM auto_renew_sights WHERE expire_time < $1`+s.skipLocked+`)`, millis(past)); err != nil {
		return fmt.Errorf("drop observations of old auto-renewals: %w", explain(err))
	}
	return nil
}

// AutoRenewObservations reads the last observations of the instances, by ID. One that
// was not observed is missing.
func (s *Store) AutoRenewObservations(ctx context.Context, regionID string, ids []string) (map[string]ecs.AutoRenewObservation, error) {
	found, err := byInstance(ctx, s, scanObservation, `SELECT `+observationColumns+` FROM auto_renew_sights`, regionID, ids)
	if err != nil {
		return nil, fmt.Errorf("read observations of auto-renewals: %w", err)
	}
	observations := make(map[string]ecs.AutoRenewObservation, len(found))
	for _, o := range found {
		observations[o.InstanceID] = o
	}
	return observations, nil
}

func scanObservation(line row) (o ecs.AutoRenewObservation, err error) {
	var expires, changed int64
	err = line.Scan(&o.RegionID, &o.InstanceID, &expires, &o.Status, &changed)
	o.ExpireTime, o.ChangeTime = moment(expires), moment(changed)
	return o, err
}
