package cloud

import (
	"context"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// DeleteInstances releases instances for good: one result per ID, in request
// order, 100 IDs per call. The cloud releases all of a call or none; the
// refused ones are found, and do not affect the others.
//
// Every call carries a token made of clientToken and its IDs, so that a retry
// for the same IDs under the same token releases nothing twice. Without a token
// nothing is sent. An ID with an unknown outcome returns OUTCOME_UNKNOWN with
// EffectUnknown; a later read shows whether it still exists. With dryRun
// nothing is released, no token is needed, and an ID without an error would be
// released.
func (e *Edge) DeleteInstances(ctx context.Context, regionID string, ids []string, o ecs.DeleteOptions, clientToken string, dryRun bool) []ecs.Result[struct{}] {
	return chunked(ids, regionID, maxIDs, func(ids []string, give func(string, struct{}, error)) {
		if err := checkToken(clientToken, regionID, ""); err != nil && !dryRun {
			giveAll(ids, give, err)
			return
		}
		ask := func(ids []string) error {
			if err := e.deleteInstances(ctx, regionID, ids, o, clientToken, dryRun); err != nil {
				return err
			}
			giveAll(ids, give, nil)
			return nil
		}
		exclude(ctx, e, regionID, ids, give, ask, func(i ecs.Instance, refused ecs.Reason) *ecs.Error {
			return keptBack(i, o, refused)
		})
	})
}

func (e *Edge) deleteInstances(ctx context.Context, regionID string, ids []string, o ecs.DeleteOptions, clientToken string, dryRun bool) error {
	return e.do(ctx, operation{
		action: "DeleteInstances", region: regionID,
		changes: !dryRun, dryRun: dryRun, many: len(ids) > 1, instances: ids,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateDeleteInstancesRequest()
			r.RegionId, r.InstanceId = regionID, &ids
			r.Force, r.TerminateSubscription = flag(o.Force), flag(o.TerminateSubscription)
			if r.DryRun = flag(dryRun); !dryRun {
				r.ClientToken = tokenFor(clientToken, ids)
			}
			return r
		},
		read: answer.RequestID,
	})
}

// keptBack returns the reason why the cloud does not release an instance. A
// subscription that may be released once it has expired is left to the cloud,
// because its clock decides.
func keptBack(i ecs.Instance, o ecs.DeleteOptions, refused ecs.Reason) *ecs.Error {
	switch {
	case i.DeletionProtection && i.ChargeType == ecs.ChargePayAsYouGo:
		return ecs.Errorf(ecs.ReasonDeletionProtected, "the instance is protected from release")
	case i.ChargeType == ecs.ChargeSubscription && !o.TerminateSubscription:
		return ecs.Errorf(ecs.ReasonSubscriptionNotExpired, "the instance is a subscription, and its release was not requested")
	case i.Status != ecs.StatusStopped && !o.Force:
		return ecs.Errorf(ecs.ReasonIncorrectStatus, "the instance is %s, and its release was not to be forced", i.Raw.Status)
	}
	if refused == ecs.ReasonInstanceLocked && i.LockedFor(ecs.LockSecurity) {
		return lockedOut(i, refused, "DeleteInstances")
	}
	return nil
}
