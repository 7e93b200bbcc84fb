package api

import (
	"context"

	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/fingerprint"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/modification"
)

func (s *instanceService) ReactivateInstances(ctx context.Context, req *ecsdv1.ReactivateInstancesRequest) (*ecsdv1.ReactivateInstancesResponse, error) {
	var c check
	region, ids := s.many(&c, req)
	if err := c.err(); err != nil {
		return nil, err
	}
	moves := s.lifecycle.Reactivate(ctx, region, ids, req.GetValidateOnly())
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &ecsdv1.ReactivateInstancesResponse{Results: transitionResults(moves)}, nil
}

func (s *instanceService) ModifyChargeType(ctx context.Context, req *ecsdv1.ModifyChargeTypeRequest) (*ecsdv1.ModifyChargeTypeResponse, error) {
	var c check
	q := modification.Request{
		RegionID: s.regions.one(&c, req.GetRegionId()), InstanceID: req.GetInstanceId(),
		Change:    ledger.Change{ChargeType: chargeTypes.from(req.GetChargeType())},
		RequestID: c.requestID(req.GetRequestId()), Caller: call.Caller(ctx),
	}
	c.instanceID("instance_id", q.InstanceID)
	switch q.Change.ChargeType {
	case ecs.ChargeSubscription:
		q.Change.Period = c.period("period", req.GetPeriod(), ecs.SoldForModification)
		q.MaxPrice = c.modifyLimit(req, req.GetPriceLimit() != nil, req.GetValidateOnly())
	case ecs.ChargePayAsYouGo:
		c.unset("must be unset for a change to pay-as-you-go, which pays nothing", []given{
			{"period", req.GetPeriod() != nil},
			{"max_price", req.GetMaxPrice() != nil},
			{"any_price", req.GetPriceLimit() != nil && req.GetMaxPrice() == nil},
		})
	default:
		c.fail("charge_type", "is required: CHARGE_TYPE_SUBSCRIPTION or CHARGE_TYPE_PAY_AS_YOU_GO")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	q.Fingerprint = fingerprint.Of("ModifyChargeType", req, q.RegionID, nil)
	m, err := s.modify(ctx, q, req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &ecsdv1.ModifyChargeTypeResponse{Modification: m}, nil
}

func (s *instanceService) ModifyInstanceType(ctx context.Context, req *ecsdv1.ModifyInstanceTypeRequest) (*ecsdv1.ModifyInstanceTypeResponse, error) {
	var c check
	q := modification.Request{
		RegionID: s.regions.one(&c, req.GetRegionId()), InstanceID: req.GetInstanceId(),
		Change:   ledger.Change{InstanceType: req.GetInstanceType()},
		MaxPrice: c.modifyLimit(req, req.GetPriceLimit() != nil, req.GetValidateOnly()), RequestID: c.requestID(req.GetRequestId()), Caller: call.Caller(ctx),
	}
	c.instanceID("instance_id", q.InstanceID)
	if q.Change.InstanceType == "" {
		c.fail("instance_type", "is required: an instance type such as ecs.g7.large")
	} else {
		c.instanceType("instance_type", q.Change.InstanceType)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	q.Fingerprint = fingerprint.Of("ModifyInstanceType", req, q.RegionID, nil)
	m, err := s.modify(ctx, q, req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &ecsdv1.ModifyInstanceTypeResponse{Modification: m}, nil
}

func (s *instanceService) modify(ctx context.Context, q modification.Request, validateOnly bool) (*ecsdv1.InstanceModification, error) {
	// Ends early enough to report a modification that continues.
	ctx, cancel := answerInTime(ctx)
	defer cancel()
	do := s.modifications.Modify
	if validateOnly {
		do = s.modifications.Plan
	}
	m, err := do(ctx, q)
	if err != nil {
		return nil, err
	}
	return s.account.modificationProto(m), nil
}

func (s *instanceService) ListModifications(ctx context.Context, req *ecsdv1.ListModificationsRequest) (*ecsdv1.ListModificationsResponse, error) {
	var c check
	tokens, limit := s.tokens.of("ListModifications", req), c.pageSize(req.GetPageSize())
	f := ledger.ModificationFilter{
		RegionID: req.GetRegionId(), InstanceID: req.GetInstanceId(), States: namedValues(&c, "states", storedModificationStates, req.GetStates()),
	}
	if f.InstanceID != "" {
		c.instanceID("instance_id", f.InstanceID)
	}
	after := c.position(tokens, req.GetPageToken())
	if err := c.err(); err != nil {
		return nil, err
	}
	found, err := s.modifications.List(ctx, f, after, limit+1)
	if err != nil {
		return nil, err
	}
	all := protos(found, func(m *ledger.Modification) *ecsdv1.InstanceModification { return s.account.modificationProto(*m) })
	n, _ := fitting(all[:min(limit, len(all))], maxPageBytes, true)
	resp := &ecsdv1.ListModificationsResponse{Modifications: all[:n]}
	if len(all) > n {
		resp.NextPageToken = positionToken(tokens, ledger.Cursor{Time: found[n-1].CreateTime, ID: found[n-1].ID})
	}
	return resp, nil
}

func (s *instanceService) ResolveModification(ctx context.Context, req *ecsdv1.ResolveModificationRequest) (*ecsdv1.ResolveModificationResponse, error) {
	var c check
	c.required("modification_id", req.GetModificationId())
	decision := modification.Decided{
		Paid:    req.GetResolution() == ecsdv1.InstanceModificationResolution_INSTANCE_MODIFICATION_RESOLUTION_MARK_PAID,
		OrderID: req.GetOrderId(), By: call.Caller(ctx), Note: c.note(req.GetNote()),
	}
	if !modificationResolutions.knows(req.GetResolution()) {
		c.fail("resolution", "is required: INSTANCE_MODIFICATION_RESOLUTION_MARK_PAID or INSTANCE_MODIFICATION_RESOLUTION_MARK_NOT_PAID")
	}
	if decision.OrderID != "" && !decision.Paid {
		c.fail("order_id", "must be empty unless resolution is INSTANCE_MODIFICATION_RESOLUTION_MARK_PAID")
	}
	if len(decision.OrderID) > 64 {
		c.fail("order_id", "must have at most 64 characters")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	m, err := s.modifications.Resolve(ctx, req.GetModificationId(), decision)
	if err != nil {
		return nil, err
	}
	return &ecsdv1.ResolveModificationResponse{Modification: s.account.modificationProto(m)}, nil
}

// modifyLimit checks the limit of the price of a modification, which a dry run
// may leave out. It returns the zero value for any price.
func (c *check) modifyLimit(req proto.Message, limited, validateOnly bool) ecs.Money {
	if validateOnly && !limited {
		return ecs.Money{}
	}
	return c.limitOrAny("max_price", req)
}

// storedModificationStates are those that the store has; a dry run is not stored.
var storedModificationStates = newEnum(map[ecsdv1.InstanceModificationState]ledger.ModificationState{
	ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_SUBMITTING:      ledger.ModificationSubmitting,
	ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_UNKNOWN:         ledger.ModificationUnknown,
	ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_VERIFYING:       ledger.ModificationVerifying,
	ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_SUCCEEDED:       ledger.ModificationSucceeded,
	ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_UNVERIFIED:      ledger.ModificationUnverified,
	ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_FAILED:          ledger.ModificationFailed,
	ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_NEEDS_ATTENTION: ledger.ModificationNeedsAttention,
})

var modificationResolutions = newEnum(map[ecsdv1.InstanceModificationResolution]string{
	ecsdv1.InstanceModificationResolution_INSTANCE_MODIFICATION_RESOLUTION_MARK_PAID:     modification.MarkPaid,
	ecsdv1.InstanceModificationResolution_INSTANCE_MODIFICATION_RESOLUTION_MARK_NOT_PAID: modification.MarkNotPaid,
})

func modificationState(m ledger.Modification) ecsdv1.InstanceModificationState {
	if m.State == modification.Planned {
		return ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_PLANNED
	}
	return storedModificationStates.to(m.State)
}

func (a account) modificationProto(m ledger.Modification) *ecsdv1.InstanceModification {
	return &ecsdv1.InstanceModification{
		AccountId:      a.id(),
		ModificationId: m.ID,
		RequestId:      m.RequestID,
		Caller:         m.Caller,
		RegionId:       m.RegionID,
		InstanceId:     m.InstanceID,
		State:          modificationState(m),
		Before:         setupProto(m.Before),
		After:          setupProto(m.After),
		Period:         periodProto(m.Change.Period),
		Price:          moneyProto(m.Price),
		Refund:         moneyProto(m.Refund),
		OrderId:        m.OrderID,
		CreateTime:     timeProto(m.CreateTime),
		PaymentTime:    timeProto(m.PaidTime),
		UpdateTime:     timeProto(m.UpdateTime),
		Error:          failureProto(m.Failure, m.RegionID, m.InstanceID),
		Decisions: protos(m.Decisions, func(d *ledger.Decision) *ecsdv1.InstanceModificationDecision {
			return &ecsdv1.InstanceModificationDecision{
				Resolution: modificationResolutions.to(d.Resolution), DecideTime: timeProto(d.Time), Caller: d.By, Note: d.Note, OrderId: d.OrderID,
			}
		}),
	}
}

func setupProto(s ledger.Setup) *ecsdv1.InstanceSetup {
	return &ecsdv1.InstanceSetup{ChargeType: chargeTypes.to(s.ChargeType), InstanceType: s.InstanceType, ExpireTime: timeProto(s.ExpireTime)}
}
