package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

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
	// IfNew is the answer where the request was not sent before: what its
	// fields ask for has become too late. It says nothing of what was sent.
	IfNew error
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

// The actions of the cloud that make instances.
const (
	actionRun    = "RunInstances"
	actionCreate = "CreateInstance"
)

// Quote asks what an order would cost. It changes nothing.
func (l *Lifecycle) Quote(ctx context.Context, order ecs.LaunchOrder) (ecs.Quote, error) {
	return l.cloud.InstancePrice(ctx, order)
}

// Run makes one to a hundred instances, which end Running.
//
// When ctx ends first, a launch that was not yet committed is dropped with
// nothing made; one that was goes on, and the same request asks for its outcome.
func (l *Lifecycle) Run(ctx context.Context, q Launch) (Launched, error) {
	return l.launch(call.InLane(ctx, call.Write), actionRun, q)
}

// Create makes one instance, which ends Stopped. See Run.
func (l *Lifecycle) Create(ctx context.Context, q Launch) (Launched, error) {
	q.Order.Amount, q.Order.MinAmount = 1, 0
	return l.launch(call.InLane(ctx, call.Write), actionCreate, q)
}

func (l *Lifecycle) launch(ctx context.Context, action string, q Launch) (Launched, error) {
	q.Order.ClientToken, q.Order.DryRun = "", false
	q.Order.Amount = max(q.Order.Amount, 1)
	hash, err := launchHash(action, q)
	if err != nil {
		return Launched{}, err
	}
	if q.ValidateOnly {
		return l.rehearse(ctx, action, hash, q)
	}
	record, goesOn, err := l.launches.do(ctx, q.RequestID, hash, func(ctx context.Context, commit func() bool) (ecs.RequestRecord, error) {
		r, err := l.begin(ctx, commit, action, hash, q)
		if errors.Is(err, ecs.ErrStateMoved) {
			// Another ecsd on the same database carried it on.
			return l.begin(ctx, commit, action, hash, q)
		}
		return r, err
	})
	if err == nil {
		return l.showLaunched(ctx, record)
	}
	switch {
	case goesOn:
		return Launched{}, fmt.Errorf("the launch goes on; ask again with the same request_id: %w", err)
	case ctx.Err() != nil && ecs.AsError(err) == nil && errors.Is(err, ctx.Err()):
		return Launched{}, fmt.Errorf("nothing was made: %w", err)
	}
	return Launched{}, l.told(err, q.Order.RegionID, q.RequestID)
}

// begin answers a request from its record where it was asked before, and else
// stores the intent and sends it.
func (l *Lifecycle) begin(ctx context.Context, commit func() bool, action, hash string, q Launch) (ecs.RequestRecord, error) {
	r, err := l.stored(ctx, q.RequestID, hash)
	if err != nil && !errors.Is(err, ecs.ErrNoRecord) {
		return r, err
	}
	if err != nil {
		if err := l.admit(ctx, q); err != nil {
			return r, err
		}
	}
	if !commit() {
		return r, context.Canceled
	}
	if err == nil {
		return l.takeUp(ctx, r, q)
	}
	now := time.Now().UTC()
	r = ecs.RequestRecord{
		RequestID: q.RequestID, Action: action, PayloadHash: hash, Caller: q.Caller, RegionID: q.Order.RegionID,
		State: ecs.RequestOpen, Wanted: q.Order.Amount, Tagged: taggable(q.Order.Spec.Tags),
		ClientToken: launchToken(action, q.RequestID, 1), TokenNumber: 1,
		TokenTime: now, SendTime: now, CreateTime: now, UpdateTime: now,
	}
	err = l.records.CreateRequest(ctx, r)
	if errors.Is(err, ecs.ErrRequestIDTaken) {
		// Another ecsd on the same database was asked at the same time.
		if r, err = l.stored(ctx, q.RequestID, hash); err != nil {
			return r, err
		}
		return l.takeUp(ctx, r, q)
	}
	if err != nil {
		return r, err
	}
	return l.sendFirst(ctx, r, q)
}

// stored reads the record of a request and holds it against what is asked.
func (l *Lifecycle) stored(ctx context.Context, requestID, hash string) (ecs.RequestRecord, error) {
	r, err := l.records.RequestByID(ctx, requestID)
	if err == nil && r.PayloadHash != hash {
		return ecs.RequestRecord{}, errReused
	}
	return r, err
}

// takeUp carries a request on from where its record stands.
func (l *Lifecycle) takeUp(ctx context.Context, r ecs.RequestRecord, q Launch) (ecs.RequestRecord, error) {
	switch r.State {
	case ecs.RequestDone:
		return r, nil
	case ecs.RequestFailed:
		return r, failedBefore(r)
	case ecs.RequestDeferred:
		// The cloud did nothing with this token, so that its age begins anew.
		r.TokenTime = time.Now().UTC()
		r.SendTime = r.TokenTime
		r, err := l.move(ctx, r, ecs.RequestOpen)
		if err != nil {
			return r, err
		}
		return l.sendFirst(ctx, r, q)
	}
	return l.settle(ctx, r, &q)
}

// move writes the record with its new state. The write outlives a closing
// room, because what it tells has already happened.
func (l *Lifecycle) move(ctx context.Context, r ecs.RequestRecord, to ecs.RequestState) (ecs.RequestRecord, error) {
	from := r.State
	r.State, r.UpdateTime = to, time.Now().UTC()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	return r, l.records.MoveRequest(ctx, r, from)
}

// writeTimeout bounds a write of what has already happened.
const writeTimeout = 10 * time.Second

// rehearse runs the cloud's own checks and asks for the price. It makes nothing
// and remembers nothing.
func (l *Lifecycle) rehearse(ctx context.Context, action, hash string, q Launch) (Launched, error) {
	if _, err := l.stored(ctx, q.RequestID, hash); err != nil && !errors.Is(err, ecs.ErrNoRecord) {
		return Launched{}, l.told(err, q.Order.RegionID, q.RequestID)
	}
	if err := l.admit(ctx, q); err != nil {
		return Launched{}, err
	}
	order := q.Order
	order.DryRun = true
	if _, err := l.call(ctx, action, order); err != nil {
		return Launched{}, err
	}
	if order.Spec.Type == "" {
		return Launched{}, nil // a template's type has no price until it is known
	}
	quote, err := l.cloud.InstancePrice(ctx, q.Order)
	if ecs.HasReason(err, ecs.ReasonPriceUnavailable) {
		return Launched{}, nil
	}
	if err != nil {
		return Launched{}, err
	}
	return Launched{Price: &quote}, nil
}

// call makes the order by its action.
func (l *Lifecycle) call(ctx context.Context, action string, order ecs.LaunchOrder) (ecs.Launched, error) {
	if action == actionCreate {
		return l.cloud.CreateInstance(ctx, order)
	}
	return l.cloud.RunInstances(ctx, order)
}

// showLaunched reads what was made. A new instance may be missing from the
// cloud's lists for some seconds; one that was made long ago and is not listed
// was released. What was made is told even where it cannot be shown.
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
		if time.Since(r.UpdateTime) >= showWindow || (len(waiting) > 0 && sleep(ctx, time.Second) != nil) {
			break
		}
	}
	return made, nil
}

// showWindow is how long a new instance is waited for to be listed.
const showWindow = 10 * time.Second
