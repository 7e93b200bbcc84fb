package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

// Launch is a request for instances. Its fields were checked by the caller.
type Launch struct {
	// Order is the order. Its ClientToken and DryRun are set here.
	Order ecs.LaunchOrder
	// MaxPrice is the highest price of the order; zero allows any.
	MaxPrice  ecs.Money
	RequestID string
	// Fingerprint is that of the request message, by fingerprint.Of.
	Fingerprint string
	Caller      string
	// ValidateOnly creates nothing and returns the price.
	ValidateOnly bool
	// IfNew is the error of a request that is sent for the first time, or again
	// after a refusal: its fields have become too late. It does not apply to a
	// request that was sent.
	IfNew error
}

// Launched is the result of a launch.
type Launched struct {
	// Instances are as the cloud shows them now, one for each of IDs in its
	// order. One that the cloud does not show (yet, or any more) has its ID and
	// RegionID alone.
	Instances []ecs.Instance
	IDs       []string
	// OrderID is "" if nothing was ordered, as for pay-as-you-go.
	OrderID string
	// Price is the price of the order: only with ValidateOnly, and nil if the
	// cloud returns none.
	Price *ecs.Quote
}

// The actions of the cloud that make instances.
const (
	actionRun    = "RunInstances"
	actionCreate = "CreateInstance"
)

// Quote returns the price of an order. It changes nothing.
func (l *Lifecycle) Quote(ctx context.Context, order ecs.LaunchOrder) (ecs.Quote, error) {
	return l.cloud.InstancePrice(ctx, order)
}

// Run creates one to a hundred instances, which end Running.
//
// When ctx ends first, a launch that was not yet committed is dropped without
// an effect; a committed one continues, and the same request returns its
// outcome.
func (l *Lifecycle) Run(ctx context.Context, q Launch) (Launched, error) {
	return l.launch(call.InLane(ctx, call.Write), actionRun, q)
}

// Create makes one instance, which ends Stopped. See Run.
func (l *Lifecycle) Create(ctx context.Context, q Launch) (Launched, error) {
	q.Order.Count, q.Order.MinCount = 1, 0
	return l.launch(call.InLane(ctx, call.Write), actionCreate, q)
}

func (l *Lifecycle) launch(ctx context.Context, action string, q Launch) (Launched, error) {
	q.Order.ClientToken, q.Order.DryRun = "", false
	q.Order.Count = max(q.Order.Count, 1)
	if q.ValidateOnly {
		return l.dryRun(ctx, action, q)
	}
	record, goesOn, err := l.launches.Do(ctx, q.RequestID, q.Fingerprint, func(ctx context.Context, commit func() bool) (ecs.RequestRecord, error) {
		r, err := l.begin(ctx, commit, action, q)
		if errors.Is(err, ecs.ErrStateMoved) {
			// Another ecsd on the same database carried it on.
			return l.begin(ctx, commit, action, q)
		}
		return r, err
	})
	if err == nil {
		return l.showLaunched(ctx, record)
	}
	switch {
	case goesOn:
		return Launched{}, fmt.Errorf("the launch continues; retry with the same request_id: %w", err)
	case ctx.Err() != nil && ecs.AsError(err) == nil && errors.Is(err, ctx.Err()):
		return Launched{}, fmt.Errorf("nothing was made: %w", err)
	}
	return Launched{}, l.toCaller(err, q.Order.RegionID, q.RequestID)
}

// call makes the order by its action.
func (l *Lifecycle) call(ctx context.Context, action string, order ecs.LaunchOrder) (ecs.Launched, error) {
	if action == actionCreate {
		return l.cloud.CreateInstance(ctx, order)
	}
	return l.cloud.RunInstances(ctx, order)
}

// showLaunched reads the launched instances. A new instance may be missing from
// the cloud's lists for some seconds; an old one that is not listed was
// released. The IDs are returned even if the instances cannot be read.
func (l *Lifecycle) showLaunched(ctx context.Context, r ecs.RequestRecord) (Launched, error) {
	made := Launched{OrderID: r.OrderID, Instances: make([]ecs.Instance, len(r.Items))}
	places := map[string]int{}
	for i, item := range r.Items {
		made.IDs = append(made.IDs, item.InstanceID)
		made.Instances[i] = ecs.Instance{ID: item.InstanceID, RegionID: r.RegionID}
		places[item.InstanceID] = i
	}
	for waiting := made.IDs; len(waiting) > 0; {
		var missing []string
		for _, read := range l.cloud.Instances(ctx, r.RegionID, waiting) {
			if read.Err == nil {
				made.Instances[places[read.ID]] = read.Value
			} else if ecs.HasReason(read.Err, ecs.ReasonInstanceNotFound) {
				missing = append(missing, read.ID)
			}
		}
		waiting = missing
		if time.Since(r.UpdateTime) >= showWindow || (len(waiting) > 0 && sleep.For(ctx, time.Second) != nil) {
			break
		}
	}
	return made, nil
}

// showWindow is how long a new instance is waited for to be listed.
const showWindow = 10 * time.Second
