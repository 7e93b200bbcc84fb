package cloud

import (
	"context"
	"encoding/json"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// ModifyGrant is permission to send one call of ModifyInstanceChargeType,
// ModifyPrepayInstanceSpec or ModifyInstanceSpec without a wait, as RenewGrant
// is for RenewInstance.
type ModifyGrant struct{ grant }

// ModifyGrant waits until the rate budget lets the call of an order leave.
func (e *Edge) ModifyGrant(ctx context.Context, regionID, action string) (*ModifyGrant, error) {
	g := &ModifyGrant{grant{edge: e, region: regionID, action: action}}
	if err := g.take(ctx); err != nil {
		return nil, err
	}
	return g, nil
}

// Send sends the order of the grant's action once. An error's Effect reports
// whether it may have had an effect.
func (g *ModifyGrant) Send(ctx context.Context, o ecs.ModifyOrder) (ecs.Modified, error) {
	var modified ecs.Modified
	err := g.send(ctx, modifyOperation(o, &modified), checkModify(o))
	if err != nil {
		return ecs.Modified{}, err
	}
	return modified, nil
}

func checkModify(o ecs.ModifyOrder) error {
	if err := checkInstanceID(o.RegionID, o.InstanceID); err != nil {
		return err
	}
	if err := checkToken(o.ClientToken, o.RegionID, o.InstanceID); err != nil {
		return err
	}
	if o.To == ecs.ChargeSubscription && !ecs.SoldForModification.Includes(o.Period) {
		return ecs.Errorf(ecs.ReasonPeriodNotSold, "a change to a subscription of %s is not sold; these are: %s", o.Period, ecs.SoldForModification).On(o.RegionID, o.InstanceID)
	}
	return nil
}

func modifyOperation(o ecs.ModifyOrder, modified *ecs.Modified) operation {
	return operation{
		action: o.Action(), region: o.RegionID, instance: o.InstanceID, changes: true,
		write: func() requests.AcsRequest { return writeModify(o) },
		read: func(body []byte) (requestID string, err error) {
			if o.InstanceType == "" {
				*modified, requestID, err = answer.ReadModified(body)
				return requestID, err
			}
			modified.OrderID, requestID, err = answer.ReadOrder(body)
			return requestID, err
		},
	}
}

func writeModify(o ecs.ModifyOrder) requests.AcsRequest {
	switch o.Action() {
	case "ModifyInstanceSpec":
		r := sdkecs.CreateModifyInstanceSpecRequest()
		r.RegionId, r.InstanceId, r.InstanceType, r.ClientToken = o.RegionID, o.InstanceID, o.InstanceType, o.ClientToken
		return r
	case "ModifyPrepayInstanceSpec":
		r := sdkecs.CreateModifyPrepayInstanceSpecRequest()
		r.RegionId, r.InstanceId, r.InstanceType, r.ClientToken = o.RegionID, o.InstanceID, o.InstanceType, o.ClientToken
		// Named, because older versions of the action take upgrade if it is missing.
		r.OperatorType, r.AutoPay = "upgrade", requests.NewBoolean(true)
		if o.Downgrade {
			r.OperatorType = "downgrade"
		}
		return r
	}
	r := sdkecs.CreateModifyInstanceChargeTypeRequest()
	ids, _ := json.Marshal([]string{o.InstanceID}) // a list of texts always encodes
	r.RegionId, r.InstanceIds, r.ClientToken = o.RegionID, string(ids), o.ClientToken
	r.InstanceChargeType = answer.ChargeTypeWord(o.To)
	r.AutoPay, r.IsDetailFee = requests.NewBoolean(true), requests.NewBoolean(true)
	if o.To == ecs.ChargeSubscription {
		r.Period, r.PeriodUnit = requests.NewInteger(int(o.Period.Months())), "Month"
	}
	return r
}

// UpgradePrice reads the price of changing a subscription to a more expensive
// type until its expiry. The cloud prices neither a downgrade nor
// pay-as-you-go here.
func (e *Edge) UpgradePrice(ctx context.Context, regionID, instanceID, instanceType string) (ecs.Quote, error) {
	if err := checkInstanceID(regionID, instanceID); err != nil {
		return ecs.Quote{}, err
	}
	var quote ecs.Quote
	err := e.do(ctx, operation{
		action: "DescribeInstanceModificationPrice", region: regionID, instance: instanceID,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateDescribeInstanceModificationPriceRequest()
			r.RegionId, r.InstanceId, r.InstanceType = regionID, instanceID, instanceType
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			quote, requestID, err = answer.ReadQuote(body)
			return requestID, err
		},
	})
	return quote, err
}

// ReactivateInstances starts pay-as-you-go instances that the cloud stopped for
// overdue payment, one call per instance. The cloud takes no client token here;
// a call without a response is not repeated.
func (e *Edge) ReactivateInstances(ctx context.Context, regionID string, ids []string) []ecs.Result[struct{}] {
	return chunked(ids, regionID, 1, func(ids []string, give func(string, struct{}, error)) {
		give(ids[0], struct{}{}, e.do(ctx, operation{
			action: "ReActivateInstances", region: regionID, instance: ids[0], changes: true, once: true,
			write: func() requests.AcsRequest {
				r := sdkecs.CreateReActivateInstancesRequest()
				r.RegionId, r.InstanceId = regionID, ids[0]
				return r
			},
			read: answer.RequestID,
		}))
	})
}
