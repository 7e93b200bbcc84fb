package modification

import (
	"context"
	"errors"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// List returns stored modifications, newest first, after a position and at most
// limit.
func (e *Engine) List(ctx context.Context, f ledger.ModificationFilter, after ledger.Cursor, limit int) ([]ledger.Modification, error) {
	return e.records.ListModifications(ctx, f, after, limit)
}

// Resolve writes an operator's decision about a modification that needs
// attention, and returns the modification after it. The background loop of a
// replica verifies one that was paid.
func (e *Engine) Resolve(ctx context.Context, id string, decision Decided) (ledger.Modification, error) {
	m, err := e.records.Modification(ctx, id)
	if errors.Is(err, ecs.ErrNoRecord) || err == nil && decision.OnlyOf != "" && m.Caller != decision.OnlyOf {
		return ledger.Modification{}, ecs.Errorf(ecs.ReasonModificationNotFound, "there is no modification %q", id)
	}
	if err != nil {
		return ledger.Modification{}, err
	}
	if m.State != ledger.ModificationNeedsAttention {
		return ledger.Modification{}, settled(m)
	}
	now := time.Now()
	d, err := Next(Case{Modification: m, Limits: e.config.Limits, Since: now}, decision, now)
	if err != nil {
		return ledger.Modification{}, err
	}
	// The hold is over at once, so that the next look of any replica claims it.
	err = e.records.WriteModification(ctx, *d.Next, m.State, e.holder, now.Add(-time.Second))
	if errors.Is(err, ecs.ErrStateMoved) {
		return ledger.Modification{}, settled(m)
	}
	if err != nil {
		return ledger.Modification{}, busy(err, m)
	}
	e.config.Logger.Info("modification resolved", "modification", m.ID, "region", m.RegionID, "instance", m.InstanceID,
		"resolution", d.Next.Decisions[len(d.Next.Decisions)-1].Resolution, "caller", decision.By)
	return *d.Next, nil
}

func settled(m ledger.Modification) *ecs.Error {
	e := ecs.Errorf(ecs.ReasonModificationSettled, "modification %s is %s, not NEEDS_ATTENTION: there is nothing to decide", m.ID, m.State)
	e.Facts = map[string]string{"state": string(m.State)}
	return e.On(m.RegionID, m.InstanceID)
}

// The resolutions of a modification, as the ledger stores them.
const (
	MarkPaid    = "MARK_PAID"
	MarkNotPaid = "MARK_NOT_PAID"
)

// decided takes an operator's decision. An order that was accepted is verified;
// one that was not ends the modification, and its request is never sent again.
func (c machine) decided(in Decided) (Decision, error) {
	next := c.Modification
	by := in.By
	if by == "" {
		by = "an unnamed caller"
	}
	made := ledger.Decision{Resolution: MarkNotPaid, Time: c.now.Truncate(time.Millisecond), By: in.By, Note: in.Note, OrderID: in.OrderID}
	step := Rest
	if in.Paid {
		made.Resolution, step = MarkPaid, Observe
		next.State, next.OrderID, next.PaidTime = ledger.ModificationVerifying, in.OrderID, c.now
		next.Failure = ledger.Failure{Message: "marked paid by " + by}
	} else {
		next.State = ledger.ModificationFailed
		next.Failure = ledger.Failure{Reason: ecs.ReasonMarkedNotPaid, Message: "marked not paid by " + by}
	}
	// A new slice, so that a value handed out before keeps its own.
	next.Decisions = append(next.Decisions[:len(next.Decisions):len(next.Decisions)], made)
	return c.write(next, step, c.now)
}
