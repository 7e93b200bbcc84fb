package inventory

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Cloud is what inventory needs of the edge.
type Cloud interface {
	// Instances reads any number of ids of a region, one result an id in the
	// order asked. Reads that run at the same time share calls of up to 100.
	Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance]
	// InstancePage reads one page of 10 to 100 instances of a region.
	InstancePage(ctx context.Context, regionID string, q ecs.Query, cursor string, limit int) (ecs.Page, error)
}

// Memory is what was seen before, which costs no call. What it does not hold
// may exist all the same.
type Memory interface {
	// Seen are those of the ids that were seen no longer than maxStaleness ago.
	Seen(regionID string, ids []string, maxStaleness time.Duration) map[string]ecs.Instance
	// SeenAll are at most limit instances of a region, by rising id from after
	// the one given on, that match a query; ok is false where the region was
	// not seen whole within maxStaleness.
	SeenAll(regionID string, q ecs.Query, maxStaleness time.Duration, after string, limit int) (_ []ecs.Instance, ok bool)
}

// Inventory answers what is there. It is safe for concurrent use.
type Inventory struct {
	cloud  Cloud
	memory Memory
}

// New returns an Inventory over the cloud and what is remembered of it.
func New(cloud Cloud, memory Memory) *Inventory { return &Inventory{cloud: cloud, memory: memory} }

// Get reads one instance.
func (v *Inventory) Get(ctx context.Context, regionID, instanceID string, maxStaleness time.Duration) (ecs.Instance, error) {
	result := v.BatchGet(ctx, regionID, []string{instanceID}, maxStaleness)[0]
	return result.Value, result.Err
}

// BatchGet reads instances by id: one result an id, in the order asked. Those
// that were not seen within maxStaleness are asked of the cloud.
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
