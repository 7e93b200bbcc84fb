package modification

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

// run is the work on one modification in this process.
type run struct {
	engine *Engine
	m      ledger.Modification
	commit func() bool
	since  time.Time
	step   Step
	at     time.Time
	err    *ecs.Error
}

// drive works on a modification until its end. in is the first input, nil for the
// gate.
func (e *Engine) drive(ctx context.Context, m ledger.Modification, commit func() bool, in Input) (ledger.Modification, error) {
	r := &run{engine: e, m: m, commit: commit, since: time.Now(), step: Gate, at: time.Now()}
	e.mu.Lock()
	e.held[m.ID] = true
	e.mu.Unlock()
	defer r.leave()
	if in != nil {
		if err := r.advance(ctx, in); err != nil {
			return r.m, err
		}
	}
	for passes := 0; r.step != Rest; {
		if err := sleep.For(ctx, time.Until(r.at)); err != nil {
			return r.m, err
		}
		var err error
		switch r.step {
		case Gate:
			if passes++; passes > maxPasses {
				err = r.advance(ctx, Refused{unstable(r.m)})
				passes = 0
				break
			}
			err = r.pass(ctx)
		default:
			read, orders := r.evidence(ctx)
			observed := Observed{Instance: read.Value, Orders: orders}
			if read.Err != nil {
				observed.Err = ecs.AsRefusal(read.Err)
			}
			err = r.advance(ctx, observed)
		}
		if err != nil {
			return r.m, err
		}
		if ctx.Err() != nil && r.step != Rest {
			return r.m, ctx.Err()
		}
	}
	if r.err != nil {
		return r.m, r.err
	}
	return result(r.m, false)
}

// maxPriorOrders bounds the earlier modifications of the instance that are read
// for their order IDs, the latest first.
const maxPriorOrders = 100

// evidence reads the instance and, if the outcome is unknown, the orders of the
// bill, at the same time.
func (r *run) evidence(ctx context.Context) (read ecs.Result[ecs.Instance], orders []ecs.BilledOrder) {
	var bill sync.WaitGroup
	if since, until := r.m.OrderWindow(); r.engine.config.Bills != nil && r.m.State == ledger.ModificationUnknown && !since.IsZero() {
		bill.Go(func() {
			rescue.Once(r.engine.config.Logger, "read of the bill", func() { orders = r.billed(ctx, since, until) })
		})
	}
	read = r.engine.cloud.Instances(ctx, r.m.RegionID, []string{r.m.InstanceID})[0]
	bill.Wait()
	return read, orders
}

// billed reads the orders of the instance in a window, without those of its other
// modifications; none if either cannot be read in time.
func (r *run) billed(ctx context.Context, since, until time.Time) []ecs.BilledOrder {
	ctx, cancel := context.WithTimeout(ctx, billTimeout)
	defer cancel()
	wanted := ledger.OrderWindow{InstanceID: r.m.InstanceID, Since: since, Until: until, Price: r.m.Price}
	orders := r.engine.config.Bills.ChangeOrders(ctx, []ledger.OrderWindow{wanted})[r.m.InstanceID]
	if len(orders) == 0 {
		return nil
	}
	others, err := r.engine.records.ListModifications(ctx, ledger.ModificationFilter{RegionID: r.m.RegionID, InstanceID: r.m.InstanceID}, ledger.Cursor{}, maxPriorOrders)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(orders), func(o ecs.BilledOrder) bool {
		return slices.ContainsFunc(others, func(m ledger.Modification) bool { return m.ID != r.m.ID && m.OrderID == o.ID })
	})
}

func unstable(m ledger.Modification) *ecs.Error {
	e := ecs.Errorf(ecs.ReasonOperationInProgress, "instance %s was changed by something else between the read of the price and the order, again and again; nothing was paid", m.InstanceID)
	e.Retry = ecs.RetryBackoff
	return e.On(m.RegionID, m.InstanceID)
}

// leave ends the hold. A modification that is not at its end continues with the
// next claim.
func (r *run) leave() {
	r.engine.mu.Lock()
	delete(r.engine.held, r.m.ID)
	r.engine.mu.Unlock()
	if !r.m.State.Live() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.engine.ctx), writeTimeout)
	defer cancel()
	if err := r.engine.records.HoldModifications(ctx, r.engine.holder, []string{r.m.ID}, time.Now().Add(-time.Second)); err != nil {
		r.engine.config.Logger.Warn("hold of a modification not ended", "modification", r.m.ID, "error", err)
	}
}

// advance gives the modification its next input: it writes the transition that
// Next decides, and sets the next step.
func (r *run) advance(ctx context.Context, in Input) error {
	if ctx.Err() != nil {
		switch in.(type) {
		case Sent, Unsent, Resumed: // what happened is written
		default:
			return ctx.Err() // the end of this process is no evidence about an instance
		}
	}
	d, err := Next(Case{Modification: r.m, Limits: r.engine.config.Limits, Since: r.since, Ahead: r.engine.config.Clock.Ahead()}, in, time.Now())
	if err != nil {
		return err
	}
	if d.Next != nil {
		err := r.write(ctx, *d.Next)
		if conflict := (*ledger.ConflictError)(nil); errors.As(err, &conflict) {
			r.step, r.err = Rest, ecs.AsError(busy(err, r.m))
			return nil
		}
		if refused := ledger.SpendRefusal(err); refused != nil {
			return r.advance(ctx, Refused{refused.On(r.m.RegionID, r.m.InstanceID)})
		}
		if err != nil {
			return err
		}
	}
	r.step, r.at, r.err = d.Step, d.At, d.Err
	return nil
}

// write writes the next state. Neither a caller nor Close interrupts it.
func (r *run) write(ctx context.Context, next ledger.Modification) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	err := r.engine.records.WriteModification(ctx, next, r.m.State, r.engine.holder, time.Now().Add(holdTime))
	if errors.Is(err, context.DeadlineExceeded) {
		late := ecs.Errorf(ecs.ReasonStoreUnavailable, "the server's database did not take in time what had to be stored; retry with the same request_id")
		late.Retry, late.Effect, late.Cause = ecs.RetryBackoff, ecs.EffectUnknown, err
		err = late
	}
	if err != nil {
		return err
	}
	was := r.m.State
	r.m, r.since = next, time.Now()
	switch {
	case next.State == ledger.ModificationVerifying:
		r.engine.config.Logger.Info("modification accepted", "modification", next.ID, "request", next.RequestID, "caller", next.Caller,
			"region", next.RegionID, "instance", next.InstanceID, "order", next.OrderID, "price", next.Price.String(), "refund", next.Refund.String())
	case next.State == ledger.ModificationNeedsAttention:
		r.engine.config.Logger.Warn("modification needs attention", "modification", next.ID, "request", next.RequestID,
			"region", next.RegionID, "instance", next.InstanceID, "problem", next.Failure.Message, "resolve", "call InstanceService.ResolveModification")
	case next.State == ledger.ModificationUnknown && was != next.State:
		r.engine.config.Logger.Warn("modification outcome unknown, settling", "modification", next.ID, "request", next.RequestID,
			"region", next.RegionID, "instance", next.InstanceID, "problem", next.Failure.Message)
	}
	return nil
}
