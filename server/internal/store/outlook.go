package store

import (
	"context"
	"fmt"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// AutoRenewSeen is the setting that was last observed of a subscription near its
// expiry.
type AutoRenewSeen struct {
	RegionID, InstanceID string
	Status               ecs.AutoRenewStatus
}

// AutoRenewStatuses reads all observations.
func (s *Store) AutoRenewStatuses(ctx context.Context) ([]AutoRenewSeen, error) {
	found, err := query(ctx, s.reader, func(line row) (o AutoRenewSeen, err error) {
		return o, line.Scan(&o.RegionID, &o.InstanceID, &o.Status)
	}, `SELECT region_id, instance_id, status FROM auto_renew_sights`)
	if err != nil {
		return nil, fmt.Errorf("read observations of auto-renewals: %w", err)
	}
	return found, nil
}

const selectRenewing = `SELECT region_id, instance_id FROM renewals WHERE state IN ` + openStates

// RenewingInstances reads the instances with an open renewal, by region and ID.
func (s *Store) RenewingInstances(ctx context.Context) ([][2]string, error) {
	found, err := query(ctx, s.reader, func(line row) (key [2]string, err error) {
		return key, line.Scan(&key[0], &key[1])
	}, selectRenewing)
	if err != nil {
		return nil, fmt.Errorf("read the instances with open renewals: %w", err)
	}
	return found, nil
}
