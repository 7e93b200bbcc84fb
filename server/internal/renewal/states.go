package renewal

import (
	"context"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

// moved is the renewal in its next state.
func moved(r ledger.Renewal, to ledger.State) (ledger.Transition, error) {
	from := r.State
	if !from.MayFollow(to) {
		return ledger.Transition{}, fmt.Errorf("renewal %s: no move from %s to %s", r.ID, from, to)
	}
	r.State, r.UpdateTime = to, time.Now().UTC()
	if to == ledger.Verifying && r.PaidTime.IsZero() {
		r.PaidTime = r.UpdateTime
	}
	return ledger.Transition{Renewal: r, From: from}, nil
}

// outcome is what a state that no worker moves says to who asked for this
// renewal alone.
func outcome(r ledger.Renewal) (ledger.Renewal, error) {
	switch r.State {
	case ledger.Failed, ledger.Skipped, ledger.NeedsAttention:
		failed := ecs.Errorf(r.Failure.Reason, "%s", r.Failure.Message)
		failed.Cloud = ecs.CloudError{Code: r.Failure.CloudCode, RequestID: r.Failure.CloudRequestID}
		if r.Failure.CloudCode != "" {
			failed.Cloud.Action = "RenewInstance"
		}
		if r.State == ledger.NeedsAttention {
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
