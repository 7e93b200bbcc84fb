package renewal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

// moves is the whole life of a renewal: from each state, where it may go.
// A state without moves is final.
//
//	PLANNED -> SUBMITTING -> VERIFYING -> RENEWED
//	   |        |  |   ^         +------> UNVERIFIED     paid, never paid again
//	   |        |  |   +- UNKNOWN -> VERIFYING
//	   |        |  +------^   +----> NEEDS_ATTENTION     until a person decides
//	   +--------+-> SKIPPED, FAILED                      nothing was paid
var moves = map[ecs.RenewalState][]ecs.RenewalState{
	ecs.RenewalPlanned:    {ecs.RenewalSubmitting, ecs.RenewalSkipped, ecs.RenewalFailed},
	ecs.RenewalSubmitting: {ecs.RenewalSubmitting, ecs.RenewalVerifying, ecs.RenewalUnknown, ecs.RenewalFailed, ecs.RenewalSkipped},
	ecs.RenewalUnknown:    {ecs.RenewalSubmitting, ecs.RenewalVerifying, ecs.RenewalNeedsAttention},
	ecs.RenewalVerifying:  {ecs.RenewalRenewed, ecs.RenewalUnverified},
	// By a person alone: Resolve.
	ecs.RenewalNeedsAttention: {ecs.RenewalSubmitting, ecs.RenewalVerifying, ecs.RenewalFailed},
}

// open are the states in which a worker has something to do.
var open = []ecs.RenewalState{ecs.RenewalPlanned, ecs.RenewalSubmitting, ecs.RenewalUnknown, ecs.RenewalVerifying}

// moved is the renewal in its next state.
func moved(r ecs.Renewal, to ecs.RenewalState) (ecs.RenewalMove, error) {
	from := r.State
	if !slices.Contains(moves[from], to) {
		return ecs.RenewalMove{}, fmt.Errorf("renewal %s: no move from %s to %s", r.ID, from, to)
	}
	r.State, r.UpdateTime = to, time.Now().UTC()
	return ecs.RenewalMove{Renewal: r, From: from}, nil
}

// outcome is what a state that no worker moves says to who asked for this
// renewal alone.
func outcome(r ecs.Renewal) (ecs.Renewal, error) {
	switch r.State {
	case ecs.RenewalFailed, ecs.RenewalSkipped, ecs.RenewalNeedsAttention:
		failed := ecs.Errorf(r.Failure.Reason, "%s", r.Failure.Message)
		failed.Cloud = ecs.CloudError{Code: r.Failure.CloudCode, RequestID: r.Failure.CloudRequestID}
		if r.Failure.CloudCode != "" {
			failed.Cloud.Action = "RenewInstance"
		}
		if r.State == ecs.RenewalNeedsAttention {
			failed.Effect = ecs.EffectUnknown
		}
		return r, failed.On(r.RegionID, r.InstanceID)
	}
	return r, nil
}

// sleepToTick waits for the next of the moments that lie so far apart. All who
// wait for one wake together, so that the edge reads for them together.
func sleepToTick(ctx context.Context, apart time.Duration) error {
	now := time.Now()
	return sleep.For(ctx, now.Truncate(apart).Add(apart).Sub(now))
}
