package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// unbilled is the condition of its partial index.
const unbilled = `state IN ('RENEWED', 'UNVERIFIED') AND (order_id = '' OR currency_code = '')`

// UnbilledRenewals reads the renewals that were paid since a time, have ended,
// and lack their order ID or their price, the latest payment first.
func (s *Store) UnbilledRenewals(ctx context.Context, since time.Time, limit int) ([]ledger.Renewal, error) {
	found, err := s.renewals(ctx, `WHERE `+unbilled+` AND paid_time >= $1 ORDER BY paid_time DESC, renewal_id DESC LIMIT $2`, millis(since), limit)
	if err != nil {
		return nil, fmt.Errorf("read the renewals without order: %w", err)
	}
	return found, nil
}

// RenewalOrderIDs returns those of the order IDs that renewals have.
func (s *Store) RenewalOrderIDs(ctx context.Context, orderIDs []string) ([]string, error) {
	var all []string
	for some := range slices.Chunk(orderIDs, rowsAtOnce) {
		found, err := query(ctx, s.reader, func(line row) (id string, err error) {
			return id, line.Scan(&id)
		}, selectOrderIDs(len(some)), marked(some)...)
		if err != nil {
			return nil, fmt.Errorf("read the renewals of %d orders: %w", len(orderIDs), err)
		}
		all = append(all, found...)
	}
	return all, nil
}

// selectOrderIDs selects those of n order IDs that renewals have.
func selectOrderIDs(n int) string {
	return `SELECT DISTINCT order_id FROM renewals WHERE order_id <> '' AND order_id IN ` + marks(1, n)
}
