package api

import (
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

// launchQuoteProto returns nil if the cloud returned no price.
func launchQuoteProto(q *ecs.Quote, order ecs.LaunchOrder) *ecsdv1.InstanceQuote {
	if q == nil {
		return nil
	}
	return &ecsdv1.InstanceQuote{
		Price:         moneyProto(q.Price),
		OriginalPrice: moneyProto(q.Original),
		Discount:      moneyProto(q.Discount),
		Count:         order.Count,
		Period:        periodProto(order.Spec.Period),
	}
}

func transitionResults(moves []ecs.Result[ecs.Transition]) []*ecsdv1.InstanceTransitionResult {
	results := make([]*ecsdv1.InstanceTransitionResult, len(moves))
	for i, m := range moves {
		results[i] = &ecsdv1.InstanceTransitionResult{InstanceId: m.ID}
		if m.Err != nil {
			results[i].Result = &ecsdv1.InstanceTransitionResult_Error{Error: itemError(m.Err)}
			continue
		}
		results[i].Result = &ecsdv1.InstanceTransitionResult_Transition{Transition: &ecsdv1.InstanceTransition{
			PreviousStatus:         statuses.to(m.Value.Previous),
			ProviderPreviousStatus: m.Value.RawPrevious,
			CurrentStatus:          statuses.to(m.Value.Current),
			ProviderCurrentStatus:  m.Value.RawCurrent,
		}}
	}
	return results
}

func (a account) instanceResults(reads []ecs.Result[ecs.Instance]) []*ecsdv1.InstanceResult {
	results := make([]*ecsdv1.InstanceResult, len(reads))
	// Each result may need the space of an error.
	space := maxResponseBytes - len(reads)*maxItemErrorBytes
	for i, read := range reads {
		results[i] = &ecsdv1.InstanceResult{InstanceId: read.ID}
		if read.Err != nil {
			results[i].Result = &ecsdv1.InstanceResult_Error{Error: itemError(read.Err)}
			continue
		}
		results[i].Result = &ecsdv1.InstanceResult_Instance{Instance: a.instanceProto(&read.Value)}
		if n, used := fitting(results[i:i+1], space, false); n == 0 {
			results[i].Result = &ecsdv1.InstanceResult_Error{Error: itemError(responseTooLarge(
				"the call succeeded for %s, and the response has no space for the instance: read it with BatchGetInstances of fewer ids", read.ID))}
		} else {
			space -= used
		}
	}
	return results
}

func (a account) releaseResults(outcomes []ecs.Result[lifecycle.Outcome]) []*ecsdv1.InstanceReleaseResult {
	results := make([]*ecsdv1.InstanceReleaseResult, len(outcomes))
	for i, f := range outcomes {
		results[i] = &ecsdv1.InstanceReleaseResult{InstanceId: f.ID}
		if f.Err != nil {
			results[i].Result = &ecsdv1.InstanceReleaseResult_Error{Error: itemError(f.Err)}
			continue
		}
		results[i].Result = &ecsdv1.InstanceReleaseResult_Release{Release: &ecsdv1.InstanceRelease{
			Released: f.Value.Released,
			Instance: a.instanceProto(&f.Value.Instance),
			Disks:    releasedDisks(f.Value.Disks),
		}}
	}
	return results
}

func releasedDisks(outcomes []lifecycle.DiskOutcome) []*ecsdv1.ReleasedDisk {
	disks := make([]*ecsdv1.ReleasedDisk, len(outcomes))
	for i, d := range outcomes {
		disks[i] = &ecsdv1.ReleasedDisk{Disk: diskProto(&d.Disk), Outcome: diskOutcome(d)}
	}
	return disks
}

func diskOutcome(d lifecycle.DiskOutcome) ecsdv1.DiskOutcome {
	if d.DeletedWithInstance {
		return ecsdv1.DiskOutcome_DISK_OUTCOME_DELETED
	}
	return ecsdv1.DiskOutcome_DISK_OUTCOME_KEPT
}
