package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// RecentLaunches returns, of the given instances, those that a launch recorded
// since a time and that have no release sent, with the time of the launch
// record. It reads by index, 100 IDs per statement.
func (s *Store) RecentLaunches(ctx context.Context, ids []string, since time.Time) (map[string]time.Time, error) {
	type launched struct {
		id string
		at int64
	}
	recent := map[string]time.Time{}
	for some := range slices.Chunk(ids, rowsAtOnce) {
		rows, err := query(ctx, s.reader, func(line row) (l launched, err error) {
			err = line.Scan(&l.id, &l.at)
			return l, err
		}, `SELECT i.instance_id, MAX(r.update_time) FROM request_items i JOIN requests r ON r.request_id = i.request_id
			WHERE i.instance_id IN `+marks(5, len(some))+` AND i.state = $1 AND r.update_time >= $2
			AND NOT EXISTS (SELECT 1 FROM request_items d WHERE d.instance_id = i.instance_id AND d.state IN ($3, $4))
			AND NOT EXISTS (SELECT 1 FROM release_items d WHERE d.instance_id = i.instance_id AND d.state IN ('RELEASING', 'RELEASED'))
			GROUP BY i.instance_id`,
			append([]any{ecs.ItemMade, millis(since), ecs.ItemDeleting, ecs.ItemReleased}, marked(some)...)...)
		if err != nil {
			return nil, fmt.Errorf("read the launches of %d instances: %w", len(ids), err)
		}
		for _, l := range rows {
			recent[l.id] = moment(l.at)
		}
	}
	return recent, nil
}
