package inventory

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Cloud is the part of the edge that inventory uses.
type Cloud interface {
	// Instances reads any number of IDs of a region: one result per ID, in request
	// order. Concurrent reads share calls of up to 100.
	Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance]
	// InstancePage reads one page of 10 to 100 instances of a region.
	InstancePage(ctx context.Context, regionID string, q ecs.Query, cursor string, limit int) (ecs.Page, error)
}

// Settings filters instances by a setting that they do not carry.
type Settings interface {
	// WithAutoRenew returns the instances with one of the auto-renew statuses, in
	// order, by settings that were read within maxStaleness or are read now.
	WithAutoRenew(ctx context.Context, regionID string, instances []ecs.Instance, statuses []ecs.AutoRenewStatus, maxStaleness time.Duration) ([]ecs.Instance, error)
}

// Memory holds earlier observations, which cost no call. An instance that it
// does not hold may exist.
type Memory interface {
	// Seen returns the instances seen within maxStaleness.
	Seen(regionID string, ids []string, maxStaleness time.Duration) map[string]ecs.Instance
	// SeenAll returns at most limit instances of a region that match a query, in
	// order of ID, after the given one; ok is false if the region was not seen
	// whole within maxStaleness.
	SeenAll(regionID string, q ecs.Query, maxStaleness time.Duration, after string, limit int) (_ []ecs.Instance, ok bool)
}

// Inventory reads instances. It is safe for concurrent use.
type Inventory struct {
	cloud    Cloud
	settings Settings
	memory   Memory
	held     lists
}

// New returns an Inventory over the cloud and the memory.
func New(cloud Cloud, settings Settings, memory Memory) *Inventory {
	return &Inventory{cloud: cloud, settings: settings, memory: memory}
}

// Get reads one instance.
func (v *Inventory) Get(ctx context.Context, regionID, instanceID string, maxStaleness time.Duration) (ecs.Instance, error) {
	result := v.BatchGet(ctx, regionID, []string{instanceID}, maxStaleness)[0]
	return result.Value, result.Err
}

// BatchGet reads instances by ID: one result per ID, in request order. Those
// not seen within maxStaleness are read from the cloud.
func (v *Inventory) BatchGet(ctx context.Context, regionID string, ids []string, maxStaleness time.Duration) []ecs.Result[ecs.Instance] {
	if maxStaleness <= 0 {
		return v.cloud.Instances(ctx, regionID, ids)
	}
	seen := v.memory.Seen(regionID, ids, maxStaleness)
	results := make([]ecs.Result[ecs.Instance], len(ids))
	var (
		unseen []string
		places []int
	)
	for i, id := range ids {
		if instance, ok := seen[id]; ok {
			results[i] = ecs.Result[ecs.Instance]{ID: id, Value: instance}
			continue
		}
		unseen, places = append(unseen, id), append(places, i)
	}
	if len(unseen) > 0 {
		for i, result := range v.cloud.Instances(ctx, regionID, unseen) {
			results[places[i]] = result
		}
	}
	return results
}
