package lifecycle

import (
	"context"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func (l *Lifecycle) launch(_ context.Context, action string, q Launch) (Launched, error) {
	return Launched{}, ecs.Errorf(ecs.ReasonUnsupportedOperation, "%s is not there yet", action).On(q.Order.RegionID, "")
}

// Release releases instances: one result an id, in the order asked.
func (l *Lifecycle) Release(_ context.Context, q ReleaseRequest) ([]ecs.Result[Fate], error) {
	return nil, ecs.Errorf(ecs.ReasonUnsupportedOperation, "a release is not there yet").On(q.RegionID, "")
}

// Resume takes up every launch that an earlier process left open.
func (l *Lifecycle) Resume(_ context.Context) error { return nil }
