package cloud

import (
	"context"
	"fmt"
	"slices"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/cloud/refusal"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// StartInstances starts stopped instances: one result per ID, in request order,
// 100 IDs per call, each started independently. A result means that the cloud
// accepted; the instance is Running some time later.
//
// The cloud takes no client token here. A start without a response is repeated,
// because a second start is harmless; an ID that is then refused returns
// OUTCOME_UNKNOWN, because the first may have started it. With dryRun nothing
// is started, and an ID without an error would be.
func (e *Edge) StartInstances(ctx context.Context, regionID string, ids []string, dryRun bool) []ecs.Result[ecs.Transition] {
	return e.power(ctx, regionID, ids, power{
		action: "StartInstances", from: ecs.StatusStopped, dryRun: dryRun,
		write: func(ids []string, mode string) requests.AcsRequest {
			r := sdkecs.CreateStartInstancesRequest()
			r.RegionId, r.InstanceId, r.BatchOptimization = regionID, &ids, mode
			r.DryRun = flag(dryRun)
			return r
		},
	})
}

// StopInstances stops running instances, as StartInstances starts them.
func (e *Edge) StopInstances(ctx context.Context, regionID string, ids []string, o ecs.StopOptions, dryRun bool) []ecs.Result[ecs.Transition] {
	return e.power(ctx, regionID, ids, power{
		action: "StopInstances", from: ecs.StatusRunning, dryRun: dryRun,
		write: func(ids []string, mode string) requests.AcsRequest {
			r := sdkecs.CreateStopInstancesRequest()
			r.RegionId, r.InstanceId, r.BatchOptimization = regionID, &ids, mode
			r.ForceStop, r.StoppedMode = flag(o.Force), answer.StoppedModeWord(o.Mode)
			r.DryRun = flag(dryRun)
			return r
		},
	})
}

// RebootInstances reboots running instances, as StartInstances starts them,
// with one difference: a reboot without a response is not repeated, because the
// instance would boot twice. It returns OUTCOME_UNKNOWN.
func (e *Edge) RebootInstances(ctx context.Context, regionID string, ids []string, force, dryRun bool) []ecs.Result[ecs.Transition] {
	return e.power(ctx, regionID, ids, power{
		action: "RebootInstances", from: ecs.StatusRunning, dryRun: dryRun, once: true,
		write: func(ids []string, mode string) requests.AcsRequest {
			r := sdkecs.CreateRebootInstancesRequest()
			r.RegionId, r.InstanceId, r.BatchOptimization = regionID, &ids, mode
			r.ForceReboot, r.DryRun = flag(force), flag(dryRun)
			return r
		},
	})
}

// power is a start, stop or reboot of many.
type power struct {
	action string
	// from is the status in which the cloud does it.
	from         ecs.Status
	once, dryRun bool
	write        func(ids []string, mode string) requests.AcsRequest
}

func (e *Edge) power(ctx context.Context, regionID string, ids []string, p power) []ecs.Result[ecs.Transition] {
	return chunked(ids, regionID, maxIDs, func(ids []string, give func(string, ecs.Transition, error)) {
		ask := func(ids []string) error { return e.switchPower(ctx, regionID, ids, p, give) }
		exclude(ctx, e, regionID, ids, give, ask, func(i ecs.Instance, refused ecs.Reason) *ecs.Error {
			if i.Status != p.from {
				return ecs.Errorf(ecs.ReasonIncorrectStatus, "the instance was left out of %s: it is %s", p.action, i.Raw.Status)
			}
			return lockedOut(i, refused, p.action)
		})
	})
}

// switchPower makes one call. The cloud changes each instance independently and
// returns a result for each, except in a dry run: its results only confirm that
// it ran, so it is requested to check them all together, and refuses all for
// one.
func (e *Edge) switchPower(ctx context.Context, regionID string, ids []string, p power, give func(string, ecs.Transition, error)) error {
	mode := "SuccessFirst"
	if p.dryRun {
		mode = "AllTogether"
	}
	var (
		items     map[string]answer.Item
		requestID string
		op        operation
	)
	op = operation{
		action: p.action, region: regionID,
		changes: !p.dryRun, dryRun: p.dryRun, once: p.once, many: len(ids) > 1, instances: ids,
		refused: func() []string {
			return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
				item := items[id]
				return item.Accepted() || e.itemFailure(op, item, requestID, false).Effect != ecs.EffectNone
			})
		},
		write: func() requests.AcsRequest { return p.write(ids, mode) },
		read: func(body []byte) (_ string, err error) {
			items, requestID, err = answer.ReadItems(body)
			return requestID, err
		},
	}
	uncertain, err := e.settle(ctx, op)
	if err != nil {
		return err
	}
	for _, id := range ids {
		item, answered := items[id]
		switch {
		case p.dryRun:
			give(id, ecs.Transition{}, nil)
		case answered && item.Accepted():
			give(id, item.Transition, nil)
		default:
			give(id, ecs.Transition{}, e.itemFailure(op, item, requestID, uncertain))
		}
	}
	return nil
}

// itemFailure is the error of one ID in a response for many: the cloud's error
// for it, or that there is none.
func (e *Edge) itemFailure(op operation, item answer.Item, requestID string, uncertain bool) *ecs.Error {
	unknown := refusal.OfSilence(refusal.Unsettled)
	cloud := ecs.CloudError{Code: e.clean(op, item.Code), RequestID: e.clean(op, requestID), Action: op.action}
	if item.Code == "" {
		return e.failure(op, unknown, fmt.Sprintf("%s in %s was answered without a word on this instance", op.action, op.region), cloud)
	}
	class := refusal.OfMessage(op.action, item.Code, item.Message, 0)
	message := refusedMessage(op, e.clean(op, item.Message))
	if class.Effect == ecs.EffectUnknown || (uncertain && class.Reason != ecs.ReasonInstanceNotFound) {
		class.Reason, class.Effect, class.Retry = unknown.Reason, unknown.Effect, unknown.Retry
		message = op.action + " in " + op.region + " was sent, and what came of it is not known; last: " + message
	}
	return e.failure(op, class, message, cloud)
}

// lockedOut names the lock that a refusal was for.
func lockedOut(i ecs.Instance, refused ecs.Reason, action string) *ecs.Error {
	if refused == ecs.ReasonInstanceLocked && (i.LockedFor(ecs.LockSecurity) || i.LockedFor(ecs.LockFinancial)) {
		return ecs.Errorf(ecs.ReasonInstanceLocked, "the instance was left out of %s: the cloud holds a lock on it", action)
	}
	return nil
}

// flag writes true and leaves false to the cloud's default.
func flag(yes bool) requests.Boolean {
	if yes {
		return requests.NewBoolean(true)
	}
	return ""
}
