package ledgertest

import (
	"context"
	"errors"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// AcquireLease implements the store's.
func (m *Memory) AcquireLease(_ context.Context, name, holder string, ttl time.Duration) (ecs.Lease, error) {
	if name == "" || holder == "" {
		return ecs.Lease{}, errors.New("a lease needs a name and a holder")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	lease := m.leases[name]
	if lease.Holder != "" && lease.Holder != holder && time.Now().Before(lease.Expires) {
		return lease, ecs.ErrLeaseHeld
	}
	lease.Name, lease.Holder, lease.Expires = name, holder, time.Now().Add(ttl)
	lease.Epoch++
	m.leases[name] = lease
	return lease, nil
}

// RenewLease implements the store's.
func (m *Memory) RenewLease(_ context.Context, lease ecs.Lease, ttl time.Duration, note []byte) (ecs.Lease, error) {
	return m.change(lease, func(held *ecs.Lease) { held.Expires, held.Note = time.Now().Add(ttl), note })
}

// ReleaseLease implements the store's.
func (m *Memory) ReleaseLease(_ context.Context, lease ecs.Lease) error {
	_, err := m.change(lease, func(held *ecs.Lease) { held.Expires, held.Holder = time.Time{}, "" })
	return err
}

func (m *Memory) change(lease ecs.Lease, change func(*ecs.Lease)) (ecs.Lease, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	held := m.leases[lease.Name]
	if held.Holder != lease.Holder || held.Epoch != lease.Epoch {
		return lease, ecs.ErrLeaseLost
	}
	change(&held)
	m.leases[lease.Name] = held
	return held, nil
}
