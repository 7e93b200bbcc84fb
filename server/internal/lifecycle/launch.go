package lifecycle

import (
	"context"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Launch asks for instances. Its fields were checked by the caller.
type Launch struct {
	// Order is what to make. Its ClientToken and DryRun are set here.
	Order     ecs.LaunchOrder
	RequestID string
	Caller    string
	// ValidateOnly makes nothing and answers with the price.
	ValidateOnly bool
}

// Launched is what a launch made.
type Launched struct {
	// Instances are as the cloud shows them now, one for each of IDs in its
	// order. One that the cloud does not show (yet, or any more) has its ID and
	// RegionID alone.
	Instances []ecs.Instance
	IDs       []string
	// OrderID is "" where nothing was ordered, as for pay-as-you-go.
	OrderID string
	// Price is what the order would cost: with ValidateOnly alone, and nil
	// where the cloud names no price for it.
	Price *ecs.Quote
}

// Quote asks what an order would cost. It changes nothing.
func (l *Lifecycle) Quote(ctx context.Context, order ecs.LaunchOrder) (ecs.Quote, error) {
	return l.cloud.InstancePrice(ctx, order)
}

// Run makes one to a hundred instances, which end Running.
//
// When ctx ends first, a launch that was not yet committed is dropped with
// nothing made; one that was goes on, and the same request asks for its outcome.
func (l *Lifecycle) Run(ctx context.Context, q Launch) (Launched, error) {
	return l.launch(call.InLane(ctx, call.Write), "RunInstances", q)
}

// Create makes one instance, which ends Stopped. See Run.
func (l *Lifecycle) Create(ctx context.Context, q Launch) (Launched, error) {
	return l.launch(call.InLane(ctx, call.Write), "CreateInstance", q)
}
