package server

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/inventory"
	"github.com/ecsd-io/ecsd/server/internal/store"
	"github.com/ecsd-io/ecsd/server/internal/telemetry"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// newOutlook returns the outlook on the expiring subscriptions.
func newOutlook(watcher *watch.Service, ledger *store.Store, regions []string, clock ecs.Clock) *inventory.Outlook {
	return &inventory.Outlook{
		Each: func(window ecs.Window, visit func(inventory.InstanceKey, time.Time)) {
			watcher.EachSubscription(window, func(regionID, instanceID string, expires time.Time) {
				visit(inventory.InstanceKey{RegionID: regionID, InstanceID: instanceID}, expires)
			})
		},
		Store: outlookStore{ledger}, Clock: clock, Regions: regions,
	}
}

// outlookStore is the store as an outlook takes it.
type outlookStore struct{ store *store.Store }

func (s outlookStore) AutoRenewStatuses(ctx context.Context) (map[inventory.InstanceKey]ecs.AutoRenewStatus, error) {
	found, err := s.store.AutoRenewStatuses(ctx)
	statuses := make(map[inventory.InstanceKey]ecs.AutoRenewStatus, len(found))
	for _, o := range found {
		statuses[inventory.InstanceKey{RegionID: o.RegionID, InstanceID: o.InstanceID}] = o.Status
	}
	return statuses, err
}

func (s outlookStore) OpenRenewals(ctx context.Context) (map[inventory.InstanceKey]bool, error) {
	found, err := s.store.RenewingInstances(ctx)
	open := make(map[inventory.InstanceKey]bool, len(found))
	for _, key := range found {
		open[inventory.InstanceKey{RegionID: key[0], InstanceID: key[1]}] = true
	}
	return open, err
}

// RenewalPrice reads the price of a renewal, and passes it to the outlook.
func (e visibleEdge) RenewalPrice(ctx context.Context, regionID, instanceID string, p ecs.Period) (ecs.Quote, error) {
	quote, err := e.Edge.RenewalPrice(ctx, regionID, instanceID, p)
	if err == nil {
		e.outlook.Priced(inventory.InstanceKey{RegionID: regionID, InstanceID: instanceID}, p, quote.Price)
	}
	return quote, err
}

// expiring converts the outlook for the metrics.
func expiring(outlook *inventory.Outlook) func(context.Context) (telemetry.Expiring, error) {
	return func(ctx context.Context) (telemetry.Expiring, error) {
		counts, err := outlook.Count(ctx)
		all := telemetry.Expiring{Instances: map[[3]string]int{}, Cost: map[[2]string]float64{}, Unpriced: counts.Unpriced}
		for key, n := range counts.Instances {
			all.Instances[[3]string{key.RegionID, key.Within, key.RenewedBy}] = n
		}
		for key, sum := range counts.Cost {
			all.Cost[[2]string{key.CurrencyCode, key.Within}] = sum
		}
		return all, err
	}
}
