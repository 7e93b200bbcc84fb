package renewal

import (
	"context"
	"errors"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
)

// Resolve writes an operator's decision about a renewal that needs attention.
func (e *Engine) Resolve(ctx context.Context, renewalID string, decision payment.Decided) (ledger.Renewal, error) {
	r, err := e.transitions.Renewal(ctx, renewalID)
	if errors.Is(err, ecs.ErrNoRecord) || err == nil && decision.OnlyOf != "" && r.Caller != decision.OnlyOf {
		return ledger.Renewal{}, ecs.Errorf(ecs.ReasonRenewalNotFound, "there is no renewal %q", renewalID)
	}
	if err != nil {
		return ledger.Renewal{}, err
	}
	if r.State != ledger.NeedsAttention {
		return ledger.Renewal{}, settledAlready(r)
	}
	job, err := e.jobs.RenewalJob(ctx, r.JobID)
	if err != nil {
		return ledger.Renewal{}, err
	}
	terms, err := ledger.DecodeTerms(job.Terms)
	if err != nil {
		return ledger.Renewal{}, err
	}
	err = e.decide(ctx, r, terms, decision)
	switch {
	case errors.Is(err, ecs.ErrStateMoved):
		return ledger.Renewal{}, settledAlready(r)
	case errors.Is(err, ledger.ErrInstanceBusy):
		busy := ecs.Errorf(ecs.ReasonRenewalInProgress, "another renewal of instance %s is in progress", r.InstanceID)
		busy.Retry = ecs.RetryBackoff
		return ledger.Renewal{}, busy.On(r.RegionID, r.InstanceID)
	case err != nil:
		return ledger.Renewal{}, err
	}
	return e.transitions.Renewal(ctx, renewalID)
}

func settledAlready(r ledger.Renewal) *ecs.Error {
	settled := ecs.Errorf(ecs.ReasonRenewalSettled, "renewal %s is %s, not NEEDS_ATTENTION: there is nothing to decide", r.ID, r.State)
	settled.Facts = map[string]string{"state": string(r.State)}
	return settled.On(r.RegionID, r.InstanceID)
}
