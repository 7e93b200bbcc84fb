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
