package inventory

import (
	"context"

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

// Inventory answers what is there. It is safe for concurrent use.
type Inventory struct {
	cloud Cloud
}

// New returns an Inventory over the cloud.
func New(cloud Cloud) *Inventory { return &Inventory{cloud: cloud} }

// Get reads one instance.
func (v *Inventory) Get(ctx context.Context, regionID, instanceID string) (ecs.Instance, error) {
	result := v.cloud.Instances(ctx, regionID, []string{instanceID})[0]
	return result.Value, result.Err
}

// BatchGet reads instances by id: one result an id, in the order asked.
func (v *Inventory) BatchGet(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance] {
	return v.cloud.Instances(ctx, regionID, ids)
}
