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

// modifyLimit checks the limit of the price of a modification, which a dry run
// may leave out. It returns the zero value for any price.
func (c *check) modifyLimit(req proto.Message, limited, validateOnly bool) ecs.Money {
	if validateOnly && !limited {
		return ecs.Money{}
	}
	return c.limitOrAny("max_price", req)
}

var modificationStates = newEnum(map[ecsdv1.InstanceModificationState]ledger.ModificationState{
	ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_PLANNED:    modification.Planned,
	ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_SUCCEEDED:  ledger.ModificationSucceeded,
	ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_UNVERIFIED: ledger.ModificationUnverified,
})

func (a account) modificationProto(m ledger.Modification) *ecsdv1.InstanceModification {
	return &ecsdv1.InstanceModification{
		AccountId:      a.id(),
		ModificationId: m.ID,
		RequestId:      m.RequestID,
		Caller:         m.Caller,
		RegionId:       m.RegionID,
		InstanceId:     m.InstanceID,
		State:          modificationStates.to(m.State),
		Before:         setupProto(m.Before),
		After:          setupProto(m.After),
		Period:         periodProto(m.Change.Period),
		Price:          moneyProto(m.Price),
		Refund:         moneyProto(m.Refund),
		OrderId:        m.OrderID,
		CreateTime:     timeProto(m.CreateTime),
		PaymentTime:    timeProto(m.PaidTime),
		UpdateTime:     timeProto(m.UpdateTime),
	}
}

func setupProto(s ledger.Setup) *ecsdv1.InstanceSetup {
	return &ecsdv1.InstanceSetup{ChargeType: chargeTypes.to(s.ChargeType), InstanceType: s.InstanceType, ExpireTime: timeProto(s.ExpireTime)}
}
