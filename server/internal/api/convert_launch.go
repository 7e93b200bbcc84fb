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
		Amount:        order.Amount,
		Period:        periodProto(order.Spec.Period),
	}
}

func transitionResults(moves []ecs.Result[ecs.Transition]) []*ecsdv1.TransitionResult {
	results := make([]*ecsdv1.TransitionResult, len(moves))
	for i, m := range moves {
		results[i] = &ecsdv1.TransitionResult{InstanceId: m.ID}
		if m.Err != nil {
			results[i].Result = &ecsdv1.TransitionResult_Error{Error: itemError(m.Err)}
			continue
		}
		results[i].Result = &ecsdv1.TransitionResult_Transition{Transition: &ecsdv1.Transition{
			PreviousStatus:         statuses.to(m.Value.Previous),
			ProviderPreviousStatus: m.Value.RawPrevious,
			CurrentStatus:          statuses.to(m.Value.Current),
			ProviderCurrentStatus:  m.Value.RawCurrent,
		}}
	}
	return results
}

func instanceResults(reads []ecs.Result[ecs.Instance]) []*ecsdv1.InstanceResult {
	results := make([]*ecsdv1.InstanceResult, len(reads))
	// Each result may need the space of an error.
	space := maxResponseBytes - len(reads)*maxItemErrorBytes
	for i, read := range reads {
		results[i] = &ecsdv1.InstanceResult{InstanceId: read.ID}
		if read.Err != nil {
			results[i].Result = &ecsdv1.InstanceResult_Error{Error: itemError(read.Err)}
			continue
		}
		results[i].Result = &ecsdv1.InstanceResult_Instance{Instance: instanceProto(&read.Value)}
		if n, used := fitting(results[i:i+1], space, false); n == 0 {
			results[i].Result = &ecsdv1.InstanceResult_Error{Error: itemError(responseTooLarge(
				"the call succeeded for %s, and the response has no space for the instance: read it with BatchGetInstances of fewer ids", read.ID))}
		} else {
			space -= used
		}
	}
	return results
}

func releaseResults(fates []ecs.Result[lifecycle.Fate]) []*ecsdv1.ReleaseResult {
	results := make([]*ecsdv1.ReleaseResult, len(fates))
	for i, f := range fates {
		results[i] = &ecsdv1.ReleaseResult{InstanceId: f.ID}
		if f.Err != nil {
			results[i].Result = &ecsdv1.ReleaseResult_Error{Error: itemError(f.Err)}
			continue
		}
		results[i].Result = &ecsdv1.ReleaseResult_Release{Release: &ecsdv1.Release{
			Released: f.Value.Released,
			Instance: instanceProto(&f.Value.Instance),
			Disks:    releasedDisks(f.Value.Disks),
		}}
	}
	return results
}

func releasedDisks(fates []lifecycle.DiskFate) []*ecsdv1.ReleasedDisk {
	disks := make([]*ecsdv1.ReleasedDisk, len(fates))
	for i, f := range fates {
		fate := ecsdv1.DiskFate_DISK_FATE_KEPT
		if f.DeletedWithInstance {
			fate = ecsdv1.DiskFate_DISK_FATE_DELETED
		}
		disks[i] = &ecsdv1.ReleasedDisk{Disk: diskProto(&f.Disk), Fate: fate, SnapshotId: f.SnapshotID}
	}
	return disks
}
