package ledgertest

import (
	"context"
	"maps"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// AuditRenewalJobs implements the store's. It compares all jobs.
func (m *Memory) AuditRenewalJobs(context.Context) ([]ledger.Discrepancy, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	groups := map[string][]ledger.Group{}
	for _, r := range m.renewals {
		groups[r.JobID] = append(groups[r.JobID], ledger.Group{
			Count: ledger.Count{State: r.State, Reason: r.Failure.Reason, Count: 1}, Price: r.Price,
		})
	}
	var all []ledger.Discrepancy
	for _, id := range slices.Sorted(maps.Keys(m.jobs)) {
		found, err := m.jobs[id].Audit(groups[id])
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}
