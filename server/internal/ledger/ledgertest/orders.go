package ledgertest

import (
	"context"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// UnbilledRenewals implements the store's.
func (m *Memory) UnbilledRenewals(_ context.Context, since time.Time, limit int) ([]ledger.Renewal, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := m.find(func(r *row) bool {
		return (r.State == ledger.Renewed || r.State == ledger.Unverified) && (r.OrderID == "" || r.Price.CurrencyCode == "") && !r.PaidTime.Before(since)
	}, func(a, b ledger.Renewal) int { return b.PaidTime.Compare(a.PaidTime) })
	return found[:min(limit, len(found))], nil
}

// RenewalOrderIDs implements the store's.
func (m *Memory) RenewalOrderIDs(_ context.Context, orderIDs []string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []string
	for _, r := range m.renewals {
		if r.OrderID != "" && slices.Contains(orderIDs, r.OrderID) && !slices.Contains(found, r.OrderID) {
			found = append(found, r.OrderID)
		}
	}
	return found, nil
}
