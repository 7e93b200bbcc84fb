package renewal

import (
	"context"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// moves is the whole life of a renewal: from each state, where it may go.
// A state without moves is final.
//
//	SUBMITTING -> VERIFYING -> RENEWED
//	    |  ^          +------> UNVERIFIED        paid, never paid again
//	    |  +- UNKNOWN -> VERIFYING | NEEDS_ATTENTION
//	    +--> FAILED                              nothing was paid
var moves = map[ecs.RenewalState][]ecs.RenewalState{
	ecs.RenewalSubmitting: {ecs.RenewalSubmitting, ecs.RenewalVerifying, ecs.RenewalUnknown, ecs.RenewalFailed},
	ecs.RenewalUnknown:    {ecs.RenewalSubmitting, ecs.RenewalVerifying, ecs.RenewalNeedsAttention},
	ecs.RenewalVerifying:  {ecs.RenewalRenewed, ecs.RenewalUnverified},
}

// advance carries a stored renewal from where it stands to its final state.
// It comes back early only when the engine closes.
func (e *Engine) advance(ctx context.Context, r ecs.Renewal) (ecs.Renewal, error) {
	steps := map[ecs.RenewalState]func(context.Context, ecs.Renewal) (ecs.Renewal, error){
		ecs.RenewalSubmitting: e.submit,
		ecs.RenewalUnknown:    e.settle,
		ecs.RenewalVerifying:  e.verify,
	}
	for len(moves[r.State]) > 0 {
		next, err := steps[r.State](ctx, r)
		if err != nil {
			if e.ctx.Err() != nil {
				return r, draining(r.RegionID, r.InstanceID)
			}
			return r, err
		}
		r = next
	}
	return outcome(r)
}

// outcome is what a final state says to the caller.
func outcome(r ecs.Renewal) (ecs.Renewal, error) {
	switch r.State {
	case ecs.RenewalFailed, ecs.RenewalNeedsAttention:
		failed := ecs.Errorf(r.Failure.Reason, "%s", r.Failure.Message)
		failed.Cloud = ecs.CloudError{Code: r.Failure.CloudCode, RequestID: r.Failure.CloudRequestID, Action: "RenewInstance"}
		if r.State == ecs.RenewalNeedsAttention {
			failed.Effect = ecs.EffectUnknown
		}
		return r, failed.On(r.RegionID, r.InstanceID)
	}
	return r, nil
}

// move writes the renewal with its new state. The write outlives a closing
// engine, because what it tells has already happened.
func (e *Engine) move(ctx context.Context, r ecs.Renewal, to ecs.RenewalState) (ecs.Renewal, error) {
	from := r.State
	allowed := false
	for _, state := range moves[from] {
		allowed = allowed || state == to
	}
	if !allowed {
		return r, fmt.Errorf("renewal %s: no move from %s to %s", r.ID, from, to)
	}
	r.State, r.UpdateTime = to, time.Now().UTC()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return r, e.ledger.MoveRenewal(ctx, r, from)
}

// sleep waits, and tells when ctx ended first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
